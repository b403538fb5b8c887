//! Pre-market and opening gaps.

use serde::{Deserialize, Serialize};

use super::{
    Numbers,
    numbers::{numbers, require},
    report::ScanReport,
    view::{SessionStart, Sessions, SymbolView, halted, measure_all, percent},
};
use crate::{
    error::Result,
    market::{Bar, Instrument, InstrumentKind, Snapshot, SuspectedSplit},
};

/// Which gaps are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Up and down.
    #[default]
    Both,
    /// Above the previous close only.
    Up,
    /// Below the previous close only.
    Down,
}

/// Settings of the gap scan.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `min_gap_pct` | 4 | least \|gap\|, percent | >= 0 |
/// | `direction` | both | gaps up, down or both | both, up, down |
/// | `min_volume` | 100000 | least pre-market volume, shares | >= 0 |
/// | `min_dollar_volume` | 0 | least pre-market dollar volume, USD | >= 0 |
/// | `min_price`, `max_price` | 1, 500 | last price, USD | 0 <= min <= max |
/// | `min_prints` | 0 | least minutes with trades | >= 0 |
/// | `max_spread_bps` | none | widest quoted spread; symbols without a quote pass | > 0 |
/// | `max_float_shares` | none | largest float; symbols of unknown float pass | > 0 |
/// | `exclude_etfs` | true | leave out funds | |
/// | `exclude_halted` | true | report halted symbols beside the hits instead of ranking them | |
/// | `history_sessions` | 20 | earlier sessions that relative volume is taken over | 1 to 60 |
/// | `limit` | 50 | most hits | >= 1 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GapConfig {
    /// Least absolute gap, percent.
    pub min_gap_pct: f64,
    /// Gaps up, down or both.
    pub direction: Direction,
    /// Least pre-market volume, shares.
    pub min_volume: f64,
    /// Least pre-market dollar volume, USD.
    pub min_dollar_volume: f64,
    /// Lowest last price, USD.
    pub min_price: f64,
    /// Highest last price, USD.
    pub max_price: f64,
    /// Least number of minutes with trades.
    pub min_prints: u32,
    /// Widest quoted spread, basis points.
    pub max_spread_bps: Option<f64>,
    /// Largest float, shares.
    pub max_float_shares: Option<f64>,
    /// Leave out funds.
    pub exclude_etfs: bool,
    /// Do not rank halted symbols.
    pub exclude_halted: bool,
    /// Earlier sessions that relative volume is taken over.
    pub history_sessions: usize,
    /// Most hits.
    pub limit: usize,
}

impl Default for GapConfig {
    fn default() -> Self {
        Self {
            min_gap_pct: 4.0,
            direction: Direction::Both,
            min_volume: 100_000.0,
            min_dollar_volume: 0.0,
            min_price: 1.0,
            max_price: 500.0,
            min_prints: 0,
            max_spread_bps: None,
            max_float_shares: None,
            exclude_etfs: true,
            exclude_halted: true,
            history_sessions: 20,
            limit: 50,
        }
    }
}

impl GapConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        let positive = |x: Option<f64>| x.is_none_or(|x| x > 0.0);
        require(self.min_gap_pct >= 0.0, "min_gap_pct", self.min_gap_pct, "expected a percentage >= 0")?;
        require(self.min_volume >= 0.0, "min_volume", self.min_volume, "expected shares >= 0")?;
        require(self.min_dollar_volume >= 0.0, "min_dollar_volume", self.min_dollar_volume, "expected USD >= 0")?;
        require(self.min_price >= 0.0, "min_price", self.min_price, "expected USD >= 0")?;
        require(self.max_price >= self.min_price, "max_price", self.max_price, "expected at least min_price")?;
        require(positive(self.max_spread_bps), "max_spread_bps", format!("{:?}", self.max_spread_bps), "expected > 0")?;
        require(positive(self.max_float_shares), "max_float_shares", format!("{:?}", self.max_float_shares), "expected > 0")?;
        check_history(self.history_sessions)?;
        require(self.limit >= 1, "limit", self.limit, "expected at least 1")
    }
}

/// `history_sessions` is 1 to 60 in every scan.
pub(super) fn check_history(sessions: usize) -> Result<()> {
    require((1..=60).contains(&sessions), "history_sessions", sessions, "expected 1 to 60")
}

numbers! {
    /// What the gap scan measures of one symbol.
    pub struct GapNumbers {
        /// Gap: last pre-market trade (once the regular session has a bar: the official open) over the previous regular close, adjusted for known splits.
        gap_pct: f64, "%";
        /// The price that the gap is measured at.
        last: f64, "USD";
        /// Previous regular close, adjusted for known splits.
        prev_close: f64, "USD";
        /// Gap in units of the previous day's range: distance beyond its high (positive) or low (negative) over high minus low; 0 inside it.
        gap_vs_prev_range: Option<f64>, "ranges";
        /// Shares traded from 04:00 to the scan or the open.
        premarket_volume: f64, "shares";
        /// The same in dollars: volume times vwap (close where the source gives none), summed over minutes.
        premarket_dollar_volume: f64, "USD";
        /// Minutes of the pre-market with at least one trade.
        prints: u32, "minutes";
        /// Trades of the pre-market, when the source counts them.
        trades: Option<f64>, "trades";
        /// Highest pre-market price.
        premarket_high: Option<f64>, "USD";
        /// Lowest pre-market price.
        premarket_low: Option<f64>, "USD";
        /// Minutes from the end of the last pre-market minute with trades to the scan (to the open, after it).
        minutes_since_print: Option<f64>, "minutes";
        /// Quoted spread.
        spread_bps: Option<f64>, "bp";
        /// Pre-market volume over its mean at the same time of day in earlier sessions.
        premarket_rvol: Option<f64>, "";
        /// How many earlier sessions that mean is over.
        premarket_rvol_sessions: u32, "sessions";
        /// Median daily volume of up to 20 earlier sessions.
        typical_daily_volume: Option<f64>, "shares";
        /// Shares that trade freely.
        float_shares: Option<f64>, "shares";
    }
}

