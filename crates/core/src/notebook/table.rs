//! Tables: columns of cells, as HTML that scrolls and as plain text.

use super::value::{Style, Value, grouped};

/// Texts longer than this get room, so that a row is not as high as its longest word allows.
const LONG: usize = 40;
/// More rows than this are not shown: the first and the last half are.
pub(super) const MOST_ROWS: usize = 50;
/// More columns than this are not shown.
pub(super) const MOST_COLUMNS: usize = 120;
/// Longer words are cut in the plain form; HTML wraps them.
const PLAIN_WIDTH: usize = 48;

/// A named value: a cell with its column's head.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name of the column.
    pub name: String,
    /// Unit, empty for a pure number.
    pub unit: String,
    /// The value.
    pub value: Value,
}

impl Field {
    /// A value under a name, with its unit.
    pub fn new(name: &str, unit: &str, value: Value) -> Self {
        Self { name: name.to_owned(), unit: unit.to_owned(), value }
    }
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
struct Column {
    name: String,
    unit: String,
    right: bool,
    cells: Vec<Option<String>>,
}

/// A table ready to be written. Of a long one only head and tail are kept, and what is left out is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
    /// Rows of the whole.
    rows: usize,
    /// Names of columns that are not shown.
    hidden: Vec<String>,
}

/// Which of `rows` rows are shown.
pub(super) fn shown(rows: usize) -> Vec<usize> {
    if rows <= MOST_ROWS {
        return (0..rows).collect();
    }
    (0..MOST_ROWS / 2).chain(rows - MOST_ROWS / 2..rows).collect()
}

impl Table {
    /// A table of `rows` rows, of whose columns only the [`shown`] rows are given.
    pub(super) fn of_columns(rows: usize, columns: Vec<(String, String, Vec<Value>)>, hidden: Vec<String>) -> Self {
        let columns = columns
            .into_iter()
            .map(|(name, unit, values)| {
                let style = Style::of(&values);
                let cells = values.iter().map(|value| style.write(value)).collect();
                Column { name, unit, right: style.right, cells }
            })
            .collect();
        Self { columns, rows, hidden }
    }

    /// A table of rows with the same fields; of many the first and the last are shown.
    pub fn of_rows(rows: Vec<Vec<Field>>) -> Self {
        let shown = shown(rows.len());
        Self::of_some_rows(&rows, &shown)
    }

    /// A table of rows with the same fields, of which every one is looked for: all are shown.
    pub(super) fn of_all_rows(rows: Vec<Vec<Field>>) -> Self {
        let all: Vec<usize> = (0..rows.len()).collect();
        Self::of_some_rows(&rows, &all)
    }

    fn of_some_rows(rows: &[Vec<Field>], shown: &[usize]) -> Self {
        let heads: Vec<(String, String)> = rows
            .first()
            .map(|row| row.iter().map(|field| (field.name.clone(), field.unit.clone())).collect())
            .unwrap_or_default();
        let columns = heads
            .into_iter()
            .enumerate()
            .map(|(at, (name, unit))| {
                let value = |row: &usize| rows[*row].get(at).map_or(Value::Missing, |field| field.value.clone());
                (name, unit, shown.iter().map(value).collect())
            })
            .collect();
        Self::of_columns(rows.len(), columns, Vec::new())
    }

    /// Row after which some are left out, and how many.
    fn gap(&self) -> Option<(usize, String)> {
        let left_out = self.rows - self.height();
        (left_out > 0).then(|| {
            let rows = if left_out == 1 { "row" } else { "rows" };
            (self.height() / 2, format!("… {} more {rows}", grouped(left_out as f64, 0)))
        })
    }

