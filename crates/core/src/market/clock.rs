//! The seam through which everything outside this crate learns the time. Nothing in this crate takes one.

use jiff::Timestamp;

/// A source of the present instant: the system's, or a simulated one that runs faster or stands still.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// How long to wait in real time until this clock shows `instant`, at its present speed; zero when it is past.
    ///
    /// A simulated clock may be held: the answer is then a short poll interval, so callers wait in a loop.
    fn wall_until(&self, instant: Timestamp) -> std::time::Duration;
}
