//! The horizontal axis: candles in slots, and New York times under some of them.

use jiff::{Timestamp, civil::Date};

use crate::market::{Bar, Series, new_york, resample_minutes};

/// How many candles a picture has room for, and what becomes of the days beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// For a mail: of days the newest are kept, more candles are too thin to read.
    Mail,
    /// For a page: all bars are shown, joined to candles of several days where they are many.
    Page,
}

impl Room {
    fn most(self) -> usize {
        match self {
            Self::Mail => 110,
            Self::Page => 300,
        }
    }
}

const MINUTE: i64 = 60_000_000;
/// Lengths that minute bars are joined to.
const LENGTHS: [u32; 10] = [1, 2, 3, 5, 10, 15, 30, 60, 120, 240];
/// Distances between labelled times, minutes.
const LABEL_STEPS: [i64; 9] = [5, 10, 15, 30, 60, 90, 120, 180, 240];

/// Candles with their places: minutes without a trade leave their slot empty, nights and weekends take none.
pub(super) struct TimeAxis {
    /// The candles drawn.
    pub(super) candles: Vec<Bar>,
    /// Slot of each candle, from 0, increasing.
    pub(super) slots: Vec<i64>,
    /// Length of a candle in minutes; `None` when each is a day.
    pub(super) minutes: Option<u32>,
    /// Days joined in a candle, when each is days.
    pub(super) days: usize,
    dates: Vec<Date>,
}

impl TimeAxis {
    /// Places bars, joining minutes until they fit in the room; of days, the last ones are kept or several joined.
    pub(super) fn of(bars: &[Bar], room: Room) -> Self {
        let most = room.most();
        let daily = bars.windows(2).all(|pair| date_of(pair[0].open_at) != date_of(pair[1].open_at));
        let lone_minute = bars.len() == 1 && bars[0].close_at - bars[0].open_at <= 60 * MINUTE;
        if daily && !lone_minute {
            return match room {
                Room::Mail => Self::place(bars[bars.len().saturating_sub(most)..].to_vec(), None),
                Room::Page => Self::of_days(bars, most),
            };
        }
        let shortest = bars.iter().map(|bar| (bar.close_at - bar.open_at) / MINUTE).min().unwrap_or(1).max(1);
        let lengths = LENGTHS.into_iter().filter(|length| i64::from(*length) >= shortest);
        let mut placed = Self::place(bars.to_vec(), Some(u32::try_from(shortest).unwrap_or(1)));
        for length in lengths {
            if placed.slot_count() <= most as i64 {
                break;
            }
            placed = Self::place(joined(bars, length), Some(length));
        }
        if room == Room::Page && placed.slot_count() > most as i64 {
            let days: Vec<Bar> = bars.chunk_by(|a, b| date_of(a.open_at) == date_of(b.open_at)).filter_map(one_bar).collect();
            return Self::of_days(&days, most);
        }
        placed
    }

    /// Candles of so many days that there are at most `most`.
    fn of_days(bars: &[Bar], most: usize) -> Self {
        let days = bars.len().div_ceil(most).max(1);
        Self { days, ..Self::place(bars.chunks(days).filter_map(one_bar).collect(), None) }
    }

    fn place(candles: Vec<Bar>, minutes: Option<u32>) -> Self {
        let dates: Vec<Date> = candles.iter().map(|bar| date_of(bar.open_at)).collect();
        let width = i64::from(minutes.unwrap_or(1)) * MINUTE;
        let mut slots = Vec::with_capacity(candles.len());
        let mut slot = 0;
        for row in 0..candles.len() {
            if row > 0 {
                let same_day = dates[row] == dates[row - 1];
                slot += if same_day { ((candles[row].open_at - candles[row - 1].open_at) / width).max(1) } else { 1 };
            }
            slots.push(slot);
        }
        Self { candles, slots, minutes, days: 1, dates }
    }

    /// Number of slots, empty ones included.
    pub(super) fn slot_count(&self) -> i64 {
        self.slots.last().map_or(0, |last| last + 1)
    }

