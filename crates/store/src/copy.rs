//! Encodes bars as Postgres' binary COPY.
//!
//! Written out here because the driver's own writer dispatches every field dynamically; see `benches/copy_bars.rs`.

use bellwether::market::{Series, Symbol, Timeframe};
use bytes::{BufMut, Bytes, BytesMut};

/// Columns in the order of [`Rows::push`].
pub(crate) const COLUMNS: &str = "symbol, timeframe, open_at, close_at, open, high, low, close, volume, vwap, trades, source";

/// Postgres counts microseconds from 2000-01-01.
const EPOCH_2000: i64 = 946_684_800_000_000;

/// Bytes to collect before they are handed over.
const CHUNK: usize = 256 * 1024;

pub(crate) struct Rows<'a> {
    buffer: BytesMut,
    timeframe: &'static str,
    source: &'a str,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(timeframe: Timeframe, source: &'a str) -> Self {
        let mut buffer = BytesMut::with_capacity(CHUNK + 1024);
        buffer.put_slice(b"PGCOPY\n\xff\r\n\0");
        buffer.put_i32(0); // flags
        buffer.put_i32(0); // length of the header's extension
        Self { buffer, timeframe: timeframe.as_str(), source }
    }

    /// Adds one bar; a chunk comes back when enough has gathered.
    pub(crate) fn push(&mut self, symbol: &Symbol, series: &Series<'_>, row: usize) -> Option<Bytes> {
        let buffer = &mut self.buffer;
        buffer.put_i16(12);
        put_text(buffer, symbol.as_str());
        put_text(buffer, self.timeframe);
        put_time(buffer, series.open_at[row]);
        put_time(buffer, series.close_at[row]);
        for value in [series.open[row], series.high[row], series.low[row], series.close[row], series.volume[row]] {
            buffer.put_i32(8);
            buffer.put_f64(value);
        }
        for value in [series.vwap[row], series.trades[row]] {
            if value.is_nan() {
                buffer.put_i32(-1);
            } else {
                buffer.put_i32(8);
                buffer.put_f64(value);
            }
        }
        put_text(buffer, self.source);
        (self.buffer.len() >= CHUNK).then(|| self.buffer.split().freeze())
    }

    /// What is left, with the trailer.
    pub(crate) fn finish(mut self) -> Bytes {
        self.buffer.put_i16(-1);
        self.buffer.freeze()
    }
}

fn put_text(buffer: &mut BytesMut, text: &str) {
    buffer.put_i32(i32::try_from(text.len()).unwrap_or(i32::MAX));
    buffer.put_slice(text.as_bytes());
}

fn put_time(buffer: &mut BytesMut, micros: i64) {
    buffer.put_i32(8);
    buffer.put_i64(micros - EPOCH_2000);
}
