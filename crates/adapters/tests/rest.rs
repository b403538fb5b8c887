//! Services over HTTP, each played by a server on this machine that serves its documents; and several sources in order.
//! The numbers are made by the tests.

#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

#[path = "rest/alpha_vantage.rs"]
mod alpha_vantage;
#[path = "rest/broker.rs"]
mod broker;
#[path = "rest/door.rs"]
mod door;
#[path = "rest/fallback.rs"]
mod fallback;
#[path = "rest/fred.rs"]
mod fred;
#[path = "rest/schwab.rs"]
mod schwab;
#[path = "rest/server.rs"]
mod server;
#[path = "rest/yahoo.rs"]
mod yahoo;