    /// The slot at which `instant` begins, when its date has candles: before them or among them, or where they end. It may lie outside
    /// the picture.
    pub(super) fn slot_of(&self, instant: Timestamp) -> Option<f64> {
        let width = f64::from(self.minutes?) * MINUTE as f64;
        let date = date_of(instant.as_microsecond());
        let row = self.dates.iter().position(|known| *known == date)?;
        let end = self.dates.iter().rposition(|known| *known == date).map_or(f64::MAX, |last| self.slots[last] as f64 + 1.0);
        let slot = self.slots[row] as f64 + (instant.as_microsecond() - self.candles[row].open_at) as f64 / width;
        // The next date begins there, though this one would have gone on.
        Some(if date == self.dates[self.dates.len() - 1] { slot } else { slot.min(end) })
    }

    /// Positions, in slots, and texts of at most `most` labels.
    pub(super) fn labels(&self, most: usize) -> Vec<(f64, String)> {
        let mut days: Vec<usize> =
            (0..self.dates.len()).filter(|row| *row == 0 || self.dates[*row] != self.dates[*row - 1]).collect();
        if self.minutes.is_none() || days.len() > 1 {
            let every = days.len().div_ceil(most.max(1)).max(1);
            days = days.into_iter().step_by(every).collect();
            let years = self.dates.first().map(|date| date.year()) != self.dates.last().map(|date| date.year());
            let pattern = if years && self.dates.len() > 150 { "%b %Y" } else { "%b %-d" };
            let middle = if self.minutes.is_none() { 0.5 } else { 0.0 };
            return days
                .into_iter()
                .map(|row| (self.slots[row] as f64 + middle, self.dates[row].strftime(pattern).to_string()))
                .collect();
        }
        let (Some(first), Some(last)) = (self.candles.first(), self.candles.last()) else { return Vec::new() };
        let span = (last.close_at - first.open_at) / MINUTE;
        let step = LABEL_STEPS.into_iter().find(|step| span / step < most as i64).unwrap_or(480);
        // New York is a whole number of hours from UTC and steps beyond an hour are counted from its midnight.
        let midnight = self.dates[0].to_zoned(new_york()).map(|day| day.timestamp().as_microsecond()).unwrap_or(first.open_at);
        let from =
            (first.open_at - midnight).div_euclid(step * MINUTE) + i64::from((first.open_at - midnight) % (step * MINUTE) != 0);
        let until = (last.close_at - midnight).div_euclid(step * MINUTE);
        (from..=until)
            .filter_map(|count| Timestamp::from_microsecond(midnight + count * step * MINUTE).ok())
            .filter_map(|at| Some((self.slot_of(at)?, at.to_zoned(new_york()).strftime("%H:%M").to_string())))
            .collect()
    }
}

fn date_of(micros: i64) -> Date {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MIN).to_zoned(new_york()).date()
}

/// All of `bars` as one.
fn one_bar(bars: &[Bar]) -> Option<Bar> {
    let (first, last) = (bars.first()?, bars.last()?);
    Some(Bar {
        close_at: last.close_at,
        high: bars.iter().map(|bar| bar.high).fold(first.high, f64::max),
        low: bars.iter().map(|bar| bar.low).fold(first.low, f64::min),
        close: last.close,
        volume: bars.iter().map(|bar| bar.volume).sum(),
        vwap: None,
        trades: None,
        ..*first
    })
}

/// `bars` joined to `length` minutes, the one still growing included: a picture shows the price of now.
fn joined(bars: &[Bar], length: u32) -> Vec<Bar> {
    let column = |pick: fn(&Bar) -> f64| bars.iter().map(pick).collect::<Vec<f64>>();
    let (open_at, close_at): (Vec<i64>, Vec<i64>) = bars.iter().map(|bar| (bar.open_at, bar.close_at)).unzip();
    let width = i64::from(length) * MINUTE;
    let end = close_at.last().map_or(0, |last| last.div_euclid(width) * width + width);
    let series = Series {
        open_at: &open_at,
        close_at: &close_at,
        open: &column(|bar| bar.open),
        high: &column(|bar| bar.high),
        low: &column(|bar| bar.low),
        close: &column(|bar| bar.close),
        volume: &column(|bar| bar.volume),
        vwap: &column(|bar| bar.vwap.unwrap_or(f64::NAN)),
        trades: &column(|bar| bar.trades.unwrap_or(f64::NAN)),
    };
    resample_minutes(series, length, Timestamp::from_microsecond(end).unwrap_or(Timestamp::MAX))
}
