//! Market scanners: instruments ranked by one number, again every 30 seconds of the gateway's clock.

use bellwether::market::InstrumentKind;
use jiff::{SignedDuration, Timestamp};

use super::{Sink, Stream};
use crate::{
    market::{Level1, Market},
    proto::{ScannerData, ScannerRow, ScannerSubscription},
    requests::wire_contract,
    wire::outgoing,
};

const EVERY: SignedDuration = SignedDuration::from_secs(30);
/// Sessions over which average volume is taken.
const AVERAGE_OVER: usize = 20;

/// What a scan ranks by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanCode {
    /// Last against the previous close, rising.
    TopPercentGain,
    /// Last against the previous close, falling.
    TopPercentLose,
    /// Open against the previous close, rising; before the open the last price stands in.
    HighOpenGap,
    /// Open against the previous close, falling.
    LowOpenGap,
    /// Shares against the average of 20 sessions.
    HotByVolume,
    /// Shares.
    MostActive,
}

impl ScanCode {
    /// The codes with their names on a screen.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 6] = [
        (Self::TopPercentGain, "TOP_PERC_GAIN", "Top % Gainers"),
        (Self::TopPercentLose, "TOP_PERC_LOSE", "Top % Losers"),
        (Self::HighOpenGap, "HIGH_OPEN_GAP", "Top Close-to-Open % Gainers"),
        (Self::LowOpenGap, "LOW_OPEN_GAP", "Top Close-to-Open % Losers"),
        (Self::HotByVolume, "HOT_BY_VOLUME", "Hot by Volume"),
        (Self::MostActive, "MOST_ACTIVE", "Most Active"),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, code, _)| *code == text).map(|(code, ..)| code)
    }

    /// The number that ranks, larger first. `None` when it cannot be told.
    fn rank(self, market: &Market, instrument: usize, state: &Level1, now: Timestamp) -> Option<f64> {
        let change = |price: Option<f64>| Some(price? / state.previous_close? - 1.0);
        match self {
            Self::TopPercentGain => change(state.last),
            Self::TopPercentLose => change(state.last).map(|change| -change),
            Self::HighOpenGap => change(state.open.or(state.last)),
            Self::LowOpenGap => change(state.open.or(state.last)).map(|change| -change),
            Self::HotByVolume => {
                let known = market.daily(instrument).as_of(now).volume;
                let recent = &known[known.len().saturating_sub(AVERAGE_OVER)..];
                let average = recent.iter().sum::<f64>() / recent.len() as f64;
                (average > 0.0).then(|| state.volume / average)
            }
            Self::MostActive => Some(state.volume),
        }
    }
}

/// One active scanner.
#[derive(Debug)]
pub(crate) struct Scan {
    code: ScanCode,
    filter: ScannerSubscription,
    most_rows: usize,
    next: Timestamp,
}

impl Scan {
    pub(crate) fn new(code: ScanCode, filter: ScannerSubscription, most_rows: usize) -> Self {
        let asked = filter.rows.and_then(|rows| usize::try_from(rows).ok()).filter(|rows| *rows > 0);
        Self { code, most_rows: asked.map_or(most_rows, |rows| rows.min(most_rows)), filter, next: Timestamp::MIN }
    }

    fn passes(&self, kind: InstrumentKind, state: &Level1) -> bool {
        let Some(last) = state.last else { return false };
        let kind = match self.filter.stock_type.as_deref() {
            Some("ETF") => kind == InstrumentKind::Etf,
            Some("CORP" | "STOCK") => kind == InstrumentKind::Stock,
            _ => true,
        };
        kind && state.volume > 0.0
            && self.filter.above_price.is_none_or(|least| last >= least)
            && self.filter.below_price.is_none_or(|most| last <= most)
            && self.filter.above_volume.is_none_or(|least| state.volume >= least as f64)
    }

    fn ranked(&self, market: &Market, now: Timestamp) -> Vec<usize> {
        let mut found: Vec<(usize, f64)> = (0..market.instruments().len())
            .filter_map(|instrument| {
                let state = market.level1(instrument, now);
                let kind = market.instrument(instrument).kind;
                self.passes(kind, &state)
                    .then(|| self.code.rank(market, instrument, &state, now))
                    .flatten()
                    .map(|rank| (instrument, rank))
            })
            .collect();
        // Instruments are in order of symbol: equal ranks keep it.
        found.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        found.into_iter().take(self.most_rows).map(|(instrument, _)| instrument).collect()
    }
}

impl Stream for Scan {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if now < self.next {
            return;
        }
        self.next = now + EVERY;
        let rows = self.ranked(market, now).into_iter().enumerate().map(|(rank, instrument)| {
            let instrument = market.instrument(instrument);
            ScannerRow {
                rank: i32::try_from(rank).ok(),
                contract: Some(wire_contract(instrument)),
                market_name: Some(instrument.primary_exchange.clone()),
                distance: Some(String::new()),
                benchmark: Some(String::new()),
                projection: Some(String::new()),
                combo_key: Some(String::new()),
            }
        });
        sink.send(outgoing::SCANNER_DATA, &ScannerData { req_id: Some(sink.request), rows: rows.collect() });
    }
}
