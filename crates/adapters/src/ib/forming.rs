//! When a minute bar that is told as it forms is complete.

use bellwether::market::Bar;

/// About how often a stream speaks when there is something to tell, microseconds.
const EVERY: i64 = 5_000_000;
/// A pause so many times longer than usual may have swallowed something.
const PAUSE: i64 = 4;
/// Weight of the latest pause in the usual one: one in so many.
const MEMORY: i64 = 50;

/// When a word was said, as far as that is known, microseconds: nothing was there to be read at `after`, and it was read at
/// `by`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) after: i64,
    pub(super) by: i64,
}

/// The last minutes of one stream.
#[derive(Debug)]
pub(super) struct FormingMinutes {
    /// As it was last told, and when.
    forming: Option<(Bar, Told)>,
    /// The one before it, complete unless something older than what forms comes next.
    formed: Option<Bar>,
    /// Usual time between two words, microseconds.
    usual: i64,
}

impl Default for FormingMinutes {
    fn default() -> Self {
        Self { forming: None, formed: None, usual: EVERY }
    }
}

/// What a bar made of the bars before it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Formed {
    /// This one is complete.
    pub(super) complete: Option<Bar>,
    /// The bar came after one that is newer.
    pub(super) out_of_order: bool,
}

impl FormingMinutes {
    /// Takes in the next word of the stream.
    ///
    /// A minute whose last word came before its end, or that is not followed by the very next one, or after an unusual pause,
    /// is not complete: what was said in between may be lost, as it is when a farm was away for a while. The pause is the
    /// longest that it can have been, so that words read late, many at once, prove nothing.
    pub(super) fn follow(&mut self, bar: Bar, told: Told) -> Formed {
        let Some((forming, before)) = self.forming else {
            self.forming = Some((bar, told));
            return Formed::default();
        };
        if bar.open_at < forming.open_at {
            // Which version of the older one was the last is not known any more.
            self.formed = None;
            return Formed { complete: None, out_of_order: true };
        }
        let longest = PAUSE * self.usual.max(EVERY);
        self.usual += ((told.by - before.by).clamp(0, longest) - self.usual) / MEMORY;
        let complete = self.formed.take();
        // Within its minute a bar only grows.
        let stale = bar.open_at == forming.open_at && bar.volume < forming.volume;
        if bar.open_at == forming.close_at && before.by >= forming.close_at && told.by - before.after <= longest {
            self.formed = Some(forming);
        }
        if !stale {
            self.forming = Some((bar, told));
        }
        Formed { complete, out_of_order: stale }
    }

    /// What comes next does not follow from what came before.
    pub(super) fn forget(&mut self) {
        *self = Self { usual: self.usual, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(minute: i64, volume: f64) -> Bar {
        let open_at = minute * 60_000_000;
        let (price, close_at) = (10.0 + volume, open_at + 60_000_000);
        Bar { open_at, close_at, open: price, high: price, low: price, close: price, volume, vwap: None, trades: None }
    }

    /// The minutes complete after words (minute, volume, second in which it was said), each read at once.
    fn told(words: &[(i64, f64, i64)]) -> Vec<(i64, f64)> {
        let mut minutes = FormingMinutes::default();
        let follow = |(minute, volume, second): &(i64, f64, i64)| {
            let told = Told { after: second * 1_000_000, by: second * 1_000_000 };
            minutes.follow(bar(*minute, *volume), told).complete
        };
        words.iter().filter_map(follow).map(|bar| (bar.open_at / 60_000_000, bar.volume)).collect()
    }

    #[test]
    fn a_minute_is_complete_after_two_words_about_the_next() {
        assert_eq!(told(&[(0, 1.0, 5), (0, 5.0, 60), (1, 1.0, 65)]), []);
        let words = [(0, 1.0, 5), (0, 5.0, 60), (1, 1.0, 65), (1, 2.0, 120), (2, 1.0, 125), (3, 1.0, 185)];
        assert_eq!(told(&words), [(0, 5.0), (1, 2.0)]);
    }

    #[test]
    fn a_pause_longer_than_usual_leaves_a_minute_in_doubt() {
        let lively = |last: i64| {
            (1..=12).map(move |word| (0, f64::from(word), 5 * i64::from(word))).chain([(1, 1.0, 60 + last), (1, 2.0, 85)])
        };
        assert_eq!(told(&lively(5).collect::<Vec<_>>()), [(0, 12.0)]);
        assert_eq!(told(&lively(24).collect::<Vec<_>>()), []);
        // Read late and all at once, the same words leave it in doubt too.
        let mut minutes = FormingMinutes::default();
        let together = Told { after: 40_000_000, by: 90_000_000 };
        let complete = lively(5).filter_map(|(minute, volume, _)| minutes.follow(bar(minute, volume), together).complete);
        assert_eq!(complete.count(), 0);
        // One that speaks every twenty seconds is not in doubt for that.
        let quiet: Vec<(i64, f64, i64)> = (1..30).map(|word| ((20 * word - 1) / 60, word as f64, 20 * word)).collect();
        assert_eq!(told(&quiet).len(), 9);
    }

    #[test]
    fn a_minute_of_which_the_end_was_not_told_is_none() {
        assert_eq!(told(&[(0, 1.0, 20), (5, 1.0, 305), (5, 2.0, 310), (5, 9.0, 360), (6, 1.0, 365), (6, 2.0, 370)]), [(5, 9.0)]);
    }

    #[test]
    fn words_out_of_order_never_make_half_a_minute_a_whole_one() {
        // The last word about minute 0 is overtaken by the first about minute 1: minute 0 has to be fetched.
        let words = [(0, 1.0, 60), (1, 1.0, 65), (0, 5.0, 65), (1, 2.0, 70), (1, 3.0, 120), (2, 1.0, 125), (2, 2.0, 130)];
        assert_eq!(told(&words), [(1, 3.0)]);
        // Two words about one minute change places: the larger counts.
        assert_eq!(told(&[(0, 5.0, 60), (0, 4.0, 60), (1, 1.0, 65), (1, 2.0, 70)]), [(0, 5.0)]);
    }
}
