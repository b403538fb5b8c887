//! The gateway as the real client library sees it, over TCP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod account;
mod admin;
mod bars;
mod bench;
mod contracts;
mod depth;
mod faults;
mod fidelity;
mod generic_ticks;
mod historical_ticks;
mod limits;
mod news;
mod orders;
mod pnl;
mod quotes;
mod raw;
mod replay;
mod scanner;
mod sessions;
mod ticks;
mod wire;
