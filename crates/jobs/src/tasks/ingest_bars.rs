//! Bars from the sources into the database: the history that scans compare with. Each bar is kept with who gave it.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use bellwether::market::{
    Bar, Bars, BarsBuilder, Calendar, Instrument, MissingData, MissingReason, SnapshotPart, Symbol, Timeframe, TradingDay,
};
use bellwether_adapters::{Fallback, ib::IbSession};
use futures::StreamExt as _;
use jiff::Timestamp;

use super::{TaskOutcome, history::HistoryCache};
use crate::{
    config::{IngestConfig, Job},
    context::{Context, symbols_of_file},
    market::Market,
    sources::SourceName,
};

/// What was brought in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IngestSummary {
    /// Symbols asked for.
    pub symbols: usize,
    /// Minute bars written.
    pub minute_bars: u64,
    /// Daily bars written.
    pub daily_bars: u64,
    /// Bars written, by the source that gave them.
    pub sources: BTreeMap<String, u64>,
    /// What could not be had, and why.
    pub missing: Vec<MissingData>,
}

/// Who is asked for bars.
#[derive(Debug, Clone)]
pub enum Supply {
    /// A session with the broker.
    Broker(Arc<IbSession>),
    /// Several sources in order.
    Chain(Arc<Fallback>),
}

impl Supply {
    /// Who is asked in this market; only `source`, where one is named.
    ///
    /// # Errors
    /// The broker cannot be reached and is all there is; or `source` is none of the sources.
    pub async fn of(market: &Market, source: Option<SourceName>) -> anyhow::Result<Self> {
        match (market, source) {
            (Market::Files(_), _) => {
                anyhow::bail!("a recorded folder is read as it is: `bellwether ingest --source DIR` brings it in")
            }
            (Market::Ib(link), None | Some(SourceName::Ib)) => Ok(Self::Broker(link.ready().await?)),
            (Market::Ib(_), Some(other)) => anyhow::bail!("source `{}` is not in the `order` of [sources]", other.as_str()),
            (Market::Chain(chain), None) => Ok(Self::Chain(Arc::clone(&chain.fallback))),
            (Market::Chain(chain), Some(name)) => {
                let only = chain.fallback.only(name.as_str());
                let only = only.with_context(|| format!("source `{}` is not in the `order` of [sources]", name.as_str()))?;
                Ok(Self::Chain(Arc::new(only)))
            }
        }
    }

    /// The contracts of `symbols`, and which could not be told. Where several sources may know a symbol, each says so itself.
    async fn contracts(&self, symbols: &[Symbol]) -> (Vec<Instrument>, Vec<MissingData>) {
        match self {
            Self::Broker(session) => {
                let qualified = session.qualify(symbols).await;
                (qualified.instruments, qualified.missing)
            }
            Self::Chain(_) => (symbols.iter().cloned().map(Instrument::stock).collect(), Vec::new()),
        }
    }

    /// Minute bars of `days`, which follow one another; with each piece, who gave it.
    async fn minutes(&self, instrument: &Instrument, days: &[TradingDay]) -> Vec<Result<(String, Vec<Bar>), MissingData>> {
        let Some((first, last)) = days.first().zip(days.last()) else { return Vec::new() };
        match self {
            Self::Broker(session) => {
                let mut pieces = Vec::with_capacity(days.len());
                for day in days {
                    let bars = session.minute_bars(instrument, day.pre_open, day.post_close).await;
                    pieces.push(from_broker(bars, instrument, SnapshotPart::History));
                }
                pieces
            }
            // In one piece: services count requests, and take days together.
            Self::Chain(fallback) => {
                let bars = fallback.minute_bars(&instrument.symbol, first.pre_open, last.post_close).await;
                vec![bars.map(|bars| (bars.source, bars.value))]
            }
        }
    }

    async fn daily(&self, instrument: &Instrument, sessions: u32, now: Timestamp) -> Result<(String, Vec<Bar>), MissingData> {
        match self {
            Self::Broker(session) => {
                from_broker(session.daily_bars(instrument, sessions, now).await, instrument, SnapshotPart::Daily)
            }
            Self::Chain(fallback) => {
                fallback.daily_bars(&instrument.symbol, sessions, now).await.map(|bars| (bars.source, bars.value))
            }
        }
    }
}

fn from_broker(
    bars: bellwether_adapters::Result<Vec<Bar>>,
    instrument: &Instrument,
    part: SnapshotPart,
) -> Result<(String, Vec<Bar>), MissingData> {
    bars.map(|bars| (SourceName::Ib.as_str().to_owned(), bars)).map_err(|error| error.into_missing(&instrument.symbol, part))
}

