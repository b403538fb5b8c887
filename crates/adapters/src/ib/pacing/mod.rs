//! What the gateway allows, kept to in front of every request, however the clock runs and however late the gateway reads.
//!
//! ```text
//! Ask ─► queue ─► budgets ─► Permit ─► the request ─► its answer ─► budgets
//!          └───────── the same two, cloned, on a virtual clock ─► Forecast
//! ```
//! Everything is counted on the session's clock, which may be a simulated one that runs a thousand times as fast, and is
//! conservative on both sides of a message's flight: it counts from its hand-over until its window has passed after it is
//! known to have been read ([`window`]). Known means: its answer came; or something was answered that was sent after it; or
//! so much real time has passed that no gateway needs longer: a second for a message, ten for what was asked in it.
//!
//! The budgets are plain state that is told the time, so that a forecast is made by the code that admits: a clone of what
//! is used and of who waits, and answers that take as long as those before.
//!
//! The crate `governor` is not used, though it takes an injected clock: its limiter (GCRA) lets a burst through on top of
//! the rate, which is up to twice the limit in the first second; a message counts for it from the hand-over, not from
//! the gateway's reading; and its state can neither be cloned for a forecast nor hold requests that are under way.

mod answers;
mod ask;
mod budgets;
mod forecast;
mod patience;
mod permit;
mod planner;
mod queue;
mod window;
mod workload;

pub use ask::{Ask, HistoricalAsk, Priority, RequestKind, with_priority};
pub(super) use budgets::PacingLimits;
pub use forecast::Forecast;
pub(super) use patience::patience;
pub(super) use permit::Permit;
pub use planner::PacingUsage;
pub(super) use planner::Planner;
pub(super) use workload::{CONTRACTS_AT_ONCE, HISTORY_AT_ONCE};
pub use workload::{Ending, Item, Phase, ScanWork, Step, Workload};
