//! Which file the code that runs here was loaded from.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A program or a shared object, by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Name of its file.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// The program or shared object that this very function is in: the program for the scheduler, the lab's library in a cell.
///
/// # Errors
/// When the file is gone or cannot be read.
pub(super) fn object() -> anyhow::Result<Object> {
    static OWN: OnceLock<Object> = OnceLock::new();
    if let Some(known) = OWN.get() {
        return Ok(known.clone());
    }
    let path = loaded_from()?;
    let found = of_file(&path).with_context(|| format!("{}, which this code was loaded from, cannot be read", path.display()))?;
    Ok(OWN.get_or_init(|| found).clone())
}

fn of_file(path: &Path) -> io::Result<Object> {
    let sha256 = Sha256::digest(fs::read(path)?).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Object { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), sha256 })
}

/// The file whose mapping this function's address is in; where the system does not tell, the program.
fn loaded_from() -> anyhow::Result<PathBuf> {
    let here = loaded_from as *const () as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let holds = |line: &&str| {
        let range = line.split_once(' ').and_then(|(range, _)| range.split_once('-'));
        let bound = |text| usize::from_str_radix(text, 16).ok();
        range.and_then(|(from, until)| Some((bound(from)?..bound(until)?).contains(&here))).unwrap_or_default()
    };
    // A line: range, rights, offset, device, inode, and the path after spaces.
    let mapped = maps.lines().find(holds).and_then(|line| line.find('/').map(|at| PathBuf::from(&line[at..])));
    mapped.map_or_else(|| std::env::current_exe().context("the path of this program is unknown"), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_in_its_own_program() {
        let program = std::env::current_exe().unwrap();
        assert_eq!(loaded_from().unwrap(), program);
        let own = object().unwrap();
        assert_eq!(own.name, program.file_name().unwrap().to_str().unwrap());
        assert_eq!(own, of_file(&program).unwrap());
        assert!(own.sha256.len() == 64 && own.sha256 != of_file(Path::new("/proc/self/stat")).unwrap().sha256);
    }
}
