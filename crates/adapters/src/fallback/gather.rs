//! A snapshot while it is gathered: what is still open, what was answered by whom, and why others did not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bellwether::market::{
    Answered, Bars, Calendar, Headline, Instrument, MissingData, MissingReason, PassedOver, Provenance, Quote, Snapshot,
    SnapshotInputs, SnapshotPart, Split, Symbol, TradingDay,
};
use jiff::{Timestamp, civil::Time};

use super::missing_everywhere;
use crate::{
    error::Result,
    market_data::{ScanRequest, stale_days},
};

/// Sessions that a daily bar may be old and still be better than none.
const OLD_SESSIONS: usize = 5;

/// Who answered, and when.
#[derive(Debug, Clone)]
pub(super) struct By {
    pub(super) source: String,
    pub(super) fetched_at: Timestamp,
    pub(super) delayed: bool,
}

/// A table of one symbol that nobody has given in full.
#[derive(Debug, Default)]
struct Open {
    tried: Vec<PassedOver>,
    /// The best of what is flawed: used when nothing better comes.
    flawed: Option<Flawed>,
    /// The source did not even know the symbol.
    unknown: bool,
}

#[derive(Debug)]
struct Flawed {
    by: By,
    bars: Arc<Bars>,
    tried: Vec<PassedOver>,
    complaints: Vec<MissingData>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Gather {
    pub(super) as_of: Timestamp,
    /// The trading day of `as_of`, if it is one and its pre-market has begun.
    pub(super) day: Option<TradingDay>,
    /// The close that daily bars should reach.
    daily_due: Timestamp,
    oldest_close: Timestamp,
    open: BTreeMap<(Symbol, SnapshotPart), Open>,
    symbols: BTreeSet<Symbol>,
    instruments: BTreeMap<Symbol, Instrument>,
    pieces: BTreeMap<SnapshotPart, Vec<Arc<Bars>>>,
    quotes: Vec<Quote>,
    headlines: Vec<Headline>,
    splits: Vec<Split>,
    answers: Vec<Answered>,
}

impl Gather {
    /// Everything that `request` wants of `symbols` is open.
    pub(super) fn new(as_of: Timestamp, request: &ScanRequest, symbols: &[Symbol]) -> Result<Self> {
        let session = Calendar.local_date(as_of);
        let day = Calendar.day(session)?.filter(|day| day.pre_open < as_of);
        let oldest = Calendar.sessions_before(session, OLD_SESSIONS)?;
        // Where no daily bars are wanted, none is too old.
        let daily_due = request.daily_bars.due(as_of)?;
        let wanted = [
            (SnapshotPart::Daily, daily_due.is_some()),
            (SnapshotPart::History, request.history_sessions > 0),
            (SnapshotPart::Today, request.with_today && day.is_some()),
            (SnapshotPart::Quote, request.with_quotes),
            (SnapshotPart::Headlines, request.with_headlines),
        ];
        let parts = wanted.into_iter().filter_map(|(part, wanted)| wanted.then_some(part));
        let open = parts.flat_map(|part| symbols.iter().map(move |symbol| ((symbol.clone(), part), Open::default())));
        Ok(Self {
            as_of,
            day,
            daily_due: daily_due.unwrap_or(Timestamp::MIN),
            oldest_close: oldest.first().map_or(Timestamp::MIN, |day| day.close),
            open: open.collect(),
            symbols: symbols.iter().cloned().collect(),
            instruments: BTreeMap::new(),
            pieces: BTreeMap::new(),
            quotes: Vec::new(),
            headlines: Vec::new(),
            splits: Vec::new(),
            answers: Vec::new(),
        })
    }