pub(super) async fn run(context: &Context, job: &Job, config: &IngestConfig, due_at: Timestamp) -> anyhow::Result<TaskOutcome> {
    let universe = context.universe(job.universe.as_deref().unwrap_or_default())?;
    let symbols = match (&universe.symbols, &universe.file) {
        (Some(symbols), _) => symbols.clone(),
        (None, Some(file)) => symbols_of_file(file)?,
        (None, None) => {
            anyhow::bail!("ingest_bars needs a universe of `symbols` or a `file`: a market scanner's rows change by the minute")
        }
    };
    let supply = Supply::of(&context.market, config.source).await?;
    let summary = ingest(context, &supply, &symbols, config, due_at, &|_, _| ()).await?;
    anyhow::ensure!(
        summary.minute_bars + summary.daily_bars > 0 || summary.missing.is_empty(),
        "nothing could be fetched; {} symbols failed, the first: {}",
        summary.missing.len(),
        summary
            .missing
            .first()
            .map(|missing| format!("{} {}: {}", missing.symbol, missing.part.as_str(), missing.detail))
            .unwrap_or_default()
    );
    Ok(TaskOutcome {
        summary: format!(
            "{} minute bars and {} daily bars of {} symbols; {} answers missing",
            summary.minute_bars,
            summary.daily_bars,
            summary.symbols,
            summary.missing.len()
        ),
        stored_report: Some(serde_json::json!({
            "minute_bars": summary.minute_bars, "daily_bars": summary.daily_bars, "sources": summary.sources,
            "missing": summary.missing,
        })),
        ..TaskOutcome::default()
    })
}

/// Fetches what the database lacks of the sessions complete at `now`, and writes it. `progress` hears of each symbol done.
///
/// A session of which a symbol has any minute bar in the database is taken as complete: its bars were written together.
///
/// # Errors
/// When the database cannot be written or the connection is gone; a symbol that fails is in the summary.
pub async fn ingest(
    context: &Context,
    supply: &Supply,
    symbols: &[Symbol],
    config: &IngestConfig,
    now: Timestamp,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<IngestSummary> {
    const AT_ONCE: usize = 8;
    const FLUSH_BARS: usize = 100_000;
    let sessions = complete_sessions(now, config.minute_sessions)?;
    let (instruments, unknown) = supply.contracts(symbols).await;
    context.store.upsert_instruments(&instruments, now).await?;
    let have = match sessions.first().zip(sessions.last()) {
        Some((first, last)) => context.store.read_bars(symbols, Timeframe::Min1, first.pre_open, last.post_close).await?.0,
        None => Bars::default(),
    };
    let mut summary = IngestSummary { symbols: symbols.len(), missing: unknown, ..IngestSummary::default() };
    let (mut minutes, mut daily) = (BySource::new(), BySource::new());
    let mut buffered = 0;
    let mut done = 0;
    let total = instruments.len();
    let days = u32::try_from(config.daily_sessions).unwrap_or(u32::MAX);
    let requests = instruments.into_iter().map(|instrument| {
        let held = have.series(instrument.symbol.as_str());
        let has = |day: &TradingDay| !held.starting_in(day.pre_open, day.post_close).is_empty();
        let lacking: Vec<&[TradingDay]> =
            sessions.chunk_by(|a, b| has(a) == has(b)).filter(|days| days.first().is_some_and(|day| !has(day))).collect();
        async move {
            let mut bars = Vec::new();
            for days in lacking {
                bars.extend(supply.minutes(&instrument, days).await);
            }
            let daily = supply.daily(&instrument, days, now).await;
            (instrument, bars, daily)
        }
    });
    let mut fetched = futures::stream::iter(requests.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    while let Some((instrument, minute_answers, daily_answer)) = fetched.next().await {
        for answer in minute_answers {
            match answer {
                Ok((source, bars)) => {
                    buffered += bars.len();
                    minutes.entry(source).or_default().entry(instrument.symbol.clone()).or_default().extend(bars);
                }
                Err(missing) => summary.missing.push(missing),
            }
        }
        match daily_answer {
            Ok((source, bars)) => {
                daily.entry(source).or_default().insert(instrument.symbol.clone(), bars);
            }
            Err(missing) => summary.missing.push(missing),
        }
        done += 1;
        progress(done, total);
        if buffered >= FLUSH_BARS {
            summary.minute_bars += write(context, std::mem::take(&mut minutes), Timeframe::Min1, &mut summary).await?;
            buffered = 0;
        }
    }
    summary.minute_bars += write(context, minutes, Timeframe::Min1, &mut summary).await?;
    summary.daily_bars += write(context, daily, Timeframe::Day1, &mut summary).await?;
    Ok(summary)
}

/// The last `n` sessions whose post-market is over at `now`.
fn complete_sessions(now: Timestamp, n: usize) -> anyhow::Result<Vec<TradingDay>> {
    let today = Calendar.local_date(now);
    let after = match Calendar.day(today)? {
        Some(day) if day.post_close <= now => Calendar.next(today)?.date,
        _ => today,
    };
    Ok(Calendar.sessions_before(after, n)?)
}

/// Bars of many symbols, by the source that gave them.
type BySource = BTreeMap<String, BTreeMap<Symbol, Vec<Bar>>>;

async fn write(context: &Context, bars: BySource, timeframe: Timeframe, summary: &mut IngestSummary) -> anyhow::Result<u64> {
    let mut written = 0;
    for (source, bars) in bars {
        let mut builder = BarsBuilder::default();
        bars.into_iter().for_each(|(symbol, bars)| builder.extend(&symbol, bars));
        let (bars, faults) = builder.finish();
        summary.missing.extend(faults.into_iter().map(|fault| MissingData {
            symbol: fault.symbol,
            part: SnapshotPart::History,
            reason: MissingReason::BadData,
            detail: format!("{} bar at {}: {}", timeframe, fault.at, fault.problem),
        }));
        let new = context.store.write_bars(&bars, timeframe, &source).await?;
        *summary.sources.entry(source).or_default() += new;
        written += new;
    }
    // What was read before is of the past now.
    *context.history.lock().await = HistoryCache::default();
    Ok(written)
}
