//! What a scan or another job would see.

use std::{collections::BTreeMap, sync::Arc};

use bellwether::market::{
    BarFault, Calendar, Instrument, MissingData, MissingReason, Snapshot, SnapshotInputs, SnapshotPart, Symbol, Timeframe,
};
use bellwether_adapters::FileSource;
use bellwether_jobs::tasks::Wanted;
use jiff::{SignedDuration, Timestamp, civil::Time};

use crate::{Database, error::Result};

/// The snapshot that the scheduler makes of a recorded folder.
pub(crate) fn of_folder(source: &FileSource, as_of: Timestamp, wanted: &Wanted) -> Result<Snapshot> {
    Ok(source.snapshot_for(as_of, &wanted.request(source.symbols()))?)
}

/// A snapshot of what is stored: every symbol with minute bars, and what is looked at besides.
pub(crate) fn of_database(database: &Database, as_of: Timestamp, wanted: &Wanted) -> Result<Snapshot> {
    let store = database.store();
    let session = Calendar.local_date(as_of);
    let midnight = Calendar.at(session, Time::midnight());
    let symbols = wanted.symbols(database.named_or_all(&[], Timeframe::Min1)?);
    let days = wanted.days_in(as_of)?.unwrap_or(midnight..midnight);
    let (daily, daily_faults) = store.bars(&symbols, Timeframe::Day1, days.start, days.end)?;
    let minutes_from = wanted.minutes_in(as_of)?.map_or(midnight, |earlier| earlier.start);
    let minutes_until = if wanted.today { as_of } else { midnight };
    let (minutes, minute_faults) = store.bars(&symbols, Timeframe::Min1, minutes_from, minutes_until)?;
    let known: BTreeMap<Symbol, Instrument> = store.instruments()?.into_iter().map(|it| (it.symbol.clone(), it)).collect();
    let instrument = |symbol: &Symbol| known.get(symbol).cloned().unwrap_or_else(|| Instrument::stock(symbol.clone()));
    // As of the instant itself: the end of an interval is not part of it.
    let end = as_of + SignedDuration::from_micros(1);
    let headlines = store.headlines(&symbols, Calendar.previous(session)?.pre_open, end)?;
    let minute_part = |fault: &BarFault| if fault.at < midnight { SnapshotPart::History } else { SnapshotPart::Today };
    let minute_faults = minute_faults.iter().map(|fault| missing(fault, minute_part(fault)));
    let faults = minute_faults.chain(daily_faults.iter().map(|fault| missing(fault, SnapshotPart::Daily)));
    // The snapshot cuts both to their side of midnight.
    let minutes = Arc::new(minutes);
    let inputs = SnapshotInputs {
        universe: symbols.iter().map(instrument).collect(),
        daily: Arc::new(daily),
        history: Arc::clone(&minutes),
        today: minutes,
        headlines: if symbols.is_empty() || !wanted.told {
            Vec::new()
        } else {
            headlines.into_iter().map(|row| row.headline).collect()
        },
        missing: faults.collect(),
        ..SnapshotInputs::default()
    };
    Ok(Snapshot::new(as_of, inputs))
}

fn missing(fault: &BarFault, part: SnapshotPart) -> MissingData {
    let detail = format!("left out at {}: {}", fault.at, fault.problem);
    MissingData { symbol: fault.symbol.clone(), part, reason: MissingReason::BadData, detail }
}
