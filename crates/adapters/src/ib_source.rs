//! [`IbSession`] as one source among others.

use async_trait::async_trait;
use bellwether::market::{Bar, Instrument, MissingReason, Symbol};
use jiff::Timestamp;

use crate::{
    error::{AdapterError, Result},
    ib::IbSession,
    market_data::BarSource,
};

/// The contract of one symbol.
async fn contract(session: &IbSession, symbol: &Symbol) -> Result<Instrument> {
    let qualified = session.qualify(std::slice::from_ref(symbol)).await;
    let (reason, detail) = match (qualified.instruments.into_iter().next(), qualified.missing.into_iter().next()) {
        (Some(instrument), _) => return Ok(instrument),
        (None, Some(missing)) => (missing.reason, missing.detail),
        (None, None) => (MissingReason::NoData, "no answer".to_owned()),
    };
    Err(AdapterError::Refused { what: format!("contract of {symbol}"), reason, code: None, detail })
}

#[async_trait]
impl BarSource for IbSession {
    async fn minute_bars(&self, symbol: &Symbol, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let instrument = contract(self, symbol).await?;
        Self::minute_bars(self, &instrument, from, until).await
    }

    async fn daily_bars(&self, symbol: &Symbol, sessions: u32, end: Timestamp) -> Result<Vec<Bar>> {
        let instrument = contract(self, symbol).await?;
        Self::daily_bars(self, &instrument, sessions, end).await
    }
}
