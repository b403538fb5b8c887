//! What happens to requests before they are answered.

use prost::Message;

use crate::{
    client::NO_REQUEST,
    proto::{Contract, RequestId},
    requests::Asked,
    wire::{Frame, FrameError, incoming},
};

const MARKET_DEPTH: i32 = 10;
const CANCEL_MARKET_DEPTH: i32 = 11;
const HISTOGRAM: i32 = 88;
const HISTORICAL_TICKS: i32 = 96;
const TICK_BY_TICK: i32 = 97;
const CANCEL_TICK_BY_TICK: i32 = 98;

/// Requests that begin with their id and a contract.
const ABOUT_A_CONTRACT: [i32; 10] = [
    incoming::MARKET_DATA,
    incoming::PLACE_ORDER,
    incoming::CONTRACT,
    MARKET_DEPTH,
    incoming::HISTORICAL,
    incoming::REAL_TIME_BARS,
    incoming::HEAD_TIMESTAMP,
    HISTOGRAM,
    HISTORICAL_TICKS,
    TICK_BY_TICK,
];
const LIVE: [i32; 4] = [incoming::MARKET_DATA, MARKET_DEPTH, incoming::REAL_TIME_BARS, TICK_BY_TICK];
const HISTORY: [i32; 4] = [incoming::HISTORICAL, incoming::HEAD_TIMESTAMP, HISTOGRAM, HISTORICAL_TICKS];
const CANCELS: [i32; 5] = [
    incoming::CANCEL_MARKET_DATA,
    CANCEL_MARKET_DEPTH,
    incoming::CANCEL_HISTORICAL,
    incoming::CANCEL_REAL_TIME_BARS,
    CANCEL_TICK_BY_TICK,
];

/// How such a request begins.
#[derive(Clone, PartialEq, Message)]
struct Beginning {
    #[prost(int32, optional, tag = "1")]
    req_id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    contract: Option<Contract>,
}

/// Whether a request still is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// By the gateway, as ever.
    ToBeAnswered,
    /// A fault has taken care of it.
    Done,
}

/// Lets a request through, or deals with it as the faults in force demand.
///
/// # Errors
/// [`FrameError`] when the body is not that of its message.
pub(crate) fn take_in(asked: &Asked<'_>, frame: &Frame) -> Result<Taken, FrameError> {
    let faults = asked.shared.faults.active();
    if ABOUT_A_CONTRACT.contains(&frame.id) {
        let beginning: Beginning = frame.decode()?;
        let request = beginning.req_id.unwrap_or(NO_REQUEST);
        asked.shared.faults.forget_stream(asked.client.connection, request);
        let market = &asked.shared.market;
        let Some((contract, symbol)) = beginning.contract.as_ref().and_then(|contract| {
            let by_id = contract.con_id.filter(|id| *id != 0).and_then(|id| market.by_contract(id));
            let by_symbol = || market.by_symbol(&contract.symbol.as_deref()?.trim().replace(' ', ".").to_ascii_uppercase());
            let instrument = by_id.or_else(by_symbol)?;
            Some((contract, market.instrument(instrument).symbol.as_str()))
        }) else {
            return Ok(Taken::ToBeAnswered);
        };
        // Orders have ids of their own, and their messages are not about market data.
        if frame.id != incoming::PLACE_ORDER {
            asked.client.outflow.remember(request, symbol);
        }
        if let Some((code, text)) = refusal(asked, frame.id, contract, symbol) {
            asked.error(request, code, text);
            return Ok(Taken::Done);
        }
    } else if CANCELS.contains(&frame.id) {
        let request = frame.decode::<RequestId>()?.req_id.unwrap_or(NO_REQUEST);
        asked.shared.faults.forget_stream(asked.client.connection, request);
    } else if faults.hangs_open_orders() {
        if frame.id == incoming::CANCEL_ACCOUNT_SUMMARY {
            asked.client.outflow.hang();
        }
        let orders = [incoming::OPEN_ORDERS, incoming::ALL_OPEN_ORDERS, incoming::AUTO_OPEN_ORDERS];
        if orders.contains(&frame.id) && asked.client.outflow.hangs() {
            return Ok(Taken::Done);
        }
    }
    Ok(Taken::ToBeAnswered)
}

/// Why a request about a contract is not served.
fn refusal(asked: &Asked<'_>, message: i32, contract: &Contract, symbol: &str) -> Option<(i32, String)> {
    let faults = asked.shared.faults.active();
    let history = |text: &str| Some((162, format!("Historical Market Data Service error message:{text}")));
    if faults.competing() {
        if LIVE.contains(&message) {
            return Some((10197, "No market data during competing live session".to_owned()));
        }
        if HISTORY.contains(&message) {
            return history("Trading TWS session is connected from a different IP address");
        }
    }
    if let Some(code) = faults.unpermitted(symbol) {
        if HISTORY.contains(&message) {
            return history(&format!("No market data permissions for {} STK", exchange(asked, symbol)));
        }
        match message {
            incoming::REAL_TIME_BARS => {
                let text = format!("Invalid Real-time Query:No market data permissions for {} STK", exchange(asked, symbol));
                return Some((420, text));
            }
            TICK_BY_TICK => {
                let exchange = exchange(asked, symbol);
                let text = format!("Failed to request tick-by-tick data:No market data permissions for {exchange} STK");
                return Some((10189, text));
            }
            _ if LIVE.contains(&message) => return Some(not_subscribed(code)),
            _ => {}
        }
    }
    let named = contract.con_id.unwrap_or_default() != 0 || contract.primary_exchange.as_deref().is_some_and(|it| !it.is_empty());
    if faults.ambiguous(symbol) && !named && message != incoming::CONTRACT {
        return Some((200, format!("The contract description specified for {symbol} is ambiguous.")));
    }
    if message == incoming::PLACE_ORDER {
        // Every other request about a symbol asks for its error itself.
        return faults.error_of(symbol);
    }
    None
}

fn exchange<'a>(asked: &Asked<'a>, symbol: &str) -> &'a str {
    let market = &asked.shared.market;
    market.by_symbol(symbol).map_or("", |instrument| market.instrument(instrument).primary_exchange.as_str())
}

fn not_subscribed(code: i32) -> (i32, String) {
    let text = match code {
        10089 => {
            "Requested market data requires additional subscription for API. See link in 'Market Data Connections' dialog for \
             more details.Delayed market data is available."
        }
        10168 => "Requested market data is not subscribed. Delayed market data is not enabled.",
        _ => "Requested market data is not subscribed.Delayed market data is available.",
    };
    (code, text.to_owned())
}
