//! The Rust toolchain that built the library, and the sources of the standard library.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context as _;

use super::{external, places::Places, progress::Progress};

/// The crates of the standard library that rust-analyzer needs to know the types in a cell. The others, three quarters of the
/// files, are vendor intrinsics and tests: reading them costs two seconds at every start of a kernel.
const CRATES: [&str; 3] = ["core", "alloc", "std"];

/// Beginnings of the variables that Cargo sets for programs that it runs.
const DESCRIBING: [&str; 6] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR"];

/// The toolchain of the checkout.
#[derive(Debug, Clone)]
pub(super) struct Toolchain {
    /// `rustc --print sysroot`.
    pub(super) sysroot: PathBuf,
    /// First line of `rustc --version`.
    pub(super) version: String,
    /// The commit it was made from: names what depends on the compiler.
    pub(super) commit: String,
    /// Its name at rustup, when it is rustup's.
    pub(super) rustup_name: Option<String>,
}

impl Toolchain {
    pub(super) fn cargo(&self) -> PathBuf {
        self.tool("cargo")
    }

    /// Cargo, as if it were called from a shell. Under `cargo run` and `cargo test` variables describe the package that runs; build
    /// scripts that look at them would run again, and half of the release build with them.
    pub(super) fn cargo_command(&self) -> Command {
        let mut command = Command::new(self.cargo());
        for (name, _) in std::env::vars_os() {
            let described = name.to_str().is_some_and(|name| DESCRIBING.iter().any(|prefix| name.starts_with(prefix)));
            if described {
                command.env_remove(name);
            }
        }
        command.env("RUSTC", self.rustc());
        command
    }

    pub(super) fn rustc(&self) -> PathBuf {
        self.tool("rustc")
    }

    /// Not rustup's proxies: each costs 20 ms, and a kernel calls them twenty times before it is ready.
    fn tool(&self, name: &str) -> PathBuf {
        let own = self.sysroot.join("bin").join(name);
        if own.exists() { own } else { PathBuf::from(name) }
    }

    /// Folder of the standard library's shared object.
    pub(super) fn libraries(&self) -> PathBuf {
        self.sysroot.join("lib")
    }
}

/// The toolchain that builds in `checkout`.
///
/// # Errors
/// When there is no Rust on this machine.
pub(super) fn find(checkout: &Path) -> anyhow::Result<Toolchain> {
    let ask = |arguments: &[&str]| {
        external::ask(Command::new("rustc").args(arguments).current_dir(checkout))
            .context("Rust is needed: see https://rustup.rs, then try again")
    };
    let sysroot = PathBuf::from(ask(&["--print", "sysroot"])?);
    let verbose = ask(&["-vV"])?;
    let line = |key: &str| verbose.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().to_owned();
    let toolchains = sysroot.parent().and_then(Path::file_name).is_some_and(|name| name == "toolchains");
    let rustup_name = sysroot.file_name().filter(|_| toolchains).map(|name| name.to_string_lossy().into_owned());
    Ok(Toolchain {
        version: verbose.lines().next().unwrap_or_default().to_owned(),
        commit: line("commit-hash: ").chars().take(12).collect(),
        sysroot,
        rustup_name,
    })
}

/// Where the copy for rust-analyzer is; it may be absent.
pub(super) fn std_copy(places: &Places, tools: &Toolchain) -> PathBuf {
    places.cache.join("std").join(format!("{}-lean", tools.commit))
}

/// Copies what rust-analyzer needs of the standard library's sources, fetching the toolchain's component `rust-src` if it is missing.
/// Without them cells work, but a `let` needs its type written down.
pub(super) fn std_sources(places: &Places, tools: &Toolchain, progress: &dyn Progress) -> anyhow::Result<String> {
    let copy = std_copy(places, tools);
    if copy.is_dir() {
        return Ok("there".to_owned());
    }
    let sources = tools.sysroot.join("lib/rustlib/src/rust/library");
    if !sources.is_dir()
        && let Some(name) = &tools.rustup_name
    {
        progress.tell("rustup component add rust-src");
        let mut command = Command::new("rustup");
        command.args(["component", "add", "rust-src", "--toolchain", name]);
        let _ = external::run(command, &places.log("rust-src"), Duration::from_secs(300), progress);
    }
    if !sources.is_dir() {
        return Ok("missing: a `let` in a cell will need its type written down. The component is called rust-src; \
                   with rustup: rustup component add rust-src"
            .to_owned());
    }
    let unfinished = copy.with_extension("unfinished");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)?;
    }
    for name in CRATES {
        copy_sources(&sources.join(name).join("src"), &unfinished.join(name).join("src"), &lean)?;
    }
    std::fs::rename(&unfinished, &copy)?;
    Ok("copied".to_owned())
}

/// A file of macros without its comments: those of documentation become attributes of everything that the macros make, and reading
/// the integers' takes rust-analyzer half a second at every start of a kernel. Other files keep theirs, for hovers.
fn lean(text: String) -> String {
    if !text.contains("macro_rules!") {
        return text;
    }
    let comment = |line: &str| {
        let line = line.trim();
        line.starts_with("//") || (line.starts_with("#[doc = ") && line.ends_with(']'))
    };
    text.split_inclusive('\n').filter(|line| !comment(line)).collect()
}

/// Copies the Rust files below a folder through `change`, but not those of tests.
pub(super) fn copy_sources(from: &Path, to: &Path, change: &dyn Fn(String) -> String) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            if name != "tests" {
                copy_sources(&path, &to.join(name), change)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            std::fs::write(to.join(name), change(text))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_lose_their_comments_and_other_files_keep_them() {
        let plain = "/// Adds.\npub fn add() {}\n";
        assert_eq!(lean(plain.to_owned()), plain);
        let macros = "//! Numbers.\nmacro_rules! int { () => {\n    /// Adds.\n    #[doc = \"more\"]\n    #[must_use]\n    pub fn add() {} // kept\n} }\n";
        let expected = "macro_rules! int { () => {\n    #[must_use]\n    pub fn add() {} // kept\n} }\n";
        assert_eq!(lean(macros.to_owned()), expected);
    }
}
