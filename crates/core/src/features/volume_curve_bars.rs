//! The bound of the next bar's volume, given the day so far.
//!
//! Only minutes that trade have a bar; the bound is for its volume given that there is one. It is learnt in logarithms, from
//! each past session as seen by a model of all the others, and pooled over symbols, half hour by half hour. A half hour with
//! few bars has no bound: one borrowed from its neighbours did not hold.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    volume_curve::{VolumeCurves, VolumeCurvesConfig, quantile},
    volume_curve_moments::{Moments, TERMS, inner},
    volume_curve_sessions::{MINUTES, SLOT_MINUTES, SLOTS, SessionVolumes, SymbolSessions, traded_minutes},
    volume_curve_typical::{Typical, TypicalBar},
};
use crate::market::{Series, Symbol, TradingDay};

/// Longest silence that is told apart, minutes.
const LONGEST_GAP: usize = 30;

/// Mean of the last deviations with weights that halve every `half_life` bars, drawn to 0 by `prior` bars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct FadingMean {
    sum: f64,
    weight: f64,
}

impl FadingMean {
    fn value(self, prior: f64) -> f64 {
        self.sum / (self.weight + prior)
    }

    fn add(&mut self, deviation: f64, half_life: f64) {
        let keep = 0.5_f64.powf(1.0 / half_life);
        self.sum = self.sum * keep + deviation;
        self.weight = self.weight * keep + 1.0;
    }
}

/// What one symbol's session has shown so far. Make one at 04:00 with [`VolumeCurves::tracker`] and give it every bar in order
/// with [`VolumeCurves::observe`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VolumeTracker {
    symbol: Symbol,
    /// Last few bars and the whole session, against the typical bar.
    fast: FadingMean,
    slow: FadingMean,
    /// Share of the last minutes that traded, weights halving every ten minutes, as of the end of the last bar.
    active: f64,
    last_minute: Option<usize>,
    /// Log volume by which the day's surprises have moved the bound.
    moved: f64,
}

impl VolumeTracker {
    fn new(symbol: Symbol) -> Self {
        let none = FadingMean::default();
        Self { symbol, fast: none, slow: none, active: 0.0, last_minute: None, moved: 0.0 }
    }

    /// Share of active minutes as of the start of `minute`.
    fn active_at(&self, minute: usize) -> f64 {
        let silent = self.last_minute.map_or(0, |last| minute - last - 1);
        self.active * 0.5_f64.powf(silent as f64 / 10.0)
    }

    fn terms(&self, minute: usize) -> [f64; TERMS] {
        let gap = self.last_minute.map_or(LONGEST_GAP, |last| (minute - last).min(LONGEST_GAP));
        [1.0, self.fast.value(1.0), self.slow.value(3.0), self.active_at(minute), (gap as f64).ln()]
    }

    fn add(&mut self, minute: usize, deviation: f64) {
        let keep = 0.5_f64.powf(0.1);
        self.active = self.active_at(minute) * keep + (1.0 - keep);
        self.fast.add(deviation, 3.0);
        self.slow.add(deviation, 30.0);
        self.last_minute = Some(minute);
    }
}

/// The bound's parts in one half hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SlotModel {
    coefficients: [f64; TERMS],
    /// Quantile of the residuals.
    margin: f64,
    /// Quantile of what was left of them above the moved margin.
    correction: f64,
}

/// The bound of a bar in one half hour, as learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlotReport {
    /// Minutes from 04:00 to its start.
    pub from_minute: usize,
    /// Bars that fell in it.
    pub bars: usize,
    /// Share of them above the bound, each session as seen by a model of the others; `None` where they are too few for a bound.
    pub share_above: Option<f64>,
}

/// A bar against what the day so far lets expect; shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BarVolumeReading {
    /// Minutes from 04:00 to its start.
    pub minute: usize,
    /// What it traded.
    pub volume: f64,
    /// Geometric mean of what was expected.
    pub typical: f64,
    /// Bound that it is above with probability 1 − `level`; `None` where too little was learnt.
    pub upper: Option<f64>,
}

/// See [`VolumeCurves::observe`] for the formula.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct BarModel {
    adaptation: f64,
    level: f64,
    minute: Vec<f64>,
    bars: BTreeMap<Symbol, TypicalBar>,
    slots: Vec<Option<SlotModel>>,
}

/// A number of each bar, by half hour.
type BySlot = Vec<Vec<f64>>;

