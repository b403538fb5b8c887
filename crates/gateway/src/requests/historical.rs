//! Historical bars, their schedule, and where they begin.

use bellwether::market::{Bar, Calendar};
use jiff::Timestamp;

use super::{Asked, Refusal, wire_time};
use crate::{
    config::Limits,
    faults::Farm,
    limits::{PacedRequest, smallest_bar},
    market::{BarQuery, BarSize, Duration, Show, Window, bars},
    proto::{
        HeadTimestamp, HeadTimestampRequest, HistoricalBar, HistoricalData, HistoricalDataEnd, HistoricalRequest,
        HistoricalSchedule, HistoricalSession,
    },
    stats::{Counters, Violation},
    streams::{KeptUpHistory, Start, StreamKind},
    wire::outgoing,
};

/// Kinds of data that exist, but not on a tape.
const NOT_ON_TAPE: [&str; 4] = ["HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY", "FEE_RATE", "SCHEDULE"];

/// The `formatDate` that asks for text instead of seconds.
const TEXT: i32 = 1;

/// How a request wants instants: as seconds, or with `formatDate` 1 as text in New York time. Days are dates either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    Seconds,
    Text,
}

impl Stamp {
    fn wanted(format_date: Option<i32>) -> Self {
        if format_date == Some(TEXT) { Self::Text } else { Self::Seconds }
    }
}

/// A bar as the wire has it, stamped at its start; unknown numbers are -1.
pub(crate) fn wire_bar(bar: &Bar, size: BarSize, stamp: Stamp) -> HistoricalBar {
    let date = match Timestamp::from_microsecond(bar.open_at) {
        Ok(at) if size.is_dated() => Calendar.local_date(at).strftime("%Y%m%d").to_string(),
        Ok(at) if stamp == Stamp::Text => wire_time::format(at),
        _ => bar.open_at.div_euclid(1_000_000).to_string(),
    };
    HistoricalBar {
        date: Some(date),
        open: Some(bar.open),
        high: Some(bar.high),
        low: Some(bar.low),
        close: Some(bar.close),
        volume: Some(bar.volume.to_string()),
        wap: Some(bar.vwap.map_or_else(|| "-1".to_owned(), |vwap| vwap.to_string())),
        count: Some(bar.trades.map_or(-1, |trades| trades as i32)),
    }
}

pub(super) fn request(asked: &Asked<'_>, request: &HistoricalRequest) {
    asked.settle(request.req_id, serve(asked, request));
}

/// A request that could be read.
struct Understood {
    query: BarQuery,
    duration: Duration,
    end: Timestamp,
    kept_up: bool,
}

fn serve(asked: &Asked<'_>, request: &HistoricalRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    if request.what_to_show.as_deref() == Some("SCHEDULE") {
        return schedule(asked, request);
    }
    let Understood { query, duration, end, kept_up } = understand(asked, request)?;
    Counters::add(&asked.shared.counters.historical_requests, 1);
    admit(asked, request, &query, duration)?;
    let window = Window::ending(end, duration, query.regular_only).ok_or_else(|| no_data(asked, request, &query))?;
    let found = bars(&asked.shared.market, &query, window, asked.now);
    if found.is_empty() && !kept_up {
        return Err(no_data(asked, request, &query));
    }
    Counters::add(&asked.shared.counters.historical_bars, found.len());
    let last = found.last().and_then(|bar| Timestamp::from_microsecond(bar.close_at).ok());
    let stamp = Stamp::wanted(request.format_date);
    asked.send(
        outgoing::HISTORICAL_DATA,
        &HistoricalData { req_id: Some(id), bars: found.iter().map(|bar| wire_bar(bar, query.size, stamp)).collect() },
    );
    asked.send(
        outgoing::HISTORICAL_DATA_END,
        &HistoricalDataEnd {
            req_id: Some(id),
            start: Some(wire_time::format(window.from)),
            end: Some(wire_time::format(window.until)),
        },
    );
    if kept_up {
        let stream = Box::new(KeptUpHistory::new(query, stamp, last.unwrap_or(window.from)));
        let start = Start { kind: StreamKind::Historical, request: id, takes_line: false, stream };
        asked.shared.streams().start(asked.shared, asked.client, start);
    }
    Ok(())
}

fn understand(asked: &Asked<'_>, request: &HistoricalRequest) -> Result<Understood, Refusal> {
    let instrument = asked.instrument(request.contract.as_ref())?;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let size = BarSize::parse(&text(&request.bar_size))
        .ok_or_else(|| Refusal::invalid("Historical data bar size setting is invalid"))?;
    let show = text(&request.what_to_show);
    let query = |show| BarQuery { instrument, size, regular_only: request.use_rth.unwrap_or_default(), show };
    let shown = Show::parse(&show).ok_or_else(|| {
        if NOT_ON_TAPE.contains(&show.as_str()) {
            no_data(asked, request, &query(Show::Trades))
        } else {
            Refusal::invalid(format!("Unknown data type {show}"))
        }
    })?;
    let duration = Duration::parse(&text(&request.duration))
        .ok_or_else(|| Refusal::invalid("Historical data request for invalid duration"))?;
    let end = text(&request.end);
    let kept_up = request.keep_up_to_date.unwrap_or_default();
    if !end.is_empty() && (kept_up || show == "ADJUSTED_LAST") {
        return Err(Refusal::invalid(format!("End Date is not supported with {}", if kept_up { "keepUpToDate" } else { &show })));
    }
    let end = if end.is_empty() {
        asked.now
    } else {
        wire_time::parse(&end).ok_or_else(|| {
            let format = "YYYYMMDD{SPACE}hh:mm:ss[{SPACE}TMZ]";
            Refusal::invalid(format!("Historical data query end date/time string [{end}] is invalid.  Format is '{format}'."))
        })?
    };
    Ok(Understood { query: query(shown), duration, end, kept_up })
}

