//! The store against a real Postgres: an embedded cluster, or the server that `BELLWETHER_TEST_DATABASE_URL` names (its user
//! must be allowed to create databases). Every test has a database of its own.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod alerts;
mod bars;
mod cluster;
mod connection;
mod download;
mod harness;
mod lost_answers;
mod migrations;
mod runs;
mod tables;
