//! The GARCH family against the Python package `arch`, and its own properties.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "risk/garch_conformance.rs"]
mod garch_conformance;
#[path = "risk/garch_properties.rs"]
mod garch_properties;
