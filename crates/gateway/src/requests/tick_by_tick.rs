//! Requests for single ticks as they come.

use bellwether::market::Calendar;

use super::{Asked, Refusal, historical_ticks::send_ticks};
use crate::{
    market::{TickKind, TickQuery, last_ticks},
    proto::TickByTickRequest,
    stats::Violation,
    streams::{Start, StreamKind, TickByTick},
};

pub(super) fn request(asked: &Asked<'_>, request: &TickByTickRequest) {
    asked.settle(request.req_id, start(asked, request));
}

fn start(asked: &Asked<'_>, request: &TickByTickRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    let kind = request.kind.as_deref().unwrap_or_default();
    let kind = TickKind::parse(kind).ok_or_else(|| {
        Refusal::invalid(format!("Tick-by-tick data is of Last, AllLast, BidAsk or MidPoint, not of \"{kind}\""))
    })?;
    asked.unused(StreamKind::TickByTick, id)?;
    let instrument = asked.instrument(request.contract.as_ref())?;
    let described = asked.shared.market.instrument(instrument);
    if !described.subscribed {
        let exchange = &described.primary_exchange;
        let text = format!("Failed to request tick-by-tick data:No market data permissions for {exchange} STK");
        return Err(Refusal::new(10189, text));
    }
    let before = request.count.unwrap_or_default();
    let before = usize::try_from(before).ok().filter(|count| *count <= super::historical_ticks::MOST_TICKS).ok_or_else(|| {
        Refusal::invalid(format!("{before} ticks before the first are not between 0 and {}", super::historical_ticks::MOST_TICKS))
    })?;
    if asked.shared.streams().of_kind(StreamKind::TickByTick) >= asked.shared.config.limits.tick_by_tick {
        asked.violation(Violation::TickByTick);
        return Err(Refusal::new(10190, "Max number of tick-by-tick requests has been reached."));
    }
    let query = TickQuery { instrument, kind, ignore_size: request.ignore_size.unwrap_or_default() };
    if before > 0 {
        let today = Calendar.day_of(asked.now).ok().flatten();
        let ticks = today.map(|day| last_ticks(&asked.shared.market, query, (day.pre_open, asked.now), before));
        send_ticks(asked, id, kind, ticks.unwrap_or_default());
    }
    let stream = Box::new(TickByTick::new(query, asked.now));
    let start = Start { kind: StreamKind::TickByTick, request: id, takes_line: false, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}
