//! The unattended half of Bellwether: schedule, tasks, alerts and the command line.
//!
//! ```text
//! cli       one file per subcommand            config    schedules.toml, checked
//! context   the services a task is given       market    where market data comes from (sources: its settings)
//! schedule  due times, ledger, runs            tasks     what jobs do, one file per kind
//! alerts    what is told, to whom, and how     watch     live market data: written down, shown, told when it fails
//! clock     the only reader of the system's clock   contracts  looked up once, kept in the database
//! lab       Jupyter with the Rust kernel           parity    the same numbers in a notebook and here, certified
//! tables    what jobs leave, as frames             times     as people write them
//! computation   features and risk profiles, as jobs and notebooks compute them
//! ```

#![deny(missing_docs)]

pub mod alerts;
mod cli;
pub mod clock;
pub mod computation;
pub mod config;
pub mod context;
pub mod contracts;
pub mod lab;
pub mod market;
pub mod parity;
pub mod schedule;
pub mod sources;
pub mod tables;
pub mod tasks;
pub mod times;
pub mod watch;

pub use cli::main;
