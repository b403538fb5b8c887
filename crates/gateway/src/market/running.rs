//! The bar that has begun and is not over.

use bellwether::market::{Bar, Calendar, TradingDay};
use jiff::Timestamp;

use super::{BarQuery, BarSize, Market, Window, bars, bucket, merge, quoted};

/// The bar of `query` that is running at `now`, as far as it is known then. `None` outside the session, before its first trade, and
/// for weeks and months.
///
/// A running day has the prices of the regular session so far and, like a complete one, the shares of the whole day.
pub(crate) fn running(market: &Market, query: &BarQuery, now: Timestamp) -> Option<Bar> {
    let day = Calendar.day_of(now).ok()??;
    let (open, close) = if query.regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) };
    if !(open..close).contains(&now) {
        return None;
    }
    let mut bar = match query.size {
        BarSize::Minutes(minutes) => {
            within_day(market, query, bucket(now.as_microsecond(), &day, minutes * 60_000_000, query), now)?
        }
        BarSize::Seconds(seconds) => {
            within_day(market, query, bucket(now.as_microsecond(), &day, seconds * 1_000_000, query), now)?
        }
        BarSize::Day => of_day(market, query, &day, now)?,
        BarSize::Week | BarSize::Month => return None,
    };
    quoted(market, query, &mut bar);
    Some(bar)
}

fn within_day(market: &Market, query: &BarQuery, (start, end): (i64, i64), now: Timestamp) -> Option<Bar> {
    let from = Timestamp::from_microsecond(start).ok()?;
    let minutes = BarQuery { size: BarSize::Minutes(1), show: super::Show::Trades, ..*query };
    let mut parts = match query.size {
        BarSize::Minutes(_) => bars(market, &minutes, Window { from, until: now }, now),
        _ => Vec::new(),
    };
    parts.extend(market.minute_so_far(query.instrument, start, now));
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    parts.for_each(|part| merge(&mut whole, &part));
    (whole.open_at, whole.close_at) = (start, end);
    Some(whole)
}

fn of_day(market: &Market, query: &BarQuery, day: &TradingDay, now: Timestamp) -> Option<Bar> {
    let symbol = &market.instrument(query.instrument).symbol;
    let so_far = market.tape().day_at(symbol, now)?;
    let complete = if query.regular_only { day.close } else { day.post_close };
    Some(Bar {
        open_at: day.open.as_microsecond(),
        close_at: complete.as_microsecond(),
        open: so_far.open?,
        high: so_far.high?,
        low: so_far.low?,
        close: market.last_regular(query.instrument, now)?,
        volume: so_far.volume,
        vwap: market.session_vwap(query.instrument, now),
        trades: Some(so_far.trades),
    })
}
