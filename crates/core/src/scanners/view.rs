//! One symbol of a snapshot, cut into the pieces that scans measure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use crate::market::{
    Bar, Calendar, Instrument, MissingData, MissingReason, Quote, Series, Snapshot, SnapshotPart, SplitEvidence, SuspectedSplit,
    Symbol, TradingDay, suspect_split,
};

/// The session of a snapshot and those before it: worked out once, shared by all symbols.
#[derive(Debug)]
pub(super) struct Sessions {
    /// The session's day; `None` when the exchange does not trade that day.
    pub day: Option<TradingDay>,
    /// The trading day before.
    pub previous: Option<TradingDay>,
    /// Earlier sessions, oldest first.
    pub earlier: Vec<TradingDay>,
}

impl Sessions {
    pub(super) fn of(snapshot: &Snapshot, history: usize) -> Self {
        let calendar = Calendar;
        Self {
            day: calendar.day(snapshot.session).ok().flatten(),
            previous: calendar.previous(snapshot.session).ok(),
            earlier: calendar.sessions_before(snapshot.session, history).unwrap_or_default(),
        }
    }
}

/// What a scan sees of one symbol.
#[derive(Debug, Clone)]
pub(super) struct SymbolView<'a> {
    pub snapshot: &'a Snapshot,
    pub instrument: &'a Instrument,
    pub quote: Option<&'a Quote>,
    /// Daily bars before this session.
    pub daily: Series<'a>,
    /// Minute bars of earlier sessions.
    pub history: Series<'a>,
    /// Minute bars of this session before the open.
    pub pre: Series<'a>,
    /// Minute bars of this session from the open to the close.
    pub regular: Series<'a>,
}

/// Volume so far against the same part of earlier sessions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RelativeVolume {
    /// Today's over the mean of the others; `None` when they are none or had none.
    pub ratio: Option<f64>,
    /// How many earlier sessions the mean is over.
    pub sessions: u32,
}

/// Every symbol of the snapshot measured by `measure`, in order of ticker, on all cores.
///
/// Nothing is measured on a day without a session, nor a symbol of which this session's bars are damaged.
pub(super) fn measure_all<'a, T: Send>(
    snapshot: &'a Snapshot,
    sessions: &Sessions,
    measure: impl Fn(&SymbolView<'a>) -> T + Sync,
) -> Vec<(&'a Instrument, T)> {
    let damaged = damaged_today(snapshot);
    let universe: &[Instrument] = if sessions.day.is_some() { &snapshot.universe } else { &[] };
    universe
        .par_iter()
        .filter(|instrument| damaged.is_empty() || !damaged.contains(&instrument.symbol))
        .map(|instrument| {
            let view = SymbolView::new(snapshot, sessions, instrument);
            (instrument, measure(&view))
        })
        .collect()
}

impl<'a> SymbolView<'a> {
    fn new(snapshot: &'a Snapshot, sessions: &Sessions, instrument: &'a Instrument) -> Self {
        let symbol = instrument.symbol.as_str();
        let today = snapshot.today.series(symbol);
        let daily = snapshot.daily.series(symbol);
        let (pre, regular, daily) = match &sessions.day {
            Some(day) => {
                (today.starting_in(day.pre_open, day.open), today.starting_in(day.open, day.close), daily.as_of(day.pre_open))
            }
            None => (today.slice(0..0), today.slice(0..0), daily),
        };
        Self {
            snapshot,
            instrument,
            quote: snapshot.quote(&instrument.symbol),
            daily,
            history: snapshot.history.series(symbol),
            pre,
            regular,
        }
    }

    /// The previous session's bar: the daily bar of that very day, else one made of its regular minutes.
    ///
    /// Prices are divided, and volume multiplied, by a known split between then and now.
    pub(super) fn previous_day(&self, sessions: &Sessions) -> Option<Bar> {
        let day = sessions.previous.as_ref()?;
        let from_daily = self.daily.last().filter(|bar| bar.close_at > day.pre_open.as_microsecond());
        let bar = from_daily.or_else(|| regular_bar(self.history.starting_in(day.open, day.close)))?;
        let ratio = self.split_since(day);
        Some(Bar {
            open: bar.open / ratio,
            high: bar.high / ratio,
            low: bar.low / ratio,
            close: bar.close / ratio,
            volume: bar.volume * ratio,
            ..bar
        })
    }

    pub(super) fn split_since(&self, previous: &TradingDay) -> f64 {
        self.snapshot
            .splits
            .iter()
            .filter(|split| split.symbol == self.instrument.symbol && split.ex_date > previous.date)
            .map(|split| split.ratio)
            .product()
    }

    /// Median daily volume of up to 20 sessions before this one, shares: of daily bars, else of earlier sessions' minutes.
    pub(super) fn typical_daily_volume(&self, sessions: &Sessions) -> Option<f64> {
        const SESSIONS: usize = 20;
        let from = self.daily.len().saturating_sub(SESSIONS);
        let mut volumes: Vec<f64> = self.daily.volume[from..].to_vec();
        if volumes.is_empty() {
            let days = sessions.earlier.iter().rev().take(SESSIONS);
            let minutes = days.map(|day| self.history.starting_in(day.pre_open, day.post_close)).filter(|bars| !bars.is_empty());
            volumes = minutes.map(|bars| bars.volume.iter().sum()).collect();
        }
        if volumes.is_empty() {
            return None;
        }
        volumes.sort_by(f64::total_cmp);
        let middle = volumes.len() / 2;
        Some(if volumes.len() % 2 == 1 { volumes[middle] } else { (volumes[middle - 1] + volumes[middle]) / 2.0 })
    }

