//! One client's session, from the side of those who answer it.

use std::sync::{
    Mutex,
    atomic::{AtomicI32, Ordering},
};

use jiff::Timestamp;
use prost::Message;
use tokio::sync::Notify;

use crate::{
    faults::{FaultState, Outflow, send_through},
    limits::Strikes,
    outbox::{Keep, Outbox},
    proto::ErrorMessage,
    wire::{encode, outgoing},
};

/// Request id of an error that concerns no request.
pub(crate) const NO_REQUEST: i32 = -1;

/// A connected client that has started its session.
#[derive(Debug)]
pub(crate) struct Client {
    /// Unique over the life of the gateway.
    pub(crate) connection: u64,
    /// The id that the client chose.
    pub(crate) id: i32,
    pub(crate) outbox: Outbox,
    /// 1 live, 2 frozen, 3 delayed, 4 delayed and frozen.
    pub(crate) market_data_type: AtomicI32,
    pub(crate) strikes: Mutex<Strikes>,
    /// What faults do to its frames.
    pub(crate) outflow: Outflow,
    /// Cuts its connection.
    pub(crate) cut: Notify,
}

impl Client {
    pub(crate) fn new(connection: u64, id: i32, outbox: usize, faults: &FaultState) -> Self {
        Self {
            connection,
            id,
            outbox: Outbox::new(outbox),
            market_data_type: AtomicI32::new(1),
            strikes: Mutex::default(),
            outflow: Outflow::new(faults),
            cut: Notify::new(),
        }
    }

    /// Queues a message that must arrive.
    pub(crate) fn send(&self, id: i32, body: &impl Message) {
        send_through(self, Keep::Always, id, encode(id, body));
    }

    /// Queues a frame of message `id` that must arrive.
    pub(crate) fn send_frame(&self, id: i32, frame: bytes::Bytes) {
        send_through(self, Keep::Always, id, frame);
    }

    /// Queues a message that a newer one replaces.
    pub(crate) fn send_quote(&self, id: i32, body: &impl Message) {
        send_through(self, Keep::Droppable, id, encode(id, body));
    }

    /// Queues an error, or a notice, on a request or on none.
    pub(crate) fn error(&self, request: i32, code: i32, text: impl Into<String>, now: Timestamp) {
        let error = ErrorMessage {
            id: Some(request),
            time_ms: Some(now.as_millisecond()),
            // A notice without a code leaves the field out.
            code: Some(code).filter(|code| *code != 0),
            text: Some(text.into()),
        };
        self.send(outgoing::ERROR, &error);
    }

    pub(crate) fn wants_delayed(&self) -> bool {
        matches!(self.market_data_type.load(Ordering::Relaxed), 3 | 4)
    }
}
