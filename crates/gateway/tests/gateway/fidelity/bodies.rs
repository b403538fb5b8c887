//! The gateway's message bodies, field by field, against the descriptors that the Python client carries.
//!
//! The bodies are written by hand in `src/proto` from field numbers. `bodies.txt` says which message of the protocol each
//! is, and how a field is called there when it is not called the same; this test reads the sources and compares numbers,
//! names, types, and what repeats. A field that a body leaves out is no difference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::python;

const TABLE: &str = include_str!("bodies.txt");

/// One field of one of our bodies.
#[derive(Debug, Clone)]
struct Field {
    number: u32,
    name: String,
    /// As the attribute has it: `int32`, `message`, `map<string, string>`.
    kind: String,
    repeated: bool,
    /// The body that a field of type `message` holds.
    holds: Option<String>,
}

/// A line of the table: messages that a body stands for, and their names of its fields.
#[derive(Debug, Default)]
struct Entry {
    messages: Vec<String>,
    names: BTreeMap<String, String>,
}

fn table() -> BTreeMap<String, Entry> {
    let lines = TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (body, rest) = line.split_once('=').expect("body = messages and names");
            let mut entry = Entry::default();
            for word in rest.split_whitespace() {
                match word.split_once(':') {
                    Some((ours, theirs)) => drop(entry.names.insert(ours.to_owned(), theirs.to_owned())),
                    None => entry.messages.push(word.to_owned()),
                }
            }
            (body.trim().to_owned(), entry)
        })
        .collect()
}

/// Every body of the sources with its fields; those of a `oneof` are fields of the body that has it.
fn bodies() -> BTreeMap<String, Vec<Field>> {
    let folder = python::folder().join("../../../src/proto");
    let mut bodies: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    let mut choices: Vec<(String, String)> = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut body = String::new();
        let mut attribute = None;
        for line in text.lines().map(str::trim) {
            let opened = ["pub(crate) struct ", "pub(crate) enum "].iter().find_map(|start| line.strip_prefix(start));
            if let Some(opened) = opened {
                body = opened.split([' ', '{']).next().unwrap_or_default().to_owned();
                bodies.entry(body.clone()).or_default();
            } else if let Some(rest) = line.strip_prefix("#[prost(") {
                attribute = Some(rest.trim_end_matches(")]").to_owned());
            } else if let Some(of) = attribute.take() {
                match quoted(&of, "oneof") {
                    Some(choice) => choices.push((body.clone(), choice)),
                    None => bodies.get_mut(&body).expect("a body is open").push(field(&of, line)),
                }
            }
        }
    }
    for (body, choice) in choices {
        let fields = bodies.remove(&choice).expect("the choice is in the sources");
        bodies.get_mut(&body).expect("its body too").extend(fields);
    }
    bodies
}

/// The text after `key = "`.
fn quoted(attribute: &str, key: &str) -> Option<String> {
    let (_, rest) = attribute.split_once(&format!("{key} = \""))?;
    rest.split('"').next().map(str::to_owned)
}

/// `int32, optional, tag = "1"` over `pub(crate) req_id: Option<i32>,`, or `message, tag = "3"` over `Last(TickLast),`.
fn field(attribute: &str, line: &str) -> Field {
    let line = line.trim_start_matches("pub(crate) ").trim_end_matches(',');
    let (name, of) = line.split_once([':', '(']).unwrap_or_else(|| panic!("no field: {line}"));
    let holds = of.trim().trim_end_matches(['>', ')']).rsplit(['<', ' ']).next().unwrap_or_default().to_owned();
    let kind = match quoted(attribute, "map") {
        Some(types) => format!("map<{types}>"),
        None => attribute.split(',').next().unwrap_or_default().to_owned(),
    };
    Field {
        number: quoted(attribute, "tag").and_then(|tag| tag.parse().ok()).unwrap_or_else(|| panic!("no tag: {attribute}")),
        name: name.to_owned(),
        repeated: attribute.contains("repeated"),
        holds: Some(holds).filter(|_| kind == "message"),
        kind,
    }
}

fn alike(ours: &str, theirs: &str) -> bool {
    let bare = |name: &str| name.replace('_', "").to_lowercase();
    bare(ours) == bare(theirs)
}

/// What is wrong with a field as one of the message's.
fn difference(field: &Field, theirs: &Value, entry: &Entry, table: &BTreeMap<String, Entry>) -> Option<String> {
    let Some([name, kind, repeated, message]) = theirs.as_array().map(Vec::as_slice) else {
        return Some("the message has no such number".to_owned());
    };
    let name = name.as_str().unwrap_or_default();
    let named = match entry.names.get(&field.name) {
        Some(said) => said == name,
        None => alike(&field.name, name),
    };
    let held = match (message.as_str(), &field.holds) {
        (Some(message), Some(body)) => table.get(body).is_some_and(|held| held.messages.iter().any(|known| known == message)),
        (message, body) => message.is_none() && body.is_none() || field.kind.starts_with("map"),
    };
    let same = named && held && *kind == *field.kind && *repeated == field.repeated;
    (!same).then(|| format!("there it is {theirs}; in the table it would be {}:{name}", field.name))
}

#[tokio::test]
async fn bodies_have_the_numbers_and_types_of_the_protocol() {
    if python::skipped() {
        return;
    }
    let dumped = python::done(&mut python::script("descriptors.py").await, "the descriptors cannot be read").await;
    let messages: Value = serde_json::from_slice(&dumped.stdout).unwrap();
    let (bodies, table) = (bodies(), table());
    let mut problems: Vec<String> = Vec::new();
    problems.extend(table.keys().filter(|body| !bodies.contains_key(*body)).map(|body| format!("{body} is no body any more")));
    let mut compared = 0;
    for (body, fields) in &bodies {
        let Some(entry) = table.get(body) else {
            problems.push(format!("{body} is missing in bodies.txt: which message of the protocol is it?"));
            continue;
        };
        for message in &entry.messages {
            let theirs = &messages[message];
            if !theirs.is_object() {
                problems.push(format!("{body}: the protocol has no message {message}"));
                continue;
            }
            compared += fields.len();
            problems.extend(fields.iter().filter_map(|field| {
                let difference = difference(field, &theirs[field.number.to_string()], entry, &table)?;
                Some(format!("{body} ({message}), field {} {}: {difference}", field.number, field.name))
            }));
        }
        let stale = entry.names.keys().filter(|name| !fields.iter().any(|field| field.name == **name));
        problems.extend(stale.map(|name| format!("{body} has no field {name}")));
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(compared > 200, "only {compared} fields were found in the sources");
}
