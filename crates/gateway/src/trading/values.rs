//! What the account is worth, under the names that the protocol has for it.

use super::{
    Desk, Trading,
    margin::{BUYING_POWER, REGULATION_T, margin},
};

const CURRENCY: &str = "USD";
const BASE: &str = "BASE";

/// One account value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    /// Empty for what is no amount.
    pub(crate) currency: &'static str,
}

impl Value {
    fn text(key: &'static str, value: impl Into<String>) -> Self {
        Self { key, value: value.into(), currency: "" }
    }

    fn amount(key: &'static str, amount: f64, currency: &'static str) -> Self {
        // A negative zero is no amount to show.
        let amount = if amount.abs() < 0.005 { 0.0 } else { amount };
        Self { key, value: format!("{amount:.2}"), currency }
    }
}

impl Trading {
    /// Value of all positions at the last trades; without one, at cost.
    fn stock_value(&self, desk: &Desk<'_>, of: impl Fn(f64) -> f64) -> f64 {
        let value = |(instrument, position): (usize, &super::account::Position)| {
            of(position.shares) * desk.mark(instrument).unwrap_or(position.average_cost)
        };
        self.account.positions().map(value).sum()
    }

    /// Cash and positions.
    pub(crate) fn equity(&self, desk: &Desk<'_>) -> f64 {
        self.account.cash + self.stock_value(desk, |shares| shares)
    }

    /// Margin of the present positions, initial and maintenance alike.
    pub(super) fn margin(&self, desk: &Desk<'_>) -> f64 {
        let need = |(instrument, position): (usize, &super::account::Position)| {
            margin(position.shares, desk.mark(instrument).unwrap_or(position.average_cost))
        };
        self.account.positions().map(need).sum()
    }

    /// Everything but the ledgers, in the order in which the real gateway tells it.
    pub(crate) fn values(&self, desk: &Desk<'_>) -> Vec<Value> {
        let cash = self.account.cash;
        let equity = self.equity(desk);
        let gross = self.stock_value(desk, f64::abs);
        let margin = self.margin(desk);
        let available = equity - margin;
        let usd = |key, amount| Value::amount(key, amount, CURRENCY);
        let ratio = |part: f64| if equity > 0.0 { format!("{:.4}", part / equity) } else { "0".to_owned() };
        vec![
            Value::text("AccountType", "INDIVIDUAL"),
            Value::text("Cushion", ratio(available)),
            Value::text("DayTradesRemaining", "-1"),
            Value::text("Leverage", format!("{:.2}", if equity > 0.0 { gross / equity } else { 0.0 })),
            Value::text("LookAheadNextChange", "0"),
            Value::text("HighestSeverity", "0"),
            usd("AccruedCash", 0.0),
            usd("AvailableFunds", available),
            usd("BuyingPower", (BUYING_POWER * available).max(0.0)),
            usd("EquityWithLoanValue", equity),
            usd("ExcessLiquidity", available),
            usd("FullAvailableFunds", available),
            usd("FullExcessLiquidity", available),
            usd("FullInitMarginReq", margin),
            usd("FullMaintMarginReq", margin),
            usd("GrossPositionValue", gross),
            usd("InitMarginReq", margin),
            usd("LookAheadAvailableFunds", available),
            usd("LookAheadExcessLiquidity", available),
            usd("LookAheadInitMarginReq", margin),
            usd("LookAheadMaintMarginReq", margin),
            usd("MaintMarginReq", margin),
            usd("NetLiquidation", equity),
            usd("PreviousEquityWithLoanValue", self.opening_equity),
            usd("RegTEquity", equity),
            usd("RegTMargin", REGULATION_T * gross),
            usd("SMA", equity - REGULATION_T * gross),
            usd("SettledCash", cash),
            usd("TotalCashValue", cash),
        ]
    }

    /// The ledger of one currency: all there is is in dollars, which is the base currency too.
    fn ledger(&self, desk: &Desk<'_>, currency: &'static str) -> Vec<Value> {
        let stock = self.stock_value(desk, |shares| shares);
        let profit = self.profit(desk);
        let amount = |key, amount| Value::amount(key, amount, currency);
        vec![
            Value { key: "Currency", value: currency.to_owned(), currency },
            amount("CashBalance", self.account.cash),
            amount("TotalCashBalance", self.account.cash),
            amount("AccruedCash", 0.0),
            amount("StockMarketValue", stock),
            amount("NetLiquidationByCurrency", self.account.cash + stock),
            amount("UnrealizedPnL", profit.unrealized.unwrap_or_default()),
            amount("RealizedPnL", profit.realized.unwrap_or_default()),
            Value { key: "ExchangeRate", value: "1.00".to_owned(), currency },
            Value { key: "RealCurrency", value: currency.to_owned(), currency },
        ]
    }

    /// Every value and both ledgers.
    pub(crate) fn all_values(&self, desk: &Desk<'_>) -> Vec<Value> {
        let mut values = self.values(desk);
        values.extend(self.ledger(desk, BASE));
        values.extend(self.ledger(desk, CURRENCY));
        values
    }

    /// The values that a list of tags names; unknown ones have none.
    pub(crate) fn tagged_values(&self, desk: &Desk<'_>, tags: &[String]) -> Vec<Value> {
        let mut values = self.values(desk);
        values.retain(|value| tags.iter().any(|tag| tag == value.key));
        for tag in tags {
            match tag.as_str() {
                "$LEDGER" => values.extend(self.ledger(desk, BASE)),
                "$LEDGER:USD" => values.extend(self.ledger(desk, CURRENCY)),
                "$LEDGER:ALL" => {
                    values.extend(self.ledger(desk, BASE));
                    values.extend(self.ledger(desk, CURRENCY));
                }
                _ => {}
            }
        }
        values
    }
}