    /// Bars that were brought in earlier. Daily bars that reach the last session, and minute bars of earlier sessions,
    /// need not be asked for again.
    pub(super) fn take_held(&mut self, request: &ScanRequest) -> Result<()> {
        let session = Calendar.local_date(self.as_of);
        let midnight = Calendar.at(session, Time::midnight());
        let earlier = Calendar.sessions_before(session, request.history_sessions)?;
        let from = earlier.first().map_or(midnight, |day| Calendar.at(day.date, Time::midnight()));
        for (part, held) in [(SnapshotPart::History, &request.history), (SnapshotPart::Daily, &request.daily)] {
            let held = Arc::new(held.select(|symbol, series| match (self.symbols.contains(symbol), part) {
                (false, _) => series.slice(0..0),
                (true, SnapshotPart::History) => series.starting_in(from, midnight),
                (true, _) => series.as_of(self.as_of),
            }));
            // Who brought them in is said by whoever holds them; else only that they were held.
            let told: BTreeMap<&Symbol, By> = request
                .held_from
                .iter()
                .filter(|entry| entry.part == part)
                .flat_map(|entry| {
                    let by = By { source: entry.source.clone(), fetched_at: entry.fetched_at, delayed: entry.delayed };
                    entry.symbols.iter().map(move |symbol| (symbol, by.clone()))
                })
                .collect();
            let unsaid = By { source: "held".to_owned(), fetched_at: self.as_of, delayed: false };
            let by = |symbol: &Symbol| told.get(symbol).unwrap_or(&unsaid).clone();
            // What is held is no source: that it is too old is no failure of one.
            let (old, good): (Vec<Symbol>, Vec<Symbol>) = held
                .symbols()
                .iter()
                .cloned()
                .partition(|symbol| part == SnapshotPart::Daily && self.too_old(&held, symbol).is_some());
            for symbol in &old {
                self.keep_if_recent(symbol, &held, &by(symbol));
            }
            self.take_bars(part, &held, &good, by);
        }
        Ok(())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.open.is_empty()
    }

    /// The symbols of which `part` is open.
    pub(super) fn open(&self, part: SnapshotPart) -> Vec<Symbol> {
        self.open.keys().filter(|(_, open)| *open == part).map(|(symbol, _)| symbol.clone()).collect()
    }

    /// The symbols of which anything is open.
    pub(super) fn open_symbols(&self) -> Vec<Symbol> {
        let symbols: BTreeSet<&Symbol> = self.open.keys().map(|(symbol, _)| symbol).collect();
        symbols.into_iter().cloned().collect()
    }

    /// Daily bars of those symbols that need none any more: a source that is told of them does not fetch them.
    pub(super) fn daily_had(&self) -> Arc<Bars> {
        combined(self.pieces.get(&SnapshotPart::Daily).cloned().unwrap_or_default())
    }

    /// A source failed to give one table of one symbol.
    pub(super) fn failed(&mut self, symbol: &Symbol, part: SnapshotPart, source: &str, reason: MissingReason, detail: &str) {
        if let Some(open) = self.open.get_mut(&(symbol.clone(), part)) {
            open.unknown |= reason == MissingReason::UnknownContract;
            open.tried.push(PassedOver { source: source.to_owned(), reason, detail: detail.to_owned() });
        }
    }

    /// A source failed altogether.
    pub(super) fn failed_whole(
        &mut self,
        source: &str,
        reason: MissingReason,
        detail: &str,
        parts: impl Fn(SnapshotPart) -> bool,
    ) {
        for ((_, part), open) in &mut self.open {
            if parts(*part) {
                open.tried.push(PassedOver { source: source.to_owned(), reason, detail: detail.to_owned() });
            }
        }
    }

