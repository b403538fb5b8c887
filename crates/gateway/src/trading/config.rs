//! What the account begins with, and what it may do.

use std::collections::BTreeSet;

use bellwether::market::Symbol;

use crate::{error::GatewayError, tape::Tape};

/// A position that the account begins with.
#[derive(Debug, Clone, PartialEq)]
pub struct OpeningPosition {
    /// Ticker.
    pub symbol: Symbol,
    /// Shares; negative when sold short.
    pub shares: f64,
    /// What one share cost, USD, commissions included.
    pub average_cost: f64,
}

/// What the account begins with, and what it may do.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `cash` | 1,000,000 | USD at the start | finite |
/// | `positions` | none | positions at the start | symbols of the tape, each once |
/// | `participation` | 0.1 | largest part of the tape's volume, in any minute, that the account's orders in a stock take | > 0, <= 1 |
/// | `active_orders` | 20 | active orders per contract and side; one more is rejected (201) | > 0 |
/// | `hard_to_borrow` | none | symbols that cannot be sold short: such an order is held (404) | |
#[derive(Debug, Clone, PartialEq)]
pub struct TradingConfig {
    /// USD at the start.
    pub cash: f64,
    /// Positions at the start.
    pub positions: Vec<OpeningPosition>,
    /// Largest part of the tape's volume, in any minute, that the account's orders in a stock take.
    pub participation: f64,
    /// Active orders per contract and side.
    pub active_orders: usize,
    /// Symbols that cannot be sold short.
    pub hard_to_borrow: BTreeSet<Symbol>,
}

impl Default for TradingConfig {
    fn default() -> Self {
        Self { cash: 1_000_000.0, positions: Vec::new(), participation: 0.1, active_orders: 20, hard_to_borrow: BTreeSet::new() }
    }
}

impl TradingConfig {
    /// # Errors
    /// [`GatewayError::Setting`].
    pub(crate) fn check(&self, tape: &Tape) -> Result<(), GatewayError> {
        let setting = |name, problem: String| Err(GatewayError::Setting { name, problem });
        if !self.cash.is_finite() {
            return setting("trading.cash", "must be a finite amount".to_owned());
        }
        if !(self.participation > 0.0 && self.participation <= 1.0) {
            return setting("trading.participation", "must be above 0 and at most 1".to_owned());
        }
        if self.active_orders == 0 {
            return setting("trading.active_orders", "must be 1 or more".to_owned());
        }
        let mut seen = BTreeSet::new();
        for OpeningPosition { symbol, shares, average_cost } in &self.positions {
            if tape.instrument(symbol).is_none() {
                return setting("trading.positions", format!("{symbol} is not on the tape"));
            }
            if !seen.insert(symbol) {
                return setting("trading.positions", format!("{symbol} is listed twice"));
            }
            if !shares.is_finite() || shares.fract() != 0.0 || !(average_cost.is_finite() && *average_cost >= 0.0) {
                return setting("trading.positions", format!("{symbol} needs whole shares and a cost of 0 or more"));
            }
        }
        Ok(())
    }
}
