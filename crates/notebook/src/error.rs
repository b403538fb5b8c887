//! Why data could not be had, as a sentence.

use std::fmt;

use bellwether_adapters::AdapterError;
use bellwether_gateway::GatewayError;
use bellwether_store::{StoreError, embedded::EmbeddedError};

/// Result with a [`DataError`].
pub(crate) type Result<T, E = DataError> = std::result::Result<T, E>;

/// Why data could not be had: what failed, on what, and what to do. Shown with `{:?}` it is the same sentence, as that is how a
/// notebook shows the error of a cell.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The database cannot be reached or read, or its schema is not this program's.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database of a data folder cannot be started or read, or its schema is not this program's.
    #[error("{place}: {source}")]
    DataFolder {
        /// The data folder.
        place: String,
        /// Why not.
        source: StoreError,
    },
    /// A file, symbol, timeframe or table that cannot be used.
    #[error(transparent)]
    Data(#[from] bellwether::Error),
    /// A recorded folder that cannot be used.
    #[error(transparent)]
    Recording(#[from] AdapterError),
    /// A market that cannot be generated.
    #[error(transparent)]
    Generated(#[from] GatewayError),
    /// A run that cannot be made again, or a schedule that cannot be read.
    #[error("{0:#}")]
    Run(#[from] anyhow::Error),
    /// A place that holds no data of this kind.
    #[error("{place}: {problem}")]
    Place {
        /// What was given.
        place: String,
        /// What is wrong with it, and what to give instead.
        problem: String,
    },
    /// A text that is no time.
    #[error("{0}")]
    Time(String),
}

impl fmt::Debug for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DataError {
    pub(crate) fn place(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self::Place { place: place.to_string(), problem: problem.to_string() }
    }

    pub(crate) fn embedded(place: impl fmt::Display, source: EmbeddedError) -> Self {
        Self::DataFolder { place: place.to_string(), source: StoreError::Embedded(source) }
    }
}
