//! A scan's input from several sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use bellwether::market::{Bar, Bars, BarsBuilder, MissingData, MissingReason, Snapshot, SnapshotPart, Symbol};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::{
    Fallback, Source,
    gather::{By, Gather},
    health::Why,
};
use crate::{
    error::{AdapterError, Result},
    market_data::{BEHIND, BarSource, DailyBars, MarketData, QuoteSource, ScanRequest, UniverseRequest},
};

/// Symbols asked for at a time; each service has its own limits besides.
const AT_ONCE: usize = 8;
/// A quote of now says something about an instant this long ago, not about an earlier one.
const PRESENT: SignedDuration = SignedDuration::from_mins(15);

#[async_trait]
impl MarketData for Fallback {
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot> {
        let (mut gather, first) = match &request.symbols {
            UniverseRequest::Symbols(symbols) => (Gather::new(as_of, request, symbols)?, None),
            UniverseRequest::All | UniverseRequest::IbScanner { .. } => {
                let (index, symbols) = self.universe(as_of, request).await?;
                (Gather::new(as_of, request, &symbols)?, Some(index))
            }
        };
        gather.take_held(request)?;
        for (index, source) in self.sources.iter().enumerate() {
            if gather.is_complete() {
                break;
            }
            // Those before it could not even say which symbols there are.
            let passed = first.is_some_and(|first| index < first);
            match (&source.market, passed) {
                (Some(market), _) => self.ask_whole(source, &**market, request, &mut gather).await?,
                (None, true) => {}
                (None, false) => {
                    if let Some(bars) = &source.bars {
                        self.ask_bars(source, &**bars, request.daily_sessions, &mut gather).await;
                    }
                    if let Some(quotes) = &source.quotes {
                        self.ask_quotes(source, &**quotes, &mut gather).await;
                    }
                }
            }
        }
        Ok(gather.finish())
    }
}

impl Fallback {
    /// Which symbols there are, by the first source that can say.
    async fn universe(&self, as_of: Timestamp, request: &ScanRequest) -> Result<(usize, Vec<Symbol>)> {
        let mut failure = None;
        for (index, source) in self.sources.iter().enumerate() {
            let Some(market) = &source.market else { continue };
            let light = ScanRequest {
                history_sessions: 0,
                daily_bars: DailyBars::Unwanted,
                with_today: false,
                with_quotes: false,
                with_headlines: false,
                ..request.clone()
            };
            match source.health.ask(true, market.snapshot(as_of, &light)).await {
                Ok(snapshot) => {
                    let unknown = snapshot.missing.into_iter().filter(|missing| missing.part == SnapshotPart::Contract);
                    let known = snapshot.universe.into_iter().map(|instrument| instrument.symbol);
                    let symbols: BTreeSet<Symbol> = known.chain(unknown.map(|missing| missing.symbol)).collect();
                    return Ok((index, symbols.into_iter().collect()));
                }
                Err((_, error)) => failure = failure.or(error),
            }
        }
        Err(failure.unwrap_or(AdapterError::Setting {
            name: "sources",
            value: self.names().join(", "),
            expected: "expected one that knows a universe of its own, or a universe of named symbols",
        }))
    }

    async fn ask_whole(
        &self,
        source: &Source,
        market: &dyn MarketData,
        request: &ScanRequest,
        gather: &mut Gather,
    ) -> Result<()> {
        let request = ScanRequest {
            symbols: UniverseRequest::Symbols(gather.open_symbols()),
            history_sessions: request.history_sessions,
            // What is held is gathered already; what a source adds to it would be mixed with it.
            history: Arc::default(),
            daily: gather.daily_had(),
            held_from: Vec::new(),
            daily_bars: if gather.open(SnapshotPart::Daily).is_empty() { DailyBars::Unwanted } else { request.daily_bars },
            daily_sessions: request.daily_sessions,
            with_today: request.with_today && !gather.open(SnapshotPart::Today).is_empty(),
            with_quotes: request.with_quotes && !gather.open(SnapshotPart::Quote).is_empty(),
            with_headlines: request.with_headlines && !gather.open(SnapshotPart::Headlines).is_empty(),
        };
        let why = match source.health.ask(true, market.snapshot(gather.as_of, &request)).await {
            Ok(snapshot) => {
                let by = By { source: source.name.clone(), fetched_at: self.clock.now(), delayed: false };
                gather.take_snapshot(&snapshot, &by);
                return Ok(());
            }
            // No other source can make a wrong question right.
            Err((_, Some(error @ AdapterError::Data(bellwether::Error::OutsideCalendar { .. })))) => return Err(error),
            Err((why, _)) => why,
        };
        tracing::warn!(source = source.name, reason = why.0.as_str(), detail = why.1, "the next source is asked");
        gather.failed_whole(&source.name, why.0, &why.1, |_| true);
        Ok(())
    }

