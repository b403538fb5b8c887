//! Runs a program with a time limit.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use super::EmbeddedError;

const POLL: Duration = Duration::from_millis(10);

/// How a program ended.
pub(super) struct Outcome {
    pub(super) status: ExitStatus,
    /// The last of what it said, on either stream.
    pub(super) output: String,
}

/// Runs `command` to its end, at most for `limit`.
///
/// Standard input is what the caller has set. Output goes to a file, not a pipe: a server that the program leaves behind would hold a pipe open for ever.
///
/// # Errors
/// [`EmbeddedError::Program`] and [`EmbeddedError::Timeout`].
pub(super) fn run(mut command: Command, limit: Duration) -> Result<Outcome, EmbeddedError> {
    let program = PathBuf::from(command.get_program());
    let failed = |source: io::Error| EmbeddedError::Program { program: program.clone(), source };
    let mut file = scratch_file().map_err(failed)?;
    let (out, err) = (file.try_clone().map_err(failed)?, file.try_clone().map_err(failed)?);
    command.stdout(out).stderr(err);
    command.env("LC_ALL", "C");
    for name in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGSERVICE"] {
        command.env_remove(name);
    }
    let mut child = command.spawn().map_err(failed)?;
    let deadline = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if Instant::now() >= deadline {
            // It may end by itself in this very moment; either way it is over then.
            let _ = child.kill();
            child.wait().map_err(failed)?;
            return Err(EmbeddedError::Timeout { program, after: limit, output: format!("\n{}", last_lines(&mut file)) });
        }
        std::thread::sleep(POLL);
    };
    Ok(Outcome { status, output: last_lines(&mut file) })
}

/// A file without a name that holds `text`, to be given to a program as its input.
pub(super) fn input(text: &str) -> io::Result<File> {
    let mut file = scratch_file()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// A file without a name.
fn scratch_file() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("bellwether-{}", uuid::Uuid::new_v4()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// The end of a log file, empty when there is none.
pub(super) fn tail(path: &Path) -> String {
    File::open(path).map(|mut file| last_lines(&mut file)).unwrap_or_default()
}

fn last_lines(file: &mut File) -> String {
    const BYTES: u64 = 4096;
    const LINES: usize = 20;
    let mut bytes = Vec::new();
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if file.seek(io::SeekFrom::Start(length.saturating_sub(BYTES))).is_err() || file.read_to_end(&mut bytes).is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
