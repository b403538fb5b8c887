//! Whom the server runs as.
//!
//! Postgres refuses to run as root, so under root it runs as the owner of the existing cluster, else as `postgres`, else as
//! `nobody`. An ordinary user runs it as itself.

use std::{
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{EmbeddedError, command};

const LIMIT: Duration = Duration::from_secs(10);

/// An account of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Whether we have to become it first.
    pub(super) other: bool,
}

impl Account {
    /// A command that runs as this account, from a directory that it can enter.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null());
        if self.other {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Gives a path that we made to this account.
    pub(super) fn own(&self, path: &Path) -> std::io::Result<()> {
        if self.other { std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }

    /// # Errors
    /// [`EmbeddedError::Unreachable`] when the account cannot read in `directory`.
    pub(super) fn must_reach(&self, directory: &Path) -> Result<(), EmbeddedError> {
        let mut command = self.command("/bin/sh".as_ref());
        command.args(["-c", "cd \"$1\" && ls . >/dev/null", "sh"]).arg(directory);
        if command::run(command, LIMIT)?.status.success() {
            return Ok(());
        }
        Err(EmbeddedError::Unreachable { path: directory.to_owned(), account: self.name.clone() })
    }
}

/// Whether this process runs as root.
pub(super) fn is_root() -> bool {
    lookup(None).is_some_and(|account| account.uid == 0)
}

/// The account for the cluster in `data_dir`.
pub(super) fn for_cluster(data_dir: &Path) -> Result<Account, EmbeddedError> {
    let own = lookup(None).ok_or(EmbeddedError::NoAccount)?;
    let pgdata = data_dir.join("pgdata");
    let owner = std::fs::metadata(&pgdata).ok().map(|metadata| metadata.uid());
    if own.uid != 0 {
        return match owner {
            Some(owner) if owner != own.uid => Err(EmbeddedError::Owner { path: pgdata, owner, user: own.uid }),
            _ => Ok(own),
        };
    }
    let account = match owner {
        Some(owner) => lookup(Some(&owner.to_string())),
        None => lookup(Some("postgres")).or_else(|| lookup(Some("nobody"))),
    };
    let account = Account { other: true, ..account.filter(|account| account.uid != 0).ok_or(EmbeddedError::NoAccount)? };
    account.must_reach(data_dir)?;
    Ok(account)
}

/// Asks `id`, which knows every source of accounts that this machine uses. `None` is this process's own.
fn lookup(name: Option<&str>) -> Option<Account> {
    let ask = |flag: &str| {
        let mut command = Command::new("id");
        command.arg(flag).args(name).stdin(Stdio::null());
        let outcome = command::run(command, LIMIT).ok()?;
        outcome.status.success().then(|| outcome.output.trim().to_owned())
    };
    Some(Account { name: ask("-un")?, uid: ask("-u")?.parse().ok()?, gid: ask("-g")?.parse().ok()?, other: false })
}