    /// What a source found of a universe.
    pub(super) fn take_snapshot(&mut self, snapshot: &Snapshot, by: &By) {
        for instrument in &snapshot.universe {
            self.instruments.entry(instrument.symbol.clone()).or_insert_with(|| instrument.clone());
        }
        let mut complaints: BTreeMap<(&Symbol, SnapshotPart), Vec<&MissingData>> = BTreeMap::new();
        for missing in &snapshot.missing {
            complaints.entry((&missing.symbol, missing.part)).or_default().push(missing);
        }
        let tables = [
            (SnapshotPart::Daily, &snapshot.daily),
            (SnapshotPart::History, &snapshot.history),
            (SnapshotPart::Today, &snapshot.today),
        ];
        for (part, bars) in tables {
            let mut sound = Vec::new();
            for symbol in self.open(part) {
                let series = bars.series(symbol.as_str());
                let against = complaints.get(&(&symbol, part)).or_else(|| complaints.get(&(&symbol, SnapshotPart::Contract)));
                match against.map(|against| (against[0], against)) {
                    None if series.is_empty() => self.failed(&symbol, part, &by.source, MissingReason::NoData, "it has none"),
                    None => sound.push(symbol),
                    Some((first, all)) => {
                        if !series.is_empty() {
                            let complaints = all.iter().map(|missing| (*missing).clone()).collect();
                            self.keep_flawed(&symbol, part, bars, by, complaints);
                        }
                        self.failed(&symbol, part, &by.source, first.reason, &first.detail);
                    }
                }
            }
            self.take_bars(part, bars, &sound, |_| by.clone());
        }
        for symbol in self.open(SnapshotPart::Quote) {
            let part = SnapshotPart::Quote;
            let against = complaints.get(&(&symbol, part)).or_else(|| complaints.get(&(&symbol, SnapshotPart::Contract)));
            match (snapshot.quote(&symbol), against) {
                (Some(quote), _) => self.take_quote(quote.clone(), &By { delayed: by.delayed || quote.delayed, ..by.clone() }),
                (None, Some(against)) => self.failed(&symbol, part, &by.source, against[0].reason, &against[0].detail),
                (None, None) => self.failed(&symbol, part, &by.source, MissingReason::NoData, "it gives no quotes"),
            }
        }
        for symbol in self.open(SnapshotPart::Headlines) {
            let part = SnapshotPart::Headlines;
            match complaints.get(&(&symbol, part)).or_else(|| complaints.get(&(&symbol, SnapshotPart::Contract))) {
                Some(against) => self.failed(&symbol, part, &by.source, against[0].reason, &against[0].detail),
                None => {
                    self.headlines.extend(snapshot.headlines.iter().filter(|headline| headline.symbol == symbol).cloned());
                    self.answer(&symbol, part, by.clone());
                }
            }
        }
        // Splits explain a jump between this source's own prices.
        let own: BTreeSet<&Symbol> = self
            .answers
            .iter()
            .filter(|it| it.part == SnapshotPart::Daily && it.source == by.source)
            .map(|it| &it.symbol)
            .collect();
        self.splits.extend(snapshot.splits.iter().filter(|split| own.contains(&split.symbol)).cloned());
    }

    /// Bars of `symbols`, one source's each, that nothing is wrong with but perhaps their age.
    pub(super) fn take_bars(&mut self, part: SnapshotPart, bars: &Arc<Bars>, symbols: &[Symbol], by: impl Fn(&Symbol) -> By) {
        let mut taken = BTreeSet::new();
        for symbol in symbols {
            if !self.open.contains_key(&(symbol.clone(), part)) {
                continue;
            }
            if bars.series(symbol.as_str()).is_empty() {
                continue;
            }
            if part == SnapshotPart::Daily
                && let Some(detail) = self.too_old(bars, symbol)
            {
                let by = by(symbol);
                self.keep_if_recent(symbol, bars, &by);
                self.failed(symbol, part, &by.source, MissingReason::NoData, &detail);
            } else {
                self.answer(symbol, part, by(symbol));
                taken.insert(symbol.clone());
            }
        }
        self.add_piece(part, bars, &taken);
    }

    /// Why daily bars will not do: the newest that should be there is not among them.
    fn too_old(&self, bars: &Bars, symbol: &Symbol) -> Option<String> {
        stale_days(bars.series(symbol.as_str()), self.daily_due)
    }

    /// Daily bars that miss a session or few are better than none.
    fn keep_if_recent(&mut self, symbol: &Symbol, bars: &Arc<Bars>, by: &By) {
        let part = SnapshotPart::Daily;
        if let Some(detail) = self.too_old(bars, symbol)
            && last_end(bars, symbol).is_some_and(|last| last >= self.oldest_close)
        {
            let detail = format!("{}: {detail}", by.source);
            let complaint = MissingData { symbol: symbol.clone(), part, reason: MissingReason::NoData, detail };
            self.keep_flawed(symbol, part, bars, by, vec![complaint]);
        }
    }

    pub(super) fn take_quote(&mut self, quote: Quote, by: &By) {
        let symbol = quote.symbol.clone();
        if self.open.contains_key(&(symbol.clone(), SnapshotPart::Quote)) {
            self.quotes.push(quote);
            self.answer(&symbol, SnapshotPart::Quote, by.clone());
        }
    }

