//! Bars from the broker into the database: the history that scans compare with.

use std::collections::BTreeMap;

use bellwether::market::{Bars, BarsBuilder, Calendar, MissingData, Symbol, Timeframe, TradingDay};
use bellwether_adapters::ib::IbSession;
use futures::StreamExt as _;
use jiff::Timestamp;

use super::TaskOutcome;
use crate::{
    config::{IngestConfig, Job},
    context::{Context, symbols_of_file},
    market::Market,
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
    /// What could not be had, and why.
    pub missing: Vec<MissingData>,
}

pub(super) async fn run(context: &Context, job: &Job, config: &IngestConfig, due_at: Timestamp) -> anyhow::Result<TaskOutcome> {
    let Market::Ib(link) = &context.market else {
        anyhow::bail!("ingest_bars fetches from Interactive Brokers; a recorded folder is read as it is");
    };
    let universe = context.universe(job.universe.as_deref().unwrap_or_default())?;
    let symbols = match (&universe.symbols, &universe.file) {
        (Some(symbols), _) => symbols.clone(),
        (None, Some(file)) => symbols_of_file(file)?,
        (None, None) => {
            anyhow::bail!("ingest_bars needs a universe of `symbols` or a `file`: a market scanner's rows change by the minute")
        }
    };
    let session = link.session().await?;
    let summary = ingest(context, &session, &symbols, config, due_at, &|_, _| ()).await?;
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
            "minute_bars": summary.minute_bars, "daily_bars": summary.daily_bars, "missing": summary.missing,
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
    session: &IbSession,
    symbols: &[Symbol],
    config: &IngestConfig,
    now: Timestamp,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<IngestSummary> {
    const AT_ONCE: usize = 8;
    const FLUSH_BARS: usize = 100_000;
    let sessions = complete_sessions(now, config.minute_sessions)?;
    let qualified = session.qualify(symbols).await;
    context.store.upsert_instruments(&qualified.instruments, now).await?;
    let have = match sessions.first().zip(sessions.last()) {
        Some((first, last)) => context.store.read_bars(symbols, Timeframe::Min1, first.pre_open, last.post_close).await?.0,
        None => Bars::default(),
    };
    let mut summary = IngestSummary { symbols: symbols.len(), missing: qualified.missing, ..IngestSummary::default() };
    let (mut minutes, mut daily) = (BTreeMap::new(), BTreeMap::new());
    let mut buffered = 0;
    let mut done = 0;
    let total = qualified.instruments.len();
    let days = u32::try_from(config.daily_sessions).unwrap_or(u32::MAX);
    let requests = qualified.instruments.into_iter().map(|instrument| {
        let held = have.series(instrument.symbol.as_str());
        let lacking: Vec<TradingDay> =
            sessions.iter().filter(|day| held.starting_in(day.pre_open, day.post_close).is_empty()).cloned().collect();
        async move {
            let mut bars = Vec::new();
            for day in lacking {
                bars.push(session.minute_bars(&instrument, day.pre_open, day.post_close).await);
            }
            let daily = session.daily_bars(&instrument, days, now).await;
            (instrument, bars, daily)
        }
    });
    let mut fetched = futures::stream::iter(requests.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
    while let Some((instrument, minute_answers, daily_answer)) = fetched.next().await {
        for answer in minute_answers {
            match answer {
                Ok(bars) => {
                    buffered += bars.len();
                    minutes.entry(instrument.symbol.clone()).or_insert_with(Vec::new).extend(bars);
                }
                Err(missing) => {
                    summary.missing.push(missing.into_missing(&instrument.symbol, bellwether::market::SnapshotPart::History))
                }
            }
        }
        match daily_answer {
            Ok(bars) => {
                daily.insert(instrument.symbol.clone(), bars);
            }
            Err(missing) => {
                summary.missing.push(missing.into_missing(&instrument.symbol, bellwether::market::SnapshotPart::Daily))
            }
        }
        done += 1;
        progress(done, total);
        if buffered >= FLUSH_BARS {
            summary.minute_bars += write(context, std::mem::take(&mut minutes), Timeframe::Min1, &mut summary.missing).await?;
            buffered = 0;
        }
    }
    summary.minute_bars += write(context, minutes, Timeframe::Min1, &mut summary.missing).await?;
    summary.daily_bars += write(context, daily, Timeframe::Day1, &mut summary.missing).await?;
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

async fn write(
    context: &Context,
    bars: BTreeMap<Symbol, Vec<bellwether::market::Bar>>,
    timeframe: Timeframe,
    missing: &mut Vec<MissingData>,
) -> anyhow::Result<u64> {
    if bars.is_empty() {
        return Ok(0);
    }
    let mut builder = BarsBuilder::default();
    bars.into_iter().for_each(|(symbol, bars)| builder.extend(&symbol, bars));
    let (bars, faults) = builder.finish();
    missing.extend(faults.into_iter().map(|fault| MissingData {
        symbol: fault.symbol,
        part: bellwether::market::SnapshotPart::History,
        reason: bellwether::market::MissingReason::BadData,
        detail: format!("{} bar at {}: {}", timeframe, fault.at, fault.problem),
    }));
    Ok(context.store.write_bars(&bars, timeframe, "ib").await?)
}
