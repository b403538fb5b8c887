//! Daily and minute bars: IB stamps them at their start; they leave here as intervals.

use bellwether::market::{Bar, Calendar, Instrument, MissingReason};
use ibapi::market_data::{
    TradingHours,
    historical::{Bar as WireBar, BarSize, BarTimestamp, Duration, WhatToShow},
};
use jiff::Timestamp;

use super::{
    pacing::{Ask, HistoricalAsk},
    session::IbSession,
    wire,
};
use crate::error::{AdapterError, Result};

const MINUTE: i64 = 60_000_000;
/// Most days that one request may ask for in days; beyond, in years.
const MOST_DAYS: u32 = 365;
/// Trading days that a year has at least.
const SESSIONS_A_YEAR: u32 = 250;

impl IbSession {
    /// The last `days` daily bars of the regular session that were complete at `end`, oldest first. Prices are not
    /// adjusted for dividends; IB adjusts its trades for splits.
    ///
    /// # Errors
    /// What the gateway refused and why; no answer in time; no connection; bars with impossible prices.
    pub async fn daily_bars(&self, instrument: &Instrument, days: u32, end: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("daily bars of {}", instrument.symbol);
        // The session in progress counts as a day, and is dropped.
        let reach = days.saturating_add(1);
        let duration = match reach {
            ..=MOST_DAYS => Duration::days(reach.cast_signed()),
            _ => Duration::years(reach.div_ceil(SESSIONS_A_YEAR).cast_signed()),
        };
        let until = end.min(self.link.clock.now());
        let wire_bars = self.history(&what, instrument, BarSize::Day, TradingHours::Regular, duration, until).await?;
        let mut bars = Vec::with_capacity(wire_bars.len());
        for bar in &wire_bars {
            let session = match bar.date {
                BarTimestamp::Date(day) => wire::date(day).and_then(|day| Calendar.day(day).ok().flatten()),
                BarTimestamp::DateTime(_) => None,
            };
            let Some(session) = session else {
                tracing::warn!(symbol = %instrument.symbol, date = %bar.date, "daily bar on a day without trading left out");
                continue;
            };
            if session.close <= until {
                bars.push(checked(&what, bar, session.open.as_microsecond(), session.close.as_microsecond())?);
            }
        }
        bars.drain(..bars.len().saturating_sub(days as usize));
        Ok(bars)
    }

    /// The minute bars that start in `[from, until)` and were complete at `until`, extended hours included, oldest first:
    /// one request for each session that the interval touches. A session without trades is an error only when there is
    /// no bar at all.
    ///
    /// # Errors
    /// As [`IbSession::daily_bars`].
    pub async fn minute_bars(&self, instrument: &Instrument, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let until = until.min(self.link.clock.now());
        let mut bars = Vec::new();
        let mut empty = None;
        let mut date = Calendar.local_date(from);
        let last = Calendar.local_date(until);
        while date <= last && from < until {
            if let Some(day) = Calendar.day(date)? {
                let (from, until) = (from.max(day.pre_open), until.min(day.post_close));
                if from < until {
                    match self.minutes_of_session(instrument, from, until).await {
                        Ok(found) => bars.extend(found),
                        Err(error) if error.reason() == MissingReason::NoData => empty = Some(error),
                        Err(error) => return Err(error),
                    }
                }
            }
            date = date.tomorrow().map_err(|_| bellwether::Error::OutsideCalendar { date, first: date, last: date })?;
        }
        match empty {
            Some(error) if bars.is_empty() => Err(error),
            _ => Ok(bars),
        }
    }

    async fn minutes_of_session(&self, instrument: &Instrument, from: Timestamp, until: Timestamp) -> Result<Vec<Bar>> {
        let what = format!("minute bars of {}", instrument.symbol);
        // Whole minutes: the answer counts back from the end.
        let seconds = until.duration_since(from).as_secs().div_euclid(60).saturating_add(1).saturating_mul(60);
        let duration = Duration::seconds(i32::try_from(seconds.min(86_400)).unwrap_or(86_400));
        let wire_bars = self.history(&what, instrument, BarSize::Min, TradingHours::Extended, duration, until).await?;
        let (from, until) = (from.as_microsecond(), until.as_microsecond());
        let mut bars = Vec::with_capacity(wire_bars.len());
        for bar in &wire_bars {
            let BarTimestamp::DateTime(start) = bar.date else {
                return Err(bad(&what, format!("a minute bar is dated {} instead of timed", bar.date)));
            };
            let open_at = start.unix_timestamp().saturating_mul(1_000_000);
            if open_at >= from && open_at + MINUTE <= until {
                bars.push(checked(&what, bar, open_at, open_at + MINUTE)?);
            }
        }
        Ok(bars)
    }

