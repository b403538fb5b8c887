//! Ticker symbols.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A ticker symbol such as `AAPL` or `BRK.B`: upper case, cheap to clone, ordered as text.
///
/// ```
/// use bellwether::market::Symbol;
/// assert_eq!("brk.b".parse::<Symbol>().unwrap().as_str(), "BRK.B");
/// assert!("no such thing".parse::<Symbol>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// Checks and upper-cases `text`. Share classes may be written `BRK B`, as the broker does, for `BRK.B`; what other
    /// vendors put into symbols (`^VIX`, `ABC+`, `ABC$A`) is let in as it is.
    ///
    /// # Errors
    /// [`Error::Symbol`] when it is empty, longer than 16 characters or has a character no ticker has.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let plausible = (1..=16).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '^')
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '^' | '+' | '=' | '$' | ' '))
            && text.matches(' ').count() <= 1;
        if !plausible && text != "?" {
            return Err(Error::Symbol { text: text.chars().take(40).collect() });
        }
        Ok(Self(text.replace(' ', ".").to_ascii_uppercase().into()))
    }

    /// `?`: stands for a text that is no symbol, in reports of what was left out.
    pub fn unreadable() -> Self {
        Self("?".into())
    }

    /// The symbol as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

impl TryFrom<String> for Symbol {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::new(&text)
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> Self {
        symbol.0.as_ref().to_owned()
    }
}

impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
