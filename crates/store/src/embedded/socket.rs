//! Where the server listens.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{EmbeddedError, account::Account};

/// The port only numbers the socket; there is no TCP.
pub(super) const PORT: u16 = 5432;

/// Longest path of a socket on any supported system (macOS; Linux has 107).
const LONGEST: usize = 103;

/// The directory for the cluster's socket: in the data directory, or under `/tmp` when that would make the path too long.
///
/// Not under `$XDG_RUNTIME_DIR`: it differs between a login and a service of the same user, which have to meet here.
pub(super) fn directory(data_dir: &Path) -> PathBuf {
    let near = data_dir.join("run");
    if file(&near).as_os_str().len() <= LONGEST {
        return near;
    }
    let hash = Sha256::digest(data_dir.as_os_str().as_encoded_bytes());
    let name: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Path::new("/tmp").join(format!("bellwether-{name}"))
}

/// The socket in `directory`.
pub(super) fn file(directory: &Path) -> PathBuf {
    directory.join(format!(".s.PGSQL.{PORT}"))
}

/// The socket in `directory`, and its lock file.
pub(super) fn files(directory: &Path) -> [PathBuf; 2] {
    let socket = file(directory);
    [socket.with_added_extension("lock"), socket]
}

/// Makes the directory, private to `account`.
///
/// # Errors
/// [`EmbeddedError::SocketDir`] when something else is there already: under `/tmp` anybody could have put it there.
pub(super) fn make_private(directory: &Path, account: &Account) -> Result<(), EmbeddedError> {
    let failed = |source| EmbeddedError::DataDir { path: directory.to_owned(), source };
    match fs::DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => account.own(directory).map_err(failed)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let metadata = fs::symlink_metadata(directory).map_err(failed)?;
    let private = metadata.is_dir() && metadata.uid() == account.uid && metadata.permissions().mode() & 0o077 == 0;
    if private { Ok(()) } else { Err(EmbeddedError::SocketDir { path: directory.to_owned() }) }
}
