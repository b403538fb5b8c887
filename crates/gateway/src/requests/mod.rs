//! What clients ask, and the answers: one file per family of requests.
//!
//! A request is answered in the connection's own task, by putting frames into the client's outbox. What goes on sending
//! afterwards becomes a stream.

mod account;
mod contracts;
mod depth;
mod histogram;
mod historical;
mod historical_ticks;
mod market_data;
mod news;
mod orders;
mod real_time_bars;
mod scanner;
mod session;
mod tick_by_tick;
mod unserved;
pub(crate) mod wire_time;

use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;

pub(crate) use contracts::wire_contract;
pub(crate) use historical::{Stamp, wire_bar};

use crate::{
    client::{Client, NO_REQUEST},
    proto::{Contract, RequestId},
    shared::Shared,
    stats::Violation,
    streams::StreamKind,
    trading::FeedKind,
    wire::{Frame, FrameError, incoming},
};

/// Everything that an answer depends on besides the question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) client: &'a Arc<Client>,
    pub(crate) now: Timestamp,
}

/// A failure that the client is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// 162 in the words of the historical data service.
    pub(crate) fn historical(text: impl std::fmt::Display) -> Self {
        Self::new(162, format!("Historical Market Data Service error message:{text}"))
    }

    /// 321: the request itself is wrong.
    pub(crate) fn invalid(cause: impl std::fmt::Display) -> Self {
        Self::new(321, format!("Error validating request.-'bW' : cause - {cause}"))
    }
}

impl Asked<'_> {
    pub(crate) fn send(&self, id: i32, body: &impl Message) {
        self.client.send(id, body);
    }

    pub(crate) fn error(&self, request: i32, code: i32, text: impl Into<String>) {
        self.client.error(request, code, text, self.now);
    }

    pub(crate) fn violation(&self, violation: Violation) {
        self.shared.counters.violation(violation);
    }

    /// Tells the client of a refusal, if there is one.
    pub(crate) fn settle(&self, request: Option<i32>, outcome: Result<(), Refusal>) {
        if let Err(refusal) = outcome {
            self.error(request.unwrap_or(NO_REQUEST), refusal.code, refusal.text);
        }
    }

    /// The instrument that a contract names, unless a fault is set on its symbol.
    pub(crate) fn instrument(&self, contract: Option<&Contract>) -> Result<usize, Refusal> {
        let instrument = contracts::resolve(&self.shared.market, contract)?;
        self.unfailing(instrument).map(|()| instrument)
    }

    /// # Errors
    /// The error set on the instrument's symbol.
    pub(crate) fn unfailing(&self, instrument: usize) -> Result<(), Refusal> {
        let symbol = self.shared.market.instrument(instrument).symbol.as_str();
        match self.shared.faults.of_symbol(symbol) {
            Some((code, text)) => Err(Refusal { code, text }),
            None => Ok(()),
        }
    }

    /// Refuses a request id that a stream of this kind already has.
    pub(crate) fn unused(&self, kind: StreamKind, request: i32) -> Result<(), Refusal> {
        if self.shared.streams().contains(self.client, kind, request) {
            return Err(Refusal::new(322, "Error processing request.-'bW' : cause - Duplicate ticker id"));
        }
        Ok(())
    }

    fn cancel(&self, frame: &Frame, kind: StreamKind, unknown: (i32, &str)) -> Result<bool, FrameError> {
        let request = frame.decode::<RequestId>()?.req_id.unwrap_or(NO_REQUEST);
        let known = self.shared.streams().cancel(self.client, kind, request);
        if !known {
            self.error(request, unknown.0, format!("{}:{request}", unknown.1));
        }
        Ok(known)
    }
}

