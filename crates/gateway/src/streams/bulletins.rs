//! Bulletins of exchanges as they are published.

use jiff::Timestamp;

use super::{Sink, Stream};
use crate::{market::Market, proto::NewsBulletin, wire::outgoing};

/// An ordinary bulletin, in contrast to one that an exchange is no longer there.
const ORDINARY: i32 = 1;

/// One client's bulletins.
#[derive(Debug)]
pub(crate) struct Bulletins {
    /// Those until then were sent, or were not wanted.
    seen: Timestamp,
}

impl Bulletins {
    /// Those after `since`.
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { seen: since }
    }
}

impl Stream for Bulletins {
    fn advance(&mut self, market: &Market, now: Timestamp, sink: &Sink<'_>) {
        if now <= self.seen {
            return;
        }
        let from = std::mem::replace(&mut self.seen, now);
        for bulletin in market.bulletins(from, now) {
            let body = NewsBulletin {
                id: Some(bulletin.id),
                kind: Some(ORDINARY),
                text: Some(bulletin.text),
                exchange: Some(bulletin.exchange),
            };
            sink.send(outgoing::NEWS_BULLETIN, &body);
        }
    }
}
