//! JupyterLab in a virtual environment of the lab's own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};

use super::{
    external,
    places::{Places, short_hex},
    progress::Progress,
};

/// What is installed: ranges, because no single set of versions serves every Python that may be there.
const PACKAGES: [&str; 2] = ["jupyterlab>=4.2,<5", "nbclient>=0.10,<1"];
/// File in the environment, written last.
const FINISHED: &str = "finished";
/// The oldest Python that they support.
const OLDEST_PYTHON: (u32, u32) = (3, 9);

/// Python of the lab's environment.
///
/// # Errors
/// When there is no Python on this machine, or one that is too old.
pub(super) fn python(places: &Places) -> anyhow::Result<PathBuf> {
    Ok(environment(places, &system_python()?).join("bin/python"))
}

struct SystemPython {
    program: String,
    version: String,
}

fn system_python() -> anyhow::Result<SystemPython> {
    let program = std::env::var("PYTHON").ok().filter(|named| !named.is_empty()).unwrap_or_else(|| "python3".to_owned());
    let version = external::ask(Command::new(&program).args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]))
        .context("Jupyter needs Python 3.9 or later: install python3, or name it with PYTHON")?;
    let numbers = version.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    ensure!(
        numbers.is_some_and(|found: (u32, u32)| found >= OLDEST_PYTHON),
        "`{program}` is Python {version}; Jupyter needs 3.9 or later: name another with PYTHON"
    );
    Ok(SystemPython { program, version })
}

/// Named after what is in it, so that a change of either makes a new one.
fn environment(places: &Places, python: &SystemPython) -> PathBuf {
    let digest = Sha256::digest(format!("{} {PACKAGES:?}", python.version));
    places.cache.join("jupyter").join(short_hex(&digest))
}

/// What the lab's environment holds, if it is finished and runs: without the Python that it was made with it is of no use.
///
/// # Errors
/// When it is not there or does not run, or there is no Python on this machine.
pub(super) fn installed(places: &Places) -> anyhow::Result<String> {
    let folder = environment(places, &system_python()?);
    ensure!(folder.join(FINISHED).is_file(), "not installed: run `bellwether lab --prepare`");
    version_of(&folder).context("it does not run any more: run `bellwether lab --prepare`")
}

/// Makes the environment unless it is there.
pub(super) fn install(places: &Places, progress: &dyn Progress) -> anyhow::Result<String> {
    if let Ok(version) = installed(places) {
        return Ok(format!("{version} there"));
    }
    let python = system_python()?;
    let folder = environment(places, &python);
    // What an earlier attempt left is no use: pip may have been killed in the middle of a package.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut make = Command::new(&python.program);
    make.args(["-m", "venv"]).arg(&folder);
    external::run(make, &places.log("venv"), Duration::from_secs(300), progress)
        .context("the virtual environment cannot be made; on Debian and Ubuntu the package python3-venv is needed")?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]).args(PACKAGES);
    external::run(pip, &places.log("pip"), Duration::from_secs(1200), progress)?;
    std::fs::write(folder.join(FINISHED), "")?;
    Ok(format!("{} installed", version_of(&folder)?))
}

fn version_of(folder: &Path) -> anyhow::Result<String> {
    let script = "import importlib.metadata as m; print('JupyterLab', m.version('jupyterlab'))";
    external::ask(Command::new(folder.join("bin/python")).args(["-c", script]))
}
