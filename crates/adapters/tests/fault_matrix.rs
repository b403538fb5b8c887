//! The fault matrix: simulated weeks in which a gateway does everything that gateways do to their clients.
//!
//! `cargo test` runs a few seeds; `BELLWETHER_FAULT_WEEKS=200 cargo test --test fault_matrix -- --nocapture` runs as many as
//! that and prints what came of them.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod fault_matrix {
    pub(crate) mod alone;
    pub(crate) mod followers;
    pub(crate) mod stage;
    pub(crate) mod weeks;
}
