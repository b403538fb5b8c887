//! Due times in exchange time.
//!
//! A cron pattern is read on the New York wall clock. In the hour that daylight saving skips, a time is due right after
//! the skip; in the hour it repeats, it is due once, the first time, unless the pattern names every hour or minute.
//! The library that arms the timers would apply today's offset to days after the switch, so it is never asked.

use anyhow::{Context as _, bail};
use bellwether::market::{Calendar, SessionKind, new_york};
use croner::parser::CronParser;
use jiff::{Timestamp, Zoned, civil::Date};

use crate::config::{CalendarCondition, Job};

/// A cron pattern in exchange time: minute, hour, day of month, month, day of week.
#[derive(Debug, Clone)]
pub struct Cron {
    pattern: croner::Cron,
    text: String,
}

impl Cron {
    /// Reads a pattern of five fields.
    ///
    /// # Errors
    /// Says what is wrong with it; a pattern that never matches is wrong too.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let fields = text.split_whitespace().count();
        if fields != 5 {
            bail!("`{text}` has {fields} fields; write five: minute hour day-of-month month weekday");
        }
        let pattern =
            CronParser::new().parse(text).map_err(|error| anyhow::anyhow!("`{text}` is not a cron pattern: {error}"))?;
        let cron = Self { pattern, text: text.to_owned() };
        if cron.after(Timestamp::from_second(1_767_225_600).context("2026 is a date")?).is_none() {
            bail!("`{text}` never comes");
        }
        Ok(cron)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first match after `instant`; `None` when there is none in the calendar's reach.
    pub fn after(&self, instant: Timestamp) -> Option<Timestamp> {
        let local: Zoned = instant.to_zoned(new_york());
        self.pattern.find_next_occurrence(&local, false).ok().map(|zoned| zoned.timestamp())
    }
}

/// One due time of one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The instant.
    pub at: Timestamp,
    /// Why nothing is due then after all: the exchange is closed, or its session is over.
    pub suppressed: Option<String>,
}

/// A day on which a job would be due, were the exchange open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapDay {
    /// The first pattern match of the day.
    pub at: Timestamp,
    /// The day.
    pub date: Date,
    /// Why nothing is due.
    pub reason: String,
}

/// What comes next for a job: a run, or a day without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upcoming {
    /// It is due.
    Run(Timestamp),
    /// It is not, and why.
    Gap(GapDay),
}

/// The next pattern match of `job` after `instant`, suppressed or not.
fn next_match(job: &Job, instant: Timestamp) -> Option<Timestamp> {
    job.cron.iter().filter_map(|cron| cron.after(instant)).min()
}

/// Whether the calendar lets `job` run at a pattern match.
fn judge(job: &Job, at: Timestamp) -> Due {
    let suppressed = match (job.calendar, Calendar.day_of(at)) {
        (_, Err(error)) => Some(error.to_string()),
        (CalendarCondition::AnyDay, Ok(None)) if job.session.is_none() => None,
        (_, Ok(None)) => {
            let reason = Calendar.closure(Calendar.local_date(at)).ok().flatten().map_or("closed", |closure| closure.reason);
            Some(format!("exchange closed: {reason}"))
        }
        (_, Ok(Some(day))) => match job.session {
            Some(session) if day.session_at(at) != Some(session) && !ends_at(session, &day, at) => Some(match day.early_close {
                Some(reason) => format!("outside the {} session, which ends early: {reason}", name(session)),
                None => format!("outside the {} session", name(session)),
            }),
            _ => None,
        },
    };
    Due { at, suppressed }
}

/// The instant a session ends still belongs to it: its last bar is complete then.
fn ends_at(session: SessionKind, day: &bellwether::market::TradingDay, at: Timestamp) -> bool {
    match session {
        SessionKind::Pre => at == day.open,
        SessionKind::Regular => at == day.close,
        SessionKind::Post => at == day.post_close,
    }
}

fn name(session: SessionKind) -> &'static str {
    match session {
        SessionKind::Pre => "pre-market",
        SessionKind::Regular => "regular",
        SessionKind::Post => "post-market",
    }
}

/// The due times of `job` in `(after, until]`, oldest first.
pub fn due_between(job: &Job, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
    let mut cursor = after;
    std::iter::from_fn(move || {
        loop {
            let at = next_match(job, cursor).filter(|at| *at <= until)?;
            cursor = at;
            if judge(job, at).suppressed.is_none() {
                return Some(at);
            }
        }
    })
}

/// What comes next for `job` after `instant`, without end but for the calendar's. A day without a single run is one gap.
pub fn upcoming(job: &Job, instant: Timestamp) -> impl Iterator<Item = Upcoming> + '_ {
    let mut cursor = instant;
    let mut told: Option<Date> = None;
    std::iter::from_fn(move || {
        loop {
            let at = next_match(job, cursor)?;
            cursor = at;
            let date = Calendar.local_date(at);
            if date > Calendar.span().1 {
                return None;
            }
            match judge(job, at).suppressed {
                None => return Some(Upcoming::Run(at)),
                Some(reason) if told != Some(date) => {
                    told = Some(date);
                    return Some(Upcoming::Gap(GapDay { at, date, reason }));
                }
                Some(_) => {}
            }
        }
    })
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