/// Answers one message.
///
/// # Errors
/// [`FrameError`] when the body is not that of its message: the connection cannot be trusted any further.
pub(crate) fn answer(asked: &Asked<'_>, frame: &Frame) -> Result<(), FrameError> {
    match frame.id {
        incoming::MARKET_DATA => market_data::request(asked, &frame.decode()?),
        incoming::CANCEL_MARKET_DATA => {
            asked.cancel(frame, StreamKind::MarketData, (300, "Can't find EId with tickerId"))?;
        }
        incoming::MARKET_DATA_TYPE => market_data::choose_type(asked, frame.decode()?),
        incoming::REAL_TIME_BARS => real_time_bars::request(asked, &frame.decode()?),
        incoming::CANCEL_REAL_TIME_BARS => {
            asked.cancel(frame, StreamKind::RealTimeBars, (300, "Can't find EId with tickerId"))?;
        }
        incoming::MARKET_DEPTH => depth::request(asked, &frame.decode()?),
        incoming::CANCEL_MARKET_DEPTH => {
            let unknown = (310, "Can't find the subscribed market depth with tickerId");
            asked.cancel(frame, StreamKind::MarketDepth, unknown)?;
        }
        incoming::MARKET_DEPTH_EXCHANGES => depth::exchanges(asked),
        incoming::TICK_BY_TICK => tick_by_tick::request(asked, &frame.decode()?),
        incoming::CANCEL_TICK_BY_TICK => {
            let unknown = (10191, "Failed to cancel tick-by-tick data:Can't find EId with tickerId");
            asked.cancel(frame, StreamKind::TickByTick, unknown)?;
        }
        incoming::HISTORICAL => historical::request(asked, &frame.decode()?),
        incoming::CANCEL_HISTORICAL => {
            asked.cancel(frame, StreamKind::Historical, (366, "No historical data query found for ticker id"))?;
        }
        incoming::HISTORICAL_TICKS => historical_ticks::request(asked, &frame.decode()?),
        incoming::HISTOGRAM => histogram::request(asked, &frame.decode()?),
        incoming::HEAD_TIMESTAMP => historical::head(asked, &frame.decode()?),
        incoming::SCANNER_PARAMETERS => scanner::parameters(asked),
        incoming::SCANNER => scanner::request(asked, &frame.decode()?),
        incoming::CANCEL_SCANNER => {
            let request = frame.decode::<RequestId>()?.req_id.unwrap_or(NO_REQUEST);
            if asked.cancel(frame, StreamKind::Scanner, (365, "No scanner subscription found for ticker id"))? {
                let refusal = Refusal::historical(format!("API scanner subscription cancelled: {request}"));
                asked.settle(Some(request), Err(refusal));
            }
        }
        incoming::CONTRACT => contracts::details(asked, &frame.decode()?),
        incoming::MATCHING_SYMBOLS => contracts::matching(asked, &frame.decode()?),
        incoming::MARKET_RULE => contracts::market_rule(asked, frame.decode()?),
        incoming::SMART_COMPONENTS => contracts::smart_components(asked, &frame.decode()?),
        incoming::USER_INFO => session::user_info(asked, frame.decode()?),
        incoming::NEWS_BULLETINS => news::bulletins(asked, frame.decode()?),
        incoming::CANCEL_NEWS_BULLETINS => news::cancel_bulletins(asked),
        incoming::NEWS_PROVIDERS => news::providers(asked),
        incoming::HISTORICAL_NEWS => news::historical(asked, &frame.decode()?),
        incoming::NEWS_ARTICLE => news::article(asked, &frame.decode()?),
        incoming::ACCOUNT_SUMMARY => account::summary(asked, &frame.decode()?),
        incoming::ACCOUNT_UPDATES => account::updates(asked, &frame.decode()?),
        incoming::POSITIONS => account::positions(asked),
        incoming::POSITIONS_MULTI => account::multi(asked, FeedKind::PositionsMulti, frame.decode()?),
        incoming::ACCOUNT_UPDATES_MULTI => account::multi(asked, FeedKind::UpdatesMulti, frame.decode()?),
        incoming::PNL => account::profit(asked, &frame.decode()?),
        incoming::PNL_SINGLE => account::profit_single(asked, &frame.decode()?),
        incoming::CANCEL_ACCOUNT_SUMMARY => account::cancel(asked, FeedKind::Summary, frame.decode::<RequestId>()?.req_id),
        incoming::CANCEL_POSITIONS => account::cancel(asked, FeedKind::Positions, None),
        incoming::CANCEL_POSITIONS_MULTI => account::cancel(asked, FeedKind::PositionsMulti, frame.decode::<RequestId>()?.req_id),
        incoming::CANCEL_ACCOUNT_UPDATES_MULTI => {
            account::cancel(asked, FeedKind::UpdatesMulti, frame.decode::<RequestId>()?.req_id);
        }
        incoming::CANCEL_PNL => account::cancel(asked, FeedKind::Profit, frame.decode::<RequestId>()?.req_id),
        incoming::CANCEL_PNL_SINGLE => account::cancel(asked, FeedKind::ProfitSingle, frame.decode::<RequestId>()?.req_id),
        incoming::OPEN_ORDERS => orders::own(asked),
        incoming::ALL_OPEN_ORDERS => orders::all(asked),
        incoming::AUTO_OPEN_ORDERS => orders::auto_bind(asked),
        incoming::COMPLETED_ORDERS => orders::completed(asked),
        incoming::EXECUTIONS => orders::executions(asked, frame.decode()?),
        incoming::PLACE_ORDER => orders::place(asked, frame.decode()?),
        incoming::CANCEL_ORDER => orders::cancel(asked, frame.decode()?),
        incoming::GLOBAL_CANCEL => orders::cancel_all(asked),
        incoming::NEXT_ID => session::next_valid_id(asked),
        incoming::MANAGED_ACCOUNTS => session::managed_accounts(asked),
        incoming::CURRENT_TIME => session::current_time(asked),
        incoming::CURRENT_TIME_MILLIS => session::current_time_millis(asked),
        // Nothing to stop or to change: these requests are answered at once and in full.
        incoming::CANCEL_HEAD_TIMESTAMP
        | incoming::CANCEL_HISTOGRAM
        | incoming::CANCEL_HISTORICAL_TICKS
        | incoming::CANCEL_CONTRACT
        | incoming::LOG_LEVEL
        | incoming::START_API => {}
        _ => unserved::answer(asked, frame),
    }
    Ok(())
}

/// What a new session is told unasked.
pub(crate) fn welcome(asked: &Asked<'_>) {
    session::next_valid_id(asked);
    session::managed_accounts(asked);
    orders::resume(asked);
    for (code, text) in asked.shared.faults.farm_notices() {
        asked.error(NO_REQUEST, code, text);
    }
}
