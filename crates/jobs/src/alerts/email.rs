//! The alert as a mail: plain text, HTML, and the pictures that the HTML shows.
//!
//! The same alert makes the same bytes, whenever it is made: its id gives the `Message-ID` and the boundaries, its creation
//! the `Date`. A mail that is sent twice is recognised as one.

use std::time::SystemTime;

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use lettre::{
    Message,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::{
    aligned::aligned,
    content::{AlertContent, Row, Tone},
    figures::one_line,
};

/// Who a mail is from and to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Addresses {
    pub(super) from: Mailbox,
    pub(super) to: Vec<Mailbox>,
}

/// The mail, whole.
///
/// # Errors
/// When a picture is not base64 or the parts cannot be put together.
pub(super) fn message(
    alert_id: Uuid,
    content: &AlertContent,
    addresses: &Addresses,
    created_at: Timestamp,
) -> anyhow::Result<Message> {
    let html = SinglePart::html(html(content)?);
    let boundary = |part: &str| format!("bellwether-{part}-{}", alert_id.simple());
    let mut related = MultiPart::related().boundary(boundary("related")).singlepart(html);
    for (index, picture) in content.pictures.iter().enumerate() {
        let png = STANDARD.decode(&picture.png)?;
        let name: String = picture.symbol.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect();
        let attachment = Attachment::new_inline_with_name(content_id(index), format!("{name}.png"));
        related = related.singlepart(attachment.body(png, ContentType::parse("image/png")?));
    }
    let text = SinglePart::plain(text(content));
    let body = MultiPart::alternative().boundary(boundary("alternative")).singlepart(text).multipart(related);
    let mut mail = Message::builder()
        .message_id(Some(format!("<{alert_id}@bellwether>")))
        .date(SystemTime::from(created_at))
        .from(addresses.from.clone())
        .subject(content.subject_line())
        .header(AutoSubmitted);
    for to in &addresses.to {
        mail = mail.to(to.clone());
    }
    Ok(mail.multipart(body)?)
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody's out-of-office reply answers an alert.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn content_id(index: usize) -> String {
    format!("picture-{index}@bellwether")
}

#[derive(Template)]
#[template(path = "alert.html")]
struct Html<'a> {
    content: &'a AlertContent,
    /// Columns of the table, rank and symbol included.
    span: usize,
}

impl Html<'_> {
    fn content_id(&self, index: &usize) -> String {
        content_id(*index)
    }

    /// Second line of a hit.
    fn about(&self, row: &Row) -> String {
        [Some(row.name.as_str()), row.trend.as_deref()]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// Text between backticks is a command.
    fn commands_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (bool, &'t str)> {
        text.split('`').enumerate().map(|(index, words)| (index % 2 == 1, words))
    }

    fn tone(&self, tone: &Tone) -> (&'static str, &'static str, &'static str) {
        match tone {
            Tone::Up => ("up", "#0a6b4f", "▲ "),
            Tone::Down => ("down", "#b3261e", "▼ "),
            Tone::Neutral => ("ink", "#1b2430", ""),
        }
    }
}

/// The HTML part; pictures are named by `cid:`.
pub(super) fn html(content: &AlertContent) -> Result<String, askama::Error> {
    Html { content, span: content.columns.len() + 2 }.render()
}

/// The plain text part.
pub(super) fn text(content: &AlertContent) -> String {
    let mut out = vec![content.subject_line(), String::new()];
    if content.compressed {
        out.extend(["Rehearsal: simulated market, compressed time.".to_owned(), String::new()]);
    }
    let label_width = content.facts.iter().map(|fact| fact.label.chars().count()).max().unwrap_or(0);
    out.extend(content.facts.iter().map(|fact| format!("{:label_width$}  {}", one_line(&fact.label), one_line(&fact.value))));
    if !content.rows.is_empty() {
        let (head, lines) = aligned(content);
        out.extend([String::new(), head]);
        for (row, line) in content.rows.iter().zip(lines) {
            out.push(line);
            let about = [Some(row.name.as_str()), row.trend.as_deref(), row.headline.as_deref()];
            out.extend(
                about.into_iter().flatten().map(one_line).filter(|about| !about.is_empty()).map(|about| format!("    {about}")),
            );
        }
    }
    if content.unlisted() > 0 {
        out.push(format!("… and {} more", content.unlisted()));
    }
    for note in &content.notes {
        out.extend([String::new(), one_line(&note.title)]);
        out.extend(note.lines.iter().map(|line| format!("  {}", one_line(line))));
    }
    if !content.footer.is_empty() {
        out.extend([String::new(), one_line(&content.footer)]);
    }
    out.push(String::new());
    out.join("\n")
}
