//! A session against the simulated gateway, over real TCP.

#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

#[path = "ib/bars.rs"]
mod bars;
#[path = "ib/cleaning.rs"]
mod cleaning;
#[path = "ib/connecting.rs"]
mod connecting;
#[path = "ib/failures.rs"]
mod failures;
#[path = "ib/lines.rs"]
mod lines;
#[path = "ib/market.rs"]
mod market;
#[path = "ib/pacing.rs"]
mod pacing;
#[path = "ib/plans.rs"]
mod plans;
#[path = "ib/quotes.rs"]
mod quotes;
#[path = "ib/random_plans.rs"]
mod random_plans;
#[path = "ib/record.rs"]
mod record;
#[path = "ib/snapshots.rs"]
mod snapshots;
#[path = "ib/subscriptions.rs"]
mod subscriptions;
#[path = "ib/supervision.rs"]
mod supervision;
#[path = "ib/wide_market.rs"]
mod wide_market;
