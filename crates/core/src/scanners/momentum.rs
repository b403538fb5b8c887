//! Intraday momentum: who moves, on volume, and still does.

use serde::{Deserialize, Serialize};

use super::{
    Numbers, gap,
    numbers::{numbers, require},
    report::ScanReport,
    view::{SessionStart, Sessions, SymbolView, halted, measure_all, percent},
};
use crate::{
    error::Result,
    indicators::{momentum, session_vwap},
    market::{Bar, Instrument, InstrumentKind, Series, Snapshot, Timeframe, TradingDay, TradingHours, resample_on},
};

/// Settings of the momentum scan.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `min_score` | 0 | least score | 0 to 100 |
/// | `min_price`, `max_price` | 1, 500 | last price, USD | 0 <= min <= max |
/// | `min_volume` | 50000 | least volume since the open, shares | >= 0 |
/// | `min_rvol` | none | least relative volume; symbols without one pass | > 0 |
/// | `exclude_etfs` | true | leave out funds | |
/// | `exclude_halted` | true | report halted symbols beside the hits instead of ranking them | |
/// | `rsi_period` | 14 | five-minute bars in the RSI | 2 to 100 |
/// | `history_sessions` | 20 | earlier sessions that relative volume is taken over | 1 to 60 |
/// | `limit` | 50 | most hits (30 to 50 is usual) | >= 1 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MomentumConfig {
    /// Least score, 0 to 100.
    pub min_score: f64,
    /// Lowest last price, USD.
    pub min_price: f64,
    /// Highest last price, USD.
    pub max_price: f64,
    /// Least volume since the open, shares.
    pub min_volume: f64,
    /// Least relative volume.
    pub min_rvol: Option<f64>,
    /// Leave out funds.
    pub exclude_etfs: bool,
    /// Do not rank halted symbols.
    pub exclude_halted: bool,
    /// Five-minute bars in the RSI.
    pub rsi_period: usize,
    /// Earlier sessions that relative volume is taken over.
    pub history_sessions: usize,
    /// Most hits.
    pub limit: usize,
}

impl Default for MomentumConfig {
    fn default() -> Self {
        Self {
            min_score: 0.0,
            min_price: 1.0,
            max_price: 500.0,
            min_volume: 50_000.0,
            min_rvol: None,
            exclude_etfs: true,
            exclude_halted: true,
            rsi_period: 14,
            history_sessions: 20,
            limit: 50,
        }
    }
}

impl MomentumConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        require((0.0..=100.0).contains(&self.min_score), "min_score", self.min_score, "expected 0 to 100")?;
        require(self.min_price >= 0.0, "min_price", self.min_price, "expected USD >= 0")?;
        require(self.max_price >= self.min_price, "max_price", self.max_price, "expected at least min_price")?;
        require(self.min_volume >= 0.0, "min_volume", self.min_volume, "expected shares >= 0")?;
        require(self.min_rvol.is_none_or(|x| x > 0.0), "min_rvol", format!("{:?}", self.min_rvol), "expected > 0")?;
        require((2..=100).contains(&self.rsi_period), "rsi_period", self.rsi_period, "expected 2 to 100")?;
        gap::check_history(self.history_sessions)?;
        require(self.limit >= 1, "limit", self.limit, "expected at least 1")
    }
}

numbers! {
    /// What the momentum scan measures of one symbol.
    pub struct MomentumNumbers {
        /// Momentum score, see `scanners::momentum::score`.
        score: f64, "0-100";
        /// Part of the measured symbols whose score is not higher: 1 for the best.
        score_rank: f64, "0-1";
        /// Last price of the regular session.
        last: f64, "USD";
        /// Previous regular close, adjusted for known splits.
        prev_close: f64, "USD";
        /// Change from the previous close.
        change_pct: f64, "%";
        /// Change from the official open.
        change_from_open_pct: f64, "%";
        /// Volume since the open over its mean at the same time of day in earlier sessions.
        rvol: Option<f64>, "";
        /// How many earlier sessions that mean is over.
        rvol_sessions: u32, "sessions";
        /// RSI of five-minute closes of regular sessions, earlier ones included.
        rsi: Option<f64>, "0-100";
        /// Last price against the session's volume-weighted average price.
        vwap_distance_pct: Option<f64>, "%";
        /// Last price against the high of the day (0 at the high, negative below).
        high_distance_pct: f64, "%";
        /// Volume since the open.
        volume: f64, "shares";
        /// The same in dollars.
        dollar_volume: f64, "USD";
        /// Quoted spread.
        spread_bps: Option<f64>, "bp";
        /// Minutes from the end of the last minute with trades to the scan.
        minutes_since_print: Option<f64>, "minutes";
    }
}

