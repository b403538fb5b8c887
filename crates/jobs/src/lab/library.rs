//! The library as one shared object.
//!
//! `crates/lab` is a dylib that re-exports everything. Cargo links it from the objects of the release build: after `cargo run
//! --release` that takes seconds. A cell that links it needs, beside the object, what the compiler wrote down about every package in it
//! (`.rmeta`) and the procedural macros; these are collected in a folder named after the object's content, as hard links
//! where the file system allows. A kernel keeps the folder it started with, so a rebuild never changes what runs in it.

use std::{
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{
    analysis, external, kept,
    places::{Places, short_hex},
    progress::Progress,
    toolchain::Toolchain,
};

/// File name of the shared object.
pub(super) const OBJECT: &str = "libbellwether_lab.so";

/// A library in the cache.
pub(super) struct Library {
    pub(super) id: String,
    /// Files that were put there; none when it was there.
    files: Option<usize>,
}

impl Display for Library {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.files {
            Some(files) => write!(f, "{}, {files} files", self.id),
            None => write!(f, "{} there", self.id),
        }
    }
}

/// One line of `cargo --message-format=json`, as far as it matters.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    opt_level: String,
}

/// The files that a cell needs.
#[derive(Default)]
struct Artefacts {
    object: Option<PathBuf>,
    described: Vec<PathBuf>,
}

/// Builds the library and puts it into the cache, unless the very same is there.
pub(super) fn build(places: &Places, tools: &Toolchain, progress: &dyn Progress) -> anyhow::Result<Library> {
    let mut command = tools.cargo_command();
    command
        .args(["rustc", "--release", "--locked", "--package", "bellwether-lab", "--message-format=json-render-diagnostics", "--"])
        // The standard library must be shared with the cells. These two reach the last link only: all else is the release build's.
        .args(["-Cprefer-dynamic", "-Cstrip=symbols"])
        .current_dir(&places.checkout);
    let output = external::run(command, &places.log("library"), Duration::from_secs(2 * 60 * 60), progress)?;
    let artefacts = artefacts(&output)?;
    let object = artefacts.object.context("cargo named no shared object of bellwether-lab")?;
    let bytes = std::fs::read(&object).with_context(|| format!("{} cannot be read", object.display()))?;
    let mut digest = Sha256::new();
    digest.update(&bytes);
    digest.update(&tools.version);
    digest.update(analysis::digest(places)?);
    let id = short_hex(&digest.finalize());
    let folder = places.library(&id);
    if folder.is_dir() {
        return Ok(Library { id, files: None });
    }
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)?;
    }
    std::fs::create_dir_all(&unfinished)?;
    // Copied: linkers may write into a file that a kernel has mapped.
    std::fs::write(unfinished.join(OBJECT), &bytes)?;
    for file in &artefacts.described {
        take(file, &unfinished)?;
    }
    analysis::write(places, &unfinished)?;
    std::fs::write(unfinished.join(kept::MARK), "")?;
    std::fs::rename(&unfinished, &folder)?;
    Ok(Library { id, files: Some(artefacts.described.len() + 1) })
}

fn artefacts(output: &[u8]) -> anyhow::Result<Artefacts> {
    let mut found = Artefacts::default();
    for line in output.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{")) {
        let message: Message = serde_json::from_slice(line).context("cargo wrote a line that is not what it documents")?;
        let (Some(target), Some(profile)) = (message.target, message.profile) else { continue };
        if message.reason != "compiler-artifact" {
            continue;
        }
        let of = |extension: &str| message.filenames.iter().find(|file| file.extension().is_some_and(|found| found == extension));
        if target.name == "bellwether_lab" {
            found.object = of("so").cloned();
        } else if target.kind.iter().any(|kind| kind == "proc-macro") {
            found.described.extend(of("so").cloned());
        } else if profile.opt_level != "0" {
            // What build scripts and macros are made of is compiled without optimisation, and no cell links it.
            found.described.extend(of("rmeta").cloned());
        }
    }
    ensure!(!found.described.is_empty(), "cargo named no libraries that bellwether-lab is made of");
    Ok(found)
}

