//! Cash and positions.
//!
//! ```text
//! cash + sum(shares · mark) = cash and positions at the start + realized + unrealized
//! ```
//! holds at every instant and for every mark: the average cost of a position carries the commissions of the trades that
//! opened it, and a realized profit those of both.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// A trade of the account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trade {
    pub(crate) instrument: usize,
    /// Positive when bought.
    pub(crate) shares: f64,
    pub(crate) price: f64,
    pub(crate) commission: f64,
}

/// What the account holds of one instrument.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Position {
    /// Negative when sold short.
    pub(crate) shares: f64,
    /// Per share, commissions included.
    pub(crate) average_cost: f64,
    /// Shares when this New York date began.
    pub(crate) opening: f64,
    /// USD that trades of this date brought, commissions paid.
    pub(crate) flow: f64,
    /// Profit realized on this date; `None` when nothing was closed.
    pub(crate) realized: Option<f64>,
}

impl Position {
    pub(crate) fn unrealized(&self, mark: f64) -> f64 {
        self.shares * (mark - self.average_cost)
    }

    /// Change of the value since the previous close, trades of the date included; `None` when that close would be needed and is
    /// not known.
    pub(crate) fn daily(&self, mark: f64, previous_close: Option<f64>) -> Option<f64> {
        let before = if self.opening == 0.0 { 0.0 } else { self.opening * previous_close? };
        Some(self.shares * mark - before + self.flow)
    }
}

/// Cash and positions.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) cash: f64,
    positions: BTreeMap<usize, Position>,
    date: Date,
    /// Counts changes of cash and positions.
    pub(crate) version: u64,
}

impl Account {
    pub(crate) fn new(cash: f64, holdings: impl IntoIterator<Item = (usize, f64, f64)>, date: Date) -> Self {
        let position = |(instrument, shares, average_cost)| {
            (instrument, Position { shares, average_cost, opening: shares, ..Position::default() })
        };
        Self { cash, positions: holdings.into_iter().map(position).collect(), date, version: 0 }
    }

    /// Begins a date: what there is becomes what it began with. Earlier dates change nothing.
    pub(crate) fn begin(&mut self, date: Date) -> bool {
        if date <= self.date {
            return false;
        }
        self.date = date;
        self.positions.retain(|_, position| position.shares != 0.0);
        for position in self.positions.values_mut() {
            *position = Position { opening: position.shares, flow: 0.0, realized: None, ..*position };
        }
        self.version += 1;
        true
    }

    /// Positions, those closed on this date included, by instrument.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (usize, &Position)> {
        self.positions.iter().map(|(instrument, position)| (*instrument, position))
    }

    pub(crate) fn position(&self, instrument: usize) -> Position {
        self.positions.get(&instrument).copied().unwrap_or_default()
    }

    /// Books a trade; the profit it realized, when it closed something.
    pub(crate) fn book(&mut self, trade: Trade) -> Option<f64> {
        let Trade { instrument, shares, price, commission } = trade;
        let position = self.positions.entry(instrument).or_default();
        let paid = shares * price + commission;
        self.cash -= paid;
        position.flow -= paid;
        self.version += 1;

        let closed = if position.shares * shares < 0.0 { shares.abs().min(position.shares.abs()) } else { 0.0 };
        let opened = shares.abs() - closed;
        let fee_per_share = commission / shares.abs();
        let realized = (closed > 0.0).then(|| {
            let gain = (price - position.average_cost) * position.shares.signum();
            closed * (gain - fee_per_share)
        });
        if opened > 0.0 {
            // A commission makes shares bought dearer and shares sold short cheaper.
            let cost = price + fee_per_share * shares.signum();
            let kept = position.shares.abs() - closed;
            position.average_cost = (kept * position.average_cost + opened * cost) / (kept + opened);
        }
        position.shares += shares;
        if position.shares == 0.0 {
            position.average_cost = 0.0;
        }
        if let Some(realized) = realized {
            *position.realized.get_or_insert(0.0) += realized;
        }
        realized
    }

    /// Profit realized on this date.
    pub(crate) fn realized(&self) -> f64 {
        self.positions.values().filter_map(|position| position.realized).sum()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn buy(shares: f64, price: f64) -> Trade {
        Trade { instrument: 0, shares, price, commission: 1.0 }
    }

    #[test]
    fn a_round_trip_realizes_the_difference_less_both_commissions() {
        let mut account = Account::new(1_000.0, [], date(2026, 1, 5));
        assert_eq!(account.book(buy(10.0, 20.0)), None);
        assert_eq!(account.position(0).average_cost, 20.1);
        let realized = account.book(buy(-10.0, 22.0)).unwrap();
        assert!((realized - 18.0).abs() < 1e-9);
        assert!((account.cash - 1_018.0).abs() < 1e-9);
        assert_eq!(account.position(0).shares, 0.0);
        assert_eq!(account.position(0).daily(99.0, None).map(|daily| (daily * 1e6).round() / 1e6), Some(18.0));
    }

    #[test]
    fn a_sale_beyond_the_position_turns_it_short() {
        let mut account = Account::new(0.0, [(0, 10.0, 20.0)], date(2026, 1, 5));
        let realized = account.book(Trade { commission: 3.0, ..buy(-30.0, 21.0) }).unwrap();
        assert!((realized - 9.0).abs() < 1e-9, "ten closed at a profit of 1 less a third of the commission");
        let position = account.position(0);
        assert_eq!(position.shares, -20.0);
        assert!((position.average_cost - 20.9).abs() < 1e-9);
        assert!((position.unrealized(20.0) - 18.0).abs() < 1e-9);
        // Ten shares from a close of 19 to 21, twenty sold at 21 and now at 20, less 3.
        assert!((position.daily(20.0, Some(19.0)).unwrap() - 37.0).abs() < 1e-9);
        assert_eq!(position.daily(20.0, None), None);
    }

    #[test]
    fn a_new_date_keeps_positions_and_forgets_profits() {
        let mut account = Account::new(0.0, [(0, 10.0, 20.0), (1, 5.0, 1.0)], date(2026, 1, 5));
        account.book(buy(-10.0, 21.0));
        account.book(Trade { instrument: 1, ..buy(1.0, 2.0) });
        assert!(account.begin(date(2026, 1, 6)));
        assert!(!account.begin(date(2026, 1, 5)));
        let left: Vec<_> = account.positions().collect();
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].0, left[0].1.opening, left[0].1.flow, left[0].1.realized), (1, 6.0, 0.0, None));
    }
}
