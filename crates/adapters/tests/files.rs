//! Recorded folders as a source: formats, faults, and the real session of 2025-01-06.

#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

#[path = "files/formats.rs"]
mod formats;
#[path = "files/real_session.rs"]
mod real_session;
#[path = "files/shared.rs"]
mod shared;