    fn height(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// As HTML, all text escaped.
    pub(super) fn html(&self) -> String {
        if self.columns.is_empty() {
            return "<p class=\"dim\">no columns</p>".to_owned();
        }
        let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
        for column in &self.columns {
            let class = if column.right { " class=\"n\"" } else { "" };
            out += &format!("<th{class}>{}", escaped(&column.name));
            if !column.unit.is_empty() {
                out += &format!("<br/><span class=\"u\">{}</span>", escaped(&column.unit));
            }
            out += "</th>";
        }
        out += "</tr></thead><tbody>";
        for row in 0..self.height() {
            if let Some((_, words)) = self.gap().filter(|(after, _)| *after == row) {
                out += &format!("<tr class=\"gap\"><td colspan=\"{}\">{words}</td></tr>", self.columns.len());
            }
            out += "<tr>";
            for column in &self.columns {
                let long = column.cells[row].as_ref().is_some_and(|text| text.chars().count() > LONG);
                let class = match (column.right, long) {
                    (true, _) => " class=\"n\"",
                    (false, true) => " class=\"w\"",
                    (false, false) => "",
                };
                match &column.cells[row] {
                    Some(text) => out += &format!("<td{class}>{}</td>", escaped(text)),
                    None => out += &format!("<td{class}><span class=\"dim\">–</span></td>"),
                }
            }
            out += "</tr>";
        }
        out += "</tbody></table></div>";
        if self.rows == 0 {
            out += "<p class=\"dim\">no rows</p>";
        }
        if !self.hidden.is_empty() {
            out += &format!("<p class=\"dim\">{}</p>", escaped(&self.hidden_words()));
        }
        out
    }

    fn hidden_words(&self) -> String {
        format!("… {} more columns: {}", self.hidden.len(), self.hidden.join(", "))
    }

    /// As text in columns.
    pub(super) fn plain(&self) -> String {
        let heads: Vec<String> = self
            .columns
            .iter()
            .map(|column| if column.unit.is_empty() { column.name.clone() } else { format!("{} ({})", column.name, column.unit) })
            .collect();
        let cell = |column: &Column, row: usize| cut(column.cells[row].as_deref().unwrap_or("–"));
        let widths: Vec<usize> = self
            .columns
            .iter()
            .zip(&heads)
            .map(|(column, head)| {
                (0..self.height()).map(|row| cell(column, row).chars().count()).fold(head.chars().count(), usize::max)
            })
            .collect();
        let line = |cells: Vec<String>| {
            let padded: Vec<String> = cells
                .into_iter()
                .zip(self.columns.iter().zip(&widths))
                .map(|(text, (column, width))| if column.right { format!("{text:>width$}") } else { format!("{text:<width$}") })
                .collect();
            padded.join("  ").trim_end().to_owned()
        };
        let mut lines = vec![line(heads.clone())];
        for row in 0..self.height() {
            lines.extend(self.gap().filter(|(after, _)| *after == row).map(|(_, words)| words));
            lines.push(line(self.columns.iter().map(|column| cell(column, row)).collect()));
        }
        if self.rows == 0 {
            lines.push("no rows".to_owned());
        }
        lines.extend((!self.hidden.is_empty()).then(|| self.hidden_words()));
        lines.join("\n")
    }
}

fn cut(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= PLAIN_WIDTH {
        return clean;
    }
    clean.chars().take(PLAIN_WIDTH - 1).chain(['…']).collect()
}

/// Text that HTML takes as text, inside and outside of attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize) -> Table {
        Table::of_rows(
            (0..rows)
                .map(|row| {
                    vec![
                        Field::new("sym<b>ol", "", Value::Text(format!("A&{row}"))),
                        Field::new("price", "USD", if row == 1 { Value::Missing } else { Value::Number(row as f64 + 0.25) }),
                    ]
                })
                .collect(),
        )
    }

    #[test]
    fn text_is_escaped_everywhere() {
        assert_eq!(escaped("<script>\"a\" & 'b'"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;");
        let html = table(2).html();
        assert!(html.contains("sym&lt;b&gt;ol") && html.contains("A&amp;1") && !html.contains("sym<b>"), "{html}");
    }

    #[test]
    fn numbers_stand_right_and_nothing_is_a_dim_dash() {
        let html = table(2).html();
        assert!(html.contains("<th class=\"n\">price<br/><span class=\"u\">USD</span></th>"), "{html}");
        assert!(html.contains("<td class=\"n\">0.25</td>"), "{html}");
        assert!(html.contains("<td class=\"n\"><span class=\"dim\">–</span></td>"), "{html}");
        assert!(html.contains("<td>A&amp;0</td>"), "{html}");
        assert_eq!(table(2).plain(), "sym<b>ol  price (USD)\nA&0              0.25\nA&1                 –");
    }

    #[test]
    fn of_many_rows_head_and_tail_are_shown_and_the_rest_is_told() {
        let long = table(9_867);
        let html = long.html();
        assert!(html.contains("… 9,817 more rows"), "{html}");
        assert_eq!(html.matches("<tr>").count(), 1 + MOST_ROWS);
        assert!(html.contains("A&amp;24<") && !html.contains("A&amp;25<"), "{html}");
        assert!(html.contains("A&amp;9842<") && html.contains("A&amp;9866<"), "{html}");
        assert_eq!(long.plain().lines().count(), 1 + MOST_ROWS + 1);
        assert!(!table(MOST_ROWS).html().contains("more row"));
        assert!(table(MOST_ROWS + 1).html().contains("… 1 more row<"));
        assert!(table(0).html().contains("no columns"));
        let (all, some): (Vec<_>, Vec<_>) = ((0..60).collect(), vec![0, 1, 58, 59]);
        let rows: Vec<Vec<Field>> = (0..60).map(|row| vec![Field::new("row", "", Value::Number(f64::from(row)))]).collect();
        assert!(!Table::of_some_rows(&rows, &all).html().contains("more row"));
        assert_eq!(Table::of_some_rows(&rows, &some).plain(), "row\n  0\n  1\n… 56 more rows\n 58\n 59");
    }
}
