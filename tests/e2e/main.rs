//! End-to-end stories, one module each. Everything in them is real: the built program, Postgres, the gateway over TCP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alerts;
mod architecture;
mod bad_input;
mod book;
mod cut_short;
mod demo;
mod doctor;
mod features;
mod feeds;
mod indicators;
mod lab_analysis;
mod lab_data;
mod ledger;
mod parity_sides;
mod real_morning;
mod record;
mod risk;
mod risk_copula;
mod schedule_next;
mod sources;
mod volume_curve;
