//! Copulas against another implementation and against what must hold for any copula.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "risk_copula/conformance.rs"]
mod conformance;
#[path = "risk_copula/properties.rs"]
mod properties;
