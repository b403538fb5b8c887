//! What an alert says, before it is known how it travels. The outbox keeps it as JSON; changes to it are additions only.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::figures::{clock, date_and_clock, one_line, shortened};

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertContent {
    /// Why it is told.
    pub occasion: Occasion,
    /// Name of the job.
    pub job: String,
    /// Kind of scan, when it was one.
    #[serde(default)]
    pub scan: Option<String>,
    /// When the job was due.
    pub due_at: Timestamp,
    /// The instant the content speaks of.
    pub as_of: Timestamp,
    /// The run, when there was one.
    #[serde(default)]
    pub run_id: Option<String>,
    /// One line that can be acted on.
    pub subject: String,
    /// The run in a few facts.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// Columns of the hits.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// The hits, best first.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// How many were found; `rows` may be fewer.
    #[serde(default)]
    pub found: usize,
    /// Pictures of the best hits.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// What was set aside, and what was missing.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// How to see more.
    #[serde(default)]
    pub footer: String,
    /// The market's time was simulated: this is a rehearsal and says so.
    #[serde(default)]
    pub compressed: bool,
}

/// Why an alert is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A scan ended.
    Scan,
    /// A run failed.
    Failure,
    /// A due time passed without a run.
    Missed,
    /// A run came late.
    Late,
    /// Live market data fails, or is well again.
    MarketData,
}

/// A label with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it is worth.
    pub value: String,
}

/// One column of the hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name of the number, as in the scan's documentation.
    pub key: String,
    /// Head of the column.
    pub label: String,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// 1 is best.
    pub rank: u32,
    /// Ticker.
    pub symbol: String,
    /// Company, empty when unknown.
    #[serde(default)]
    pub name: String,
    /// Trend word, when the scan has one.
    #[serde(default)]
    pub trend: Option<String>,
    /// Newest headline, if any.
    #[serde(default)]
    pub headline: Option<String>,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// All numbers of the hit, by name; an undefined one is null.
    #[serde(default)]
    pub numbers: serde_json::Map<String, serde_json::Value>,
}

/// One number as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The number written out; `–` when undefined.
    pub text: String,
    /// The number itself.
    pub value: Option<f64>,
    /// Its direction, for columns that have one.
    #[serde(default)]
    pub tone: Tone,
}

/// Direction of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Rising.
    Up,
    /// Falling.
    Down,
    /// Neither.
    #[default]
    Neutral,
}

/// A picture of one hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Ticker.
    pub symbol: String,
    /// What it shows, for those who cannot see it.
    pub description: String,
    /// PNG, base64.
    pub png: String,
}

/// Something the reader should know besides the hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about, with its count.
    pub title: String,
    /// One line each.
    pub lines: Vec<String>,
}

/// A subject line that mail programs and telephones show whole enough.
const LONGEST_SUBJECT: usize = 160;

impl AlertContent {
    /// A run that failed.
    pub fn of_failure(job: &str, due_at: Timestamp, reason: &str) -> Self {
        Self::of_trouble(Occasion::Failure, job, due_at, "failed", reason)
    }

    /// A due time that passed without a run.
    pub fn of_missed(job: &str, due_at: Timestamp, reason: &str) -> Self {
        Self::of_trouble(Occasion::Missed, job, due_at, "missed", reason)
    }

    /// A run that came late.
    pub fn of_late(job: &str, due_at: Timestamp, ran_at: Timestamp, reason: &str) -> Self {
        let mut content = Self::of_trouble(Occasion::Late, job, due_at, "late, due", &format!("ran {}; {reason}", clock(ran_at)));
        content.as_of = ran_at;
        content.facts.push(Fact { label: "Ran".to_owned(), value: date_and_clock(ran_at) });
        content
    }

    /// Live market data fails since `since`, or was well again `over` after that.
    pub fn of_market_data(
        trouble: &str,
        since: Timestamp,
        now: Timestamp,
        over: Option<SignedDuration>,
        facts: &[(&str, String)],
    ) -> Self {
        let brief = one_line(trouble);
        let mut content = Self::of_trouble(Occasion::MarketData, "market data", since, "", "");
        content.as_of = now;
        content.subject = match over {
            None => shortened(&format!("Market data: {brief}, since {}", clock(since)), LONGEST_SUBJECT),
            Some(after) => {
                let after = after.round(jiff::Unit::Second).unwrap_or(after);
                shortened(&format!("Market data well again after {after:#}: {brief}"), LONGEST_SUBJECT)
            }
        };
        let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
        content.facts = vec![fact("Trouble", brief), fact("Since", date_and_clock(since))];
        if over.is_some() {
            content.facts.push(fact("Over", date_and_clock(now)));
        }
        content.facts.extend(facts.iter().map(|(label, value)| fact(label, one_line(value))));
        content.footer = match over {
            None => "See `bellwether status` for how it is now and `bellwether doctor` for what to do.".to_owned(),
            Some(_) => "See `bellwether status` for what was missed meanwhile.".to_owned(),
        };
        content
    }

    fn of_trouble(occasion: Occasion, job: &str, due_at: Timestamp, what: &str, reason: &str) -> Self {
        let (job, brief) = (one_line(job), one_line(reason));
        let subject = shortened(&format!("{job} {what} {}: {brief}", clock(due_at)), LONGEST_SUBJECT);
        let mut facts = vec![
            Fact { label: "Job".to_owned(), value: job.clone() },
            Fact { label: "Due".to_owned(), value: date_and_clock(due_at) },
        ];
        if !brief.is_empty() {
            facts.push(Fact { label: "Reason".to_owned(), value: brief });
        }
        let at = due_at.to_zoned(bellwether::market::new_york()).strftime("%Y-%m-%dT%H:%M:%S%:z");
        Self {
            occasion,
            scan: None,
            due_at,
            as_of: due_at,
            run_id: None,
            subject,
            facts,
            columns: Vec::new(),
            rows: Vec::new(),
            found: 0,
            pictures: Vec::new(),
            notes: Vec::new(),
            footer: format!(
                "Check the installation with `bellwether doctor`; make up for the run with `bellwether run {job} --at {at}`."
            ),
            compressed: false,
            job,
        }
    }

    /// A scan that found nothing.
    pub fn is_empty(&self) -> bool {
        self.occasion == Occasion::Scan && self.found == 0
    }

    /// The subject, safe for a header whatever was stored.
    pub(super) fn subject_line(&self) -> String {
        let subject = shortened(&one_line(&self.subject), LONGEST_SUBJECT);
        if self.compressed { format!("[rehearsal] {subject}") } else { subject }
    }

    /// How many hits were found beyond those listed.
    pub(super) fn unlisted(&self) -> usize {
        self.found.saturating_sub(self.rows.len())
    }
}