    /// Whether the overnight jump to `price` looks like a split. Volume is the pre-market's, whenever it is asked: by noon
    /// an ordinary day has traded enough to hide one.
    pub(super) fn suspected_split(&self, sessions: &Sessions, prev_close: f64, price: f64) -> Option<SuspectedSplit> {
        let volume = self.pre.volume.iter().sum();
        let evidence = SplitEvidence { prev_close, price, volume, typical_daily_volume: self.typical_daily_volume(sessions) };
        suspect_split(&evidence).map(|(ratio, volume_ratio)| SuspectedSplit {
            symbol: self.instrument.symbol.clone(),
            ratio,
            prev_close,
            last: price,
            price_ratio: price / prev_close,
            volume,
            volume_ratio,
        })
    }

    /// The price of the overnight gap: the official open once the regular session has a bar, else the last pre-market price.
    pub(super) fn gap_price(&self) -> Option<f64> {
        self.regular.open.first().copied().or_else(|| self.pre.close.last().copied())
    }

    /// Last price: of the regular session once it has a bar, else of the pre-market.
    pub(super) fn last(&self) -> Option<Bar> {
        self.regular.last().or_else(|| self.pre.last())
    }

    /// Today's volume from `start` of the session to the snapshot's instant against the same minutes of earlier sessions.
    ///
    /// An earlier session counts when the symbol has any bar in it and the session was still open at the same time of
    /// day; minutes in which nothing traded count as zero.
    pub(super) fn relative_volume(&self, sessions: &Sessions, from: SessionStart, today: f64) -> RelativeVolume {
        let Some(day) = &sessions.day else { return RelativeVolume { ratio: None, sessions: 0 } };
        let end = match from {
            SessionStart::PreMarket => self.snapshot.as_of.min(day.open),
            SessionStart::Open => self.snapshot.as_of.min(day.close),
        };
        let elapsed = end.duration_since(from.of(day));
        if elapsed <= SignedDuration::ZERO {
            return RelativeVolume { ratio: None, sessions: 0 };
        }
        let (mut sum, mut n) = (0.0, 0_u32);
        let (open_at, close_at) = (self.history.open_at, self.history.close_at);
        let mut row = 0;
        for earlier in &sessions.earlier {
            let start = from.of(earlier);
            let until = start + elapsed;
            let first = forward(open_at, row, earlier.pre_open.as_microsecond());
            row = forward(open_at, first, earlier.post_close.as_microsecond());
            if row > first && until <= from.end(earlier) {
                let counted = forward(open_at, first, start.as_microsecond());
                let known = forward(close_at, counted, until.as_microsecond() + 1);
                sum += self.history.volume[counted..known].iter().sum::<f64>();
                n += 1;
            }
        }
        let mean = sum / f64::from(n);
        RelativeVolume { ratio: (n > 0 && mean > 0.0).then(|| today / mean), sessions: n }
    }

    /// Minutes from the last print to the snapshot's instant.
    pub(super) fn minutes_since(&self, bar: &Bar) -> f64 {
        let now: Timestamp = self.snapshot.as_of;
        (now.as_microsecond() - bar.close_at) as f64 / 60_000_000.0
    }
}

/// Newest headline of the last 24 hours about a symbol.
pub(super) fn headline<'a>(snapshot: &'a Snapshot, instrument: &Instrument) -> Option<&'a str> {
    let since = snapshot.as_of - SignedDuration::from_hours(24);
    snapshot.headline(&instrument.symbol).filter(|headline| headline.at >= since).map(|headline| headline.title.as_str())
}

/// The source says that trading is halted.
pub(super) fn halted(snapshot: &Snapshot, instrument: &Instrument) -> bool {
    snapshot.quote(&instrument.symbol).is_some_and(|quote| quote.halted)
}

/// The first row from `from` on whose value is not below `bound`, in ascending `values`: sought close by first.
fn forward(values: &[i64], from: usize, bound: i64) -> usize {
    let rest = &values[from..];
    let mut reach = 1;
    while reach < rest.len() && rest[reach] < bound {
        reach *= 2;
    }
    let (low, high) = (reach / 2, (reach + 1).min(rest.len()));
    from + low + rest[low..high].partition_point(|value| *value < bound)
}

/// The symbols whose numbers of this session cannot be trusted: a minute of it was damaged.
pub(super) fn damaged_today(snapshot: &Snapshot) -> BTreeSet<&Symbol> {
    let damaged = |missing: &&MissingData| missing.part == SnapshotPart::Today && missing.reason == MissingReason::BadData;
    snapshot.missing.iter().filter(damaged).map(|missing| &missing.symbol).collect()
}

/// From when on volume is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionStart {
    /// 04:00.
    PreMarket,
    /// 09:30.
    Open,
}

impl SessionStart {
    fn of(self, day: &TradingDay) -> Timestamp {
        match self {
            Self::PreMarket => day.pre_open,
            Self::Open => day.open,
        }
    }

    fn end(self, day: &TradingDay) -> Timestamp {
        match self {
            Self::PreMarket => day.open,
            Self::Open => day.close,
        }
    }
}

/// One bar of a session's regular minutes.
fn regular_bar(minutes: Series<'_>) -> Option<Bar> {
    let (first, last) = (minutes.iter().next()?, minutes.last()?);
    Some(Bar {
        open_at: first.open_at,
        close_at: last.close_at,
        open: first.open,
        high: minutes.high.iter().copied().fold(f64::MIN, f64::max),
        low: minutes.low.iter().copied().fold(f64::MAX, f64::min),
        close: last.close,
        volume: minutes.volume.iter().sum(),
        vwap: None,
        trades: None,
    })
}

/// `100 · (a / b − 1)`, percent.
pub(super) fn percent(a: f64, b: f64) -> f64 {
    100.0 * (a / b - 1.0)
}
