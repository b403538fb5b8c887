//! Who uses the cluster, and whose turn it is to start or stop it.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::EmbeddedError;

/// Longer than a start and a stop together may take.
const TURN_LIMIT: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(20);

/// One use of a cluster. The lock is the kernel's (`flock`): it ends with the process, and programs that we start do not
/// inherit it, since Rust opens files close-on-exec.
#[derive(Debug)]
pub(super) struct Lease {
    data_dir: PathBuf,
    users: File,
}

/// While it lives, no other process starts or stops the cluster.
pub(super) struct Turn(#[expect(dead_code, reason = "held for its lock")] File);

impl Lease {
    pub(super) fn new(data_dir: &Path) -> Result<Self, EmbeddedError> {
        Ok(Self { users: open(data_dir, "users.lock")?, data_dir: data_dir.to_owned() })
    }

    /// Waits until no other process starts or stops the cluster.
    pub(super) fn turn(&self) -> Result<Turn, EmbeddedError> {
        let file = open(&self.data_dir, "turn.lock")?;
        let deadline = Instant::now() + TURN_LIMIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => {
                    return Err(EmbeddedError::Busy { path: self.data_dir.clone(), after: TURN_LIMIT });
                }
                Err(TryLockError::Error(source)) => return Err(self.unusable(source)),
            }
        }
    }

    /// Counts as a user from now on. To be called in our [`Turn`], so nobody holds the lock for itself alone.
    pub(super) fn join(self) -> Result<Self, EmbeddedError> {
        self.users.lock_shared().map_err(|source| self.unusable(source))?;
        Ok(self)
    }

    /// Counts no longer as a user; whether nobody does now. To be called in our [`Turn`].
    pub(super) fn leave_is_last(&self) -> Result<bool, EmbeddedError> {
        self.users.unlock().map_err(|source| self.unusable(source))?;
        match self.users.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(self.unusable(source)),
        }
    }

    fn unusable(&self, source: std::io::Error) -> EmbeddedError {
        EmbeddedError::DataDir { path: self.data_dir.clone(), source }
    }
}

fn open(data_dir: &Path, name: &str) -> Result<File, EmbeddedError> {
    let path = data_dir.join(name);
    File::options().create(true).truncate(false).write(true).open(&path).map_err(|source| EmbeddedError::DataDir { path, source })
}
