//! What happens to frames between the market and the client.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bytes::{Bytes, BytesMut};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use tokio::sync::watch;

use super::{
    ActiveFaults, Farm, Fault, FaultState,
    farm::Health,
    fields::{Role, Value, edit, request_of},
};
use crate::{
    client::{Client, NO_REQUEST},
    outbox::Keep,
    proto::{ContractData, Empty, ErrorMessage},
    shared::held,
    wire::{encode, outgoing},
};

/// Requests whose symbol is remembered per client; the oldest go first.
const MOST_SUBJECTS: usize = 8_192;
/// Length prefix and message id.
const HEADER: usize = 8;
/// Added to a contract's id to make another contract of it.
const TWIN: i32 = 900_000_000;
/// First of the message ids that nobody knows.
const UNKNOWN_ID: i32 = 7_001;

/// Messages that go on arriving for a request: ticks, depth, bars, news.
const LIVE: [i32; 12] = [1, 2, 12, 13, 21, 45, 46, 50, 84, 90, 92, 99];
/// Those of them that tell of a trade or an order, of which there is none in a halt.
const TRADING: [i32; 5] = [12, 13, 50, 90, 99];
/// Those whose repetition or order matters to whoever adds them up.
const TICKS: [i32; 8] = [1, 2, 12, 13, 46, 50, 90, 99];

/// What faults need to know of one client.
#[derive(Debug)]
pub(crate) struct Outflow {
    faults: watch::Receiver<Arc<ActiveFaults>>,
    subjects: Mutex<BTreeMap<i32, String>>,
    /// Ticks held back so that the next comes before them, by request.
    held_back: Mutex<BTreeMap<i32, (Keep, Bytes)>>,
    rotation: AtomicUsize,
    /// Open orders are not answered any more.
    hangs: AtomicBool,
}

impl Outflow {
    pub(crate) fn new(faults: &FaultState) -> Self {
        Self {
            faults: faults.watch(),
            subjects: Mutex::default(),
            held_back: Mutex::default(),
            rotation: AtomicUsize::new(0),
            hangs: AtomicBool::new(false),
        }
    }

    /// The symbol that a request was about.
    pub(crate) fn symbol_of(&self, request: i32) -> Option<String> {
        held(&self.subjects).get(&request).cloned()
    }

