//! New highs on volume, and the narrow ranges they come out of.

use serde::{Deserialize, Serialize};

use super::{
    Numbers, gap,
    numbers::{numbers, require},
    report::ScanReport,
    view::{SessionStart, Sessions, SymbolView, measure_all, percent},
};
use crate::{
    error::Result,
    market::{Instrument, InstrumentKind, Snapshot},
};

/// Settings of the breakout scan.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `high_days` | 20 | sessions whose highest high is to be exceeded | 2 to 500 |
/// | `range_days` | 10 | sessions of the consolidation | 2 to 500 |
/// | `max_range_pct` | none | widest consolidation, percent of its low | > 0 |
/// | `min_rvol` | 1.5 | least relative volume; without one the symbol is not a hit | > 0 |
/// | `min_volume` | 100000 | least volume of the session part, shares | >= 0 |
/// | `min_price`, `max_price` | 1, 500 | last price, USD | 0 <= min <= max |
/// | `exclude_etfs` | true | leave out funds | |
/// | `history_sessions` | 20 | earlier sessions that relative volume is taken over | 1 to 60 |
/// | `limit` | 50 | most hits | >= 1 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakoutConfig {
    /// Sessions whose highest high is to be exceeded.
    pub high_days: usize,
    /// Sessions of the consolidation.
    pub range_days: usize,
    /// Widest consolidation, percent of its low.
    pub max_range_pct: Option<f64>,
    /// Least relative volume.
    pub min_rvol: f64,
    /// Least volume of the session part, shares.
    pub min_volume: f64,
    /// Lowest last price, USD.
    pub min_price: f64,
    /// Highest last price, USD.
    pub max_price: f64,
    /// Leave out funds.
    pub exclude_etfs: bool,
    /// Earlier sessions that relative volume is taken over.
    pub history_sessions: usize,
    /// Most hits.
    pub limit: usize,
}

impl Default for BreakoutConfig {
    fn default() -> Self {
        Self {
            high_days: 20,
            range_days: 10,
            max_range_pct: None,
            min_rvol: 1.5,
            min_volume: 100_000.0,
            min_price: 1.0,
            max_price: 500.0,
            exclude_etfs: true,
            history_sessions: 20,
            limit: 50,
        }
    }
}

impl BreakoutConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        require((2..=500).contains(&self.high_days), "high_days", self.high_days, "expected 2 to 500")?;
        require((2..=500).contains(&self.range_days), "range_days", self.range_days, "expected 2 to 500")?;
        let range = format!("{:?}", self.max_range_pct);
        require(self.max_range_pct.is_none_or(|x| x > 0.0), "max_range_pct", range, "expected > 0")?;
        require(self.min_rvol > 0.0, "min_rvol", self.min_rvol, "expected > 0")?;
        require(self.min_volume >= 0.0, "min_volume", self.min_volume, "expected shares >= 0")?;
        require(self.max_price >= self.min_price, "max_price", self.max_price, "expected at least min_price")?;
        gap::check_history(self.history_sessions)?;
        require(self.limit >= 1, "limit", self.limit, "expected at least 1")
    }
}

numbers! {
    /// What the breakout scan measures of one symbol.
    pub struct BreakoutNumbers {
        /// Last price above the highest high of the look-back.
        breakout_pct: f64, "%";
        /// That highest high.
        prior_high: f64, "USD";
        /// How many sessions it is over (fewer than asked for where there are fewer).
        prior_high_days: u32, "sessions";
        /// Width of the consolidation: highest high over lowest low of the last sessions.
        range_pct: f64, "%";
        /// Volume over its mean at the same time of day in earlier sessions.
        session_rvol: Option<f64>, "";
        /// Volume of the session part that the scan falls in.
        session_volume: f64, "shares";
        /// Last price.
        last: f64, "USD";
    }
}

/// Measures one symbol; `None` when it has not traded, has under two earlier daily bars, or a split seems to lie between.
pub(super) fn measure(
    view: &SymbolView<'_>,
    sessions: &Sessions,
    high_days: usize,
    range_days: usize,
) -> Option<BreakoutNumbers> {
    let last = view.last()?;
    let daily = view.daily;
    if daily.len() < 2 {
        return None;
    }
    let prior = daily.slice(daily.len().saturating_sub(high_days)..daily.len());
    let range = daily.slice(daily.len().saturating_sub(range_days)..daily.len());
    let (start, bars) =
        if view.regular.is_empty() { (SessionStart::PreMarket, view.pre) } else { (SessionStart::Open, view.regular) };
    let volume: f64 = bars.volume.iter().sum();
    if view.suspected_split(sessions, *daily.close.last()?, view.gap_price()?).is_some() {
        return None;
    }
    let highest = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
    let lowest = |values: &[f64]| values.iter().copied().fold(f64::MAX, f64::min);
    let prior_high = highest(prior.high);
    Some(BreakoutNumbers {
        breakout_pct: percent(last.close, prior_high),
        prior_high,
        prior_high_days: u32::try_from(prior.len()).unwrap_or(u32::MAX),
        range_pct: percent(highest(range.high), lowest(range.low)),
        session_rvol: view.relative_volume(sessions, start, volume).ratio,
        session_volume: volume,
        last: last.close,
    })
}

/// Finds symbols above the highest high of the look-back, on volume, ranked by relative volume.
///
/// # Errors
/// [`Error::Setting`](crate::Error::Setting) when a setting is out of range. Data never makes it fail.
pub fn scan(snapshot: &Snapshot, config: &BreakoutConfig) -> Result<ScanReport> {
    config.check()?;
    let sessions = Sessions::of(snapshot, config.history_sessions);
    let report = ScanReport::new("breakout", snapshot);
    let measure = |view: &SymbolView<'_>| measure(view, &sessions, config.high_days, config.range_days);
    let mut ranked: Vec<(&Instrument, f64, BreakoutNumbers)> = Vec::new();
    for (instrument, measured) in measure_all(snapshot, &sessions, measure) {
        let Some(numbers) = measured else { continue };
        let Some(rvol) = numbers.session_rvol else { continue };
        let wanted = numbers.breakout_pct > 0.0
            && rvol >= config.min_rvol
            && config.max_range_pct.is_none_or(|most| numbers.range_pct <= most)
            && numbers.session_volume >= config.min_volume
            && (config.min_price..=config.max_price).contains(&numbers.last)
            && !(config.exclude_etfs && instrument.kind == InstrumentKind::Etf);
        if wanted {
            ranked.push((instrument, rvol, numbers));
        }
    }
    ranked.sort_by(|(a, x, _), (b, y, _)| y.total_cmp(x).then_with(|| a.symbol.cmp(&b.symbol)));
    let ranked: Vec<(&Instrument, Numbers, Option<&'static str>)> =
        ranked.into_iter().map(|(instrument, _, numbers)| (instrument, numbers.to_numbers(), None)).collect();
    Ok(report.rank(snapshot, ranked, config.limit))
}
