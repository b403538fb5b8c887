//! What the library is made from, as a digest: whether a library is that of the sources as they are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{
    places::{Places, short_hex},
    toolchain::Toolchain,
};

/// Files and folders of the checkout that end up in the library, or decide how it is compiled.
const INPUTS: [&str; 6] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "crates", "migrations", "schedules.toml"];
/// Folders of a crate that do not.
const OTHERS: [&str; 3] = ["tests", "benches", "examples"];

/// Changes with the compiler, and with every file of the checkout that the library depends on.
pub(super) fn digest(places: &Places, tools: &Toolchain) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    digest.update(&tools.version);
    for input in INPUTS {
        let path = places.checkout.join(input);
        if path.exists() {
            add(&path, &mut digest)?;
        }
    }
    Ok(short_hex(&digest.finalize()))
}

/// Adds a file, or the files below a folder in the order of their names.
pub(super) fn add(path: &Path, digest: &mut Sha256) -> anyhow::Result<()> {
    let unreadable = || format!("{} cannot be read", path.display());
    let name = path.file_name().unwrap_or_default();
    digest.update(name.as_encoded_bytes());
    if !path.is_dir() {
        let bytes = fs::read(path).with_context(unreadable)?;
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(&bytes);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path).with_context(unreadable)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    entries.sort_unstable();
    for entry in entries {
        if !OTHERS.iter().any(|other| entry.ends_with(other)) {
            add(&entry, digest)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_added_or_renamed_source_is_noticed_and_a_test_is_not() {
        let place = tempfile::tempdir().unwrap();
        let places = Places { checkout: place.path().to_owned(), cache: place.path().join("cache") };
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let tools = |version: &str| Toolchain {
            sysroot: PathBuf::new(),
            version: version.to_owned(),
            commit: String::new(),
            rustup_name: None,
        };
        let now = || digest(&places, &tools("rustc 1")).unwrap();
        write("crates/core/src/lib.rs", "pub mod a;");
        write("schedules.toml", "[jobs]");
        let first = now();
        write("crates/core/tests/any.rs", "//");
        write("notebooks/any.ipynb", "{}");
        assert_eq!(now(), first);
        assert_ne!(digest(&places, &tools("rustc 2")).unwrap(), first);
        write("schedules.toml", "[[jobs]]");
        let second = now();
        assert_ne!(second, first);
        write("crates/core/src/a.rs", "");
        let third = now();
        assert_ne!(third, second);
        fs::rename(place.path().join("crates/core/src/a.rs"), place.path().join("crates/core/src/b.rs")).unwrap();
        assert_ne!(now(), third);
    }
}
