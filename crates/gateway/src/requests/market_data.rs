//! Level-1 requests: streams, snapshots, news ticks, and the choice of live or delayed data.

use std::sync::atomic::Ordering;

use super::{Asked, Refusal};
use crate::{
    proto::{MarketDataRequest, MarketDataTypeRequest, RequestId, TickRequestParameters},
    stats::Violation,
    streams::{Feed, GenericTick, GenericTicks, Headlines, Quotes, Sink, Start, StreamKind, announce, snapshot},
    wire::outgoing,
};

const LIVE: i32 = 1;

/// What the list of generic ticks asks for.
#[derive(Debug, Default, PartialEq)]
struct Wanted {
    ticks: Vec<GenericTick>,
    no_quotes: bool,
    /// Providers named, or all of them.
    news: Option<Vec<String>>,
}

fn parse(list: &str) -> Result<Wanted, Refusal> {
    let mut wanted = Wanted::default();
    for tick in list.split(',').map(str::trim).filter(|tick| !tick.is_empty()) {
        match tick.split_once(':') {
            Some(("292", provider)) => wanted.news.get_or_insert_default().push(provider.to_owned()),
            _ if tick == "mdoff" => wanted.no_quotes = true,
            _ if tick == "292" => {
                wanted.news.get_or_insert_default();
            }
            _ => match GenericTick::parse(tick) {
                Some(tick) if wanted.ticks.contains(&tick) => {}
                Some(tick) => wanted.ticks.push(tick),
                None => {
                    let legal = GenericTick::legal();
                    let text = format!("Incorrect generic tick list of {list}.  Legal ones for (STK) are: {legal}");
                    return Err(Refusal::invalid(text));
                }
            },
        }
    }
    Ok(wanted)
}

pub(super) fn choose_type(asked: &Asked<'_>, request: MarketDataTypeRequest) {
    match request.kind.unwrap_or(LIVE) {
        kind @ 1..=4 => asked.client.market_data_type.store(kind, Ordering::Relaxed),
        kind => asked.settle(None, Err(Refusal::invalid(format!("Invalid market data type {kind}")))),
    }
}

pub(super) fn request(asked: &Asked<'_>, request: &MarketDataRequest) {
    asked.settle(request.req_id, start(asked, request));
}

fn start(asked: &Asked<'_>, request: &MarketDataRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    let wanted = parse(request.generic_ticks.as_deref().unwrap_or_default())?;
    let once = request.snapshot == Some(true) || request.regulatory_snapshot == Some(true);
    if once && wanted != Wanted::default() {
        return Err(Refusal::invalid("Snapshot market data subscription is not applicable to generic ticks"));
    }
    asked.unused(StreamKind::MarketData, id)?;
    if request.contract.as_ref().is_some_and(|contract| contract.sec_type.as_deref() == Some("NEWS")) {
        return broad_tape(asked, request);
    }
    let instrument = asked.instrument(request.contract.as_ref())?;
    let described = asked.shared.market.instrument(instrument);
    let news = wanted.news.map(|named| {
        let providers = if named.is_empty() { asked.shared.market.news_providers() } else { named };
        Headlines::new(Some(described.symbol.clone()), providers, asked.now)
    });
    if wanted.no_quotes {
        let stream = Box::new(news.ok_or_else(|| Refusal::invalid("Market data is switched off and nothing else asked for"))?);
        let start = Start { kind: StreamKind::MarketData, request: id, takes_line: false, stream };
        asked.shared.streams().start(asked.shared, asked.client, start);
        return Ok(());
    }

    let delayed = !described.subscribed && asked.client.wants_delayed();
    if delayed {
        asked.error(id, 10167, "Requested market data is not subscribed. Displaying delayed market data.");
    } else if !described.subscribed {
        return Err(Refusal::new(354, "Requested market data is not subscribed.Delayed market data is available."));
    }
    line_free(asked)?;
    let frozen = matches!(asked.client.market_data_type.load(Ordering::Relaxed), 2 | 4);
    let feed = Feed { delayed, frozen };
    let sink = Sink { client: asked.client, request: id, muted: false };
    announce(&asked.shared.market, instrument, feed, &sink, asked.now);
    asked.send(
        outgoing::TICK_REQUEST_PARAMETERS,
        &TickRequestParameters {
            req_id: Some(id),
            min_tick: Some("0.01".to_owned()),
            bbo_exchange: Some(super::contracts::BBO_EXCHANGE.to_owned()),
            snapshot_permissions: Some(3),
        },
    );
    if once {
        snapshot(&asked.shared.market, instrument, feed, &sink, asked.now);
        asked.send(outgoing::TICK_SNAPSHOT_END, &RequestId { req_id: Some(id) });
        return Ok(());
    }
    let stream = Box::new(Quotes::new(instrument, feed, GenericTicks::new(wanted.ticks), news));
    let start = Start { kind: StreamKind::MarketData, request: id, takes_line: true, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}

/// Headlines of one provider on every symbol.
fn broad_tape(asked: &Asked<'_>, request: &MarketDataRequest) -> Result<(), Refusal> {
    let provider = request.contract.as_ref().and_then(|contract| contract.exchange.clone()).unwrap_or_default();
    if !asked.shared.market.news_providers().contains(&provider) {
        return Err(super::contracts::unknown());
    }
    let stream = Box::new(Headlines::new(None, vec![provider], asked.now));
    let request = request.req_id.unwrap_or_default();
    let start = Start { kind: StreamKind::MarketData, request, takes_line: false, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}

/// # Errors
/// 101 when every market data line is in use.
pub(super) fn line_free(asked: &Asked<'_>) -> Result<(), Refusal> {
    if asked.shared.streams().lines() >= asked.shared.config.limits.market_data_lines {
        asked.violation(Violation::MarketDataLines);
        return Err(Refusal::new(101, "Max number of tickers has been reached"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_ticks_are_read_and_nonsense_refused() {
        assert_eq!(parse("").unwrap(), Wanted::default());
        assert_eq!(parse("236, 233,236").unwrap().ticks, [GenericTick::Shortable, GenericTick::RtVolume]);
        let news = parse("mdoff,292:BRFG,292:DJNL").unwrap();
        assert!(news.no_quotes);
        assert_eq!(news.news.unwrap(), ["BRFG", "DJNL"]);
        assert_eq!(parse("233,9999").unwrap_err().code, 321);
    }
}
