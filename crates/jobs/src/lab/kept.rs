//! Which libraries stay in the cache.
//!
//! A library stays while a checkout's new kernels would use it or a kernel runs on it. Kernels say so by a shared lock on
//! [`MARK`], which goes with their process.

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::Context as _;

use super::places::Places;

/// In the folder of a checkout: its path.
pub(super) const CHECKOUT: &str = "checkout";
/// In the folder of a library, made with it and never replaced: what kernels that run on it hold locked.
pub(super) const MARK: &str = "in_use";

/// Forgets checkouts that are gone, and removes every library that no checkout names and no kernel runs on.
pub(super) fn forget(places: &Places) -> anyhow::Result<()> {
    let mut named = BTreeSet::new();
    for checkout in folders(&places.cache.join("checkouts"))? {
        let path = fs::read_to_string(checkout.join(CHECKOUT)).unwrap_or_default();
        if path.is_empty() || !Path::new(&path).is_dir() {
            fs::remove_dir_all(&checkout).with_context(|| format!("{} cannot be removed", checkout.display()))?;
        } else if let Ok(id) = fs::read_to_string(checkout.join("newest")) {
            named.insert(places.library(&id));
        }
    }
    for library in folders(&places.cache.join("library"))? {
        if !named.contains(&library) && !in_use(&library)? {
            fs::remove_dir_all(&library).with_context(|| format!("{} cannot be removed", library.display()))?;
        }
    }
    Ok(())
}

fn folders(parent: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let entries = fs::read_dir(parent).with_context(|| format!("{} cannot be read", parent.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn in_use(library: &Path) -> anyhow::Result<bool> {
    // A build that was killed left no mark.
    let Ok(mark) = File::open(library.join(MARK)) else { return Ok(false) };
    match mark.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("whether {} is in use", library.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(places: &Places, id: &str) -> std::path::PathBuf {
        let folder = places.library(id);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(MARK), "").unwrap();
        folder
    }

    #[test]
    fn libraries_stay_while_a_checkout_names_them_or_a_kernel_runs_on_them() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| Places { checkout: place.path().join(name), cache: place.path().join("cache") };
        let checkouts = ["here", "there", "gone"].map(at);
        for (places, id) in checkouts.iter().zip(["newest", "theirs", "nobodys"]) {
            let own = places.of_checkout();
            fs::create_dir_all(&own).unwrap();
            fs::create_dir_all(&places.checkout).unwrap();
            fs::write(own.join(CHECKOUT), places.checkout.to_str().unwrap()).unwrap();
            fs::write(places.newest(), id).unwrap();
            library(places, id);
        }
        let [here, _, gone] = checkouts;
        let running = File::open(library(&here, "running").join(MARK)).unwrap();
        running.lock_shared().unwrap();
        fs::create_dir_all(here.library("killed.unfinished")).unwrap();
        fs::remove_dir_all(&gone.checkout).unwrap();
        let left = |expected: &[&str]| {
            forget(&here).unwrap();
            let mut names: Vec<String> = folders(&here.cache.join("library"))
                .unwrap()
                .iter()
                .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
                .collect();
            names.sort();
            assert_eq!(names, expected);
        };
        left(&["newest", "running", "theirs"]);
        assert!(!gone.of_checkout().exists());
        drop(running);
        left(&["newest", "theirs"]);
    }
}
