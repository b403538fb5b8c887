//! Headlines as they appear.

use bellwether::market::Symbol;
use jiff::{SignedDuration, Timestamp};

use super::{Sink, Stream};
use crate::{market::Market, proto::TickNews, wire::outgoing};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// A feed of headlines from some providers, of one symbol or of all.
#[derive(Debug)]
pub(crate) struct Headlines {
    symbol: Option<Symbol>,
    providers: Vec<String>,
    /// Headlines until then were sent, or came before the subscription.
    seen: Timestamp,
}

impl Headlines {
    pub(crate) fn new(symbol: Option<Symbol>, providers: Vec<String>, now: Timestamp) -> Self {
        Self { symbol, providers, seen: now }
    }
}

impl Stream for Headlines {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if now <= self.seen {
            return;
        }
        // The tape's interval is half-open at its end, ours at its start.
        let (from, until) = (self.seen + MICROSECOND, now + MICROSECOND);
        self.seen = now;
        for headline in market.tape().headlines_between(from, until) {
            let wanted = self.symbol.as_ref().is_none_or(|symbol| *symbol == headline.symbol)
                && self.providers.contains(&headline.provider);
            if wanted {
                let body = TickNews {
                    req_id: Some(sink.request),
                    time_ms: Some(headline.at.as_millisecond()),
                    provider: Some(headline.provider.clone()),
                    article_id: Some(market.article_id(headline)),
                    headline: Some(headline.title.clone()),
                    extra: None,
                };
                sink.send(outgoing::TICK_NEWS, &body);
            }
        }
    }
}
