//! Slack's Block Kit, as far as an alert needs it.
//!
//! Slack refuses a message of more than 50 blocks, a section of more than 3,000 characters, and as a whole somewhat above
//! 13,000. Here everything that varies in length has a share of that whole, counted as it is sent: escaped and encoded.

use serde::Serialize;

use super::{
    aligned::aligned,
    content::AlertContent,
    figures::{one_line, shortened},
};

const MOST_IN_HEADER: usize = 150;
const MOST_IN_FACTS: usize = 1_000;
const MOST_IN_FOOTER: usize = 600;
const MOST_IN_SECTION: usize = 2_900;
const MOST_IN_TABLE: usize = 5_000;
const MOST_IN_HEADLINES: usize = 1_700;
const MOST_IN_NOTES: usize = 1_700;

#[derive(Debug, Serialize)]
struct Message {
    /// What notifications show.
    text: String,
    blocks: Vec<Block>,
    unfurl_links: bool,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: Vec<Text> },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    PlainText { text: String, emoji: bool },
    Mrkdwn { text: String },
}

/// The alert as the body of a request to Slack's incoming webhook.
///
/// # Errors
/// None that data can cause; the encoder's, passed on.
pub fn slack_body(content: &AlertContent) -> serde_json::Result<String> {
    let subject = content.subject_line();
    // A header is plain text: what escaping protects from is not read there.
    let mut blocks = vec![Block::Header { text: Text::PlainText { text: shortened(&subject, MOST_IN_HEADER), emoji: false } }];
    if content.compressed {
        blocks.push(context(escaped("Rehearsal: simulated market, compressed time.")));
    }
    let facts = content.facts.iter().map(|fact| format!("*{}*  {}", escaped(&fact.label), escaped(&shortened(&fact.value, 300))));
    let facts: Vec<String> = facts.collect();
    if let Some(text) = fitting(&facts, MOST_IN_FACTS).text() {
        blocks.push(section(text));
    }
    blocks.extend(table(content));
    let headlines: Vec<String> = content.rows.iter().filter_map(news).collect();
    if let Some(text) = fitting(&headlines, MOST_IN_HEADLINES).text() {
        blocks.push(section(text));
    }
    let notes: Vec<String> = content
        .notes
        .iter()
        .map(|note| format!("*{}*: {}", escaped(&note.title), escaped(&shortened(&note.lines.join("; "), 300))))
        .collect();
    if let Some(text) = fitting(&notes, MOST_IN_NOTES).text() {
        blocks.push(context(text));
    }
    if let Some(text) = fitting(&[escaped(&content.footer)], MOST_IN_FOOTER).text().filter(|text| !text.is_empty()) {
        blocks.push(context(text));
    }
    serde_json::to_string(&Message { text: escaped(&subject), blocks, unfurl_links: false })
}

/// The hits, in as many code blocks as they need and are allowed.
fn table(content: &AlertContent) -> Vec<Block> {
    let (head, lines) = aligned(content);
    let lines: Vec<String> = lines.iter().map(|line| code(line)).collect();
    let head = code(&head);
    let (mut blocks, mut rest, mut budget) = (Vec::new(), &lines[..], MOST_IN_TABLE);
    while !rest.is_empty() {
        let room = budget.min(MOST_IN_SECTION).saturating_sub(cost(&head) + 10);
        let fitted = fitting(rest, room);
        if fitted.count == 0 {
            break;
        }
        budget -= room.min(budget);
        rest = &rest[fitted.count..];
        blocks.push(section(format!("```\n{head}\n{}\n```", fitted.lines.join("\n"))));
    }
    let left = rest.len() + content.unlisted();
    if left > 0 {
        blocks.push(context(format!("… and {left} more")));
    }
    blocks
}

/// Company and headline of a hit, when there is one.
fn news(row: &super::Row) -> Option<String> {
    let headline = row.headline.as_deref()?;
    let (symbol, name) = (escaped(&shortened(&row.symbol, 16)), escaped(&shortened(&row.name, 60)));
    Some(format!("*{symbol}* {name}: {}", escaped(&shortened(headline, 200))))
}

struct Fitted {
    lines: Vec<String>,
    count: usize,
    of: usize,
}

impl Fitted {
    /// The lines, saying how many did not fit.
    fn text(mut self) -> Option<String> {
        if self.count < self.of {
            self.lines.push(format!("… and {} more", self.of - self.count));
        }
        (self.count > 0).then(|| self.lines.join("\n"))
    }
}

/// As many of the first `lines` as cost no more than `budget`.
fn fitting(lines: &[String], budget: usize) -> Fitted {
    let mut left = budget;
    let taken = lines.iter().take_while(|line| match left.checked_sub(cost(line)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    let taken: Vec<String> = taken.cloned().collect();
    Fitted { count: taken.len(), lines: taken, of: lines.len() }
}

/// Bytes of a line as it is sent: never fewer than its characters, however one counts them.
fn cost(line: &str) -> usize {
    line.bytes().map(|byte| if matches!(byte, b'"' | b'\\') { 2 } else { 1 }).sum::<usize>() + 2
}

fn section(text: String) -> Block {
    Block::Section { text: Text::Mrkdwn { text } }
}

fn context(text: String) -> Block {
    Block::Context { elements: vec![Text::Mrkdwn { text }] }
}

/// Slack's three reserved characters; on one line.
fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line for a code block, which a backtick would end. White space stays: it is the table.
fn code(line: &str) -> String {
    line.replace('`', "'").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