/// What the score is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreIngredients {
    /// Change from the previous close, percent.
    pub change_pct: f64,
    /// Change from the open, percent.
    pub change_from_open_pct: f64,
    /// Relative volume.
    pub rvol: Option<f64>,
    /// RSI(14) of five-minute bars.
    pub rsi: Option<f64>,
    /// Distance to the session's vwap, percent.
    pub vwap_distance_pct: Option<f64>,
    /// Distance to the high of the day, percent, not positive.
    pub high_distance_pct: f64,
}

/// Momentum score, 0 to 100; it rises with every ingredient.
///
/// ```text
/// score = 100 · Σ wᵢ · σ((xᵢ − mᵢ) / kᵢ),   σ(z) = 1 / (1 + e^{−z})
///
/// ingredient x                      w      m (half score)   k (softness)
/// change from previous close, %     0.25    3                2
/// change from open, %               0.20    1.5              1
/// log2 of relative volume           0.25    1  (twice usual) 0.6
/// RSI                               0.15   60                8
/// distance to vwap, %               0.10    0.5              0.5
/// distance to high of day, %        0.05   −1                0.5
/// ```
/// An ingredient that is undefined counts as half its weight: it neither helps nor hurts.
///
/// ```
/// use bellwether::scanners::momentum::{ScoreIngredients, score};
/// let flat = ScoreIngredients { change_pct: 0.0, change_from_open_pct: 0.0, rvol: Some(1.0), rsi: Some(50.0), vwap_distance_pct: Some(0.0), high_distance_pct: -2.0 };
/// let strong = ScoreIngredients { change_pct: 9.0, change_from_open_pct: 5.0, rvol: Some(8.0), rsi: Some(78.0), vwap_distance_pct: Some(2.0), high_distance_pct: 0.0 };
/// assert!(score(&flat) < 25.0 && score(&strong) > 90.0);
/// ```
pub fn score(x: &ScoreIngredients) -> f64 {
    let part = |value: Option<f64>, half: f64, softness: f64| {
        value.filter(|value| !value.is_nan()).map_or(0.5, |value| 1.0 / (1.0 + (-(value - half) / softness).exp()))
    };
    let log_rvol = x.rvol.map(|rvol| rvol.max(1.0 / 64.0).log2());
    100.0
        * (0.25 * part(Some(x.change_pct), 3.0, 2.0)
            + 0.20 * part(Some(x.change_from_open_pct), 1.5, 1.0)
            + 0.25 * part(log_rvol, 1.0, 0.6)
            + 0.15 * part(x.rsi, 60.0, 8.0)
            + 0.10 * part(x.vwap_distance_pct, 0.5, 0.5)
            + 0.05 * part(Some(x.high_distance_pct), -1.0, 0.5))
}

/// Measures one symbol; `None` when it lacks a previous close or has not traded since the open.
///
/// `score_rank` is 0 until the whole universe is known.
pub(super) fn measure(view: &SymbolView<'_>, sessions: &Sessions, rsi_period: usize) -> Option<MomentumNumbers> {
    let previous = view.previous_day(sessions)?;
    let bars = view.regular;
    let last = bars.last()?;
    let open = *bars.open.first()?;
    let volume: f64 = bars.volume.iter().sum();
    let relative = view.relative_volume(sessions, SessionStart::Open, volume);
    let high = bars.high.iter().copied().fold(f64::MIN, f64::max);
    let vwap = session_vwap(bars);
    let ingredients = ScoreIngredients {
        change_pct: percent(last.close, previous.close),
        change_from_open_pct: percent(last.close, open),
        rvol: relative.ratio,
        rsi: five_minute_rsi(view, sessions, rsi_period),
        vwap_distance_pct: vwap.map(|vwap| percent(last.close, vwap)),
        high_distance_pct: percent(last.close, high),
    };
    Some(MomentumNumbers {
        score: score(&ingredients),
        score_rank: 0.0,
        last: last.close,
        prev_close: previous.close,
        change_pct: ingredients.change_pct,
        change_from_open_pct: ingredients.change_from_open_pct,
        rvol: relative.ratio,
        rvol_sessions: relative.sessions,
        rsi: ingredients.rsi,
        vwap_distance_pct: ingredients.vwap_distance_pct,
        high_distance_pct: ingredients.high_distance_pct,
        volume,
        dollar_volume: bars.iter().map(|bar| bar.volume * bar.vwap.unwrap_or(bar.close)).sum(),
        spread_bps: view.quote.and_then(crate::market::Quote::spread_bps),
        minutes_since_print: Some(view.minutes_since(&last)),
    })
}

