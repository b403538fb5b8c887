//! Settings that every service over HTTP has, and keys from the environment.

use std::{net::IpAddr, time::Duration};

use jiff::fmt::serde::unsigned_duration::friendly::compact::{optional as spelled_if_any, required as spelled};
use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::{AdapterError, Result};

/// How a service is asked. Durations are written like `"10s"`.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `timeout` | 15s | longest wait for one answer, its body included | > 0, at most 2m |
/// | `attempts` | 3 | how often one question is asked when the service fails in passing | 1 to 10 |
/// | `per_minute` | the service's own limit | requests in any minute | >= 1 |
/// | `per_day` | the service's own limit | requests in any 24 hours, as far as this process knows | >= 1 |
/// | `at_once` | 4 | requests under way at a time | 1 to 32 |
/// | `longest_wait` | 30s | longest wait for a turn, and longest that the service may ask to be left alone before the answer is "asked too often" | <= 10m |
/// | `longest_answer_mb` | 32 | largest answer read | 1 to 1024 |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Longest wait for one answer.
    #[serde(with = "spelled")]
    pub timeout: Duration,
    /// How often one question is asked.
    pub attempts: u32,
    /// Requests in any minute.
    pub per_minute: Option<u32>,
    /// Requests in any 24 hours.
    pub per_day: Option<u32>,
    /// Requests under way at a time.
    pub at_once: usize,
    /// Longest wait for a turn.
    #[serde(with = "spelled")]
    pub longest_wait: Duration,
    /// Largest answer read, in mebibytes.
    pub longest_answer_mb: usize,
    /// First pause between two attempts; it doubles each time, up to 8 s.
    #[serde(with = "spelled_if_any", skip_serializing_if = "Option::is_none")]
    pub first_pause: Option<Duration>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(15),
            attempts: 3,
            per_minute: None,
            per_day: None,
            at_once: 4,
            longest_wait: Duration::from_secs(30),
            longest_answer_mb: 32,
            first_pause: None,
        }
    }
}

impl HttpConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`AdapterError::Setting`] naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        let require = |holds: bool, name, value: String, expected| match holds {
            true => Ok(()),
            false => Err(AdapterError::Setting { name, value, expected }),
        };
        let timeout = !self.timeout.is_zero() && self.timeout <= Duration::from_secs(120);
        require(timeout, "http.timeout", format!("{:?}", self.timeout), "expected more than 0s, at most 2m")?;
        require((1..=10).contains(&self.attempts), "http.attempts", self.attempts.to_string(), "expected 1 to 10")?;
        for (name, limit) in [("http.per_minute", self.per_minute), ("http.per_day", self.per_day)] {
            require(limit != Some(0), name, "0".to_owned(), "expected 1 or more")?;
        }
        require((1..=32).contains(&self.at_once), "http.at_once", self.at_once.to_string(), "expected 1 to 32")?;
        let wait = self.longest_wait <= Duration::from_secs(600);
        require(wait, "http.longest_wait", format!("{:?}", self.longest_wait), "expected at most 10m")?;
        let size = (1..=1024).contains(&self.longest_answer_mb);
        require(size, "http.longest_answer_mb", self.longest_answer_mb.to_string(), "expected 1 to 1024")
    }
}

/// The address of a service: https, or http on this machine.
pub(super) fn address(text: &str) -> Result<Url> {
    let wrong = |expected| AdapterError::Setting { name: "base_url", value: text.to_owned(), expected };
    let url = Url::parse(text).map_err(|_| wrong("expected an address such as https://api.example.com"))?;
    let encrypted = match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some(host)) => is_loopback(host),
        _ => return Err(wrong("expected an address such as https://api.example.com")),
    };
    if encrypted { Ok(url) } else { Err(wrong("expected https: keys would cross the network in the clear")) }
}

pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The secret that the environment variable `variable` holds; `field` is the setting that names it.
pub(super) fn secret_of(field: &'static str, variable: &str) -> Result<SecretString> {
    match std::env::var(variable) {
        Ok(text) if !text.trim().is_empty() => Ok(SecretString::from(text.trim())),
        _ => Err(AdapterError::Setting {
            name: field,
            value: variable.to_owned(),
            expected: "expected the name of an environment variable that is set and not empty",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_and_unknown_ones_refused() {
        let read = |text| serde_json::from_str::<HttpConfig>(text);
        let config = read(r#"{ "timeout": "2s", "per_day": 25 }"#).unwrap();
        assert_eq!((config.timeout, config.per_day, config.attempts), (Duration::from_secs(2), Some(25), 3));
        config.check().unwrap();
        assert!(read(r#"{ "retries": 3 }"#).unwrap_err().to_string().contains("retries"));
        let none = HttpConfig { per_minute: Some(0), ..config };
        assert!(none.check().unwrap_err().to_string().contains("per_minute"));
    }

    #[test]
    fn keys_travel_encrypted_or_not_at_all() {
        for good in ["https://api.example.com", "http://127.0.0.1:8080", "http://localhost:1/x"] {
            address(good).unwrap();
        }
        for bad in ["http://api.example.com", "ftp://x", "api.example.com", ""] {
            assert!(address(bad).unwrap_err().to_string().contains("base_url"), "{bad}");
        }
    }

    #[test]
    fn a_key_that_is_not_set_is_told_by_its_name() {
        let told = secret_of("api_key_env", "BELLWETHER_TEST_NO_SUCH_KEY").unwrap_err().to_string();
        assert!(told.contains("api_key_env") && told.contains("BELLWETHER_TEST_NO_SUCH_KEY"), "{told}");
    }
}
