//! Faults written down, to happen at their times.
//!
//! ```toml
//! [[fault]]
//! at = "2026-03-10T09:31:00"   # New York time; or `after = "5m"`, from when the script is started
//! kind = "farm_broken"         # and the fields of that kind
//! farm = "usfarm"
//! for = "30s"                  # unless it is over at once, or is to last
//! ```

use std::{collections::BTreeMap, fmt, str::FromStr};

use bellwether::market::new_york;
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::Fault;
use crate::error::GatewayError;

/// When a scripted fault begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When the gateway's clock shows this instant; at once when that is past.
    At(Timestamp),
    /// After so much time of the gateway's clock, counted from the start of the script.
    After(SignedDuration),
}

/// One fault of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedFault {
    /// When it begins.
    pub when: When,
    /// What it is.
    pub fault: Fault,
    /// How long it lasts, unless as long as its kind does by itself.
    pub lasting: Option<SignedDuration>,
}

/// Faults, each at its time. Read from TOML by [`str::parse`], written as TOML by [`ToString::to_string`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultScript {
    /// The faults, in any order.
    pub faults: Vec<ScriptedFault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    fault: Vec<Spanned<BTreeMap<Spanned<String>, Value>>>,
}

impl FromStr for FaultScript {
    type Err = GatewayError;

    /// # Errors
    /// [`GatewayError::Script`], which names the line, when the text is no TOML, a key is unknown or a value makes no sense.
    fn from_str(text: &str) -> Result<Self, GatewayError> {
        let line_at = |place: usize| text[..place.min(text.len())].matches('\n').count() + 1;
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(span.start));
            GatewayError::Script { line, problem: error.message().to_owned() }
        })?;
        let faults = file.fault.into_iter().map(|entry| {
            let whole = line_at(entry.span().start);
            let lines: BTreeMap<String, usize> =
                entry.get_ref().keys().map(|key| (key.get_ref().clone(), line_at(key.span().start))).collect();
            let table = entry.into_inner().into_iter().map(|(key, value)| (key.into_inner(), value)).collect();
            scripted(table).map_err(|problem| {
                // A problem with a key names it between back quotes.
                let named = lines.iter().find(|(key, _)| problem.contains(&format!("`{key}`")));
                let line = named.or_else(|| lines.get_key_value("kind")).map_or(whole, |(_, line)| *line);
                GatewayError::Script { line, problem }
            })
        });
        Ok(Self { faults: faults.collect::<Result<_, _>>()? })
    }
}

fn scripted(mut table: Table) -> Result<ScriptedFault, String> {
    let mut text = |key: &str| match table.remove(key) {
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Datetime(at)) => Ok(Some(at.to_string())),
        Some(other) => Err(format!("`{key}` is {other}, not a text in quotes")),
        None => Ok(None),
    };
    let (at, after, lasting) = (text("at")?, text("after")?, text("for")?);
    let when = match (at, after) {
        (Some(at), None) => When::At(instant(&at)?),
        (None, Some(after)) => When::After(duration("after", &after)?),
        (None, None) => return Err("a fault needs `at` or `after`".to_owned()),
        (Some(_), Some(_)) => return Err("a fault takes `at` or `after`, not both".to_owned()),
    };
    if matches!(when, When::After(after) if after.is_negative()) {
        return Err("`after` is below 0".to_owned());
    }
    let lasting = lasting.map(|lasting| duration("for", &lasting)).transpose()?;
    let fault = read_fault(table)?;
    match fault.problem(lasting) {
        Some(problem) => Err(problem),
        None => Ok(ScriptedFault { when, fault, lasting }),
    }
}

/// A fault from its kind and fields; keys that its kind does not have are an error.
pub(crate) fn read_fault(table: Table) -> Result<Fault, String> {
    let keys: Vec<String> = table.keys().filter(|key| *key != "kind").cloned().collect();
    if let Some(Value::String(kind)) = table.get("kind") {
        is_kind(kind)?;
    }
    let mistyped = mistyped(&table);
    let fault =
        Fault::deserialize(Value::Table(table)).map_err(|error| mistyped.unwrap_or_else(|| error.message().to_owned()))?;
    match keys.first() {
        // The reader of tagged tables does not look at the other keys of a kind that has none.
        Some(key) if fault.has_no_fields() => Err(format!("unknown field `{key}`: {} has no fields", fault.kind())),
        _ => Ok(fault),
    }
}

/// Whether there is such a kind; what is meant perhaps, when there is not.
fn is_kind(kind: &str) -> Result<(), String> {
    let kinds: Vec<String> = Fault::all_examples("AAPL").iter().map(Fault::kind).collect();
    if kinds.iter().any(|known| known == kind) {
        return Ok(());
    }
    let alike = kinds.iter().map(|known| (strsim::jaro_winkler(kind, known), known));
    let nearest = alike.filter(|(likeness, _)| *likeness > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    let meant = nearest.map(|(_, known)| format!(" Did you mean {known}?")).unwrap_or_default();
    Err(format!("there is no fault `{kind}`.{meant} `bellwether gateway inject` without a kind lists all"))
}

/// The key whose value is of another type than that key takes, in words.
fn mistyped(table: &Table) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        let is_number = value.is_integer() || value.is_float();
        let expected = match key.as_str() {
            "client" | "code" | "bytes_per_second" | "count" if !value.is_integer() => "a whole number",
            "factor" | "by_factor" if !is_number => "a number",
            "symbol" | "by" | "text" | "farm" if !value.is_str() => "text",
            _ => return None,
        };
        Some(format!("`{key}` is {value}, not {expected}"))
    })
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let wrong = |error: jiff::Error| format!("`at` is \"{text}\", not a New York time such as 2026-03-10T09:31:00: {error}");
    let local: DateTime = text.parse().map_err(wrong)?;
    local.to_zoned(new_york()).map(|at| at.timestamp()).map_err(wrong)
}

/// A length of time such as `30s`, `5m` or `1h 30m`.
pub(crate) fn duration(name: &str, text: &str) -> Result<SignedDuration, String> {
    text.parse().map_err(|_| format!("`{name}` is \"{text}\", not a length of time such as 30s or 5m"))
}

impl fmt::Display for FaultScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scripted) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "[[fault]]")?;
            match scripted.when {
                // A TOML time has no zone, so an instant that happens twice is written as it is first.
                When::At(at) => writeln!(f, "at = \"{}\"", at.to_zoned(new_york()).datetime())?,
                When::After(after) => writeln!(f, "after = \"{after:#}\"")?,
            }
            f.write_str(&toml::to_string(&scripted.fault).map_err(|_| fmt::Error)?)?;
            if let Some(lasting) = scripted.lasting {
                writeln!(f, "for = \"{lasting:#}\"")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