/// What measuring one symbol gave.
#[derive(Debug, Clone, PartialEq)]
pub enum GapMeasure {
    /// Its numbers, and whether they look like a split.
    Gap(Box<GapNumbers>, Option<SuspectedSplit>),
    /// It has no previous close.
    NoPreviousClose,
    /// It has not traded this session.
    NoTrade,
}

/// Measures one symbol.
pub(super) fn measure(view: &SymbolView<'_>, sessions: &Sessions) -> GapMeasure {
    let Some(previous) = view.previous_day(sessions) else { return GapMeasure::NoPreviousClose };
    let Some(price) = view.gap_price() else { return GapMeasure::NoTrade };
    let pre = view.pre;
    let last_print = pre.last();
    let volume: f64 = pre.volume.iter().sum();
    let dollars: f64 = pre.iter().map(|bar| bar.volume * bar.vwap.unwrap_or(bar.close)).sum();
    let relative = view.relative_volume(sessions, SessionStart::PreMarket, volume);
    let typical = view.typical_daily_volume(sessions);
    let before_open = |bar: &Bar| match &sessions.day {
        Some(day) => view.minutes_since(bar).min((day.open.as_microsecond() - bar.close_at) as f64 / 60_000_000.0),
        None => view.minutes_since(bar),
    };
    let numbers = GapNumbers {
        gap_pct: percent(price, previous.close),
        last: price,
        prev_close: previous.close,
        gap_vs_prev_range: beyond_range(price, &previous),
        premarket_volume: volume,
        premarket_dollar_volume: dollars,
        prints: u32::try_from(pre.len()).unwrap_or(u32::MAX),
        trades: pre.iter().map(|bar| bar.trades).sum::<Option<f64>>().filter(|_| !pre.is_empty()),
        premarket_high: pre.high.iter().copied().reduce(f64::max),
        premarket_low: pre.low.iter().copied().reduce(f64::min),
        minutes_since_print: last_print.as_ref().map(before_open),
        spread_bps: view.quote.and_then(crate::market::Quote::spread_bps),
        premarket_rvol: relative.ratio,
        premarket_rvol_sessions: relative.sessions,
        typical_daily_volume: typical,
        float_shares: view.instrument.float_shares,
    };
    let split = view.suspected_split(sessions, previous.close, price);
    GapMeasure::Gap(Box::new(numbers), split)
}

fn beyond_range(price: f64, previous: &Bar) -> Option<f64> {
    let range = previous.high - previous.low;
    let beyond = if price > previous.high {
        price - previous.high
    } else if price < previous.low {
        price - previous.low
    } else {
        0.0
    };
    (range > 0.0).then(|| beyond / range)
}

/// Finds gaps: measures every symbol, sets suspected splits and halts aside, filters, and ranks by absolute gap.
///
/// # Errors
/// [`Error::Setting`](crate::Error::Setting) when a setting is out of range. Data never makes it fail.
pub fn scan(snapshot: &Snapshot, config: &GapConfig) -> Result<ScanReport> {
    config.check()?;
    let sessions = Sessions::of(snapshot, config.history_sessions);
    let mut report = ScanReport::new("gap", snapshot);
    let mut ranked: Vec<(&Instrument, Box<GapNumbers>)> = Vec::new();
    for (instrument, measured) in measure_all(snapshot, &sessions, |view| measure(view, &sessions)) {
        match measured {
            GapMeasure::NoPreviousClose => report.no_previous_close.push(instrument.symbol.clone()),
            GapMeasure::Gap(numbers, Some(split)) if numbers.gap_pct.abs() >= config.min_gap_pct => {
                report.suspected_splits.push(split);
            }
            GapMeasure::Gap(numbers, None) if passes(&numbers, instrument, config) => {
                if config.exclude_halted && halted(snapshot, instrument) {
                    report.halted.push(instrument.symbol.clone());
                } else {
                    ranked.push((instrument, numbers));
                }
            }
            GapMeasure::Gap(..) | GapMeasure::NoTrade => {}
        }
    }
    ranked.sort_by(|(a, x), (b, y)| y.gap_pct.abs().total_cmp(&x.gap_pct.abs()).then_with(|| a.symbol.cmp(&b.symbol)));
    let ranked: Vec<(&Instrument, Numbers, Option<&'static str>)> =
        ranked.into_iter().map(|(instrument, numbers)| (instrument, numbers.to_numbers(), None)).collect();
    Ok(report.rank(snapshot, ranked, config.limit))
}

fn passes(numbers: &GapNumbers, instrument: &Instrument, config: &GapConfig) -> bool {
    let wanted = match config.direction {
        Direction::Both => true,
        Direction::Up => numbers.gap_pct > 0.0,
        Direction::Down => numbers.gap_pct < 0.0,
    };
    wanted
        && numbers.gap_pct.abs() >= config.min_gap_pct
        && numbers.premarket_volume >= config.min_volume
        && numbers.premarket_dollar_volume >= config.min_dollar_volume
        && (config.min_price..=config.max_price).contains(&numbers.last)
        && numbers.prints >= config.min_prints
        && config.max_spread_bps.is_none_or(|most| numbers.spread_bps.is_none_or(|spread| spread <= most))
        && config.max_float_shares.is_none_or(|most| numbers.float_shares.is_none_or(|float| float <= most))
        && !(config.exclude_etfs && instrument.kind == InstrumentKind::Etf)
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
