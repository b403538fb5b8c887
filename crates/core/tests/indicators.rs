//! The indicators against the C library and against plain definitions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "indicators/conformance.rs"]
mod conformance;
#[path = "indicators/properties.rs"]
mod properties;
