//! Historical bars of any length and kind.

use std::fmt::Write as _;

use bellwether::market::{Bar, Instrument};
use ibapi::market_data::{
    TradingHours,
    historical::{BarSize, BarTimestamp, Duration, WhatToShow},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    bars::{bad, checked},
    pacing::{Ask, HistoricalAsk},
    session::IbSession,
    wire,
};
use crate::error::{AdapterError, Result};

const SECOND: i64 = 1_000_000;

/// What historical bars are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarsOf {
    /// Trades.
    Trades,
    /// The middle between bid and ask.
    Midpoint,
    /// Bids.
    Bid,
    /// Asks.
    Ask,
    /// Mean bid as the open, mean ask as the close, highest ask and lowest bid. Counts twice in pacing.
    BidAsk,
}

/// Which historical bars are wanted.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `bar_seconds` | none | length of a bar | one of IB's: 1, 5, 10, 15, 30 s; 1, 2, 3, 4, 5, 10, 15, 20, 30 min; 1, 2, 3, 4, 8 h |
/// | `of` | none | what the bars are made of | |
/// | `regular_only` | none | the regular session alone | |
/// | `seconds` | none | how far back from `end` | 1 to 86,400; short bars only reach so far |
/// | `end` | none | where they end, cut to whole seconds | |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarsRequest {
    /// Length of a bar, seconds.
    pub bar_seconds: u32,
    /// What the bars are made of.
    pub of: BarsOf,
    /// The regular session alone.
    pub regular_only: bool,
    /// How far back from `end`, seconds.
    pub seconds: u32,
    /// Where they end.
    pub end: Timestamp,
}

impl BarsOf {
    fn wire(self) -> (WhatToShow, &'static str) {
        match self {
            Self::Trades => (WhatToShow::Trades, "TRADES"),
            Self::Midpoint => (WhatToShow::MidPoint, "MIDPOINT"),
            Self::Bid => (WhatToShow::Bid, "BID"),
            Self::Ask => (WhatToShow::Ask, "ASK"),
            Self::BidAsk => (WhatToShow::BidAsk, "BID_ASK"),
        }
    }
}

impl BarsRequest {
    /// What the request costs, for a forecast.
    pub fn ask(&self, instrument: &Instrument) -> Ask {
        let mut rest = String::with_capacity(64);
        // Writing to a string cannot fail. The protocol has whole seconds: ends within one are the same.
        let _ = write!(rest, "{} s to {} {}", self.seconds, self.end.as_second(), self.regular_only);
        Ask::bars(HistoricalAsk {
            contract: &wire::paced_name(instrument),
            exchange: "SMART",
            what_to_show: self.of.wire().1,
            bar_seconds: self.bar_seconds,
            rest: &rest,
        })
    }
}

impl IbSession {
    /// Historical bars as IB has them, oldest first. Bars that are not of trades have no volume: it is 0.
    ///
    /// # Errors
    /// [`AdapterError::Setting`] for a length that IB does not have; what the gateway refused and why; no answer in time; no
    /// connection; bars with impossible prices.
    pub async fn historical_bars(&self, instrument: &Instrument, request: &BarsRequest) -> Result<Vec<Bar>> {
        let size = bar_size(request.bar_seconds).ok_or_else(|| AdapterError::Setting {
            name: "bar_seconds",
            value: request.bar_seconds.to_string(),
            expected: "expected a length that IB has: 1, 5, 10, 15, 30 s, 1 to 30 min or 1 to 8 h",
        })?;
        let what = format!("bars of {} s of {}", request.bar_seconds, instrument.symbol);
        let contract = wire::contract(instrument);
        let end = Timestamp::from_second(request.end.as_second()).unwrap_or(request.end);
        let hours = if request.regular_only { TradingHours::Regular } else { TradingHours::Extended };
        let duration = Duration::seconds(request.seconds.clamp(1, 86_400).cast_signed());
        let (show, _) = request.of.wire();
        let answer = self.link.ask(&what, request.ask(instrument), |client| async move {
            let request = client.historical_data(&contract, size).what_to_show(show).trading_hours(hours);
            request.duration(duration).ending(wire::offset(end)).fetch().await
        });
        let answer = answer.await?;
        let mut bars = Vec::with_capacity(answer.bars.len());
        for mut bar in answer.bars {
            let BarTimestamp::DateTime(start) = bar.date else {
                return Err(bad(&what, format!("a bar is dated {} instead of timed", bar.date)));
            };
            if request.of != BarsOf::Trades {
                bar.volume = bar.volume.max(0.0);
            }
            let open_at = start.unix_timestamp().saturating_mul(SECOND);
            bars.push(checked(&what, &bar, open_at, open_at + i64::from(request.bar_seconds) * SECOND)?);
        }
        Ok(bars)
    }
}

fn bar_size(seconds: u32) -> Option<BarSize> {
    Some(match seconds {
        1 => BarSize::Sec,
        5 => BarSize::Sec5,
        10 => BarSize::Sec10,
        15 => BarSize::Sec15,
        30 => BarSize::Sec30,
        60 => BarSize::Min,
        120 => BarSize::Min2,
        180 => BarSize::Min3,
        240 => BarSize::Min4,
        300 => BarSize::Min5,
        600 => BarSize::Min10,
        900 => BarSize::Min15,
        1_200 => BarSize::Min20,
        1_800 => BarSize::Min30,
        3_600 => BarSize::Hour,
        7_200 => BarSize::Hour2,
        10_800 => BarSize::Hour3,
        14_400 => BarSize::Hour4,
        28_800 => BarSize::Hour8,
        _ => return None,
    })
}
