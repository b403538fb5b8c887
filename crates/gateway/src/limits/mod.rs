//! The limits of the real gateway, counted by the gateway's clock.

mod historical_pacing;
mod message_rate;
mod step_size;

pub(crate) use historical_pacing::{HistoricalPacing, PacedRequest};
pub(crate) use message_rate::{MessageRate, RateVerdict, Strikes};
pub(crate) use step_size::smallest_bar;
