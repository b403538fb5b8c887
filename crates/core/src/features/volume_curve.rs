//! Relative volume by minute of the day: what a symbol usually has traded by now, and how far from usual it is.
//!
//! [`VolumeCurvesConfig::fit`] learns from the sessions that were over as of an instant. Minutes are counted from 04:00 New
//! York. A minute without a bar traded nothing. Half-days are never learnt from, since their volume is squeezed before 13:00;
//! on one, the curve holds to its end at 17:00. A symbol with few sessions leans on the curve of all symbols, and below
//! `min_sessions` nothing is told of it.
//!
//! Two bounds are told, and they hold for different things. [`VolumeReading`] compares volume since 04:00 with earlier *days*:
//! its bounds presume that today is a day like those, so on a day when the whole market trades more, more than 5 % of symbols
//! are above. [`BarVolumeReading`](super::BarVolumeReading) bounds the *next bar* given the day so far, and adapts to such days.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    volume_curve_bars::{BarModel, SlotReport},
    volume_curve_sessions::{MINUTES, SLOT_MINUTES, SLOTS, SymbolSessions, past_days, sessions_of},
};
use crate::{
    error::{Error, Result},
    market::{Bars, Symbol},
};

/// Settings of the volume curves.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `sessions` | 20 | most past full-length sessions learnt from | 3 to 250 |
/// | `min_sessions` | 5 | sessions with trades below which nothing is told of a symbol | 2 to `sessions` |
/// | `shrinkage_sessions` | 3 | weight `k` of the curve of all symbols, in sessions: a symbol's own has n / (n + k) | >= 0 |
/// | `level` | 0.95 | probability that the upper bounds are to hold with; the lower ones have 1 − level | 0.5 to 0.99 |
/// | `adaptation` | 0.2 | how fast the bound of a bar follows a day's surprises, in log volume a bar | 0 to 1 |
/// | `least_bars` | 3000 | bars of a half hour, of all symbols and sessions, below which no bar in it has a bound: were bars independent, 3,000 would tell 5 % to ± 0.8 % | >= 200 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VolumeCurvesConfig {
    /// Most past sessions.
    pub sessions: usize,
    /// Sessions below which nothing is told.
    pub min_sessions: usize,
    /// Weight of the curve of all symbols, sessions.
    pub shrinkage_sessions: f64,
    /// Probability of the upper bounds.
    pub level: f64,
    /// How fast the bound of a bar follows surprises.
    pub adaptation: f64,
    /// Bars of a half hour below which no bar in it has a bound.
    pub least_bars: usize,
}

impl Default for VolumeCurvesConfig {
    fn default() -> Self {
        Self { sessions: 20, min_sessions: 5, shrinkage_sessions: 3.0, level: 0.95, adaptation: 0.2, least_bars: 3000 }
    }
}

impl VolumeCurvesConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        let require = |good: bool, name: &'static str, value: String, expected: &'static str| {
            if good { Ok(()) } else { Err(Error::Setting { name, value, expected }) }
        };
        require((3..=250).contains(&self.sessions), "sessions", self.sessions.to_string(), "expected 3 to 250")?;
        let enough = (2..=self.sessions).contains(&self.min_sessions);
        require(enough, "min_sessions", self.min_sessions.to_string(), "expected 2 to `sessions`")?;
        let weight = self.shrinkage_sessions;
        require(weight.is_finite() && weight >= 0.0, "shrinkage_sessions", weight.to_string(), "expected >= 0")?;
        require((0.5..=0.99).contains(&self.level), "level", self.level.to_string(), "expected 0.5 to 0.99")?;
        require((0.0..=1.0).contains(&self.adaptation), "adaptation", self.adaptation.to_string(), "expected 0 to 1")?;
        require(self.least_bars >= 200, "least_bars", self.least_bars.to_string(), "expected at least 200")
    }

    /// Learns the curves from the full-length sessions of 1-minute `bars` that were over at `as_of`; later bars, and those of
    /// a session still going on, are not looked at. The same bars give the same curves on any number of threads.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::OutsideCalendar`], and [`Error::Column`] when bars are not of one minute. Too little
    /// history is no error: the symbols it concerns are named in the report.
    pub fn fit(&self, bars: &Bars, as_of: Timestamp) -> Result<VolumeCurves> {
        self.check()?;
        let first = bars.iter().filter_map(|(_, series)| series.open_at.first().copied()).min();
        let first = first.and_then(|at| Timestamp::from_microsecond(at).ok()).unwrap_or(as_of);
        let (days, half_days) = past_days(as_of, first, self.sessions)?;
        let (known, thin): (Vec<SymbolSessions>, Vec<SymbolSessions>) =
            sessions_of(bars, &days)?.into_iter().partition(|history| history.sessions.len() >= self.min_sessions);

        let shapes: Vec<Vec<f64>> = known.par_iter().map(|history| own_shape(history, None)).collect();
        let universe = mean_shape(&shapes);
        let curves: Vec<Curve> = known
            .par_iter()
            .zip(&shapes)
            .map(|(history, shape)| Curve::of(history, None, shape, &universe, self.shrinkage_sessions))
            .collect();
        let bounds = cumulative_bounds(&known, days.len(), self);
        let (bar_model, slots) = BarModel::fit(&known, days.len(), self);
        let report = VolumeCurvesReport {
            as_of,
            sessions: days.iter().map(|day| day.date).collect(),
            half_days_left_out: half_days,
            symbols: known.len(),
            thin: thin.into_iter().map(|history| history.symbol).collect(),
            slots,
        };
        let curves = known.into_iter().map(|history| history.symbol).zip(curves).collect();
        Ok(VolumeCurves { config: self.clone(), report, curves, bounds, bar_model })
    }
}

