//! The archive of snapshots: every decision can be made again from what it saw.
//!
//! ```text
//! <root>/manifests/<snapshot hash>.json     the small tables, and the hashes of the bar tables
//! <root>/bars/<table hash>.parquet          bar tables, each stored once however many snapshots share it
//! ```
//! Files are named by what they contain and written whole or not at all; a damaged one is found when it is read.

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use jiff::Timestamp;

use super::table::{read_table, write_parquet, write_whole};
use crate::{
    error::{Error, Result},
    market::{Bars, ContentHash, Snapshot, SnapshotManifest},
};

/// A folder of snapshots.
#[derive(Debug, Clone)]
pub struct SnapshotArchive {
    root: PathBuf,
}

impl SnapshotArchive {
    /// An archive under `root`; the folder is made on the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn manifest_path(&self, hash: &ContentHash) -> PathBuf {
        self.root.join("manifests").join(format!("{hash}.json"))
    }

    fn bars_path(&self, hash: &ContentHash) -> PathBuf {
        self.root.join("bars").join(format!("{hash}.parquet"))
    }

    /// Keeps a snapshot and answers with its name. Tables that are already there are not written again.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be written; nothing names an incomplete snapshot then.
    pub fn keep(&self, snapshot: &Snapshot) -> Result<ContentHash> {
        let manifest = snapshot.manifest();
        for (hash, bars) in
            [(&manifest.daily, &snapshot.daily), (&manifest.history, &snapshot.history), (&manifest.today, &snapshot.today)]
        {
            let path = self.bars_path(hash);
            if !path.exists() {
                write_parquet(&path, &mut bars.to_frame()?)?;
            }
        }
        let hash = ContentHash::of_json(&manifest);
        let path = self.manifest_path(&hash);
        if !path.exists() {
            let json = serde_json::to_vec(&manifest).map_err(|error| Error::file(&path, error))?;
            write_whole(&path, |file| file.write_all(&json))?;
        }
        Ok(hash)
    }

    /// Removes the snapshots of decisions made before `before`, and the bar tables that no other snapshot names. Answers
    /// how many files went.
    ///
    /// # Errors
    /// [`Error::File`] on the first file that cannot be read or removed.
    pub fn prune(&self, before: Timestamp) -> Result<u64> {
        let mut removed = 0;
        let mut named = BTreeSet::new();
        for path in files_of(&self.root.join("manifests"))? {
            let json = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
            let manifest: SnapshotManifest =
                serde_json::from_slice(&json).map_err(|error| Error::file(&path, format!("not a snapshot: {error}")))?;
            if manifest.as_of < before {
                remove(&path)?;
                removed += 1;
            } else {
                named.extend([manifest.daily, manifest.history, manifest.today]);
            }
        }
        for path in files_of(&self.root.join("bars"))? {
            let hash = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<ContentHash>().ok());
            // A table written lately may belong to a snapshot whose manifest is still being written.
            let written = std::fs::metadata(&path).and_then(|data| data.modified()).map_err(|error| Error::file(&path, error))?;
            if hash.is_some_and(|hash| !named.contains(&hash)) && written < SystemTime::from(before) {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Reads the snapshot called `hash` and checks every byte of it against that name.
    ///
    /// # Errors
    /// [`Error::File`] when a part is missing or unreadable, [`Error::Hash`] when a part is not what was stored.
    pub fn load(&self, hash: &ContentHash) -> Result<Snapshot> {
        let path = self.manifest_path(hash);
        let json = std::fs::read(&path).map_err(|error| Error::file(&path, format!("no such snapshot: {error}")))?;
        check("the snapshot's manifest", hash, &ContentHash::of_bytes(&json))?;
        let manifest: SnapshotManifest =
            serde_json::from_slice(&json).map_err(|error| Error::file(&path, format!("not a snapshot: {error}")))?;
        Ok(Snapshot {
            as_of: manifest.as_of,
            session: manifest.session,
            daily: self.load_bars("daily bars", &manifest.daily)?,
            history: self.load_bars("minute bars of earlier sessions", &manifest.history)?,
            today: self.load_bars("minute bars of the session", &manifest.today)?,
            universe: manifest.universe,
            quotes: manifest.quotes,
            headlines: manifest.headlines,
            splits: manifest.splits,
            missing: manifest.missing,
            provenance: manifest.provenance,
        })
    }

    fn load_bars(&self, what: &str, hash: &ContentHash) -> Result<Arc<Bars>> {
        let path = self.bars_path(hash);
        let (bars, faults) = Bars::from_frame(&read_table(&path)?)?;
        if let Some(fault) = faults.first() {
            return Err(Error::file(&path, format!("{} at {}: {}", fault.symbol, fault.at, fault.problem)));
        }
        check(what, hash, &ContentHash::of_bars(&bars))?;
        Ok(Arc::new(bars))
    }
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file(folder, error)),
    };
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| Error::file(folder, error))).collect()
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(|error| Error::file(path, format!("cannot be removed: {error}")))
}

fn check(what: &str, expected: &ContentHash, found: &ContentHash) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Hash { what: what.to_owned(), expected: expected.to_string(), found: found.to_string() })
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