/// RSI of five-minute closes of this regular session, warmed up on those of the sessions before.
///
/// A split between the sessions would look like a crash; closes before a known one are divided by its ratio.
fn five_minute_rsi(view: &SymbolView<'_>, sessions: &Sessions, period: usize) -> Option<f64> {
    // Wilder's average forgets geometrically: three sessions (234 bars) leave less than 1e-7 of the seed's weight at 14.
    const WARM_UP_SESSIONS: usize = 3;
    let five_minutes = |day: &TradingDay, minutes: Series<'_>| -> Option<Vec<Bar>> {
        resample_on(std::slice::from_ref(day), minutes, Timeframe::Min5, TradingHours::Regular, view.snapshot.as_of).ok()
    };
    let first = sessions.earlier.len().saturating_sub(WARM_UP_SESSIONS);
    let mut closes: Vec<f64> = Vec::new();
    for day in &sessions.earlier[first..] {
        let ratio = view.split_since(day);
        let bars = five_minutes(day, view.history.starting_in(day.open, day.close))?;
        closes.extend(bars.iter().map(|bar| bar.close / ratio));
    }
    let today = five_minutes(sessions.day.as_ref()?, view.regular)?;
    if today.is_empty() {
        return None;
    }
    closes.extend(today.iter().map(|bar| bar.close));
    momentum::rsi(&closes, period).last().copied().filter(|rsi| !rsi.is_nan())
}

/// The trend in a word.
///
/// `strong`: above vwap and the open, RSI at least 60, within 1 % of the high of the day; `up`: above vwap and the open;
/// `down`: below both; else `flat`.
pub fn trend(numbers: &MomentumNumbers) -> &'static str {
    let (above_vwap, from_open) = (numbers.vwap_distance_pct.unwrap_or(0.0), numbers.change_from_open_pct);
    if above_vwap > 0.0 && from_open > 0.0 {
        let strong = numbers.rsi.is_some_and(|rsi| rsi >= 60.0) && numbers.high_distance_pct >= -1.0;
        if strong { "strong" } else { "up" }
    } else if above_vwap < 0.0 && from_open < 0.0 {
        "down"
    } else {
        "flat"
    }
}

/// Fills `score_rank`: the part of the measured symbols whose score is not higher.
pub(super) fn rank_cross_section(measured: &mut [MomentumNumbers]) {
    let mut scores: Vec<f64> = measured.iter().map(|numbers| numbers.score).collect();
    scores.sort_by(f64::total_cmp);
    for numbers in measured {
        let not_higher = scores.partition_point(|score| *score <= numbers.score);
        numbers.score_rank = not_higher as f64 / scores.len() as f64;
    }
}

/// Ranks the universe by momentum score.
///
/// # Errors
/// [`Error::Setting`](crate::Error::Setting) when a setting is out of range. Data never makes it fail.
pub fn scan(snapshot: &Snapshot, config: &MomentumConfig) -> Result<ScanReport> {
    config.check()?;
    let sessions = Sessions::of(snapshot, config.history_sessions);
    let mut report = ScanReport::new("momentum", snapshot);
    let (mut instruments, mut measured) = (Vec::new(), Vec::new());
    for (instrument, numbers) in
        measure_all(snapshot, &sessions, |view| (measure(view, &sessions, config.rsi_period), gap::measure(view, &sessions)))
    {
        match numbers {
            (_, gap::GapMeasure::NoPreviousClose) => report.no_previous_close.push(instrument.symbol.clone()),
            (_, gap::GapMeasure::Gap(_, Some(split))) => report.suspected_splits.push(split),
            (Some(numbers), _) => {
                instruments.push(instrument);
                measured.push(numbers);
            }
            (None, _) => {}
        }
    }
    rank_cross_section(&mut measured);
    let mut ranked: Vec<(&Instrument, MomentumNumbers)> = Vec::new();
    for (instrument, numbers) in instruments.into_iter().zip(measured) {
        if !passes(&numbers, instrument, config) {
            continue;
        }
        if config.exclude_halted && halted(snapshot, instrument) {
            report.halted.push(instrument.symbol.clone());
        } else {
            ranked.push((instrument, numbers));
        }
    }
    ranked.sort_by(|(a, x), (b, y)| y.score.total_cmp(&x.score).then_with(|| a.symbol.cmp(&b.symbol)));
    let ranked: Vec<(&Instrument, Numbers, Option<&'static str>)> =
        ranked.into_iter().map(|(instrument, numbers)| (instrument, numbers.to_numbers(), Some(trend(&numbers)))).collect();
    Ok(report.rank(snapshot, ranked, config.limit))
}

fn passes(numbers: &MomentumNumbers, instrument: &Instrument, config: &MomentumConfig) -> bool {
    numbers.score >= config.min_score
        && (config.min_price..=config.max_price).contains(&numbers.last)
        && numbers.volume >= config.min_volume
        && config.min_rvol.is_none_or(|least| numbers.rvol.is_none_or(|rvol| rvol >= least))
        && !(config.exclude_etfs && instrument.kind == InstrumentKind::Etf)
}

#[cfg(test)]
#[path = "momentum_tests.rs"]
mod tests;
