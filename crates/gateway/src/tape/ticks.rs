//! Single trades and changes of the best bid and offer, generated or recorded: what streams of ticks, histories of ticks and quotes are all told from.

use bellwether::market::{BidAsk, Symbol};
use jiff::Timestamp;

use super::{Tape, best, instant, minute_ticks::MinuteTicks};

/// Where trades are made, besides the listing exchange, in this protocol's spelling. `FINRA` reports what was made off exchange.
const VENUES: [&str; 8] = ["FINRA", "ARCA", "BATS", "EDGX", "IEX", "MEMX", "NYSE", "BEX"];
/// One trade in so many is followed by an odd lot that counts nowhere.
const ODD_LOT_EVERY: u64 = 16;

/// One event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TapeTick<'a> {
    Trade(TapeTrade<'a>),
    BidAsk(BidAsk),
}

/// A trade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TapeTrade<'a> {
    pub(crate) at: Timestamp,
    pub(crate) price: f64,
    pub(crate) size: f64,
    pub(crate) exchange: &'a str,
    pub(crate) conditions: &'a str,
    pub(crate) past_limit: bool,
    /// Not part of last price, extremes and volume.
    pub(crate) unreported: bool,
}

impl Tape {
    /// The trades of `symbol` and the changes of its best bid and offer after `from` until `until`, `until` included, in order.
    ///
    /// A generated trade is followed by the bid and offer that it leaves behind, when they differ from those before it, and about
    /// one in sixteen by an odd lot that is reported but counts nowhere. Outside the regular session trades carry condition `T`,
    /// odd lots always `I`.
    pub(crate) fn ticks<'a>(
        &'a self,
        symbol: &Symbol,
        from: Timestamp,
        until: Timestamp,
    ) -> Box<dyn Iterator<Item = TapeTick<'a>> + 'a> {
        match self.by_symbol.get(symbol) {
            Some(index) => self.told(*index, from.as_microsecond(), until.as_microsecond()),
            None => Box::new(std::iter::empty()),
        }
    }

    /// Recorded ticks where there are any, generated ones elsewhere.
    fn told(&self, index: usize, from: i64, until: i64) -> Box<dyn Iterator<Item = TapeTick<'_>> + '_> {
        let Some(recorded) = self.ticks.get(&index) else { return Box::new(self.generated(index, from, until)) };
        let mut pieces: Vec<Box<dyn Iterator<Item = TapeTick<'_>> + '_>> = Vec::new();
        let mut told = from;
        for interval in recorded.intervals_in(from, until) {
            if told < interval.from - 1 {
                pieces.push(Box::new(self.generated(index, told, interval.from - 1)));
            }
            pieces.push(Box::new(recorded.ticks(interval, told, until)));
            told = interval.until;
        }
        if told < until {
            pieces.push(Box::new(self.generated(index, told, until)));
        }
        Box::new(pieces.into_iter().flatten())
    }

    fn generated(&self, index: usize, from: i64, until: i64) -> impl Iterator<Item = TapeTick<'_>> {
        let instrument = &self.instruments[index];
        let series = self.series(index);
        let first = series.open_at.partition_point(|open_at| *open_at <= from).saturating_sub(1);
        let end = series.open_at.partition_point(|open_at| *open_at <= until).max(first);
        let mut shown = self.find(index, from).map(|found| found.bid_ask(instrument.spread_bps));
        (first..end)
            .map(move |row| (self.minute_ticks(index, row), self.is_regular(index, series.open_at[row])))
            .flat_map(move |(ticks, regular)| (ticks.made_until(from)..ticks.made_until(until)).map(move |k| (ticks, k, regular)))
            .flat_map(move |(ticks, k, regular)| {
                let at = instant(ticks.at(k));
                let (price, salt) = (ticks.price(k), ticks.salt(k));
                let after = best::after_trade(at, price, instrument.spread_bps, salt);
                let listed = salt % 10 < 4;
                let trade = TapeTrade {
                    at,
                    price,
                    size: ticks.size(k),
                    exchange: if listed { &instrument.primary_exchange } else { VENUES[(salt >> 4 & 7) as usize] },
                    conditions: if regular { "" } else { "T" },
                    past_limit: false,
                    unreported: false,
                };
                let odd_lot = (salt >> 8).is_multiple_of(ODD_LOT_EVERY).then(|| TapeTrade {
                    price: if salt >> 40 & 1 == 0 { after.bid } else { after.ask }.unwrap_or(price),
                    size: (1 + (salt >> 48) % 99) as f64,
                    exchange: VENUES[0],
                    conditions: if regular { "I" } else { "TI" },
                    unreported: true,
                    ..trade
                });
                let differs = shown.is_none_or(|before| BidAsk { at, ..before } != after);
                shown = Some(after);
                let quote = differs.then_some(TapeTick::BidAsk(after));
                [Some(TapeTick::Trade(trade)), odd_lot.map(TapeTick::Trade), quote].into_iter().flatten()
            })
    }

    /// The trades of one minute bar, all of them before a halt that begins in it.
    pub(crate) fn minute_ticks(&self, index: usize, row: usize) -> MinuteTicks {
        let symbol = &self.instruments[index].symbol;
        let bar = self.series(index).bar(row);
        let halts = self.halts(symbol);
        let next = halts.partition_point(|halt| halt.from.as_microsecond() <= bar.open_at);
        let end = halts.get(next).map_or(bar.close_at, |halt| halt.from.as_microsecond().min(bar.close_at));
        MinuteTicks::new(symbol, &bar, end)
    }
}