/// What the curves were learnt from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeCurvesReport {
    /// Instant as of which they were learnt.
    pub as_of: Timestamp,
    /// The sessions learnt from, oldest first.
    pub sessions: Vec<Date>,
    /// Half-days between them, which were left out.
    pub half_days_left_out: usize,
    /// Symbols that have a curve.
    pub symbols: usize,
    /// Symbols with too few sessions for one.
    pub thin: Vec<Symbol>,
    /// The bound of a bar, by half hour.
    pub slots: Vec<SlotReport>,
}

/// Usual volume of one symbol.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Curve {
    /// Sessions it was learnt from.
    sessions: u32,
    /// Mean shares a day.
    daily: f64,
    /// Share of the day's volume traded by the end of each minute, 0 to 1.
    cumulative: Vec<f64>,
}

/// Mean over sessions of each minute's share of the day, without session `held_out`: a day counts once however much it traded.
fn own_shape(history: &SymbolSessions, held_out: Option<usize>) -> Vec<f64> {
    let mut shape = vec![0.0; MINUTES];
    let mut sessions = 0.0_f64;
    for volumes in history.sessions.iter().filter(|volumes| Some(volumes.session) != held_out) {
        let day: f64 = volumes.traded.iter().map(|(_, shares)| shares).sum();
        volumes.traded.iter().for_each(|(minute, shares)| shape[*minute] += shares / day);
        sessions += 1.0;
    }
    shape.iter_mut().for_each(|share| *share /= sessions.max(1.0));
    shape
}

fn mean_shape(shapes: &[Vec<f64>]) -> Vec<f64> {
    let mut mean = vec![0.0; MINUTES];
    for shape in shapes {
        mean.iter_mut().zip(shape).for_each(|(sum, share)| *sum += share / shapes.len() as f64);
    }
    mean
}

impl Curve {
    fn of(history: &SymbolSessions, held_out: Option<usize>, shape: &[f64], universe: &[f64], weight: f64) -> Self {
        let kept = || history.sessions.iter().filter(|volumes| Some(volumes.session) != held_out);
        let n = kept().count();
        let shares: f64 = kept().flat_map(|volumes| &volumes.traded).map(|(_, shares)| shares).sum();
        let own = n as f64 / (n as f64 + weight);
        let mut sum = 0.0;
        let cumulative = shape
            .iter()
            .zip(universe)
            .map(|(shape, universe)| {
                sum += own * shape + (1.0 - own) * universe;
                sum
            })
            .collect();
        Self { sessions: u32::try_from(n).unwrap_or(u32::MAX), daily: shares / n.max(1) as f64, cumulative }
    }

    fn expected(&self, minute: usize) -> Option<f64> {
        Some(self.daily * self.cumulative.get(minute)?)
    }
}

/// Ratios of cumulative volume to what was expected that bound a symbol's day, at the end of each half hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct RatioBounds {
    lower: f64,
    median: f64,
    upper: f64,
    /// Ratios that they are quantiles of.
    cases: usize,
}

