//! Operations that begin again with each session, or look at the one before.

use std::fmt;

use super::{
    operation::{Operation, Reach, Row, Running},
    rowwise::name_of,
};

/// The input folded over the rows of the session so far, from its first on.
#[derive(Clone, Copy)]
pub(super) struct SoFar<F> {
    pub(super) fold: F,
    pub(super) known: f64,
}

impl<F> fmt::Debug for SoFar<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SoFar")
    }
}

impl<F: Fn(f64, f64) -> f64 + Copy + Send + Sync + 'static> Operation for SoFar<F> {
    fn name(&self) -> String {
        name_of::<F>("so far")
    }

    fn reach(&self) -> Reach {
        Reach::Sessions
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(*self)
    }
}

impl<F: Fn(f64, f64) -> f64 + Send> Running for SoFar<F> {
    fn push(&mut self, row: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        self.known = if row.starts { inputs[0] } else { (self.fold)(self.known, inputs[0]) };
        outputs[0] = self.known;
    }
}

/// `close, high, low, open` of the session before, from inputs `open, high, low, close`.
#[derive(Debug, Clone, Copy)]
pub(super) struct SessionBefore;

impl Operation for SessionBefore {
    fn name(&self) -> String {
        "session before".to_owned()
    }

    fn outputs(&self) -> usize {
        4
    }

    fn reach(&self) -> Reach {
        Reach::Sessions
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(Known { before: [f64::NAN; 4], present: [f64::NAN; 4] })
    }
}

/// `close, high, low, open` of the session before and of the present one so far.
#[derive(Debug)]
struct Known {
    before: [f64; 4],
    present: [f64; 4],
}

impl Running for Known {
    fn push(&mut self, row: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        let (open, high, low, close) = (inputs[0], inputs[1], inputs[2], inputs[3]);
        if row.starts {
            self.before = self.present;
            self.present = [close, high, low, open];
        } else {
            let [_, highest, lowest, first] = self.present;
            self.present = [close, highest.max(high), lowest.min(low), first];
        }
        outputs.copy_from_slice(&self.before);
    }
}

/// Minutes of the opening range.
const OPENING: f64 = 30.0;

/// 1 where the close is above the highest price of the opening range, -1 below the lowest, from inputs `high, low, close`.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpeningRangeBreak;

impl Operation for OpeningRangeBreak {
    fn name(&self) -> String {
        "opening range".to_owned()
    }

    fn reach(&self) -> Reach {
        Reach::Sessions
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(OpeningRange { high: f64::NAN, low: f64::NAN })
    }
}

#[derive(Debug)]
struct OpeningRange {
    high: f64,
    low: f64,
}

impl Running for OpeningRange {
    fn push(&mut self, row: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        let (high, low, close) = (inputs[0], inputs[1], inputs[2]);
        if row.starts {
            (self.high, self.low) = (f64::NAN, f64::NAN);
        }
        let minutes = row.minutes_since_open();
        if (0.0..OPENING).contains(&minutes) {
            (self.high, self.low) = (self.high.max(high), self.low.min(low));
        }
        outputs[0] = match () {
            () if minutes.is_nan() || minutes < OPENING || self.high.is_nan() => f64::NAN,
            () if close > self.high => 1.0,
            () if close < self.low => -1.0,
            () => 0.0,
        };
    }
}
