//! Profits of the account and of its positions.

use super::{Desk, Trading};

/// Amounts in USD; `None` where a price is missing or nothing was closed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Profit {
    /// Since the previous close, trades of the date and their commissions included.
    pub(crate) daily: Option<f64>,
    /// Of open positions, against what they cost.
    pub(crate) unrealized: Option<f64>,
    /// Realized on this New York date.
    pub(crate) realized: Option<f64>,
    /// Value of the position.
    pub(crate) value: Option<f64>,
    /// Shares of the position.
    pub(crate) shares: f64,
}

impl Trading {
    /// The profit of the account: the sum over positions, unknown when that of one is.
    pub(crate) fn profit(&self, desk: &Desk<'_>) -> Profit {
        let start =
            Profit { daily: Some(0.0), unrealized: Some(0.0), realized: Some(self.account.realized()), ..Profit::default() };
        self.account.positions().fold(start, |sum, (instrument, position)| {
            let one = self.profit_of(desk, instrument);
            let plus = |sum: Option<f64>, one: Option<f64>| sum.zip(one).map(|(sum, one)| sum + one);
            let unrealized = if position.shares == 0.0 { sum.unrealized } else { plus(sum.unrealized, one.unrealized) };
            Profit { daily: plus(sum.daily, one.daily), unrealized, ..sum }
        })
    }

    /// The profit of one position.
    pub(crate) fn profit_of(&self, desk: &Desk<'_>, instrument: usize) -> Profit {
        let position = self.account.position(instrument);
        let mark = if position.shares == 0.0 { Some(0.0) } else { desk.mark(instrument) };
        let previous_close = if position.opening == 0.0 { None } else { desk.previous_close(instrument) };
        Profit {
            daily: mark.and_then(|mark| position.daily(mark, previous_close)),
            unrealized: mark.filter(|_| position.shares != 0.0).map(|mark| position.unrealized(mark)),
            realized: position.realized,
            value: mark.map(|mark| position.shares * mark),
            shares: position.shares,
        }
    }
}
