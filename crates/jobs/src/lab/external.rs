//! Other programs: their output kept in a file and told line by line, with a deadline.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufRead as _, BufReader, Read, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

use super::progress::Progress;

/// How long a program that took too long has to end by itself.
const GRACE: Duration = Duration::from_secs(5);
/// Lines of a failed program's output that its error repeats.
const LINES_TOLD: usize = 15;

/// Runs a program to its end and returns its standard output. Its standard error goes to `log` and to `progress`.
///
/// # Errors
/// When it cannot be started, runs past `limit` (it is killed), or fails: with the end of what it said.
pub(super) fn run(mut command: Command, log: &Path, limit: Duration, progress: &dyn Progress) -> anyhow::Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut kept = File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{name}` cannot be started"))?;
    let mut stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let (lines, received) = mpsc::sync_channel::<String>(1024);
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    let output = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    let mut last = VecDeque::with_capacity(LINES_TOLD);
    let began = Instant::now();
    loop {
        match received.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => {
                writeln!(kept, "{line}")?;
                progress.tell(line.trim());
                if last.len() == LINES_TOLD {
                    last.pop_front();
                }
                last.push_back(line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if began.elapsed() > limit {
            end(&mut child)?;
            bail!("`{name}` did not end within {} minutes; what it said is in {}", limit.as_secs() / 60, log.display());
        }
    }
    let _ = reader.join();
    let status = child.wait()?;
    let output = output.join().unwrap_or_else(|_| Ok(Vec::new()))?;
    if !status.success() {
        kept.write_all(&output)?;
        let said = Vec::from(last).join("\n  ");
        bail!("`{name}` failed ({status}); the end of what it said, all of it is in {}:\n  {said}", log.display());
    }
    Ok(output)
}

/// Asks a program to end, so that it can end its own; kills it when it has not a few seconds later.
fn end(child: &mut Child) -> anyhow::Result<()> {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    }
    let began = Instant::now();
    while child.try_wait()?.is_none() && began.elapsed() < GRACE {
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// What a small program prints, trimmed.
///
/// # Errors
/// When it cannot be started or fails.
pub(super) fn ask(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