impl BarModel {
    pub(super) fn fit(known: &[SymbolSessions], sessions: usize, config: &VolumeCurvesConfig) -> (Self, Vec<SlotReport>) {
        // Past sessions as each would have looked to a model of the others: those without it.
        let typical: Vec<Typical> = (0..sessions).into_par_iter().map(|session| Typical::of(known, Some(session))).collect();
        let whole = Typical::of(known, None);
        let cases: Vec<Case<'_>> = known
            .iter()
            .enumerate()
            .flat_map(|(number, history)| {
                let typical = &typical;
                history.sessions.iter().filter_map(move |volumes| {
                    let others = &typical[volumes.session];
                    let symbol = &history.symbol;
                    Some(Case { symbol, volumes, minute: &others.minute, typical: others.bars[number].as_ref()? })
                })
            })
            .collect();

        let mut counts = [0_usize; SLOTS];
        cases.iter().flat_map(|case| &case.volumes.traded).for_each(|(minute, _)| counts[minute / SLOT_MINUTES] += 1);

        let moments = moments_of(&cases, sessions);
        let fitted = |held_out: Option<usize>| -> Vec<Option<[f64; TERMS]>> {
            let kept = || moments.iter().enumerate().filter(|(session, _)| Some(*session) != held_out);
            let sum = |slot: usize| kept().fold(Moments::default(), |sum, (_, moments)| sum.plus(&moments[slot]));
            let enough = |slot: usize| counts[slot] >= config.least_bars;
            (0..SLOTS).map(|slot| if enough(slot) { sum(slot).solve() } else { None }).collect()
        };
        let others: Vec<Vec<Option<[f64; TERMS]>>> = (0..sessions).map(|session| fitted(Some(session))).collect();
        let mut slots: Vec<Option<SlotModel>> = fitted(None)
            .into_iter()
            .map(|coefficients| Some(SlotModel { coefficients: coefficients?, margin: 0.0, correction: 0.0 }))
            .collect();
        let level = config.level;
        let residuals = excesses(&cases, &others, &slots, None);
        set_quantiles(&mut slots, &residuals, level, |slot, quantile| slot.margin = quantile);
        let left = excesses(&cases, &others, &slots, Some((config.adaptation, level)));
        set_quantiles(&mut slots, &left, level, |slot, quantile| slot.correction = quantile);

        let reports = (0..SLOTS)
            .map(|slot| {
                let correction = slots[slot].as_ref().map(|model| model.correction);
                let above = |bound: f64| left[slot].iter().filter(|excess| **excess > bound).count() as f64;
                SlotReport {
                    from_minute: slot * SLOT_MINUTES,
                    bars: counts[slot],
                    share_above: correction.map(|bound| above(bound) / counts[slot] as f64),
                }
            })
            .collect();
        let bars = known.iter().zip(whole.bars).filter_map(|(history, bar)| Some((history.symbol.clone(), bar?))).collect();
        (Self { adaptation: config.adaptation, level, minute: whole.minute, bars, slots }, reports)
    }
}

/// A past session and what the others make of its symbol.
struct Case<'a> {
    symbol: &'a Symbol,
    volumes: &'a SessionVolumes,
    minute: &'a [f64],
    typical: &'a TypicalBar,
}

impl Case<'_> {
    /// Walks the session; `see` gets half hour, terms and deviation of each bar, and the tracker as it was before it.
    fn walk(&self, mut see: impl FnMut(usize, [f64; TERMS], f64, &mut VolumeTracker)) {
        let mut tracker = VolumeTracker::new(self.symbol.clone());
        for (minute, shares) in &self.volumes.traded {
            let slot = minute / SLOT_MINUTES;
            let deviation = shares.ln() - (self.typical.level + self.typical.own[slot] + self.minute[*minute]);
            see(slot, tracker.terms(*minute), deviation, &mut tracker);
            tracker.add(*minute, deviation);
        }
    }
}

