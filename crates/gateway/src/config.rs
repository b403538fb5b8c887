//! How a gateway is set up, and the limits it enforces.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::{error::GatewayError, trading::TradingConfig};

/// How a gateway is set up.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `listen` | 127.0.0.1:0 | where clients connect; port 0 takes a free one | loopback |
/// | `account` | `DU0000001` | the one account | not empty |
/// | `first_order_id` | 1 | next valid order id | > 0 |
/// | `tick` | 10 ms | real time between two looks at what became due | 1 ms to 250 ms |
/// | `outbox` | 16384 | frames queued per connection before the policy of a full queue applies | >= 64 |
/// | `read_only` | false | orders are refused (321), as with the API setting of that name | |
/// | `trading` | [`TradingConfig`] | what the account begins with and may do | |
/// | `limits` | [`Limits`] | what clients may ask for | |
#[derive(Debug, Clone, PartialEq)]
pub struct GatewayConfig {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// The one account.
    pub account: String,
    /// Next valid order id.
    pub first_order_id: i32,
    /// Real time between two looks at what became due.
    pub tick: Duration,
    /// Frames queued per connection.
    pub outbox: usize,
    /// Orders are refused.
    pub read_only: bool,
    /// What the account begins with and may do.
    pub trading: TradingConfig,
    /// What clients may ask for.
    pub limits: Limits,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account: "DU0000001".to_owned(),
            first_order_id: 1,
            tick: Duration::from_millis(10),
            outbox: 16_384,
            read_only: false,
            trading: TradingConfig::default(),
            limits: Limits::default(),
        }
    }
}

impl GatewayConfig {
    /// # Errors
    /// [`GatewayError::NotLoopback`] or [`GatewayError::Setting`].
    pub(crate) fn check(&self) -> Result<(), GatewayError> {
        let setting = |name, problem: &str| Err(GatewayError::Setting { name, problem: problem.to_owned() });
        if !self.listen.ip().is_loopback() {
            return Err(GatewayError::NotLoopback { address: self.listen });
        }
        if self.account.is_empty() {
            return setting("account", "is empty");
        }
        if self.first_order_id <= 0 {
            return setting("first_order_id", "must be positive");
        }
        if !(Duration::from_millis(1)..=Duration::from_millis(250)).contains(&self.tick) {
            return setting("tick", "must be between 1 ms and 250 ms");
        }
        if self.outbox < 64 {
            return setting("outbox", "must hold 64 frames or more");
        }
        Ok(())
    }
}

/// Which historical requests must not be repeated too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// All may be repeated.
    Allowed,
    /// Requests for small bars and ticks may not, as the real gateway has published it.
    AllowedForLongBars,
    /// None may, so that a client that repeats itself shows.
    Refused,
}

/// What clients may ask for, counted by the gateway's clock: a faster clock compresses pacing too.
///
/// | Name | Default | Answer over it |
/// |---|---|---|
/// | `messages_per_second` | 50, all clients together | notice, then 100, then the connection closes |
/// | `market_data_lines` | 100 | 101 |
/// | `market_depth` | 3 | 309 |
/// | `tick_by_tick` | 3 | 10190 |
/// | `small_bar_requests` | 60 per 10 minutes: bars below 1 minute, historical ticks, openings of five-second bars; bid and ask count twice | 162, 420 |
/// | `repetition` | every historical request: none identical within 15 s, at most 5 alike within 2 s | 162 |
/// | `open_historical` | 50 | 322 |
/// | `scanners` | 10 | 162 |
/// | `scanner_rows` | 50 | cut |
/// | `step_sizes` | true: long durations need long bars | 321 |
/// | `connections` | 32 | closed at once |
///
/// The first four belong together: see [`Limits::of_lines`]. How many orders may work is a setting of [`TradingConfig`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages in any second, all clients together.
    pub messages_per_second: usize,
    /// Streams of market data and five-second bars, all clients together.
    pub market_data_lines: usize,
    /// Books of market depth, all clients together.
    pub market_depth: usize,
    /// Streams of single ticks, all clients together.
    pub tick_by_tick: usize,
    /// Requests for bars below one minute in any ten minutes.
    pub small_bar_requests: usize,
    /// Which historical requests must not be repeated too soon.
    pub repetition: Repetition,
    /// Historical requests that are kept up to date.
    pub open_historical: usize,
    /// Active scanner subscriptions.
    pub scanners: usize,
    /// Rows of a scan.
    pub scanner_rows: usize,
    /// Whether the smallest bar depends on the duration.
    pub step_sizes: bool,
    /// Connections at a time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of_lines(100)
    }
}

impl Limits {
    /// Limits that no client meets.
    pub fn none() -> Self {
        let never = 1_000_000;
        Self {
            messages_per_second: never,
            market_data_lines: never,
            market_depth: never,
            tick_by_tick: never,
            small_bar_requests: never,
            repetition: Repetition::Allowed,
            open_historical: never,
            scanners: never,
            step_sizes: false,
            ..Self::default()
        }
    }

    /// The limits of an account with so many market data lines.
    ///
    /// ```text
    /// messages_per_second = lines / 2
    /// market_depth = tick_by_tick = lines / 100, at least 3, at most 60
    /// ```
    pub fn of_lines(lines: usize) -> Self {
        let deep = (lines / 100).clamp(3, 60);
        Self {
            messages_per_second: lines / 2,
            market_data_lines: lines,
            market_depth: deep,
            tick_by_tick: deep,
            small_bar_requests: 60,
            repetition: Repetition::Refused,
            open_historical: 50,
            scanners: 10,
            scanner_rows: 50,
            step_sizes: true,
            connections: 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn limits_grow_with_the_lines() {
        assert_eq!(Limits::default(), Limits::of_lines(100));
        let deep = |lines| (Limits::of_lines(lines).market_depth, Limits::of_lines(lines).tick_by_tick);
        assert_eq!([100, 399, 400, 1_000, 9_000].map(deep), [(3, 3), (3, 3), (4, 4), (10, 10), (60, 60)]);
        assert_eq!(Limits::of_lines(100).messages_per_second, 50);
    }
}
