//! FRED, the economic data of the Federal Reserve Bank of St. Louis (`/fred/series/observations`).
//!
//! A number is dated by the period that it speaks of, and published later, and revised later still. What may be used at
//! an instant is what had been published by then: every observation is asked for in all its revisions (`realtime_start`
//! to `realtime_end`), and the one that was in force counts. Only the day of a publication is told, not its hour, so a
//! number counts as known from the end of that day in St. Louis (01:00 New York time of the next): a day late rather
//! than an hour early.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bellwether::market::{Calendar, Clock, MissingReason};
use jiff::{
    Span, Timestamp,
    civil::{Date, time},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    door::{Ask, Door, refused},
    http_config::{HttpConfig, address, secret_of},
};
use crate::{
    error::Result,
    market_data::{Observation, SeriesSource},
};

/// Requests a minute that a key may make.
const USUAL: u32 = 120;

/// Settings of [`FredSource`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `base_url` | <https://api.stlouisfed.org> | where it is | https |
/// | `api_key_env` | FRED_API_KEY | environment variable with the key | set |
/// | `look_back_days` | 120 | how far back the observations go; monthly and quarterly series need more | 1 to 1500 |
/// | `http` | 120 a minute | see [`HttpConfig`] | |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FredConfig {
    /// Where it is.
    pub base_url: String,
    /// Environment variable with the key.
    pub api_key_env: String,
    /// How far back the observations go.
    pub look_back_days: u32,
    /// How it is asked.
    pub http: HttpConfig,
}

impl Default for FredConfig {
    fn default() -> Self {
        Self {
            base_url: "https://api.stlouisfed.org".to_owned(),
            api_key_env: "FRED_API_KEY".to_owned(),
            look_back_days: 120,
            http: HttpConfig::default(),
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct FredSource {
    door: Door,
    key: SecretString,
    look_back: Span,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Deserialize)]
struct Document {
    observations: Vec<Row>,
    /// How many there are; more than were sent when the limit was reached.
    count: usize,
}

#[derive(Debug, Deserialize)]
struct Row {
    realtime_start: Date,
    date: Date,
    /// `.` where there is none.
    value: String,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    error_message: String,
}

impl FredSource {
    /// A source with these settings and the key from the environment. Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range, or the variable is not set.
    pub fn open(config: &FredConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_key(config, secret_of("api_key_env", &config.api_key_env)?, clock)
    }

    /// A source with these settings and this key.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn with_key(config: &FredConfig, key: SecretString, clock: Arc<dyn Clock>) -> Result<Self> {
        if !(1..=1500).contains(&config.look_back_days) {
            // The service refuses periods with more than 2,000 days of publication.
            return Err(crate::AdapterError::Setting {
                name: "look_back_days",
                value: config.look_back_days.to_string(),
                expected: "expected 1 to 1500",
            });
        }
        let agent = concat!("bellwether/", env!("CARGO_PKG_VERSION"));
        let door = Door::open(address(&config.base_url)?, agent, config.http.clone(), (USUAL, None))?;
        Ok(Self { door, key, look_back: Span::new().days(i64::from(config.look_back_days)), clock })
    }

    async fn rows(&self, what: &str, id: &str, first: Date, last: Date) -> Result<Vec<Row>> {
        let ask = Ask::get(what, "/fred/series/observations")
            .query("series_id", id)
            .query("file_type", "json")
            .query("output_type", "1")
            .query("observation_start", first.to_string())
            .query("realtime_start", first.to_string())
            .query("realtime_end", last.to_string())
            .query("limit", "100000")
            .secret_query("api_key", self.key.clone());
        let answer = self.door.ask(ask).await?;
        if !answer.status.is_success() {
            let code = Some(i32::from(answer.status.as_u16()));
            let words = answer.document::<Complaint>(what).map_or_else(|_| answer.words(), |complaint| complaint.error_message);
            let lower = words.to_ascii_lowercase();
            let reason = if lower.contains("api_key") || matches!(answer.status.as_u16(), 401 | 403) {
                MissingReason::NoPermission
            } else if lower.contains("does not exist in alfred") {
                // The series is there, but not what was known of it on a day.
                MissingReason::NoData
            } else if lower.contains("does not exist") || answer.status.as_u16() == 404 {
                MissingReason::UnknownContract
            } else {
                MissingReason::BadData
            };
            return Err(refused(what, reason, code, words));
        }
        let document: Document = answer.document(what)?;
        if document.count > document.observations.len() {
            let detail =
                format!("{} of {} observations were sent: ask for fewer days", document.observations.len(), document.count);
            return Err(refused(what, MissingReason::BadData, None, detail));
        }
        Ok(document.observations)
    }
}

/// From when on what was published on `day` counts as known.
fn known_at(day: Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, |next| Calendar.at(next, time(1, 0, 0, 0)))
}

/// The last day of which everything published is known at `as_of`.
fn last_public_day(as_of: Timestamp) -> Date {
    let day = Calendar.local_date(as_of);
    let back = |day: Date| day.yesterday().unwrap_or(day);
    let yesterday = back(day);
    if known_at(yesterday) <= as_of { yesterday } else { back(yesterday) }
}

#[async_trait]
impl SeriesSource for FredSource {
    async fn series(&self, id: &str, as_of: Timestamp) -> Result<Vec<Observation>> {
        let what = format!("series {id}");
        let last = last_public_day(as_of.min(self.clock.now()));
        let first = last.saturating_sub(self.look_back);
        let mut in_force: BTreeMap<Date, (Date, Option<f64>)> = BTreeMap::new();
        for row in self.rows(&what, id, first, last).await? {
            let value = match row.value.trim() {
                "." | "" => None,
                text => Some(text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(|| {
                    refused(&what, MissingReason::BadData, None, format!("`{text}` of {} is not a number", row.date))
                })?),
            };
            if known_at(row.realtime_start) > as_of {
                continue;
            }
            let revision = in_force.entry(row.date).or_insert((row.realtime_start, value));
            if row.realtime_start >= revision.0 {
                *revision = (row.realtime_start, value);
            }
        }
        let observations: Vec<Observation> = in_force
            .into_iter()
            .filter_map(|(date, (published, value))| Some(Observation { date, known_at: known_at(published), value: value? }))
            .collect();
        match observations.is_empty() {
            true => {
                Err(refused(&what, MissingReason::NoData, None, format!("nothing had been published from {first} to {last}")))
            }
            false => Ok(observations),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_of_publication_must_be_over_in_st_louis() {
        for (as_of, last) in [
            ("2025-01-07T05:59:59Z", date(2025, 1, 5)),
            ("2025-01-07T06:00:00Z", date(2025, 1, 6)),
            ("2025-07-08T04:59:59Z", date(2025, 7, 6)),
            ("2025-07-08T05:00:00Z", date(2025, 7, 7)),
            ("2025-07-09T03:30:00Z", date(2025, 7, 7)),
        ] {
            let as_of: Timestamp = as_of.parse().unwrap();
            assert_eq!(last_public_day(as_of), last, "{as_of}");
            assert!(known_at(last) <= as_of && known_at(last.tomorrow().unwrap()) > as_of);
        }
    }
}
