//! The script: one table of steps, read by both clients' runners.

use serde_json::Value;

use super::events::Event;

/// One step of the script.
///
/// A step either asks something or moves the clock. `answers` names the kinds of events that each stream of answers must
/// bring in this step, in order; a stream is named after the step that opened it, or after what it is about when its
/// messages carry no request id. Streams that are not named must stay silent. `first` and `last` give fields of the
/// first and the last event.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) fields: Value,
    pub(super) action: Action,
    /// Stream and pattern; see [`matches`].
    pub(super) answers: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Sends a request of this kind.
    Ask(String),
    /// Moves the clock to this time of Monday.
    Advance(String),
}

impl Step {
    /// Why a client cannot make this step, as the script has it.
    pub(super) fn cannot(&self, client: &str) -> Option<&str> {
        self.fields["cannot"][client].as_str()
    }

    /// Whether all streams have brought what the script says, and nothing else came.
    pub(super) fn satisfied(&self, events: &[Event]) -> bool {
        self.surprise(events).is_none()
    }

    /// The first stream whose events are not those of the script, in words.
    pub(super) fn surprise(&self, events: &[Event]) -> Option<String> {
        for event in events {
            let stream = stream_of(event);
            if !self.answers.iter().any(|(name, _)| name == stream) {
                return Some(format!("nothing was expected of `{stream}`: {event:?}"));
            }
        }
        for (which, event) in [("first", events.first()), ("last", events.last())] {
            let mut wanted = self.fields[which].as_object().into_iter().flatten();
            let of = |name: &str| event.and_then(|event| event.get(name));
            if let Some((name, value)) = wanted.find(|(name, value)| of(name) != Some(value)) {
                return Some(format!("the {which} event's {name} is {:?}, not {value}", of(name)));
            }
        }
        self.answers.iter().find_map(|(name, pattern)| {
            let kinds: Vec<String> = events.iter().filter(|event| stream_of(event) == name).map(kind).collect();
            (!matches(pattern, &kinds)).then(|| format!("`{name}` brought {kinds:?}, not {pattern:?}"))
        })
    }
}

pub(super) fn stream_of(event: &Event) -> &str {
    event.get("step").and_then(Value::as_str).unwrap_or_default()
}

/// What the patterns call an event: its kind, and the code of an error.
pub(super) fn kind(event: &Event) -> String {
    let is = event.get("is").and_then(Value::as_str).unwrap_or_default();
    match event.get("code") {
        Some(code) if is == "error" => format!("{code}"),
        _ => is.to_owned(),
    }
}

/// Whether kinds follow a pattern: words separated by blanks, each `kind` or `kind|kind`, once, or `…*N` for N times,
/// `…+` for once or more, `…?` for once or not at all.
fn matches(pattern: &str, kinds: &[String]) -> bool {
    let mut left = kinds;
    for word in pattern.split_whitespace() {
        let (names, least, most) = match word.split_once('*') {
            Some((names, count)) => {
                let count = count.parse().expect("a number follows `*`");
                (names, count, count)
            }
            None if word.ends_with('+') => (word.trim_end_matches('+'), 1, usize::MAX),
            None if word.ends_with('?') => (word.trim_end_matches('?'), 0, 1),
            None => (word, 1, 1),
        };
        let run = left.iter().take(most).take_while(|kind| names.split('|').any(|name| name == kind.as_str())).count();
        if run < least {
            return false;
        }
        left = &left[run..];
    }
    left.is_empty()
}

/// The steps of a script's text.
pub(super) fn read(text: &str) -> Vec<Step> {
    let Value::Array(steps) = serde_json::from_str(text).expect("the script is JSON") else { panic!("a list of steps") };
    let mut names = std::collections::BTreeSet::new();
    let read = |fields: Value| {
        let text = |name: &str| fields[name].as_str().map(str::to_owned);
        let name = text("step").expect("a step has a name");
        let action = match (text("ask"), text("advance")) {
            (Some(ask), None) => Action::Ask(ask),
            (None, Some(to)) => Action::Advance(to),
            _ => panic!("step `{name}` either asks or advances"),
        };
        let answers = match &fields["answers"] {
            Value::String(pattern) => vec![(name.clone(), pattern.clone())],
            Value::Object(streams) => {
                streams.iter().map(|(name, pattern)| (name.clone(), pattern.as_str().expect("a pattern").to_owned())).collect()
            }
            Value::Null => Vec::new(),
            other => panic!("answers of `{name}`: {other}"),
        };
        assert!(names.insert(name.clone()), "two steps are called `{name}`");
        Step { name, action, answers, fields }
    };
    steps.into_iter().map(read).collect()
}

#[test]
fn patterns_count_what_they_say() {
    let kinds = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (pattern, good) in [("bar+ bars_end", "bar bar bars_end"), ("price|size*3", "price size price"), ("a? b", "b"), ("", "")]
    {
        assert!(matches(pattern, &kinds(good)), "{pattern}");
    }
    for (pattern, bad) in [("bar+ bars_end", "bars_end"), ("price*2", "price price price"), ("a", ""), ("", "a"), ("a b", "b a")]
    {
        assert!(!matches(pattern, &kinds(bad)), "{pattern}");
    }
}
