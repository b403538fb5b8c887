//! Who is told how a preparation goes.

/// Told what is going on, line by line.
pub trait Progress {
    /// A step begins.
    fn begin(&self, step: &str);
    /// Something of the step that runs: the last line of a compiler, say.
    fn tell(&self, line: &str);
    /// The step is over, with what came of it.
    fn end(&self, outcome: &str);
}

/// Nobody is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _: &str) {}
    fn tell(&self, _: &str) {}
    fn end(&self, _: &str) {}
}