    /// Today's minutes and daily bars, symbol by symbol. Minutes of earlier sessions are not fetched during a scan: they are
    /// many, and brought into the database beforehand.
    async fn ask_bars(&self, source: &Source, bars: &dyn BarSource, daily_sessions: u32, gather: &mut Gather) {
        let as_of = gather.as_of;
        // What they call a day's bar is final only then.
        let complete = if bars.bars_delayed() { as_of.min(self.clock.now() - BEHIND) } else { as_of };
        let today = gather.day.map(|day| (day.pre_open, as_of.min(day.post_close)));
        for part in [SnapshotPart::Today, SnapshotPart::Daily] {
            let symbols = gather.open(part);
            let asked = symbols.iter().map(|symbol| async move {
                let question = async {
                    match (part, today) {
                        (SnapshotPart::Today, Some((from, until))) => bars.minute_bars(symbol, from, until).await,
                        _ => bars.daily_bars(symbol, daily_sessions, complete).await,
                    }
                };
                (symbol, source.health.ask(false, question).await.map_err(|(why, _)| why))
            });
            let asked: Vec<_> = asked.collect();
            let answers: Vec<(&Symbol, Result<Vec<Bar>, Why>)> = stream::iter(asked).buffered(AT_ONCE).collect().await;
            let delayed = part == SnapshotPart::Today && bars.bars_delayed();
            let by = By { source: source.name.clone(), fetched_at: self.clock.now(), delayed };
            let mut builder = BarsBuilder::default();
            let mut had = Vec::new();
            for (symbol, answer) in answers {
                match answer {
                    Ok(bars) => {
                        builder.extend(symbol, bars);
                        had.push(symbol.clone());
                    }
                    Err((reason, detail)) => gather.failed(symbol, part, &source.name, reason, &detail),
                }
            }
            take_checked(gather, part, builder, &had, &by);
        }
    }

    async fn ask_quotes(&self, source: &Source, quotes: &dyn QuoteSource, gather: &mut Gather) {
        let symbols = gather.open(SnapshotPart::Quote);
        if symbols.is_empty() {
            return;
        }
        let part = SnapshotPart::Quote;
        if self.clock.now().duration_since(gather.as_of).abs() > PRESENT {
            for symbol in &symbols {
                gather.failed(symbol, part, &source.name, MissingReason::NoData, "it has quotes of the present only");
            }
            return;
        }
        if let Some((reason, detail)) = source.health.down() {
            symbols.iter().for_each(|symbol| gather.failed(symbol, part, &source.name, reason, &detail));
            return;
        }
        for (symbol, answer) in symbols.iter().zip(quotes.quotes(&symbols).await) {
            match answer {
                Ok(sourced) => {
                    let by = By { source: source.name.clone(), fetched_at: self.clock.now(), delayed: sourced.delayed };
                    gather.take_quote(sourced.quote, &by);
                }
                Err(error) => gather.failed(symbol, part, &source.name, error.reason(), &error.detail()),
            }
        }
    }
}

/// Bars as they came: a symbol with a row that cannot be a bar is flawed, and the next source may have it whole.
fn take_checked(gather: &mut Gather, part: SnapshotPart, builder: BarsBuilder, had: &[Symbol], by: &By) {
    let (bars, faults): (Bars, _) = builder.finish();
    let bars = Arc::new(bars);
    let mut complaints: BTreeMap<Symbol, Vec<MissingData>> = BTreeMap::new();
    for fault in faults {
        let detail = format!("set aside: in the bar that starts at {}, {}", fault.at, fault.problem);
        let complaint = MissingData { symbol: fault.symbol.clone(), part, reason: MissingReason::BadData, detail };
        complaints.entry(fault.symbol).or_default().push(complaint);
    }
    let sound: Vec<Symbol> = had.iter().filter(|symbol| !complaints.contains_key(*symbol)).cloned().collect();
    for (symbol, complaints) in complaints {
        let detail = complaints.first().map(|complaint| complaint.detail.clone()).unwrap_or_default();
        gather.keep_flawed(&symbol, part, &bars, by, complaints);
        gather.failed(&symbol, part, &by.source, MissingReason::BadData, &detail);
    }
    gather.take_bars(part, &bars, &sound, |_| by.clone());
}
