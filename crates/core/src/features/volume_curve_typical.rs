//! Typical volumes of bars: a level for each symbol, what each minute adds, and how a symbol differs from that.

use serde::{Deserialize, Serialize};

use super::volume_curve_sessions::{MINUTES, SLOT_MINUTES, SLOTS, SymbolSessions};

/// Bars of weight of the half hour's mean in the mean of one of its minutes over all symbols.
const MINUTE_PRIOR: f64 = 20.0;
/// Bars of weight of no difference in a symbol's own difference in a half hour.
const OWN_PRIOR: f64 = 50.0;

/// Typical log volume of a symbol's bars: its level plus its own difference in each half hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TypicalBar {
    pub(super) level: f64,
    /// One a half hour.
    pub(super) own: Vec<f64>,
}

/// Typical log volumes of all symbols, from the sessions without `held_out`.
pub(super) struct Typical {
    /// What each minute adds, the same for all symbols.
    pub(super) minute: Vec<f64>,
    /// One a symbol, in their order.
    pub(super) bars: Vec<Option<TypicalBar>>,
}

impl Typical {
    pub(super) fn of(known: &[SymbolSessions], held_out: Option<usize>) -> Self {
        fn kept(history: &SymbolSessions, held_out: Option<usize>) -> impl Iterator<Item = (usize, f64)> + '_ {
            let sessions = history.sessions.iter().filter(move |volumes| Some(volumes.session) != held_out);
            sessions.flat_map(|volumes| &volumes.traded).map(|(minute, shares)| (*minute, shares.ln()))
        }
        let levels: Vec<Option<f64>> = known
            .iter()
            .map(|history| {
                let (sum, n) = kept(history, held_out).fold((0.0, 0.0), |(sum, n), (_, log)| (sum + log, n + 1.0));
                (n > 0.0).then(|| sum / n)
            })
            .collect();
        let (mut sums, mut counts) = (vec![0.0; MINUTES], vec![0.0; MINUTES]);
        for (history, level) in known.iter().zip(&levels) {
            let Some(level) = level else { continue };
            for (minute, log) in kept(history, held_out) {
                sums[minute] += log - level;
                counts[minute] += 1.0;
            }
        }
        let minute: Vec<f64> = (0..MINUTES)
            .map(|minute| {
                let slot = minute / SLOT_MINUTES * SLOT_MINUTES;
                let slot = slot..slot + SLOT_MINUTES;
                let in_slot = sums[slot.clone()].iter().sum::<f64>() / counts[slot].iter().sum::<f64>().max(1.0);
                (sums[minute] + MINUTE_PRIOR * in_slot) / (counts[minute] + MINUTE_PRIOR)
            })
            .collect();
        let bars = known
            .iter()
            .zip(levels)
            .map(|(history, level)| {
                let level = level?;
                let (mut own, mut n) = (vec![0.0; SLOTS], vec![OWN_PRIOR; SLOTS]);
                for (at, log) in kept(history, held_out) {
                    own[at / SLOT_MINUTES] += log - level - minute[at];
                    n[at / SLOT_MINUTES] += 1.0;
                }
                own.iter_mut().zip(n).for_each(|(own, n)| *own /= n);
                Some(TypicalBar { level, own })
            })
            .collect();
        Self { minute, bars }
    }
}
