//! Single ticks of the past.

use bellwether::market::{Calendar, TradingDay};
use jiff::{SignedDuration, Timestamp};

use super::{Asked, Refusal, wire_time};
use crate::{
    faults::Farm,
    limits::PacedRequest,
    market::{TickKind, TickQuery, ToldTick, first_ticks, last_ticks},
    proto::{HistoricalBidAsks, HistoricalLasts, HistoricalMidPoints, HistoricalTicksRequest, Tick},
    stats::{Counters, Violation},
    wire::outgoing,
};

/// The most ticks that one request may ask for.
pub(super) const MOST_TICKS: usize = 1_000;
/// How far a request looks for a session that trades: longer than any closure of the exchange.
const FARTHEST_SESSION_DAYS: i64 = 14;
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// Answers with ticks of one session: the first at `start` or after it, or the last before `end`. To complete a second there may
/// be more than asked for.
pub(super) fn request(asked: &Asked<'_>, request: &HistoricalTicksRequest) {
    asked.settle(request.req_id, serve(asked, request));
}

fn serve(asked: &Asked<'_>, request: &HistoricalTicksRequest) -> Result<(), Refusal> {
    let show = request.what_to_show.as_deref().unwrap_or_default();
    let kind = TickKind::parse_history(show)
        .ok_or_else(|| Refusal::invalid(format!("Historical ticks are of TRADES, BID_ASK or MIDPOINT, not of \"{show}\"")))?;
    let count = request.count.unwrap_or_default();
    let count = usize::try_from(count)
        .ok()
        .filter(|count| (1..=MOST_TICKS).contains(count))
        .ok_or_else(|| Refusal::invalid(format!("Number of ticks {count} is not between 1 and {MOST_TICKS}")))?;
    let (start, end) = (instant(request.start.as_deref())?, instant(request.end.as_deref())?);
    if start.is_none() && end.is_none() {
        return Err(Refusal::invalid("Historical ticks need a start or an end"));
    }
    let instrument = asked.instrument(request.contract.as_ref())?;
    Counters::add(&asked.shared.counters.historical_requests, 1);
    admit(asked, request, instrument, kind)?;
    let query = TickQuery { instrument, kind, ignore_size: request.ignore_size.unwrap_or_default() };
    let regular_only = request.use_rth.unwrap_or_default();
    let ticks = match start {
        Some(start) => from(asked, query, (start, end), regular_only, count),
        None => until(asked, query, end.unwrap_or(asked.now), regular_only, count),
    };
    send_ticks(asked, request.req_id.unwrap_or_default(), kind, ticks);
    Ok(())
}

/// The first ticks at `start` or after it, of the first session that has any.
fn from(
    asked: &Asked<'_>,
    query: TickQuery,
    (start, end): (Timestamp, Option<Timestamp>),
    regular_only: bool,
    count: usize,
) -> Vec<ToldTick> {
    let market = &asked.shared.market;
    let latest = end.map_or(asked.now, |end| (end - MICROSECOND).min(asked.now));
    let mut date = Calendar.local_date(start);
    for _ in 0..FARTHEST_SESSION_DAYS {
        if let Ok(Some(day)) = Calendar.day(date) {
            let (opens, closes) = edges(&day, regular_only);
            // An interval of ticks is open at its start and closed at its end.
            let (from, until) = (opens.max(start) - MICROSECOND, (closes - MICROSECOND).min(latest));
            let found = if from < until { first_ticks(market, query, (from, until), count) } else { Vec::new() };
            if !found.is_empty() {
                return found;
            }
        }
        match date.tomorrow() {
            Ok(next) => date = next,
            Err(_) => break,
        }
    }
    Vec::new()
}

/// The last ticks before `end`, of the last session that has any.
fn until(asked: &Asked<'_>, query: TickQuery, end: Timestamp, regular_only: bool, count: usize) -> Vec<ToldTick> {
    let market = &asked.shared.market;
    let latest = (end - MICROSECOND).min(asked.now);
    let mut date = Calendar.local_date(latest);
    for _ in 0..FARTHEST_SESSION_DAYS {
        if let Ok(Some(day)) = Calendar.day(date) {
            let (opens, closes) = edges(&day, regular_only);
            let (from, until) = (opens - MICROSECOND, (closes - MICROSECOND).min(latest));
            let found = if from < until { last_ticks(market, query, (from, until), count) } else { Vec::new() };
            if !found.is_empty() {
                return found;
            }
        }
        match date.yesterday() {
            Ok(before) => date = before,
            Err(_) => break,
        }
    }
    Vec::new()
}

fn edges(day: &TradingDay, regular_only: bool) -> (Timestamp, Timestamp) {
    if regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) }
}

fn instant(text: Option<&str>) -> Result<Option<Timestamp>, Refusal> {
    match text.unwrap_or_default() {
        "" => Ok(None),
        text => wire_time::parse(text).map(Some).ok_or_else(|| {
            Refusal::invalid(format!(
                "Historical ticks date/time string [{text}] is invalid.  Format is 'YYYYMMDD{{SPACE}}hh:mm:ss[{{SPACE}}TMZ]'."
            ))
        }),
    }
}

/// The farm's health, permissions and pacing.
fn admit(asked: &Asked<'_>, request: &HistoricalTicksRequest, instrument: usize, kind: TickKind) -> Result<(), Refusal> {
    let failed = |why: &str| Refusal::new(10187, format!("Failed to request historical ticks:{why}"));
    if asked.shared.faults.is_down(Farm::Historical) {
        return Err(failed("HMDS server disconnect occurred.  Attempting reconnection..."));
    }
    let described = asked.shared.market.instrument(instrument);
    if !described.subscribed {
        return Err(failed(&format!("No market data permissions for {} STK", described.primary_exchange)));
    }
    let exchange = request.contract.as_ref().and_then(|contract| contract.exchange.clone()).unwrap_or_default();
    let identity = HistoricalTicksRequest { req_id: None, ..request.clone() };
    let paced = PacedRequest {
        subject: format!("{}@{exchange} ticks {kind:?}", described.symbol),
        identity: format!("{identity:?}"),
        weight: if kind == TickKind::BidAsk { 2 } else { 1 },
    };
    if !asked.shared.pacing().admit(paced, asked.now) {
        asked.violation(Violation::HistoricalPacing);
        return Err(Refusal::historical("Historical data request pacing violation"));
    }
    Ok(())
}

/// All ticks of an answer in one message, which is its end too.
pub(super) fn send_ticks(asked: &Asked<'_>, request: i32, kind: TickKind, ticks: Vec<ToldTick>) {
    let (req_id, done) = (Some(request), Some(true));
    let ticks = ticks.into_iter().map(|told| told.tick);
    match kind {
        TickKind::Last | TickKind::AllLast => {
            let ticks = ticks.filter_map(|tick| if let Tick::Last(tick) = tick { Some(tick) } else { None }).collect();
            asked.send(outgoing::HISTORICAL_TICKS_LAST, &HistoricalLasts { req_id, ticks, done });
        }
        TickKind::BidAsk => {
            let ticks = ticks.filter_map(|tick| if let Tick::BidAsk(tick) = tick { Some(tick) } else { None }).collect();
            asked.send(outgoing::HISTORICAL_TICKS_BID_ASK, &HistoricalBidAsks { req_id, ticks, done });
        }
        TickKind::MidPoint => {
            let ticks = ticks.filter_map(|tick| if let Tick::MidPoint(tick) = tick { Some(tick) } else { None }).collect();
            asked.send(outgoing::HISTORICAL_TICKS, &HistoricalMidPoints { req_id, ticks, done });
        }
    }
}
