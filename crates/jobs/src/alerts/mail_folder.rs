//! Mail as files: each a complete `.eml`, written whole or not at all.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::content::AlertContent;

/// Writes `message` into `folder` and answers its path. The same alert is the same file, however often it is written.
///
/// # Errors
/// When the folder cannot be made or the file not written.
pub(super) fn write(folder: &Path, alert_id: Uuid, content: &AlertContent, message: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(file_name(alert_id, content));
    let unfinished = folder.join(format!(".{alert_id}.part"));
    let written = write_through(&unfinished, message).and_then(|()| std::fs::rename(&unfinished, &path));
    if written.is_err() {
        std::fs::remove_file(&unfinished).ok();
    }
    written.map(|()| path)
}

fn write_through(path: &Path, message: &[u8]) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(message)?;
    file.sync_all()
}

/// `20260312T132500Z-premarket-gap-<id>.eml`: in order of time, and nothing that a path could be made of.
fn file_name(alert_id: Uuid, content: &AlertContent) -> String {
    let job: String = content.job.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect();
    format!("{}-{job}-{alert_id}.eml", content.due_at.strftime("%Y%m%dT%H%M%SZ"))
}
