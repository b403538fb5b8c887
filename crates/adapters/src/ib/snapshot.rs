//! Everything of a universe as of one instant, put together from many requests. What fails is named; the rest goes on.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use bellwether::market::{
    Answered, Bar, Bars, BarsBuilder, Calendar, Headline, Instrument, MissingData, MissingReason, Provenance, Quote, Snapshot,
    SnapshotInputs, SnapshotPart, Symbol, TradingDay,
};
use futures::{StreamExt as _, stream};
use jiff::{Timestamp, civil::Time};

use super::{pacing::HISTORY_AT_ONCE, session::IbSession};
use crate::{
    error::{AdapterError, Result},
    market_data::{MarketData, ScanRequest, UniverseRequest, headlines_since, reaches},
};

/// What is wanted of every symbol.
struct Wanted<'a> {
    /// The session, when there is one and its minutes are wanted.
    day: Option<&'a TradingDay>,
    as_of: Timestamp,
    /// Daily bars that are fetched where they are lacking.
    daily_sessions: u32,
    /// Providers, and since when.
    headlines: Option<(&'a [String], Timestamp)>,
}

/// What was found about one symbol.
#[derive(Default)]
struct Found {
    today: Vec<Bar>,
    daily: Vec<Bar>,
    headlines: Vec<Headline>,
    missing: Vec<MissingData>,
}

impl IbSession {
    /// The market of `instruments`, in place of the symbols of `request`, as of `as_of`. Minute bars of the session are fetched as far as an earlier
    /// call has not, daily bars where those held are not up to date; what is not wanted is not asked for. Whatever fails is in
    /// `missing` with its reason.
    ///
    /// # Errors
    /// [`AdapterError::Data`] when `as_of` is outside the exchange calendar.
    pub async fn snapshot_of(&self, as_of: Timestamp, instruments: &[Instrument], request: &ScanRequest) -> Result<Snapshot> {
        let ScanRequest { history, daily, .. } = request;
        let session = Calendar.local_date(as_of);
        let day = Calendar.day(session)?.filter(|_| request.with_today);
        let daily_due = request.daily_bars.due(as_of)?;
        let since = headlines_since(as_of)?;
        if request.with_quotes {
            self.subscribe_quotes(instruments).await;
        }
        let mut missing = Vec::new();
        let headlines = match request.with_headlines {
            true => self.news_providers().await.map(Some),
            false => Ok(None),
        };
        // Asked for once: were it each symbol's, a gateway that does not answer would be waited for as often.
        let headlines = headlines.unwrap_or_else(|error| {
            let (reason, detail) = (error.reason(), error.detail());
            missing.extend(instruments.iter().map(|instrument| MissingData {
                symbol: instrument.symbol.clone(),
                part: SnapshotPart::Headlines,
                reason,
                detail: detail.clone(),
            }));
            None
        });
        let headlines = headlines.as_deref().map(|providers| (providers, since));
        let wanted = Wanted { day: day.as_ref(), as_of, daily_sessions: request.daily_sessions, headlines };
        let searches = instruments.iter().map(|instrument| {
            let held = daily.series(instrument.symbol.as_str()).as_of(as_of);
            self.find(instrument, &wanted, daily_due.filter(|due| !reaches(held, *due)))
        });
        let searches: Vec<_> = searches.collect();
        let found: Vec<Found> = stream::iter(searches).buffered(HISTORY_AT_ONCE).collect().await;
        let quotes = match request.with_quotes {
            true => self.quotes_of(instruments, &mut missing).await,
            false => Vec::new(),
        };
        let (mut today, mut fetched, mut headlines) = (BarsBuilder::default(), BarsBuilder::default(), Vec::new());
        for (instrument, found) in instruments.iter().zip(found) {
            today.extend(&instrument.symbol, found.today);
            fetched.extend(&instrument.symbol, found.daily);
            headlines.extend(found.headlines);
            missing.extend(found.missing);
        }
        let today = sound(today, SnapshotPart::Today, &mut missing);
        let fetched = sound(fetched, SnapshotPart::Daily, &mut missing);
        let universe: BTreeSet<&Symbol> = instruments.iter().map(|instrument| &instrument.symbol).collect();
        let midnight = Calendar.at(session, Time::midnight());
        let earlier = Calendar.sessions_before(session, request.history_sessions)?;
        let from = earlier.first().map_or(midnight, |day| Calendar.at(day.date, Time::midnight()));
        let history = history.select(|symbol, series| match universe.contains(symbol) {
            true => series.starting_in(from, midnight),
            false => series.slice(0..0),
        });
        if request.history_sessions > 0 {
            let lacking = instruments.iter().filter(|it| history.series(it.symbol.as_str()).is_empty());
            missing.extend(lacking.map(|instrument| MissingData {
                symbol: instrument.symbol.clone(),
                part: SnapshotPart::History,
                reason: MissingReason::NoData,
                detail: format!("no minute bars of the last {} sessions are held; ingest them", request.history_sessions),
            }));
        }
        let held = daily.select(|symbol, series| match universe.contains(symbol) {
            true => series.as_of(as_of),
            false => series.slice(0..0),
        });
        // Of what comes live from the one source there is nothing to tell.
        let late = quotes.iter().filter(|quote| quote.delayed).map(|quote| Answered {
            symbol: quote.symbol.clone(),
            part: SnapshotPart::Quote,
            source: "ib".to_owned(),
            fetched_at: quote.at,
            delayed: true,
            instead_of: Vec::new(),
        });
        let provenance = Provenance::gather(late.collect());
        Ok(Snapshot::new(
            as_of,
            SnapshotInputs {
                universe: instruments.to_vec(),
                daily: Arc::new(if fetched.is_empty() { held } else { held.merged(&fetched) }),
                history: Arc::new(history),
                today: Arc::new(today),
                quotes,
                headlines,
                splits: Vec::new(),
                missing,
                provenance,
            },
        ))
    }