/// Permissions, limits and the farm's health.
fn admit(asked: &Asked<'_>, request: &HistoricalRequest, query: &BarQuery, duration: Duration) -> Result<(), Refusal> {
    let Limits { step_sizes, open_historical, .. } = asked.shared.config.limits;
    let instrument = asked.shared.market.instrument(query.instrument);
    if asked.shared.faults.is_down(Farm::Historical) {
        return Err(Refusal::historical("HMDS server disconnect occurred.  Attempting reconnection..."));
    }
    if !instrument.subscribed {
        let exchange = &instrument.primary_exchange;
        return Err(Refusal::historical(format!("No market data permissions for {exchange} STK")));
    }
    if step_sizes && query.size.seconds() < smallest_bar(duration.seconds()) {
        asked.violation(Violation::StepSize);
        let (duration, size) = (request.duration.as_deref(), request.bar_size.as_deref());
        let (duration, size) = (duration.unwrap_or_default(), size.unwrap_or_default());
        return Err(Refusal::invalid(format!("Historical data bar size {size} is too small for a duration of {duration}")));
    }
    if request.keep_up_to_date == Some(true) {
        asked.unused(StreamKind::Historical, request.req_id.unwrap_or_default())?;
        if asked.shared.streams().kept_up() >= open_historical {
            asked.violation(Violation::OpenHistorical);
            let cause = format!("Only {open_historical} simultaneous API historical data requests allowed.");
            return Err(Refusal::new(322, format!("Error processing request.-'bU' : cause - {cause}")));
        }
    }
    let identity = HistoricalRequest { req_id: None, ..request.clone() };
    let exchange = request.contract.as_ref().and_then(|contract| contract.exchange.clone()).unwrap_or_default();
    let paced = PacedRequest {
        subject: format!("{}@{exchange} {:?}", instrument.symbol, query.show),
        identity: format!("{identity:?}"),
        weight: match query.show {
            _ if query.size.seconds() >= 60 => 0,
            Show::BidAsk => 2,
            _ => 1,
        },
    };
    if !asked.shared.pacing().admit(paced, asked.now) {
        asked.violation(Violation::HistoricalPacing);
        return Err(Refusal::historical("Historical data request pacing violation"));
    }
    Ok(())
}

fn no_data(asked: &Asked<'_>, request: &HistoricalRequest, query: &BarQuery) -> Refusal {
    let symbol = &asked.shared.market.instrument(query.instrument).symbol;
    let exchange = request.contract.as_ref().and_then(|contract| contract.exchange.as_deref()).unwrap_or("SMART");
    let show = match request.what_to_show.as_deref().unwrap_or("TRADES") {
        "TRADES" => "Trades",
        other => other,
    };
    Refusal::historical(format!("HMDS query returned no data: {symbol}@{exchange} {show}"))
}

/// The sessions of a window instead of its bars.
fn schedule(asked: &Asked<'_>, request: &HistoricalRequest) -> Result<(), Refusal> {
    let daily =
        HistoricalRequest { what_to_show: Some("TRADES".to_owned()), bar_size: Some("1 day".to_owned()), ..request.clone() };
    let Understood { query, duration, end, .. } = understand(asked, &daily)?;
    let window = Window::ending(end, duration, query.regular_only).ok_or_else(|| no_data(asked, request, &query))?;
    let stamp = |at: Timestamp| at.to_zoned(bellwether::market::new_york()).strftime("%Y%m%d-%H:%M:%S").to_string();
    let mut sessions = Vec::new();
    let mut date = Calendar.local_date(window.from);
    while date <= Calendar.local_date(window.until) {
        if let Ok(Some(day)) = Calendar.day(date) {
            let (open, close) = if query.regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) };
            sessions.push(HistoricalSession {
                start: Some(stamp(open)),
                end: Some(stamp(close)),
                date: Some(date.strftime("%Y%m%d").to_string()),
            });
        }
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    asked.send(
        outgoing::HISTORICAL_SCHEDULE,
        &HistoricalSchedule {
            req_id: request.req_id,
            start: Some(stamp(window.from)),
            end: Some(stamp(window.until)),
            time_zone: Some("US/Eastern".to_owned()),
            sessions,
        },
    );
    Ok(())
}

/// Where an instrument's bars begin.
pub(super) fn head(asked: &Asked<'_>, request: &HeadTimestampRequest) {
    let outcome = asked.instrument(request.contract.as_ref()).and_then(|instrument| {
        let first = asked.shared.market.head(instrument, asked.now);
        let first = first.ok_or_else(|| Refusal::historical("No head time stamp"))?;
        let time = Some(match Stamp::wanted(request.format_date) {
            Stamp::Text => first.strftime("%Y%m%d-%H:%M:%S").to_string(),
            Stamp::Seconds => first.as_second().to_string(),
        });
        asked.send(outgoing::HEAD_TIMESTAMP, &HeadTimestamp { req_id: request.req_id, time });
        Ok(())
    });
    asked.settle(request.req_id, outcome);
}
