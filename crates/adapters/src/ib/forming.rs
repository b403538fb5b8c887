//! When a minute bar that is told as it forms is complete.

use bellwether::market::Bar;

/// The last minutes of one stream.
#[derive(Debug, Default)]
pub(super) struct FormingMinutes {
    /// As it was last told.
    forming: Option<Bar>,
    /// The one before it, complete unless something older than what forms comes next.
    formed: Option<Bar>,
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
    pub(super) fn follow(&mut self, bar: Bar) -> Formed {
        let Some(forming) = self.forming else {
            self.forming = Some(bar);
            return Formed::default();
        };
        if bar.open_at < forming.open_at {
            // Which version of the older one was the last is not known any more.
            self.formed = None;
            return Formed { complete: None, out_of_order: true };
        }
        let complete = self.formed.take();
        // Within its minute a bar only grows.
        let stale = bar.open_at == forming.open_at && bar.volume < forming.volume;
        if bar.open_at > forming.open_at {
            self.formed = Some(forming);
        }
        if !stale {
            self.forming = Some(bar);
        }
        Formed { complete, out_of_order: stale }
    }

    /// What comes next does not follow from what came before.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
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

    fn told(words: &[(i64, f64)]) -> Vec<(i64, f64)> {
        let mut minutes = FormingMinutes::default();
        let complete = words.iter().filter_map(|(minute, volume)| minutes.follow(bar(*minute, *volume)).complete);
        complete.map(|bar| (bar.open_at / 60_000_000, bar.volume)).collect()
    }

    #[test]
    fn a_minute_is_complete_after_two_words_about_the_next() {
        assert_eq!(told(&[(0, 1.0), (0, 5.0), (1, 1.0)]), []);
        assert_eq!(told(&[(0, 1.0), (0, 5.0), (1, 1.0), (1, 2.0), (2, 1.0), (3, 1.0)]), [(0, 5.0), (1, 2.0)]);
    }

    #[test]
    fn words_out_of_order_never_make_half_a_minute_a_whole_one() {
        // The last word about minute 0 is overtaken by the first about minute 1: minute 0 has to be fetched.
        assert_eq!(told(&[(0, 1.0), (1, 1.0), (0, 5.0), (1, 2.0), (1, 3.0), (2, 1.0), (2, 2.0)]), [(1, 3.0)]);
        // Two words about one minute change places: the larger counts.
        assert_eq!(told(&[(0, 5.0), (0, 4.0), (1, 1.0), (1, 2.0)]), [(0, 5.0)]);
    }
}
