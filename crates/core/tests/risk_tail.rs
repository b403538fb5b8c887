//! Tail risk, its back-tests, and risk profiles: properties through public doors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "risk/backtest.rs"]
mod backtest;
#[path = "risk/profile.rs"]
mod profile;
#[path = "risk/tail.rs"]
mod tail;