    async fn history(
        &self,
        what: &str,
        instrument: &Instrument,
        size: BarSize,
        hours: TradingHours,
        duration: Duration,
        end: Timestamp,
    ) -> Result<Vec<WireBar>> {
        let contract = wire::contract(instrument);
        let asked = HistoricalAsk {
            contract: &wire::paced_name(instrument),
            exchange: contract.exchange.as_str(),
            what_to_show: "TRADES",
            bar_seconds: if size == BarSize::Day { 86_400 } else { 60 },
            // The protocol has whole seconds: ends within one are the same.
            rest: &format!("{duration} to {} {hours:?}", end.as_second()),
        };
        let end = wire::offset(end);
        let answer = self.link.ask(what, Ask::bars(asked), |client| async move {
            let request = client.historical_data(&contract, size).what_to_show(WhatToShow::Trades).trading_hours(hours);
            request.duration(duration).ending(end).fetch().await
        });
        let answer = answer.await;
        if answer.as_ref().is_err_and(|error| error.reason() == MissingReason::UnknownContract) {
            // Delisted or renamed since it was looked up.
            self.registry.forget_contract(&instrument.symbol);
        }
        Ok(answer?.bars)
    }
}

/// The bar, unless a price in it is a sentinel or no price: after a framing error wrong numbers decode without complaint.
pub(super) fn checked(what: &str, bar: &WireBar, open_at: i64, close_at: i64) -> Result<Bar> {
    let price = |name: &str, value: f64| {
        wire::price(value).ok_or_else(|| bad(what, format!("{name} is {value} in the bar of {}", bar.date)))
    };
    Ok(Bar {
        open_at,
        close_at,
        open: price("open", bar.open)?,
        high: price("high", bar.high)?,
        low: price("low", bar.low)?,
        close: price("close", bar.close)?,
        volume: wire::count(bar.volume)
            .ok_or_else(|| bad(what, format!("volume is {} in the bar of {}", bar.volume, bar.date)))?,
        vwap: wire::price(bar.wap),
        trades: wire::count(f64::from(bar.count)),
    })
}

/// A minute bar as a stream tells it.
pub(super) fn minute(what: &str, bar: &WireBar) -> Result<Bar> {
    let BarTimestamp::DateTime(start) = bar.date else {
        return Err(bad(what, format!("a minute bar is dated {} instead of timed", bar.date)));
    };
    let open_at = start.unix_timestamp().saturating_mul(1_000_000);
    checked(what, bar, open_at, open_at + MINUTE)
}

pub(super) fn bad(what: &str, detail: String) -> AdapterError {
    AdapterError::Refused { what: what.to_owned(), reason: MissingReason::BadData, code: None, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire_bar(close: f64) -> WireBar {
        let date = BarTimestamp::DateTime(wire::offset("2025-01-06T14:30:00Z".parse().unwrap()));
        WireBar { date, open: 10.0, high: 11.0, low: 9.0, close, volume: 100.0, wap: -1.0, count: -1 }
    }

    #[test]
    fn sentinels_are_refused_as_prices_and_absent_as_extras() {
        let bar = checked("bars", &wire_bar(10.5), 0, MINUTE).unwrap();
        assert_eq!((bar.close, bar.vwap, bar.trades), (10.5, None, None));
        for close in [-1.0, 0.0, f64::MAX, f64::NAN] {
            let error = checked("bars", &wire_bar(close), 0, MINUTE).unwrap_err();
            assert_eq!(error.reason(), MissingReason::BadData);
            assert!(error.to_string().contains("close"), "{error}");
        }
    }
}
