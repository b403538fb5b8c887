//! Content hashes: two processes that hold the same data agree on 32 bytes.
//!
//! A column is hashed as its name, its length and its Arrow buffers (little-endian values; text as end offsets and
//! UTF-8), so the hash does not depend on the library version, the compression or the file it came from.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Bars;
use crate::error::{Error, Result};

/// A BLAKE3 hash, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hash of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Hash of a value's JSON. Field order is the declaration's and floats are written so that they read back exactly.
    ///
    /// # Panics
    /// When the value cannot be JSON (a map whose keys are not text): an error of the type, not of the data.
    pub fn of_json<T: Serialize + ?Sized>(value: &T) -> Self {
        #[expect(clippy::expect_used, reason = "an invariant of the hashed types, not of data")]
        let bytes = serde_json::to_vec(value).expect("hashed types serialise to JSON");
        Self::of_bytes(&bytes)
    }

    /// Hash of bars, column by column.
    pub fn of_bars(bars: &Bars) -> Self {
        let mut hasher = blake3::Hasher::new();
        let all = bars.all();
        let mut end = 0_u64;
        hasher.update(b"symbol");
        hasher.update(&(bars.symbols().len() as u64).to_le_bytes());
        for symbol in bars.symbols() {
            end += symbol.as_str().len() as u64;
            hasher.update(&end.to_le_bytes());
        }
        for symbol in bars.symbols() {
            hasher.update(symbol.as_str().as_bytes());
        }
        for offset in bars.offsets() {
            hasher.update(&(*offset as u64).to_le_bytes());
        }
        let mut buffer = Vec::with_capacity(1 << 16);
        for (name, values) in [("open_at", all.open_at), ("close_at", all.close_at)] {
            hasher.update(name.as_bytes());
            instants(&mut hasher, &mut buffer, values);
        }
        let named = [
            ("open", all.open),
            ("high", all.high),
            ("low", all.low),
            ("close", all.close),
            ("volume", all.volume),
            ("vwap", all.vwap),
            ("trades", all.trades),
        ];
        for (name, values) in named {
            hasher.update(name.as_bytes());
            numbers(&mut hasher, &mut buffer, values);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// Hash of columns whose order says what they are.
    pub(crate) fn of_columns(times: &[&[i64]], values: &[&[f64]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut buffer = Vec::with_capacity(1 << 16);
        times.iter().for_each(|times| instants(&mut hasher, &mut buffer, times));
        values.iter().for_each(|values| numbers(&mut hasher, &mut buffer, values));
        Self(*hasher.finalize().as_bytes())
    }
}

/// Hashes a column of instants, its length first.
fn instants(hasher: &mut blake3::Hasher, buffer: &mut Vec<u8>, values: &[i64]) {
    hasher.update(&(values.len() as u64).to_le_bytes());
    for chunk in values.chunks(1 << 13) {
        buffer.clear();
        chunk.iter().for_each(|value| buffer.extend_from_slice(&value.to_le_bytes()));
        hasher.update(buffer);
    }
}

/// Hashes a column of numbers, its length first.
fn numbers(hasher: &mut blake3::Hasher, buffer: &mut Vec<u8>, values: &[f64]) {
    hasher.update(&(values.len() as u64).to_le_bytes());
    for chunk in values.chunks(1 << 13) {
        buffer.clear();
        for value in chunk {
            // Every absent value is the same absent value, whatever made it.
            let value = if value.is_nan() { f64::NAN } else { *value };
            buffer.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        hasher.update(buffer);
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ContentHash {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        blake3::Hash::from_hex(text).map(|hash| Self(*hash.as_bytes())).map_err(|_| Error::Unknown {
            what: "content hash",
            text: text.to_owned(),
            known: "64 hexadecimal digits".to_owned(),
        })
    }
}

impl TryFrom<String> for ContentHash {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}
