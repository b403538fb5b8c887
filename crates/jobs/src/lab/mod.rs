//! Sets up and opens Jupyter with the Rust kernel.
//!
//! ```text
//! places      where everything lives
//! progress    who is told how a preparation goes
//! external    other programs, with their output kept and a deadline
//! toolchain   rustc, cargo, the sources of std
//! jupyter     a virtual environment of the lab's own
//! kernel      evcxr_jupyter, pinned
//! library     the library as one shared object, from the release build
//! inputs      whether that is of the sources as they are
//! analysis    sources for completion and the types of `let`
//! launcher    what Jupyter starts
//! kept        which libraries stay in the cache
//! cells       cells run by a program, in new kernels
//! check       what is there, and whether a cell answers
//! ```
//!
//! Why cells answer quickly: nothing is compiled for the kernel. A cell links one shared object that is made of the very objects of the
//! release build, so what runs in a cell is what runs in the scheduler, at its speed. The kernel finds the types
//! of variables with rust-analyzer, which gets the library's own sources, a sketch of polars and the three crates of the standard
//! library that matter, instead of the sources of four hundred packages.

mod analysis;
mod cells;
mod check;
mod external;
mod inputs;
mod jupyter;
mod kept;
mod kernel;
mod launcher;
mod library;
mod places;
mod progress;
mod toolchain;

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

pub use cells::{Kernels, Outcome};
pub use check::{Finding, check, prepared};
pub use launcher::{IN_USE, LIBRARY, NEWEST};
pub use places::Places;
pub use progress::{Progress, Quiet};

/// What a finished preparation leaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Prepared {
    /// Python of the lab's virtual environment.
    pub python: PathBuf,
    /// Folder to add to `JUPYTER_PATH`: it holds the kernel's description.
    pub jupyter_path: PathBuf,
    /// Name of the library that new kernels use.
    pub library: String,
}

impl Prepared {
    fn of(places: &Places, library: String) -> anyhow::Result<Self> {
        Ok(Self { python: jupyter::python(places)?, jupyter_path: places.jupyter_path(), library })
    }
}

/// Makes everything that the lab needs and that is not there yet.
///
/// Each step leaves its result complete or not at all, so a preparation that was killed goes on where it stopped. Two at a time wait
/// for each other.
///
/// # Errors
/// What is missing on this machine and how to get it, or which program failed, with the end of its output and where all of it is.
pub fn prepare(places: &Places, progress: &dyn Progress) -> anyhow::Result<Prepared> {
    let _one_at_a_time = places.lock(progress)?;
    let tools = toolchain::find(&places.checkout)?;
    step(progress, "standard library's sources", || toolchain::std_sources(places, &tools, progress))?;
    step(progress, "Jupyter", || jupyter::install(places, progress))?;
    step(progress, "Rust kernel", || kernel::install(places, &tools, progress))?;
    // Before the build: what is edited while it runs may not be in it.
    let inputs = inputs::digest(places, &tools)?;
    let library = step(progress, "library", || library::build(places, &tools, progress))?.id;
    step(progress, "kernel's description", || launcher::install(places, &tools, &library, &inputs))?;
    kept::forget(places)?;
    Prepared::of(places, library)
}

/// Does a step and tells what came of it.
fn step<T: Display>(progress: &dyn Progress, name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    progress.begin(name);
    let began = Instant::now();
    let outcome = work().with_context(|| format!("{name}: not ready"))?;
    progress.end(&format!("{outcome}{}", spent(began)));
    Ok(outcome)
}

/// Marks notebooks of a folder as trusted, so that Jupyter shows the pictures saved in them: those that are committed, and unchanged
/// since. This user compiles and runs the checkout's code; a notebook from elsewhere that lies beside them is not the checkout's.
///
/// # Errors
/// When git or Jupyter refuses.
pub fn trust(prepared: &Prepared, notebooks: &Path) -> anyhow::Result<()> {
    let git = |arguments: &[&str]| external::ask(Command::new("git").arg("-C").arg(notebooks).args(arguments));
    let committed = git(&["ls-files", "--", "*.ipynb"])?;
    let changed = git(&["diff", "--name-only", "--relative", "HEAD", "--", "*.ipynb"])?;
    let own: Vec<&str> = committed.lines().filter(|name| !changed.lines().any(|other| other == *name)).collect();
    if own.is_empty() {
        return Ok(());
    }
    external::ask(Command::new(&prepared.python).args(["-m", "jupyter", "trust"]).args(own).current_dir(notebooks)).map(drop)
}

fn spent(began: Instant) -> String {
    let seconds = began.elapsed().as_secs();
    match seconds {
        0..2 => String::new(),
        2..120 => format!(" ({seconds} s)"),
        _ => format!(" ({} min {} s)", seconds / 60, seconds % 60),
    }
}