/// Moments of each session's bars, by half hour.
fn moments_of(cases: &[Case<'_>], sessions: usize) -> Vec<Vec<Moments>> {
    let each: Vec<Vec<Moments>> = cases
        .par_iter()
        .map(|case| {
            let mut moments = vec![Moments::default(); SLOTS];
            case.walk(|slot, terms, deviation, _| moments[slot].add(&terms, deviation));
            moments
        })
        .collect();
    // Summed in the order of the cases, so that threads cannot change the rounding.
    let mut out = vec![vec![Moments::default(); SLOTS]; sessions];
    for (case, moments) in cases.iter().zip(each) {
        let session = &mut out[case.volumes.session];
        session.iter_mut().zip(moments).for_each(|(sum, slot)| *sum = sum.plus(&slot));
    }
    out
}

/// Log volume of each bar above the bound as it stands in `slots`, with the coefficients that the other sessions gave; with
/// `adapting` (speed and level), above the moved bound.
fn excesses(
    cases: &[Case<'_>],
    others: &[Vec<Option<[f64; TERMS]>>],
    slots: &[Option<SlotModel>],
    adapting: Option<(f64, f64)>,
) -> BySlot {
    let each: Vec<BySlot> = cases
        .par_iter()
        .map(|case| {
            let mut out = vec![Vec::new(); SLOTS];
            case.walk(|slot, terms, deviation, tracker| {
                let (Some(model), Some(coefficients)) = (&slots[slot], &others[case.volumes.session][slot]) else { return };
                let excess = deviation - inner(coefficients, &terms) - model.margin - tracker.moved;
                out[slot].push(excess);
                if let Some((speed, level)) = adapting {
                    tracker.moved += step(speed, level, excess);
                }
            });
            out
        })
        .collect();
    let mut out = vec![Vec::new(); SLOTS];
    for case in each {
        out.iter_mut().zip(case).for_each(|(all, slot)| all.extend(slot));
    }
    out
}

/// Up by `level` of the speed after a bar above, down by the rest after one below: in balance when 1 − level are above.
fn step(speed: f64, level: f64, excess: f64) -> f64 {
    if excess > 0.0 { speed * level } else { -speed * (1.0 - level) }
}

fn set_quantiles(slots: &mut [Option<SlotModel>], values: &BySlot, level: f64, set: impl Fn(&mut SlotModel, f64)) {
    for (model, values) in slots.iter_mut().zip(values) {
        match (model.as_mut(), quantile(&mut values.clone(), level)) {
            (Some(model), Some(quantile)) => set(model, quantile),
            _ => *model = None,
        }
    }
}

impl VolumeCurves {
    /// The state of a session of `symbol` at 04:00; `None` when the symbol has too little history.
    pub fn tracker(&self, symbol: &str) -> Option<VolumeTracker> {
        self.bar_model.bars.get_key_value(symbol).map(|(symbol, _)| VolumeTracker::new(symbol.clone()))
    }

    /// Takes the next bar of the session, which starts `minute` minutes after 04:00, and tells what was to be expected of it
    /// before it was seen. `None`, and no change, for a bar that traded nothing, is no later than the last one, or starts at
    /// 20:00 or later.
    ///
    /// ```text
    /// t(m)  = level_s + own_s(half hour of m) + all(m)      typical log volume of a bar
    /// x     = [1, mean of last bars' ln v − t (half-life 3 bars), the same (30 bars), share of minutes active
    ///          (half-life 10 minutes), ln minutes since the last bar (at most 30)]
    /// typical = exp(t(m) + β_h · x)                          β_h by least squares for the half hour h
    /// upper   = exp(t(m) + β_h · x + q_h + θ + c_h)          q_h: quantile of residuals, c_h: of what θ leaves
    /// θ ← θ + adaptation · (1{ln v > t + β·x + q + θ} − (1 − level))      from 0 at 04:00
    /// ```
    /// Everything in it but `θ` and `x` is fixed by the fit; those are known when the bar before is complete.
    ///
    /// # References
    /// Residual quantiles: V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World*, 2005 (here with each
    /// session's residuals from a model of the others); `θ`: I. Gibbs, E. Candès, *Adaptive Conformal Inference Under
    /// Distribution Shift*, 2021.
    pub fn observe(&self, tracker: &mut VolumeTracker, minute: usize, volume: f64) -> Option<BarVolumeReading> {
        let model = &self.bar_model;
        let later = tracker.last_minute.is_none_or(|last| minute > last);
        if !(volume.is_finite() && volume > 0.0 && minute < MINUTES && later) {
            return None;
        }
        let bar = model.bars.get(&tracker.symbol)?;
        let slot = minute / SLOT_MINUTES;
        let typical = bar.level + bar.own[slot] + model.minute[minute];
        let deviation = volume.ln() - typical;
        let terms = tracker.terms(minute);
        let mut reading = BarVolumeReading { minute, volume, typical: typical.exp(), upper: None };
        if let Some(slot) = &model.slots[slot] {
            let expected = inner(&slot.coefficients, &terms);
            let bound = expected + slot.margin + tracker.moved;
            reading.typical = (typical + expected).exp();
            reading.upper = Some((typical + bound + slot.correction).exp());
            tracker.moved += step(model.adaptation, model.level, deviation - bound);
        }
        tracker.add(minute, deviation);
        Some(reading)
    }

    /// [`VolumeCurves::observe`] for every bar of `series` in the sessions of `day` that traded, in order.
    pub fn bar_readings(&self, symbol: &str, series: Series<'_>, day: &TradingDay) -> Vec<BarVolumeReading> {
        let Some(mut tracker) = self.tracker(symbol) else { return Vec::new() };
        let traded = traded_minutes(series, day).into_iter();
        traded.filter_map(|(minute, volume)| self.observe(&mut tracker, minute, volume)).collect()
    }
}
