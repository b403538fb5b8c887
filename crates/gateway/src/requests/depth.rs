//! Requests for the order book, and which exchanges have one.

use super::{Asked, Refusal};
use crate::{
    market::{BookQuery, DEPTH_EXCHANGES, MOST_ROWS},
    proto::{DepthExchange, DepthExchanges, MarketDepthRequest},
    stats::Violation,
    streams::{Depth, Start, StreamKind},
    wire::outgoing,
};

pub(super) fn request(asked: &Asked<'_>, request: &MarketDepthRequest) {
    asked.settle(request.req_id, start(asked, request));
}

/// Starts a book: with `smart`, one row per price and exchange; without it, the rows of one exchange, one per price. Every
/// exchange shows the whole book.
fn start(asked: &Asked<'_>, request: &MarketDepthRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    let rows = request.rows.unwrap_or_default();
    let rows = usize::try_from(rows)
        .ok()
        .filter(|rows| *rows > 0)
        .ok_or_else(|| Refusal::invalid(format!("A book of {rows} rows has none; ask for 1 to {MOST_ROWS}")))?;
    asked.unused(StreamKind::MarketDepth, id)?;
    let instrument = asked.instrument(request.contract.as_ref())?;
    let described = asked.shared.market.instrument(instrument);
    let by_exchange = request.smart.unwrap_or_default();
    let exchange = request.contract.as_ref().and_then(|contract| contract.exchange.as_deref()).unwrap_or_default();
    let has_book = exchange == described.primary_exchange || DEPTH_EXCHANGES.contains(&exchange);
    if !(by_exchange || has_book) {
        let text = "Deep market data is not supported for this combination of security type/exchange";
        return Err(Refusal::new(10092, text));
    }
    if !described.subscribed {
        return Err(Refusal::new(354, "Requested market data is not subscribed.Deep market data needs a subscription."));
    }
    let most = asked.shared.config.limits.market_depth;
    if asked.shared.streams().of_kind(StreamKind::MarketDepth) >= most {
        asked.violation(Violation::MarketDepth);
        return Err(Refusal::new(309, format!("Max number ({most}) of market depth requests has been reached")));
    }
    let query = BookQuery { instrument, rows: rows.min(MOST_ROWS), by_exchange };
    let start = Start { kind: StreamKind::MarketDepth, request: id, takes_line: false, stream: Box::new(Depth::new(query)) };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}

/// The exchanges whose books can be had.
pub(super) fn exchanges(asked: &Asked<'_>) {
    let text = |text: &str| Some(text.to_owned());
    let of = |exchange: &str| DepthExchange {
        exchange: text(exchange),
        sec_type: text("STK"),
        listing_exchange: text(""),
        service: text("Deep2"),
        aggregated_group: Some(1),
    };
    let exchanges = DEPTH_EXCHANGES.iter().map(|exchange| of(exchange)).collect();
    asked.send(outgoing::MARKET_DEPTH_EXCHANGES, &DepthExchanges { exchanges });
}
