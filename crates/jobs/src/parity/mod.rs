//! The same numbers in a notebook and in the scheduler, certified.
//!
//! ```text
//!                ┌─► cells in a new kernel ──────────────► hand_over ─► notebook/NAME.{json,parquet}  ─┐
//! one snapshot ──┤                                                                                   ├─► compare ─► Certificate
//!                └─► the tasks of the scheduler's jobs ──► hand_over ─► scheduler/NAME.{json,parquet} ─┘
//! ```
//! Both sides end in [`hand_over`], so there is one digest. Nothing is rounded and nothing is tolerated: two columns are equal when they
//! have one name, one kind, and the same bits in every row.

mod cells;
mod certificate;
mod certify;
mod compare;
mod handed;
mod object;
mod scheduler;

pub use cells::{SHIPPED as SHIPPED_CELLS, cells_of};
pub use certificate::{Certificate, FailedCell, Side, SnapshotTold};
pub use certify::{Order, certify};
pub use compare::{Compared, Difference, compare};
pub use handed::{Handed, hand_over, handed};
pub use object::Object;
pub use scheduler::scheduler_side;
