//! Requests for five-second bars.

use super::{Asked, Refusal, market_data::line_free};
use crate::{
    market::{BarQuery, BarSize, Show},
    proto::RealTimeBarsRequest,
    stats::Violation,
    streams::{FiveSecondBars, Start, StreamKind},
};

/// Five-second bars; whatever bar size is asked for, as in the real gateway.
pub(super) fn request(asked: &Asked<'_>, request: &RealTimeBarsRequest) {
    asked.settle(request.req_id, start(asked, request));
}

fn start(asked: &Asked<'_>, request: &RealTimeBarsRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    asked.unused(StreamKind::RealTimeBars, id)?;
    let instrument = asked.instrument(request.contract.as_ref())?;
    let show = match request.what_to_show.as_deref().map(Show::parse) {
        Some(Some(show)) if show != Show::BidAsk => show,
        _ => return Err(Refusal::invalid("Real time bars are of TRADES, MIDPOINT, BID or ASK")),
    };
    if !asked.shared.market.instrument(instrument).subscribed {
        return Err(Refusal::new(420, "Invalid Real-time Query:No market data permissions"));
    }
    line_free(asked)?;
    if !asked.shared.pacing().admit_opening(asked.now) {
        asked.violation(Violation::HistoricalPacing);
        return Err(Refusal::new(420, "Invalid Real-time Query:Historical data request pacing violation"));
    }
    let query = BarQuery { instrument, size: BarSize::Seconds(5), regular_only: request.use_rth.unwrap_or_default(), show };
    let stream = Box::new(FiveSecondBars::new(query, asked.now));
    let start = Start { kind: StreamKind::RealTimeBars, request: id, takes_line: true, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}
