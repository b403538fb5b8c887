//! Figures of a stock beyond its quote: ranges of weeks, average volume, rates of trading, what can be borrowed.

use bellwether::market::{Calendar, Series};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::Market;
use crate::tape::{mix, nth, unit};

/// Sessions over which average volume and volatility are taken.
const VOLUME_SESSIONS: usize = 90;
const VOLATILITY_SESSIONS: usize = 30;
/// Sessions of a year, for volatility.
const YEAR_SESSIONS: f64 = 252.0;

/// What daily bars say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct DailyFigures {
    /// Lowest and highest price of the last 13, 26 and 52 weeks.
    pub(crate) ranges: [Option<(f64, f64)>; 3],
    /// Mean shares of a session, over 90 sessions.
    pub(crate) average_volume: Option<f64>,
    /// Standard deviation of daily log returns over 30 sessions, a year's.
    pub(crate) volatility: Option<f64>,
}

/// How easily shares are borrowed to be sold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Borrowing {
    /// Above 2.5: a thousand shares or more at hand; above 1.5: when they can be found; else none.
    pub(crate) level: f64,
    pub(crate) shares: f64,
}

/// An auction that is about to be held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Auction {
    pub(crate) price: f64,
    /// Shares that would trade.
    pub(crate) volume: f64,
    /// Shares more to buy (positive) or to sell.
    pub(crate) imbalance: f64,
}

impl Market {
    /// What the daily bars that are known at `now` say.
    pub(crate) fn daily_figures(&self, instrument: usize, now: Timestamp) -> DailyFigures {
        let known = self.daily(instrument).as_of(now);
        let today = Calendar.local_date(now);
        let range = |weeks: i64| {
            let from = today.checked_sub(weeks.weeks()).unwrap_or(Date::MIN);
            let bars = known.starting_in(Calendar.at(from, jiff::civil::Time::midnight()), Timestamp::MAX);
            (!bars.is_empty()).then(|| {
                let low = bars.low.iter().copied().fold(f64::INFINITY, f64::min);
                (low, bars.high.iter().copied().fold(f64::NEG_INFINITY, f64::max))
            })
        };
        let volumes = last(known.volume, VOLUME_SESSIONS);
        let average = volumes.iter().sum::<f64>() / volumes.len() as f64;
        DailyFigures {
            ranges: [range(13), range(26), range(52)],
            average_volume: (!volumes.is_empty()).then(|| average.round()),
            volatility: volatility(known),
        }
    }

    /// Trades and shares of the last `length` until `now`, as far as the date of `now` has them.
    pub(crate) fn recent(&self, instrument: usize, now: Timestamp, length: SignedDuration) -> (f64, f64) {
        let symbol = &self.instrument(instrument).symbol;
        let day_at = |t: Timestamp| self.tape().day_at(symbol, t).unwrap_or_default();
        let until = day_at(now);
        let from = now.checked_sub(length).ok().filter(|from| Calendar.local_date(*from) == Calendar.local_date(now));
        let from = from.map(day_at).unwrap_or_default();
        (until.trades - from.trades, until.volume - from.volume)
    }

    /// The last price of a regular session.
    pub(crate) fn last_regular(&self, instrument: usize, now: Timestamp) -> Option<f64> {
        let today = Calendar.local_date(now);
        let session = match Calendar.day(today).ok()? {
            Some(day) if day.open <= now => day,
            _ => Calendar.previous(today).ok()?,
        };
        let at = now.min(session.close - SignedDuration::from_micros(1));
        Some(self.tape().last_at(&self.instrument(instrument).symbol, at)?.price)
    }

    /// How easily a stock is borrowed on the date of `now`: about one in twelve only when shares can be found, one in forty not
    /// at all, the others up to two hundredths of the float (without one, of a hundred days' volume). A hash of symbol and week says
    /// which.
    pub(crate) fn borrowing(&self, instrument: usize, now: Timestamp) -> Borrowing {
        let described = self.instrument(instrument);
        let week = now.as_second().div_euclid(7 * 86_400) as u64;
        let salt = mix(described.symbol.as_str(), week);
        let float = described.float_shares.or_else(|| {
            let average = self.daily_figures(instrument, now).average_volume?;
            Some(100.0 * average)
        });
        let shares = (float.unwrap_or(1e6) * 0.02 * unit(nth(salt, 1)) / 100.0).floor() * 100.0;
        match salt % 120 {
            0..=2 => Borrowing { level: 1.0, shares: 0.0 },
            3..=12 => Borrowing { level: 2.0, shares: shares.min(900.0) },
            _ => Borrowing { level: 3.0, shares: shares.max(1_000.0) },
        }
    }

    /// The auction that is about to be held: from 09:28 for the open, from ten minutes before it for the close.
    ///
    /// Its price is the last one, as no more is known; its volume grows to a fiftieth of a day's, and up to a fifth of that is
    /// missing on one side, by a hash of symbol and date.
    pub(crate) fn auction(&self, instrument: usize, now: Timestamp) -> Option<Auction> {
        let day = Calendar.day_of(now).ok()??;
        let (from, until) = match now < day.open {
            true => (day.open - SignedDuration::from_mins(2), day.open),
            false => (day.close - SignedDuration::from_mins(10), day.close),
        };
        if !(from..until).contains(&now) {
            return None;
        }
        let described = self.instrument(instrument);
        let price = self.tape().last_at(&described.symbol, now)?.price;
        let average = self.daily_figures(instrument, now).average_volume?;
        let passed = now.duration_since(from).as_secs_f64() / until.duration_since(from).as_secs_f64();
        let volume = (average * 0.02 * passed).floor();
        let salt = mix(described.symbol.as_str(), until.as_second() as u64);
        let imbalance = (volume * 0.2 * (2.0 * unit(salt) - 1.0)).trunc();
        Some(Auction { price, volume, imbalance })
    }
}

fn last(values: &[f64], count: usize) -> &[f64] {
    &values[values.len().saturating_sub(count)..]
}

fn volatility(known: Series<'_>) -> Option<f64> {
    let closes = last(known.close, VOLATILITY_SESSIONS + 1);
    if closes.len() < VOLATILITY_SESSIONS + 1 {
        return None;
    }
    let returns: Vec<f64> = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let variance = returns.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (returns.len() - 1) as f64;
    Some((variance * YEAR_SESSIONS).sqrt())
}
