//! The names a notebook adds to those of `bellwether::prelude`.

pub use crate::{
    DataError, Database, Market, Replayed, bars_from, compute_scheduled, hits_of_report, scheduled_computations, scheduled_scan,
    scheduled_scans, snapshot_from, summary_of_report, table_from, write_parity,
};
