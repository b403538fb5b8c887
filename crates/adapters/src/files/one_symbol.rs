//! A recorded folder as a source of one symbol's bars.

use async_trait::async_trait;
use bellwether::market::{Bar, MissingReason, Symbol};
use jiff::Timestamp;

use super::FileSource;
use crate::{
    error::{AdapterError, Result},
    market_data::BarSource,
};

impl FileSource {
    fn none(&self, what: String, symbol: &Symbol) -> AdapterError {
        let known = self.minutes().symbols().contains(symbol) || self.daily().symbols().contains(symbol);
        let (reason, detail) = match known {
            true => (MissingReason::NoData, format!("{} has none of that time", self.folder().display())),
            false => (MissingReason::UnknownContract, format!("{} does not know it", self.folder().display())),
        };
        AdapterError::Refused { what, reason, code: None, detail }
    }
}

#[async_trait]
impl BarSource for FileSource {
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let bars: Vec<Bar> = self.minutes().series(symbol.as_str()).as_of(until).starting_in(from, until).iter().collect();
        if bars.is_empty() { Err(self.none(format!("minute bars of {symbol}"), symbol)) } else { Ok(bars) }
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>> {
        let known = self.daily().series(symbol.as_str()).as_of(end);
        let bars: Vec<Bar> = known.slice(known.len().saturating_sub(sessions as usize)..known.len()).iter().collect();
        if bars.is_empty() { Err(self.none(format!("daily bars of {symbol}"), symbol)) } else { Ok(bars) }
    }
}
