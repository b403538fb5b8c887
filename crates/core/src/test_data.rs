//! Where tests find real market data, which is never part of the project.

use std::path::PathBuf;

/// The folder of shared data, or `None` with a printed reason; under `CI=true` its absence is a failure.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("BELLWETHER_SHARED").map_or(beside, PathBuf::from).join("data");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing, and CI must have it", folder.display());
    eprintln!("skipped: {} is not there (set BELLWETHER_SHARED)", folder.display());
    None
}

/// A table of the shared data.
pub(crate) fn table(path: &std::path::Path) -> polars::prelude::DataFrame {
    crate::frames::read_table(path).unwrap()
}
