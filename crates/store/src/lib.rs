//! Postgres for Bellwether: a private embedded cluster, the connection pool, migrations, and all SQL.
//!
//! ```text
//! embedded   finds or fetches server binaries, runs a private cluster, answers with its URL
//! target     reads a database URL; never shows its password      tls     certificates
//! pool       Store: connections, timeouts, server checks         retry   whole transactions again after a lost connection
//! migrate    the schema, and what to say when it is newer than this program
//! instruments, bars, partitions, run, runs, run_queries, hits, computed, alerts, headlines, conditions, audit: the SQL, one file per table group
//! blocking   the reads a notebook needs, without async
//! ```
//!
//! Business time is always an argument: no statement here reads the server's clock, so a run on a simulated clock leaves
//! exactly the rows that it would have left then. What must be written together is one method and one transaction; after a
//! lost connection the transaction is tried again as a whole, and every such method recognises its own earlier success.

mod alerts;
mod audit;
mod bars;
pub mod blocking;
mod computed;
mod conditions;
mod copy;
mod databases;
pub mod embedded;
mod error;
mod feeds;
mod headlines;
mod hits;
mod instruments;
mod migrate;
mod partitions;
mod pool;
mod retry;
mod run;
mod run_queries;
mod runs;
mod target;
mod tls;

pub use alerts::{Alert, AlertFilter, AlertKind, AlertStatus, NewAlert};
pub use audit::AuditEntry;
pub use bars::{BarCoverage, BarOrigin};
pub use computed::ComputedRow;
pub use conditions::MarketConditions;
pub use databases::renew_database;
pub use error::{Result, StoreError};
pub use feeds::{FeedGap, FeedStatus, GapOutcome};
pub use headlines::StoredHeadline;
pub use hits::HitRow;
pub use migrate::{MigrationReport, known_schema_version};
pub use pool::{ConnectOptions, Store};
pub use retry::RetryPolicy;
pub use run::{NewRun, Run, RunClaim, RunId, RunOutcome, RunStatus, Trigger, Unrun};
pub use run_queries::RunFilter;
