//! What a value shows of itself: headings, facts, tables and notes, written as HTML or as plain text.

use super::{
    table::{Table, escaped},
    value::{Value, number},
};

/// Colours are JupyterLab's own where it gives them, and the browser's otherwise: nothing is bright on a dark page.
const STYLE: &str = "<style>\
.bellwether{color:var(--jp-content-font-color1,CanvasText);font-size:13px;line-height:1.45;margin:2px 0 6px}\
.bellwether .t{font-weight:600;font-size:14px;margin:6px 0 2px}\
.bellwether .dim,.bellwether .u{color:var(--jp-content-font-color2,GrayText)}\
.bellwether p{margin:3px 0}\
.bellwether .bad{color:var(--jp-error-color1,#d73a49);font-weight:600}\
.bellwether .scroll{max-height:480px;overflow:auto;display:inline-block;max-width:100%;\
border:1px solid var(--jp-border-color2,rgba(128,128,128,.4))}\
.bellwether .scroll table{border-collapse:collapse;margin:0;color:inherit;table-layout:auto;width:auto;font-size:12px;font-variant-numeric:tabular-nums;background:transparent}\
.bellwether .scroll th{position:sticky;top:0;z-index:1;background:var(--jp-layout-color1,Canvas);text-align:left;vertical-align:bottom;\
padding:4px 9px;font-weight:600;white-space:nowrap;box-shadow:inset 0 -1px var(--jp-border-color1,rgba(128,128,128,.6))}\
.bellwether .scroll td{text-align:left;vertical-align:top;padding:2px 9px;max-width:46em;white-space:normal}\
.bellwether .scroll td.w{min-width:24em}\
.bellwether .scroll th.n,.bellwether .scroll td.n{text-align:right;white-space:nowrap}\
.bellwether .scroll tbody tr{background:transparent}\
.bellwether .scroll tbody tr:nth-child(even){background:rgba(128,128,128,.09)}\
.bellwether .scroll tr.gap td{text-align:center;color:var(--jp-content-font-color2,GrayText);font-style:italic}\
.bellwether .u{font-weight:400;font-size:11px}\
.bellwether .facts{margin:3px 0}\
.bellwether .facts span{display:inline-block;margin-right:18px;font-variant-numeric:tabular-nums}\
</style>";

/// A part of a [`View`].
#[derive(Debug, Clone, PartialEq)]
enum Block {
    Heading(String),
    Facts(Vec<(String, String)>),
    Table(Table),
    Note(String),
    Problem(String),
}

/// What a value shows of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    blocks: Vec<Block>,
}

impl View {
    /// A view under a heading.
    pub fn titled(heading: &str) -> Self {
        Self::default().heading(heading)
    }

    /// A heading.
    pub fn heading(mut self, text: &str) -> Self {
        self.blocks.push(Block::Heading(text.to_owned()));
        self
    }

    /// Names with values, in a line.
    pub fn facts(mut self, facts: Vec<(&str, String)>) -> Self {
        self.blocks.push(Block::Facts(facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
        self
    }

    /// A table.
    pub fn table(mut self, table: Table) -> Self {
        self.blocks.push(Block::Table(table));
        self
    }

    /// A sentence beside the numbers.
    pub fn note(mut self, text: &str) -> Self {
        self.blocks.push(Block::Note(text.to_owned()));
        self
    }

    /// A sentence that must not be overlooked.
    pub fn problem(mut self, text: &str) -> Self {
        self.blocks.push(Block::Problem(text.to_owned()));
        self
    }

    /// The parts of another view after those of this one.
    pub fn then(mut self, other: Self) -> Self {
        self.blocks.extend(other.blocks);
        self
    }

    /// As HTML, all text escaped.
    pub fn html(&self) -> String {
        let mut out = format!("{STYLE}<div class=\"bellwether\">");
        for block in &self.blocks {
            match block {
                Block::Heading(text) => out += &format!("<div class=\"t\">{}</div>", escaped(text)),
                Block::Facts(facts) => {
                    out += "<div class=\"facts\">";
                    for (name, value) in facts {
                        out += &format!(
                            "<span><span class=\"dim\" style=\"margin:0\">{}</span> {}</span>",
                            escaped(name),
                            escaped(value)
                        );
                    }
                    out += "</div>";
                }
                Block::Table(table) => out += &table.html(),
                Block::Note(text) => out += &format!("<p class=\"dim\">{}</p>", escaped(text)),
                Block::Problem(text) => out += &format!("<p class=\"bad\">{}</p>", escaped(text)),
            }
        }
        out + "</div>"
    }

    /// As plain text.
    pub fn plain(&self) -> String {
        let lines: Vec<String> = self
            .blocks
            .iter()
            .map(|block| match block {
                Block::Heading(text) | Block::Note(text) => text.clone(),
                Block::Facts(facts) => {
                    facts.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join("   ")
                }
                Block::Table(table) => table.plain(),
                Block::Problem(text) => format!("! {text}"),
            })
            .collect();
        lines.join("\n")
    }
}

/// A number of a fact, or a dash.
pub(super) fn fact(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

/// An instant of a fact.
pub(super) fn instant(at: jiff::Timestamp) -> String {
    let written = super::value::Style::of(&[Value::Time(at)]).write(&Value::Time(at)).unwrap_or_default();
    format!("{written} ET")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_escaped_and_none_is_bright() {
        let view = View::titled("<h>").facts(vec![("a<", "b<".into())]).note("n<").problem("p<");
        let html = view.html();
        let body = html.split_once("</style>").unwrap().1;
        for part in ["&lt;h&gt;", "a&lt;", "b&lt;", "n&lt;", "p&lt;"] {
            assert!(body.contains(part), "{part} in {body}");
        }
        for bright in ["#fff", "white", "rgb(255"] {
            assert!(!html.to_lowercase().replace("white-space", "").contains(bright), "{bright}");
        }
        assert_eq!(view.plain(), "<h>\na< b<\nn<\n! p<");
    }

    #[test]
    fn instants_are_new_york() {
        assert_eq!(instant("2026-03-12T13:25:00Z".parse().unwrap()), "2026-03-12 09:25 ET");
        assert_eq!((fact(None), fact(Some(1234.5))), ("–".into(), "1,234.5".into()));
    }
}
