//! How long answers take, learnt from those that came.

use std::{collections::BTreeMap, time::Duration};

use super::ask::RequestKind;

/// Weight of the last answer in the mean.
const SHARE: f64 = 0.05;
/// Answers after which their mean is believed.
const ENOUGH: u32 = 5;

/// Mean times by kind, real time.
#[derive(Debug, Clone, Default)]
pub(super) struct AnswerTimes {
    known: BTreeMap<RequestKind, Mean>,
    late: Mean,
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    count: u32,
    seconds: f64,
}

impl Mean {
    fn add(&mut self, seconds: f64) {
        self.count = self.count.saturating_add(1);
        // The plain mean at first, one that forgets later.
        self.seconds += (seconds - self.seconds) * SHARE.max(1.0 / f64::from(self.count));
    }
}

impl AnswerTimes {
    /// An answer came after so long.
    pub(super) fn answered(&mut self, kind: RequestKind, after: Duration) {
        self.known.entry(kind).or_default().add(after.as_secs_f64());
    }

    /// A turn that was due came so much later.
    pub(super) fn late(&mut self, by: Duration) {
        self.late.add(by.as_secs_f64());
    }

    /// How long an answer of this kind will take, seconds of real time: what was seen, or what is usual.
    pub(super) fn expected(&self, kind: RequestKind) -> f64 {
        if let Some(mean) = self.known.get(&kind).filter(|mean| mean.count >= ENOUGH) {
            return mean.seconds;
        }
        match kind {
            RequestKind::Cancel => 0.0,
            RequestKind::Snapshot => 1.0,
            RequestKind::Bars | RequestKind::SmallBars | RequestKind::HistoricalTicks | RequestKind::Scanner => 0.5,
            _ => 0.1,
        }
    }

    /// How much later than due a turn comes, seconds of real time.
    pub(super) fn lateness(&self) -> f64 {
        self.late.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_answers_replace_what_is_usual() {
        let mut times = AnswerTimes::default();
        let usual = times.expected(RequestKind::Bars);
        for _ in 0..4 {
            times.answered(RequestKind::Bars, Duration::from_secs(3));
        }
        assert_eq!(times.expected(RequestKind::Bars), usual);
        times.answered(RequestKind::Bars, Duration::from_secs(8));
        assert!((times.expected(RequestKind::Bars) - 4.0).abs() < 1e-9);
        for _ in 0..200 {
            times.answered(RequestKind::Bars, Duration::from_secs(1));
        }
        assert!((times.expected(RequestKind::Bars) - 1.0).abs() < 0.01, "the past is forgotten");
    }
}
