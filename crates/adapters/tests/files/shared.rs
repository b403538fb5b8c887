//! Where the recorded market data for tests lies.

use std::path::PathBuf;

/// The folder of `name` in the shared data; `None`, with a printed reason, where there is none. Under `CI=true` its
/// absence is a failure.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BELLWETHER_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = root.join(name);
    if folder.exists() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", folder.display());
    println!("skipped: {} is missing; set BELLWETHER_SHARED to the folder of recorded market data", folder.display());
    None
}