/// Each session against curves learnt from all others, all symbols pooled: the empirical quantiles of the ratio.
fn cumulative_bounds(known: &[SymbolSessions], sessions: usize, config: &VolumeCurvesConfig) -> Vec<Option<RatioBounds>> {
    let by_session: Vec<Vec<Vec<f64>>> = (0..sessions)
        .into_par_iter()
        .map(|held_out| {
            let shapes: Vec<Vec<f64>> = known.iter().map(|history| own_shape(history, Some(held_out))).collect();
            let universe = mean_shape(&shapes);
            let mut ratios = vec![Vec::new(); SLOTS];
            for (history, shape) in known.iter().zip(&shapes) {
                let Some(volumes) = history.sessions.iter().find(|volumes| volumes.session == held_out) else { continue };
                let curve = Curve::of(history, Some(held_out), shape, &universe, config.shrinkage_sessions);
                let (mut traded, mut next) = (0.0, 0);
                for (slot, ratios) in ratios.iter_mut().enumerate() {
                    let last = (slot + 1) * SLOT_MINUTES - 1;
                    while let Some((_, shares)) = volumes.traded.get(next).filter(|(minute, _)| *minute <= last) {
                        traded += shares;
                        next += 1;
                    }
                    ratios.extend(curve.expected(last).filter(|expected| *expected > 0.0).map(|expected| traded / expected));
                }
            }
            ratios
        })
        .collect();
    (0..SLOTS)
        .map(|slot| {
            let mut ratios: Vec<f64> = by_session.iter().flat_map(|ratios| ratios[slot].iter().copied()).collect();
            let upper = quantile(&mut ratios, config.level)?;
            let (lower, median) = (quantile(&mut ratios, 1.0 - config.level)?, quantile(&mut ratios, 0.5)?);
            Some(RatioBounds { lower, median, upper, cases: ratios.len() })
        })
        .collect()
}

/// The least value with at least `level` of `values` at or below it, the conformal rank `⌈level · (n + 1)⌉`; `None` when
/// there are too few values for that rank.
pub(super) fn quantile(values: &mut [f64], level: f64) -> Option<f64> {
    let rank = (level * (values.len() + 1) as f64).ceil() as usize;
    if rank == 0 || rank > values.len() {
        return None;
    }
    Some(*values.select_nth_unstable_by(rank - 1, f64::total_cmp).1)
}

/// Volume since 04:00 against what is usual by that minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VolumeReading {
    /// Shares expected by the end of the minute.
    pub expected: f64,
    /// Relative volume: shares traded over shares expected.
    pub relative: f64,
    /// Shares that the day is below with probability 1 − `level`, were it a day like those learnt from.
    pub lower: Option<f64>,
    /// Shares that half of such days are below.
    pub median: Option<f64>,
    /// Shares that the day is above with probability 1 − `level`, were it a day like those learnt from.
    pub upper: Option<f64>,
    /// Sessions of all symbols that median and bounds are from; 0 where they are too few for them.
    pub cases: usize,
    /// Sessions that the symbol's own curve is from.
    pub sessions: u32,
}

/// Fitted curves; see [`VolumeCurvesConfig`].
///
/// ```text
/// p_s(m) = mean over sessions d of v_sd(m) / V_sd       share of the day's volume in minute m
/// P_s(m) = Σ_{j ≤ m} (n p_s(j) + k u(j)) / (n + k)       u: mean of p over all symbols; n: sessions of s; k: shrinkage_sessions
/// expected_s(m) = mean_d V_sd · P_s(m)                   shares by the end of minute m
/// relative = Σ_{j ≤ m} v_s(j) / expected_s(m)
/// bounds = expected_s(m) · quantile of `relative` of all symbols at the end of the half hour of m, each session
///          measured by curves of all other sessions
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeCurves {
    config: VolumeCurvesConfig,
    report: VolumeCurvesReport,
    curves: BTreeMap<Symbol, Curve>,
    /// One a half hour.
    bounds: Vec<Option<RatioBounds>>,
    pub(super) bar_model: BarModel,
}

impl VolumeCurves {
    /// The settings they were learnt with.
    pub fn config(&self) -> &VolumeCurvesConfig {
        &self.config
    }

    /// What they were learnt from.
    pub fn report(&self) -> &VolumeCurvesReport {
        &self.report
    }

    /// `cumulative` shares, traded from 04:00 to the end of minute `minute` (0 is 04:00 to 04:01), against what is usual by
    /// then. `None` when the symbol has too little history, has never traded by that minute, or the minute is past 19:59.
    /// [`minute_of_session`](super::minute_of_session) makes the minute and knows half-days.
    pub fn reading(&self, symbol: &str, minute: usize, cumulative: f64) -> Option<VolumeReading> {
        let curve = self.curves.get(symbol)?;
        let expected = curve.expected(minute).filter(|expected| *expected > 0.0)?;
        let bounds = self.bounds.get(minute / SLOT_MINUTES).copied().flatten();
        Some(VolumeReading {
            expected,
            relative: cumulative / expected,
            lower: bounds.map(|bounds| bounds.lower * expected),
            median: bounds.map(|bounds| bounds.median * expected),
            upper: bounds.map(|bounds| bounds.upper * expected),
            cases: bounds.map_or(0, |bounds| bounds.cases),
            sessions: curve.sessions,
        })
    }
}

#[cfg(test)]
#[path = "volume_curve_tests.rs"]
mod tests;
