//! The seam between the scheduler and a market: one question, one snapshot.

use std::sync::Arc;

use async_trait::async_trait;
use bellwether::market::{Bars, Calendar, Snapshot, Symbol};
use jiff::Timestamp;

use crate::error::Result;

/// Which symbols a scan looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UniverseRequest {
    /// These.
    Symbols(Vec<Symbol>),
    /// All that the source holds. A live session holds none of its own: it answers with the symbols of
    /// [`ScanRequest::history`] and [`ScanRequest::daily`].
    All,
    /// The rows of one of IB's own scans, such as `TOP_PERC_GAIN`. A recorded folder has none: it answers with all.
    IbScanner {
        /// IB's scan code.
        code: String,
        /// Most rows, 1 to 50.
        rows: u32,
    },
}

/// What one scan needs to know.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// Which symbols.
    pub symbols: UniverseRequest,
    /// How many sessions before this one the minute bars of history go back.
    pub history_sessions: usize,
    /// Minute bars of earlier sessions that are already held. A recorded folder uses its own instead.
    pub history: Arc<Bars>,
    /// Daily bars that are already held. A recorded folder uses its own instead.
    pub daily: Arc<Bars>,
    /// Quotes are wanted.
    pub with_quotes: bool,
    /// Headlines are wanted.
    pub with_headlines: bool,
}

/// A source of snapshots.
#[async_trait]
pub trait MarketData: Send + Sync {
    /// What the source knows at `as_of`. A symbol that fails is reported in the snapshot's `missing`, beside the others.
    ///
    /// # Errors
    /// [`AdapterError`](crate::AdapterError) when no snapshot can be had at all, for example without a connection.
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot>;
}

/// The instant from which headlines matter to a scan at `as_of`: the start of the previous session's pre-market.
///
/// # Errors
/// Outside the exchange calendar.
pub(crate) fn headlines_since(as_of: Timestamp) -> Result<Timestamp> {
    Ok(Calendar.previous(Calendar.local_date(as_of))?.pre_open)
}
