//! What exchanges have to say: halts and resumptions of stocks, days that end early.

use bellwether::market::Calendar;
use jiff::Timestamp;

use super::Market;
use crate::tape::mix;

/// A bulletin of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bulletin {
    pub(crate) at: Timestamp,
    pub(crate) id: i32,
    pub(crate) text: String,
    pub(crate) exchange: String,
}

impl Market {
    /// The bulletins after `from` until `until`, `until` included, in order of time.
    ///
    /// A halt of the tape is announced when it begins and when it ends; an early close at the start of that day's pre-market.
    pub(crate) fn bulletins(&self, from: Timestamp, until: Timestamp) -> Vec<Bulletin> {
        let due = |at: &Timestamp| from < *at && *at <= until;
        let mut bulletins = Vec::new();
        let mut put = |at: Timestamp, text: String, exchange: &str| {
            // Numbers are positive; 31 bits of a hash make equal ones unlikely.
            let id = (mix(&text, at.as_second() as u64) >> 33) as i32;
            bulletins.push(Bulletin { at, id, text, exchange: exchange.to_owned() });
        };
        for instrument in self.instruments() {
            let (symbol, exchange) = (&instrument.symbol, instrument.primary_exchange.as_str());
            for halt in self.tape.halts(symbol) {
                if due(&halt.from) {
                    put(halt.from, format!("Trading in {symbol} has been halted on {exchange}."), exchange);
                }
                if due(&halt.until) {
                    put(halt.until, format!("Trading in {symbol} has resumed on {exchange}."), exchange);
                }
            }
        }
        let last = Calendar.local_date(until);
        let dates = std::iter::successors(Some(Calendar.local_date(from)), |date| date.tomorrow().ok());
        for day in dates.take_while(|date| *date <= last).filter_map(|date| Calendar.day(date).ok().flatten()) {
            if let Some(reason) = day.early_close.filter(|_| due(&day.pre_open)) {
                put(day.pre_open, format!("US equity exchanges close at 13:00 ET on {}: {reason}.", day.date), "NYSE");
            }
        }
        bulletins.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));
        bulletins
    }
}