    pub(super) fn hang(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    pub(super) fn hangs(&self) -> bool {
        self.hangs.load(Ordering::Relaxed)
    }

    pub(super) fn remember(&self, request: i32, symbol: &str) {
        let mut subjects = held(&self.subjects);
        subjects.insert(request, symbol.to_owned());
        if subjects.len() > MOST_SUBJECTS {
            subjects.pop_first();
        }
    }
}

/// Puts a frame into a client's outbox, as the faults in force leave it.
pub(crate) fn send_through(client: &Client, keep: Keep, id: i32, frame: Bytes) {
    let faults = Arc::clone(&client.outflow.faults.borrow());
    if !faults.touches_frames() {
        client.outbox.push(keep, frame);
        return;
    }
    let request = request_of(&frame[HEADER..]).filter(|_| id != outgoing::ERROR);
    let symbol = request.and_then(|request| client.outflow.symbol_of(request));
    let symbol = symbol.as_deref();
    if let Some(request) = request.filter(|_| LIVE.contains(&id)) {
        if faults.silenced((client.connection, request), client.id, symbol) {
            return;
        }
        if TRADING.contains(&id) && symbol.is_some_and(|symbol| faults.halted(symbol)) {
            return;
        }
    }
    let frame = distorted(&faults, client, symbol, id, &frame).unwrap_or(frame);
    let Some(request) = request else { return client.outbox.push(keep, frame) };
    if TICKS.contains(&id) {
        if faults.duplicates(symbol) {
            client.outbox.push(keep, frame.clone());
        }
        if faults.swaps(symbol) {
            let mut held_back = held(&client.outflow.held_back);
            let Some((kept, earlier)) = held_back.remove(&request) else {
                held_back.insert(request, (keep, frame));
                return;
            };
            client.outbox.push(keep, frame);
            client.outbox.push(kept, earlier);
            return;
        }
    }
    // Whatever else there is to say of a request, nothing that it was to have comes after.
    let earlier = held(&client.outflow.held_back).remove(&request);
    if let Some((kept, earlier)) = earlier {
        client.outbox.push(kept, earlier);
    }
    let twin = (id == outgoing::CONTRACT_DATA).then(|| twin(&faults, &frame)).flatten();
    client.outbox.push(keep, frame);
    if let Some(twin) = twin {
        client.outbox.push(keep, twin);
    }
}

/// Sends what was held back.
pub(super) fn release(client: &Client) {
    let held_back = std::mem::take(&mut *held(&client.outflow.held_back));
    for (keep, frame) in held_back.into_values() {
        client.outbox.push(keep, frame);
    }
}

/// The frame with other numbers in it; `None` when they stay.
fn distorted(faults: &ActiveFaults, client: &Client, symbol: Option<&str>, id: i32, frame: &Bytes) -> Option<Bytes> {
    let is = |it: &str| symbol == Some(it);
    let mut factor = 1.0;
    let mut sentinels = false;
    for fault in faults.kinds() {
        match fault {
            Fault::WrongPrices { symbol: it, factor: by } if is(it) => factor *= by,
            Fault::Sentinels { symbol: it } if is(it) => sentinels = true,
            _ => {}
        }
    }
    let offset = faults.clock_offset();
    if factor == 1.0 && !sentinels && offset.is_zero() {
        return None;
    }
    let mut change = |role: Role, tick_type: Option<u64>, value: &Value| match (role, value) {
        (Role::Price | Role::PriceText | Role::Size, _) if sentinels => {
            sentinel(value, client.outflow.rotation.fetch_add(1, Ordering::Relaxed))
        }
        (Role::Price, Value::Double(price)) if *price > 0.0 => Some(Value::Double(price * factor)),
        (Role::PriceText, Value::Text(price)) => {
            price.parse::<f64>().ok().filter(|price| *price > 0.0).map(|price| Value::Text((price * factor).to_string()))
        }
        (Role::Seconds, Value::Whole(at)) => moved(*at, offset.as_secs()).map(Value::Whole),
        (Role::Milliseconds, Value::Whole(at)) => {
            moved(*at, i64::try_from(offset.as_millis()).unwrap_or_default()).map(Value::Whole)
        }
        // Time of the last trade, live and delayed.
        (Role::TickText, Value::Text(text)) if matches!(tick_type, Some(45 | 88)) => {
            text.parse::<u64>().ok().and_then(|at| moved(at, offset.as_secs())).map(|at| Value::Text(at.to_string()))
        }
        (Role::TickText, Value::Text(text)) if matches!(tick_type, Some(48 | 77)) => {
            Some(Value::Text(rt_volume(text, factor, offset)))
        }
        _ => None,
    };
    edit(id, &frame[HEADER..], &mut change).map(|body| reframed(frame, &body))
}

/// Nothing that is meant as a number. Every third is left alone, so that good and bad are mixed.
fn sentinel(value: &Value, rotation: usize) -> Option<Value> {
    const PRICES: [f64; 4] = [f64::NAN, f64::MAX, -1.0, 0.0];
    const TEXTS: [&str; 4] = ["2147483647", "9223372036854775807", "-1", "1.7976931348623157E308"];
    if rotation % 3 == 2 {
        return None;
    }
    match value {
        Value::Double(_) => Some(Value::Double(PRICES[rotation / 3 % 4])),
        Value::Text(_) => Some(Value::Text(TEXTS[rotation / 3 % 4].to_owned())),
        Value::Whole(_) => None,
    }
}

fn moved(at: u64, by: i64) -> Option<u64> {
    at.checked_add_signed(by)
}

/// `price;size;milliseconds;volume;vwap;single`.
fn rt_volume(text: &str, factor: f64, offset: SignedDuration) -> String {
    let parts = text.split(';').enumerate().map(|(place, part)| match (place, part.parse::<f64>()) {
        (0 | 4, Ok(price)) if factor != 1.0 => (price * factor).to_string(),
        (2, Ok(at)) => (at + offset.as_millis() as f64).to_string(),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join(";")
}

fn reframed(frame: &Bytes, body: &Bytes) -> Bytes {
    let mut new = BytesMut::with_capacity(HEADER + body.len());
    // An edited body is hardly longer than the one it was made of.
    new.extend_from_slice(&u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes());
    new.extend_from_slice(&frame[4..HEADER]);
    new.extend_from_slice(body);
    new.freeze()
}

/// Another contract of the same symbol, when the symbol is ambiguous.
fn twin(faults: &ActiveFaults, frame: &Bytes) -> Option<Bytes> {
    let mut data = ContractData::decode(&frame[HEADER..]).ok()?;
    let contract = data.contract.as_mut()?;
    let symbol = contract.symbol.as_deref()?.replace(' ', ".");
    if !faults.ambiguous(&symbol) {
        return None;
    }
    contract.con_id = contract.con_id.map(|id| id.wrapping_add(TWIN));
    contract.primary_exchange = Some("VALUE".to_owned());
    contract.trading_class = Some("PINK".to_owned());
    if let Some(details) = &mut data.details {
        details.long_name = details.long_name.as_ref().map(|name| format!("{name} (when issued)"));
    }
    Some(encode(outgoing::CONTRACT_DATA, &data))
}

/// A frame that a client can do without.
fn harmless(now: Timestamp) -> Bytes {
    let (code, text) = Farm::MarketData.notice(Health::Ok);
    let error = ErrorMessage { id: Some(NO_REQUEST), time_ms: Some(now.as_millisecond()), code: Some(code), text: Some(text) };
    encode(outgoing::ERROR, &error)
}

/// Half a frame, and no more after it.
pub(super) fn tear(client: &Client, now: Timestamp) {
    let frame = harmless(now);
    client.outbox.push(Keep::Always, frame.slice(..frame.len() / 2));
    client.outbox.close();
}

/// A frame without some of its bytes.
pub(super) fn lose(client: &Client, bytes: usize, now: Timestamp) {
    client.outbox.push(Keep::Always, damaged(&harmless(now), bytes));
}

/// The frame with bytes missing in its middle.
fn damaged(frame: &Bytes, bytes: usize) -> Bytes {
    let middle = frame.len() / 2;
    let mut left = BytesMut::from(&frame[..middle]);
    left.extend_from_slice(&frame[(middle + bytes).min(frame.len())..]);
    left.freeze()
}

/// Messages of kinds that do not exist.
pub(super) fn babble(client: &Client, count: u16) {
    for number in 0..i32::from(count) {
        client.outbox.push(Keep::Always, encode(UNKNOWN_ID + number * 37, &Empty {}));
    }
}
