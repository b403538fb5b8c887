//! When jobs are due, and that each due time leaves exactly one row in the run ledger.
//!
//! [`Cron`] and [`upcoming`] work out due times in exchange time; [`Timer`] waits for them; [`Scheduler`] catches up,
//! claims and runs. The ledger in the database, not any timer, decides what has run. [`Rehearsal`] does it over a recorded market.

mod due;
mod rehearsal;
mod runner;
mod scheduler;
mod timer;

pub use due::{Cron, Due, GapDay, Upcoming, due_between, upcoming};
pub use rehearsal::Rehearsal;
pub use runner::{RunEvent, Runner, run_key};
pub use scheduler::Scheduler;
pub use timer::Timer;
