//! Frames handed over in a folder: `NAME.json` with the digests, `NAME.parquet` with the frame.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, ensure};
use bellwether::frames::write_parquet;
use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::object::{Object, object};
use crate::tables::{ColumnDigest, digest_of};

/// What was handed over under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// Under which name.
    pub name: String,
    /// Rows of the frame.
    pub rows: u64,
    /// Its columns, in their order.
    pub columns: Vec<ColumnDigest>,
    /// Version of the code that handed it over.
    pub code_version: String,
    /// The file that this code was loaded from.
    pub object: Object,
}

/// Hands a frame over: its digests, and the frame itself, for who wants to know what differs.
///
/// # Errors
/// When the name is not made of `a-z`, `0-9` and `-`, a column cannot be compared bit by bit, the name was handed over before, or
/// the folder cannot be written.
pub fn hand_over(name: &str, frame: &DataFrame, folder: &Path) -> anyhow::Result<Handed> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure!(!name.is_empty() && name.chars().all(plain), "`{name}` is no name to hand a frame over by: use a-z, 0-9 and `-`");
    let digests = folder.join(format!("{name}.json"));
    ensure!(!digests.exists(), "`{name}` was handed over already to {}", folder.display());
    let handed = Handed {
        name: name.to_owned(),
        rows: frame.height() as u64,
        columns: frame.columns().iter().map(digest_of).collect::<anyhow::Result<_>>().with_context(|| format!("`{name}`"))?,
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        object: object()?,
    };
    write_parquet(&folder.join(format!("{name}.parquet")), &mut frame.clone())?;
    // Last: what has digests is there whole.
    fs::write(&digests, serde_json::to_vec_pretty(&handed)?)
        .with_context(|| format!("{} cannot be written", digests.display()))?;
    Ok(handed)
}

/// What was handed over to a folder, by name; nothing when there is no such folder.
///
/// # Errors
/// When it cannot be read.
pub fn handed(folder: &Path) -> anyhow::Result<BTreeMap<String, Handed>> {
    let mut all = BTreeMap::new();
    if !folder.exists() {
        return Ok(all);
    }
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let one: Handed =
                serde_json::from_slice(&text).with_context(|| format!("{} does not say what was handed over", path.display()))?;
            all.insert(one.name.clone(), one);
        }
    }
    Ok(all)
}