    /// One symbol's bars and headlines, one request after the other. Daily bars are fetched where a close is named that they should reach.
    async fn find(&self, instrument: &Instrument, wanted: &Wanted<'_>, daily_due: Option<Timestamp>) -> Found {
        let as_of = wanted.as_of;
        let mut found = Found::default();
        let mut report = |part, error: AdapterError| found.missing.push(error.into_missing(&instrument.symbol, part));
        if let Some(day) = wanted.day.filter(|day| day.pre_open < as_of) {
            match self.todays_minutes(instrument, day, as_of).await {
                Ok(bars) => found.today = bars,
                Err(error) => report(SnapshotPart::Today, error),
            }
        }
        if let Some(due) = daily_due {
            match self.complete_days(instrument, due, wanted.daily_sessions, as_of).await {
                Ok(bars) => found.daily = bars,
                Err(error) => report(SnapshotPart::Daily, error),
            }
        }
        if let Some((providers, since)) = wanted.headlines {
            match self.headlines_of(instrument, providers, since, as_of).await {
                Ok(headlines) => found.headlines = headlines,
                Err(error) => report(SnapshotPart::Headlines, error),
            }
        }
        found
    }

    async fn quotes_of(&self, instruments: &[Instrument], missing: &mut Vec<MissingData>) -> Vec<Quote> {
        self.feed.refresh(instruments).await;
        let mut quotes = Vec::with_capacity(instruments.len());
        for Instrument { symbol, .. } in instruments {
            match self.board.quote(symbol) {
                Ok(quote) => quotes.push(quote),
                Err(none) => missing.push(MissingData {
                    symbol: symbol.clone(),
                    part: SnapshotPart::Quote,
                    reason: none.reason,
                    detail: none.detail,
                }),
            }
        }
        quotes
    }
}

fn sound(builder: BarsBuilder, part: SnapshotPart, missing: &mut Vec<MissingData>) -> Bars {
    let (bars, faults) = builder.finish();
    missing.extend(faults.into_iter().map(|fault| MissingData {
        symbol: fault.symbol,
        part,
        reason: MissingReason::BadData,
        detail: format!("set aside: in the bar that starts at {}, {}", fault.at, fault.problem),
    }));
    bars
}

#[async_trait]
impl MarketData for IbSession {
    async fn snapshot(&self, as_of: Timestamp, request: &ScanRequest) -> Result<Snapshot> {
        // Without a connection there is nothing to say about any symbol.
        self.link.client("snapshot of the market").await?;
        let symbols: Vec<Symbol> = match &request.symbols {
            UniverseRequest::Symbols(symbols) => symbols.clone(),
            UniverseRequest::All => {
                let held: BTreeSet<&Symbol> = request.history.symbols().iter().chain(request.daily.symbols()).collect();
                held.into_iter().cloned().collect()
            }
            UniverseRequest::IbScanner { code, rows } => {
                self.scan_universe(code, *rows).await?.into_iter().map(|instrument| instrument.symbol).collect()
            }
        };
        let workload = self.scan_workload(&symbols, as_of, request).await?;
        let scan = async {
            let qualified = self.qualify(&symbols).await;
            Ok::<_, AdapterError>((self.snapshot_of(as_of, &qualified.instruments, request).await?, qualified.missing))
        };
        let (scanned, ..) = self.forecast_and_do(&workload, None, scan).await;
        let (mut snapshot, unqualified) = scanned?;
        snapshot.missing.extend(unqualified);
        snapshot.missing.sort();
        snapshot.missing.dedup();
        Ok(snapshot)
    }
}
