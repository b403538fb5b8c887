//! Settings of a session.

use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as spelled;
use serde::{Deserialize, Serialize};

use crate::error::{AdapterError, Result};

/// Settings of a session with Interactive Brokers. Durations are written like `"10s"`.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `host` | 127.0.0.1 | where TWS or IB Gateway runs | not empty |
/// | `port` | 4002 | its API port: Gateway 4002 paper, 4001 live; TWS 7497 paper, 7496 live | > 0 |
/// | `client_id` | 17 | names this connection; no other program may use it at the same time | >= 0 |
/// | `connect_timeout` | 10s | longest wait for one attempt to connect, real time | > 0 |
/// | `connect_attempts` | 5 | attempts at a first connection, with growing pauses up to 5 s | 1 to 100 |
/// | `reconnect_base` | 1s | longest first pause before connecting again; doubled each time; on the session's clock | > 0 |
/// | `reconnect_cap` | 60s | longest pause before connecting again, on the session's clock | >= `reconnect_base` |
/// | `heartbeat` | 20s | silence after which the gateway is asked for the time, and time it has to answer; on the session's clock | 1s to 30s |
/// | `request_timeout` | 30s | longest wait for one answer, on the session's clock, 5 s of real time at least | > 0 |
/// | `messages_per_second` | 45 | messages in any second of the session's clock; the gateway allows 50 | 1 to 50 |
/// | `market_data_lines` | 100 | quotes that the account may have at a time | >= 1 |
/// | `keep_lines_free` | 10 | lines that no stream of quotes takes: for snapshots of further symbols, five-second bars, order books | 1 to lines |
/// | `delayed_quotes` | false | take delayed quotes where the account has no subscription | |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IbConfig {
    /// Where TWS or IB Gateway runs.
    pub host: String,
    /// Its API port.
    pub port: u16,
    /// Names this connection.
    pub client_id: i32,
    /// Longest wait for one attempt to connect, real time.
    #[serde(with = "spelled")]
    pub connect_timeout: Duration,
    /// Attempts at a first connection.
    pub connect_attempts: u32,
    /// Longest first pause before connecting again, on the session's clock.
    #[serde(with = "spelled")]
    pub reconnect_base: Duration,
    /// Longest pause before connecting again, on the session's clock.
    #[serde(with = "spelled")]
    pub reconnect_cap: Duration,
    /// Silence after which the gateway is asked for the time, and time it has to answer, on the session's clock.
    #[serde(with = "spelled")]
    pub heartbeat: Duration,
    /// Longest wait for one answer, on the session's clock.
    #[serde(with = "spelled")]
    pub request_timeout: Duration,
    /// Messages in any second of the session's clock.
    pub messages_per_second: u32,
    /// Quotes that the account may have at a time.
    pub market_data_lines: usize,
    /// Lines that no stream of quotes takes.
    pub keep_lines_free: usize,
    /// Take delayed quotes where the account has no subscription.
    pub delayed_quotes: bool,
}

impl Default for IbConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 4002,
            client_id: 17,
            connect_timeout: Duration::from_secs(10),
            connect_attempts: 5,
            reconnect_base: Duration::from_secs(1),
            reconnect_cap: Duration::from_secs(60),
            heartbeat: Duration::from_secs(20),
            request_timeout: Duration::from_secs(30),
            messages_per_second: 45,
            market_data_lines: 100,
            keep_lines_free: 10,
            delayed_quotes: false,
        }
    }
}

impl IbConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`AdapterError::Setting`] naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        let require = |holds: bool, name, value: String, expected| match holds {
            true => Ok(()),
            false => Err(AdapterError::Setting { name, value, expected }),
        };
        require(!self.host.trim().is_empty(), "host", self.host.clone(), "expected a host name or address")?;
        require(self.port > 0, "port", self.port.to_string(), "expected a port")?;
        require(self.client_id >= 0, "client_id", self.client_id.to_string(), "expected 0 or more")?;
        let spelled = |duration: Duration| format!("{duration:?}");
        require(!self.connect_timeout.is_zero(), "connect_timeout", spelled(self.connect_timeout), "expected more than 0s")?;
        let attempts = (1..=100).contains(&self.connect_attempts);
        require(attempts, "connect_attempts", self.connect_attempts.to_string(), "expected 1 to 100")?;
        require(!self.reconnect_base.is_zero(), "reconnect_base", spelled(self.reconnect_base), "expected more than 0s")?;
        let cap = self.reconnect_cap >= self.reconnect_base;
        require(cap, "reconnect_cap", spelled(self.reconnect_cap), "expected reconnect_base or more")?;
        let heartbeat = (Duration::from_secs(1)..=Duration::from_secs(30)).contains(&self.heartbeat);
        require(heartbeat, "heartbeat", spelled(self.heartbeat), "expected 1s to 30s")?;
        require(!self.request_timeout.is_zero(), "request_timeout", spelled(self.request_timeout), "expected more than 0s")?;
        let rate = (1..=50).contains(&self.messages_per_second);
        require(rate, "messages_per_second", self.messages_per_second.to_string(), "expected 1 to 50")?;
        require(self.market_data_lines >= 1, "market_data_lines", self.market_data_lines.to_string(), "expected 1 or more")?;
        let free = (1..=self.market_data_lines).contains(&self.keep_lines_free);
        require(free, "keep_lines_free", self.keep_lines_free.to_string(), "expected 1 to market_data_lines")
    }

    /// Host and port.
    pub(super) fn address(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Quotes streamed at a time.
    pub(super) fn streams(&self) -> usize {
        self.market_data_lines - self.keep_lines_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_checked_and_unknown_ones_refused() {
        let read = |text| serde_json::from_str::<IbConfig>(text);
        let config = read(r#"{ "port": 7497, "request_timeout": "1m 30s" }"#).unwrap();
        assert_eq!((config.port, config.request_timeout), (7497, Duration::from_secs(90)));
        assert_eq!(serde_json::from_value::<IbConfig>(serde_json::to_value(&config).unwrap()).unwrap(), config);
        assert!(read(r#"{ "prot": 7497 }"#).unwrap_err().to_string().contains("prot"));
        config.check().unwrap();
        let crowded = IbConfig { keep_lines_free: 200, ..config };
        assert!(crowded.check().unwrap_err().to_string().contains("keep_lines_free"));
    }
}
