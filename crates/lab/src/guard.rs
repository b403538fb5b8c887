//! Makes a failing cell fail.
//!
//! The kernel runs cells in a child process and reads the child's standard output line by line: what the cell shows, what
//! it prints, and a last line that says that it is done. A `?` that fails and a panic are only notes on the way: the
//! cell still counts as a success, and a program that runs the notebook goes on with the next cell.
//!
//! This module sits between the child and its output, from the moment the library is loaded. Lines pass as they are, but that the
//! kernel's own get lines of their own: after `print!` without an end of line the kernel would not know them. When one of them
//! says that the cell failed, the line that ends the cell is replaced by one that is not UTF-8: the kernel's reader refuses it
//! and reports an error for the cell, the child lives on, and so do the variables of earlier cells.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, PipeReader, Write},
    os::fd::AsFd as _,
    path::PathBuf,
    time::Duration,
};

use bellwether_jobs::lab::{IN_USE, LIBRARY, NEWEST};

/// Lines of the kernel's protocol (evcxr 0.22).
const DONE: &[u8] = b"EVCXR_EXECUTION_COMPLETE\n";
const FAILED: [&[u8]; 2] = [b"EVCXR_ERROR_OCCURRED\n", b"EVCXR_PANIC_NOTIFICATION\n"];
/// Around what the cell shows.
const SHOWS: &[u8] = b"EVCXR_BEGIN_CONTENT ";
const SHOWN: &[u8] = b"EVCXR_END_CONTENT\n";
/// What begins a line of the kernel's protocol.
const MARK: &[u8] = b"EVCXR_";
/// In a line of its own, the end of a cell that failed: no UTF-8 text has this byte.
const REFUSED: &[u8] = b"\xff\n";

/// What text gets to arrive before the cell ends. The kernel sends it on by other threads than the end, and what comes after the end is
/// not shown.
const AHEAD: Duration = Duration::from_millis(30);

/// Set by the kernel in its child, and by nothing else.
const CHILD: &str = "EVCXR_IS_RUNTIME";

/// Runs when the kernel's child loads the library.
#[allow(unsafe_code, reason = "code that runs when a library is loaded is registered in a section of the object file")]
#[ctor::ctor(unsafe)]
fn arm() {
    if std::env::var_os(CHILD).is_some()
        && let Err(error) = install()
    {
        eprintln!("cells that fail will not be reported as failed: {error}");
    }
}

fn install() -> std::io::Result<()> {
    let kernel = std::io::stdout().as_fd().try_clone_to_owned()?;
    let (reader, writer) = std::io::pipe()?;
    rustix::stdio::dup2_stdout(&writer)?;
    std::thread::Builder::new().name("cell output".to_owned()).spawn(move || {
        let _in_use = in_use();
        let mut guard = Guard { kernel: File::from(kernel), failed: false, rebuilt: Rebuilt::from_environment() };
        // An error here is the kernel's end of the pipe gone: nobody is left to tell.
        let _ = guard.pass(reader);
    })?;
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message");
        eprintln!("panicked: {message}");
        if message.starts_with("Variable '") && message.ends_with("has gone missing") {
            eprintln!(
                "It was moved into a cell that failed and went with it. The kernel starts afresh: run the cells from the top."
            );
        }
    }));
    Ok(())
}

/// Holds the mark of the library while this process lives, so that no newer one replaces it.
fn in_use() -> Option<File> {
    let mark = File::open(std::env::var_os(IN_USE)?).ok()?;
    // Who wants to know whether it is in use holds it for a moment.
    mark.lock_shared().ok()?;
    Some(mark)
}

struct Guard {
    kernel: File,
    failed: bool,
    rebuilt: Option<Rebuilt>,
}

impl Guard {
    fn pass(&mut self, reader: PipeReader) -> std::io::Result<()> {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        let (mut shows, mut printed) = (false, false);
        while reader.read_until(b'\n', &mut line)? > 0 {
            if let Some(at) = unfinished(&line).filter(|_| !shows) {
                let own = line.split_off(at);
                line.push(b'\n');
                self.kernel.write_all(&line)?;
                line = own;
                printed = true;
            }
            if line == DONE {
                let rebuilt = self.rebuilt.as_mut().and_then(Rebuilt::notice);
                if let Some(notice) = rebuilt {
                    eprintln!("{notice}");
                }
                if self.failed {
                    eprintln!(
                        "The cell failed; variables of earlier cells are kept. \
                         (The kernel marks it with the words \u{201c}stream did not contain valid UTF-8\u{201d}.)"
                    );
                    line.clear();
                    line.extend_from_slice(REFUSED);
                }
                if std::mem::take(&mut self.failed) || std::mem::take(&mut printed) || rebuilt.is_some() {
                    std::thread::sleep(AHEAD);
                }
            } else if FAILED.contains(&line.as_slice()) {
                self.failed = true;
            } else if line.starts_with(SHOWS) {
                shows = true;
            } else if line == SHOWN {
                shows = false;
            } else {
                printed |= !shows;
            }
            self.kernel.write_all(&line)?;
            line.clear();
        }
        Ok(())
    }
}

/// Where a line of the kernel's begins behind text that did not end its own.
fn unfinished(line: &[u8]) -> Option<usize> {
    let at = line.windows(MARK.len()).rposition(|bytes| bytes == MARK).filter(|at| *at > 0)?;
    let own = &line[at..];
    (own == DONE || FAILED.contains(&own) || own.starts_with(SHOWS)).then_some(at)
}

/// Says once that a newer library waits for a restart.
struct Rebuilt {
    newest: PathBuf,
    started_with: String,
}

impl Rebuilt {
    fn from_environment() -> Option<Self> {
        Some(Self { newest: std::env::var_os(NEWEST)?.into(), started_with: std::env::var(LIBRARY).ok()? })
    }

    fn notice(&mut self) -> Option<&'static str> {
        let newest = std::fs::read_to_string(&self.newest).ok()?;
        if newest.trim() == self.started_with {
            return None;
        }
        self.started_with = newest.trim().to_owned();
        Some(
            "The library was rebuilt since this kernel started, which goes on with the old one: restart the kernel to use the new one.",
        )
    }
}
