//! How long answers take, learnt from those that came.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use super::ask::RequestKind;

/// Answers remembered of each kind.
const REMEMBERED: usize = 64;
/// Answers after which they are believed.
const ENOUGH: usize = 5;

/// The last times by kind, real time.
#[derive(Debug, Clone, Default)]
pub(super) struct AnswerTimes {
    known: BTreeMap<RequestKind, Times>,
    late: Times,
}

#[derive(Debug, Clone, Default)]
struct Times(VecDeque<f64>);

impl Times {
    fn add(&mut self, time: Duration) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(time.as_secs_f64());
    }

    /// The median: one answer that was held up says nothing about the next.
    fn usual(&self) -> Option<f64> {
        let mut times: Vec<f64> = self.0.iter().copied().collect();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied()
    }
}

impl AnswerTimes {
    /// An answer came after so long.
    pub(super) fn answered(&mut self, kind: RequestKind, after: Duration) {
        self.known.entry(kind).or_default().add(after);
    }

    /// A turn that was due came so much later.
    pub(super) fn late(&mut self, by: Duration) {
        self.late.add(by);
    }

    /// How long an answer of this kind will take, seconds of real time: what was seen, or what is usual.
    pub(super) fn expected(&self, kind: RequestKind) -> f64 {
        if let Some(usual) = self.known.get(&kind).filter(|times| times.0.len() >= ENOUGH).and_then(Times::usual) {
            return usual;
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
        self.late.usual().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_answers_replace_what_is_usual_and_one_does_not() {
        let mut times = AnswerTimes::default();
        let usual = times.expected(RequestKind::Bars);
        for _ in 0..4 {
            times.answered(RequestKind::Bars, Duration::from_secs(3));
        }
        assert_eq!(times.expected(RequestKind::Bars), usual);
        times.answered(RequestKind::Bars, Duration::from_secs(800));
        assert_eq!(times.expected(RequestKind::Bars), 3.0);
        for _ in 0..64 {
            times.answered(RequestKind::Bars, Duration::from_secs(1));
        }
        assert_eq!(times.expected(RequestKind::Bars), 1.0, "the past is forgotten");
        assert_eq!(times.known[&RequestKind::Bars].0.len(), REMEMBERED);
    }
}
