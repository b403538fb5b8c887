//! Whether the bounds of volume hold on sessions that they were not learnt from.

use serde::{Deserialize, Serialize};

use super::{
    volume_curve::VolumeCurves,
    volume_curve_sessions::{SLOT_MINUTES, SLOTS},
};
use crate::market::{Bars, TradingDay};

/// How often something was outside what had been stated of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outside {
    /// Cases of which something was stated.
    pub seen: usize,
    /// Those that were outside.
    pub outside: usize,
}

impl Outside {
    /// Share outside, 0 to 1; `None` when nothing was stated.
    pub fn share(&self) -> Option<f64> {
        (self.seen > 0).then(|| self.outside as f64 / self.seen as f64)
    }

    fn count(&mut self, outside: bool) {
        self.seen += 1;
        self.outside += usize::from(outside);
    }
}

/// How the bounds did in one half hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotCalibration {
    /// Minutes from 04:00 to its start.
    pub from_minute: usize,
    /// Bars above the bound that the day so far gave; 1 − `level` of them are to be.
    pub bars: Outside,
    /// Symbols and sessions whose volume since 04:00 is, at its end, below the lower or above the upper bound; 2 (1 − `level`)
    /// of them would be on days like those learnt from.
    pub days: Outside,
}

impl VolumeCurves {
    /// What was stated against what came, on `days`, by half hour, all symbols together. It says how far the bounds may be
    /// relied on only when the curves were learnt from earlier days.
    pub fn calibration(&self, bars: &Bars, days: &[TradingDay]) -> Vec<SlotCalibration> {
        let slot = |slot: usize| SlotCalibration { from_minute: slot * SLOT_MINUTES, ..SlotCalibration::default() };
        let mut slots: Vec<SlotCalibration> = (0..SLOTS).map(slot).collect();
        for (symbol, series) in bars.iter() {
            for day in days {
                let mut traded = [0.0; SLOTS];
                for reading in self.bar_readings(symbol.as_str(), series, day) {
                    let slot = reading.minute / SLOT_MINUTES;
                    traded[slot] += reading.volume;
                    if let Some(upper) = reading.upper {
                        slots[slot].bars.count(reading.volume > upper);
                    }
                }
                let mut cumulative = 0.0;
                for (slot, traded) in slots.iter_mut().zip(traded) {
                    cumulative += traded;
                    let last_minute = slot.from_minute + SLOT_MINUTES - 1;
                    let Some(reading) = self.reading(symbol.as_str(), last_minute, cumulative) else { continue };
                    if let (Some(lower), Some(upper)) = (reading.lower, reading.upper) {
                        slot.days.count(!(lower..=upper).contains(&cumulative));
                    }
                }
            }
        }
        slots
    }
}
