//! The file that the tokens live in: readable by its owner alone, replaced whole or not at all.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{AdapterError, Result};

/// How long a login lasts.
const LOGIN_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// An access token this close to its end is taken as ended: a request takes a while.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The two tokens and their times.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    pub(super) access: SecretString,
    pub(super) access_until: Timestamp,
    pub(super) refresh: SecretString,
    /// When a person last logged in.
    pub(super) logged_in_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    access_token: String,
    access_expires_at: Timestamp,
    refresh_token: String,
    logged_in_at: Timestamp,
}

impl Tokens {
    pub(super) fn access_is_good(&self, now: Timestamp) -> bool {
        now + MARGIN < self.access_until
    }

    pub(super) fn login_is_over(&self, now: Timestamp) -> bool {
        now >= self.logged_in_at + LOGIN_LASTS
    }
}

/// Reads the tokens; `None` when there is no file yet.
pub(super) fn read(path: &Path) -> Result<Option<Tokens>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bellwether::Error::file(path, error).into()),
    };
    refuse_if_open(path)?;
    let written: Written = serde_json::from_str(&text).map_err(|error| {
        // The parser's words may quote what it read.
        let at = format!("line {}", error.line());
        bellwether::Error::file(
            path,
            format!("is no token file ({at}); remove it and log in again with `bellwether login schwab`"),
        )
    })?;
    Ok(Some(Tokens {
        access: written.access_token.into(),
        access_until: written.access_expires_at,
        refresh: written.refresh_token.into(),
        logged_in_at: written.logged_in_at,
    }))
}

/// Replaces the file.
pub(super) fn write(path: &Path, tokens: &Tokens) -> Result<()> {
    let written = Written {
        access_token: tokens.access.expose_secret().to_owned(),
        access_expires_at: tokens.access_until,
        refresh_token: tokens.refresh.expose_secret().to_owned(),
        logged_in_at: tokens.logged_in_at,
    };
    let failed = |error: std::io::Error| AdapterError::from(bellwether::Error::file(path, format!("cannot be written: {error}")));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    // A temporary file is made readable by its owner alone from the start.
    let mut file = tempfile::Builder::new().prefix(".token-").tempfile_in(&folder).map_err(failed)?;
    serde_json::to_writer_pretty(&mut file, &written).map_err(|error| failed(error.into()))?;
    file.flush().and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn refuse_if_open(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_err(|error| bellwether::Error::file(path, error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let problem = format!("holds secrets but others may read it (mode {:o}): `chmod 600` it", mode & 0o777);
        return Err(bellwether::Error::file(path, problem).into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_open(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn tokens_come_back_and_only_their_owner_reads_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        assert!(read(&path).unwrap().is_none());
        let now: Timestamp = "2026-03-02T14:00:00Z".parse().unwrap();
        let tokens = Tokens {
            access: "acc".into(),
            access_until: now + SignedDuration::from_mins(30),
            refresh: "ref".into(),
            logged_in_at: now,
        };
        write(&path, &tokens).unwrap();
        let back = read(&path).unwrap().unwrap();
        assert_eq!((back.access.expose_secret(), back.refresh.expose_secret()), ("acc", "ref"));
        assert!(back.access_is_good(now) && !back.access_is_good(now + SignedDuration::from_secs(1_741)));
        assert!(!back.login_is_over(now) && back.login_is_over(now + LOGIN_LASTS));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, r#"{"refresh_token":"very-secret""#).unwrap();
        let told = read(&path).unwrap_err().to_string();
        assert!(told.contains("login schwab") && !told.contains("very-secret"), "{told}");
    }
}
