//! The one error type of the crate: what failed, on what, and what to do.

use std::path::PathBuf;

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in a computation or in reading its inputs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is not a ticker symbol.
    #[error(
        "`{text}` is not a ticker symbol: use 1 to 16 of A-Z, 0-9, '.', '-', '/', '^', '+', '=', '$', starting with a letter or digit"
    )]
    Symbol {
        /// What was given.
        text: String,
    },
    /// A name that is not one of a closed set.
    #[error("unknown {what} `{text}`: use one of {known}")]
    Unknown {
        /// What kind of name.
        what: &'static str,
        /// What was given.
        text: String,
        /// The names there are.
        known: String,
    },
    /// A table lacks a column or has it in another type.
    #[error("{table}: column `{column}` {problem}")]
    Column {
        /// The table or file.
        table: String,
        /// The column.
        column: String,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// A text that names no indicator, or one with parameters that it does not take.
    #[error("indicator `{tag}`: {problem}")]
    Indicator {
        /// The tag as it was written.
        tag: String,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// A setting outside its range.
    #[error("setting `{name}` is {value}: {expected}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// The value given.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A day outside the calendar.
    #[error("{date} is outside the exchange calendar, which covers {first} to {last}")]
    OutsideCalendar {
        /// The day asked for.
        date: jiff::civil::Date,
        /// First day covered.
        first: jiff::civil::Date,
        /// Last day covered.
        last: jiff::civil::Date,
    },
    /// A user's SQL condition that cannot be used.
    #[error("scan condition: {problem}")]
    Condition {
        /// What is wrong, with near matches where a column is unknown.
        problem: String,
    },
    /// A feature, or a choice of features, that cannot be computed.
    #[error("{name}: {problem}")]
    Feature {
        /// Its name, or that of the choice.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A model that cannot be fitted, or used, on these data: there are no numbers of a fit that failed.
    #[error("{what}: {problem}")]
    Fit {
        /// The model.
        what: String,
        /// Why, and what to do.
        problem: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("{path}: {problem}")]
    File {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A stored snapshot whose bytes are not those that its hash names.
    #[error("{what}: content hash is {found}, expected {expected}; the stored data was changed or damaged")]
    Hash {
        /// What was checked.
        what: String,
        /// The hash it must have.
        expected: String,
        /// The hash it has.
        found: String,
    },
    /// A table operation failed.
    #[error("{doing}: {source}")]
    Frame {
        /// What was being done.
        doing: String,
        /// The library's error.
        #[source]
        source: polars::error::PolarsError,
    },
    /// A picture could not be drawn.
    #[error("picture of {what}: {problem}")]
    Picture {
        /// What was to be drawn.
        what: String,
        /// Why it could not be.
        problem: String,
    },
    /// A copula that does not exist, or data that it cannot describe.
    #[error("copula of {what}: {problem}")]
    Copula {
        /// The family, or the columns of the data.
        what: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
}

impl Error {
    /// Wraps a polars error with what was being done.
    pub fn frame(doing: impl Into<String>) -> impl FnOnce(polars::error::PolarsError) -> Self {
        let doing = doing.into();
        move |source| Self::Frame { doing, source }
    }

    /// Wraps any error on a path.
    pub fn file(path: impl Into<PathBuf>, problem: impl std::fmt::Display) -> Self {
        Self::File { path: path.into(), problem: problem.to_string() }
    }
}