/// A hard link where that is possible: compilers replace their outputs and never write into them.
fn take(file: &Path, folder: &Path) -> anyhow::Result<()> {
    let name = file.file_name().context("a file without a name")?;
    let to = folder.join(name);
    if std::fs::hard_link(file, &to).is_err() {
        std::fs::copy(file, &to).with_context(|| format!("{} cannot be copied", file.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, process::Command};

    use super::{super::toolchain, *};
    use crate::lab::Quiet;

    /// A checkout as small as can be, with everything that a cell needs: a macro, a library, a shared object.
    fn checkout(folder: &Path, answer: u32) {
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let package = |name: &str, lib: &str, dependencies: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\n{lib}\n\n[dependencies]\n{dependencies}\n"
            )
        };
        write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n");
        write("crates/macros/Cargo.toml", &package("macros", "proc-macro = true", ""));
        write(
            "crates/macros/src/lib.rs",
            &format!(
                "#[proc_macro]\npub fn answer(_: proc_macro::TokenStream) -> proc_macro::TokenStream {{ \"{answer}\".parse().unwrap() }}\n"
            ),
        );
        write("crates/core/Cargo.toml", &package("bellwether", "", "macros = { path = \"../macros\" }"));
        write("crates/core/src/lib.rs", "/// It.\npub fn answer() -> u32 { macros::answer!() }\n");
        write("crates/notebook/Cargo.toml", &package("bellwether-notebook", "", ""));
        write("crates/notebook/src/lib.rs", "");
        write(
            "crates/lab/Cargo.toml",
            &package("bellwether-lab", "crate-type = [\"dylib\"]", "bellwether = { path = \"../core\" }"),
        );
        write("crates/lab/src/lib.rs", "pub use bellwether::answer;\n");
        write("crates/lab/analysis/jiff.rs", "");
        write("crates/lab/analysis/polars.rs", "");
    }

    fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => all.extend(contents(&path)),
                false => drop(all.insert(path.clone(), fs::read(&path).unwrap())),
            }
        }
        all
    }

    /// Kernels that run have the old library mapped, and their next cell is linked with it.
    #[test]
    fn a_rebuild_changes_no_byte_of_the_library_before_it() {
        const INSIDE: &str = "BELLWETHER_TEST_REBUILD";
        let Some(place) = std::env::var_os(INSIDE).map(PathBuf::from) else {
            // In a process of its own: what Cargo compiles here must not meet what it compiles for these tests.
            let place = tempfile::tempdir().unwrap();
            let inside = Command::new(std::env::current_exe().unwrap())
                .args(["lab::library::tests::a_rebuild_changes_no_byte_of_the_library_before_it", "--exact"])
                .env(INSIDE, place.path())
                .env("CARGO_TARGET_DIR", place.path().join("target"))
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&inside.stdout);
            assert!(inside.status.success() && told.contains("1 passed"), "{told}");
            return;
        };
        let places = Places { checkout: place.join("checkout"), cache: place.join("cache") };
        checkout(&places.checkout, 41);
        let tools = toolchain::find(&places.checkout).unwrap();
        let locked = tools.cargo_command().args(["generate-lockfile", "--offline"]).current_dir(&places.checkout).status();
        assert!(locked.unwrap().success());
        let build = || super::build(&places, &tools, &Quiet).unwrap();
        let first = build();
        assert_eq!(build().files, None, "the same sources, the same library");
        let before = contents(&places.library(&first.id));
        let named = |part: &str| before.keys().any(|path| path.to_string_lossy().contains(part));
        assert!(["libmacros", "libbellwether-", OBJECT].into_iter().all(named), "{:?}", before.keys());

        checkout(&places.checkout, 42);
        let second = build();
        assert!(second.id != first.id && second.files.is_some());
        let after = contents(&places.library(&second.id));
        let object = |library: &Library| places.library(&library.id).join(OBJECT);
        assert_ne!(before[&object(&first)], after[&object(&second)]);
        assert!(contents(&places.library(&first.id)) == before, "the library of kernels that run was changed");
    }
}