    /// Bars with something wrong in them, for want of better: the most recent, else the first.
    pub(super) fn keep_flawed(
        &mut self,
        symbol: &Symbol,
        part: SnapshotPart,
        bars: &Arc<Bars>,
        by: &By,
        complaints: Vec<MissingData>,
    ) {
        let Some(open) = self.open.get_mut(&(symbol.clone(), part)) else { return };
        let known = open.flawed.as_ref().and_then(|flawed| last_end(&flawed.bars, symbol));
        if last_end(bars, symbol) > known {
            open.flawed = Some(Flawed { by: by.clone(), bars: Arc::clone(bars), tried: open.tried.clone(), complaints });
        }
    }

    fn answer(&mut self, symbol: &Symbol, part: SnapshotPart, by: By) {
        let Some(open) = self.open.remove(&(symbol.clone(), part)) else { return };
        let By { source, fetched_at, delayed } = by;
        self.answers.push(Answered { symbol: symbol.clone(), part, source, fetched_at, delayed, instead_of: open.tried });
    }

    fn add_piece(&mut self, part: SnapshotPart, bars: &Arc<Bars>, symbols: &BTreeSet<Symbol>) {
        if symbols.is_empty() {
            return;
        }
        let piece = match symbols.len() == bars.symbols().len() {
            true => Arc::clone(bars),
            false => Arc::new(bars.select(|symbol, series| match symbols.contains(symbol) {
                true => series,
                false => series.slice(0..0),
            })),
        };
        self.pieces.entry(part).or_default().push(piece);
    }

    /// The snapshot. What is still open is missing, or flawed.
    pub(super) fn finish(mut self) -> Snapshot {
        let mut missing = Vec::new();
        let open = std::mem::take(&mut self.open);
        let answered: BTreeSet<&Symbol> = self.answers.iter().map(|answer| &answer.symbol).collect();
        let unknown: BTreeSet<Symbol> = self
            .symbols
            .iter()
            .filter(|symbol| !answered.contains(symbol) && !self.instruments.contains_key(*symbol))
            .filter(|symbol| open.iter().any(|((of, _), open)| of == *symbol && open.unknown && open.flawed.is_none()))
            .cloned()
            .collect();
        for symbol in &unknown {
            let tried = open.iter().find(|((of, _), open)| of == symbol && open.unknown).map(|(_, open)| open.tried.as_slice());
            missing.push(missing_everywhere(symbol, SnapshotPart::Contract, tried.unwrap_or_default()));
        }
        for ((symbol, part), open) in open {
            if unknown.contains(&symbol) {
                continue;
            }
            match open.flawed {
                Some(Flawed { by, bars, tried, complaints }) => {
                    missing.extend(complaints);
                    self.add_piece(part, &bars, &BTreeSet::from([symbol.clone()]));
                    let By { source, fetched_at, delayed } = by;
                    self.answers.push(Answered { symbol, part, source, fetched_at, delayed, instead_of: tried });
                }
                None => missing.push(missing_everywhere(&symbol, part, &open.tried)),
            }
        }
        let known = self.symbols.iter().filter(|symbol| !unknown.contains(*symbol));
        let universe = known
            .map(|symbol| self.instruments.get(symbol).cloned().unwrap_or_else(|| Instrument::stock(symbol.clone())))
            .collect();
        let mut table = |part| combined(self.pieces.remove(&part).unwrap_or_default());
        let inputs = SnapshotInputs {
            universe,
            daily: table(SnapshotPart::Daily),
            history: table(SnapshotPart::History),
            today: table(SnapshotPart::Today),
            quotes: self.quotes,
            headlines: self.headlines,
            splits: self.splits,
            missing,
            provenance: Provenance::gather(self.answers),
        };
        Snapshot::new(self.as_of, inputs)
    }
}

/// When the last bar of `symbol` ends.
fn last_end(bars: &Bars, symbol: &Symbol) -> Option<Timestamp> {
    bars.series(symbol.as_str()).close_at.last().and_then(|last| Timestamp::from_microsecond(*last).ok())
}

/// Pieces of different symbols as one table; a single piece is not copied.
fn combined(mut pieces: Vec<Arc<Bars>>) -> Arc<Bars> {
    match pieces.len() {
        0 => Arc::default(),
        1 => pieces.remove(0),
        _ => {
            let first = pieces.remove(0);
            Arc::new(pieces.iter().fold((*first).clone(), |all, piece| all.merged(piece)))
        }
    }
}
