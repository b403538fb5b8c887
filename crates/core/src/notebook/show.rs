//! The door through which the notebook asks a value to show itself.

use super::{
    picture::Picture,
    table::{Field, Table, shown},
    value::Value,
    view::View,
};
use crate::Error;

/// More parts than this of a list that is no table are not shown.
const MOST_PARTS: usize = 12;

/// A value that shows itself in a notebook, as a table or a picture rather than as a dump.
///
/// ```
/// use bellwether::{notebook::Show, risk::garch::TailRisk};
/// let tail = TailRisk { level: 0.01, value_at_risk: 2.3, expected_shortfall: 3.1 };
/// assert!(tail.plain_text().contains("expected shortfall"));
/// assert!(vec![tail, tail].html().contains("<table>"));
/// ```
pub trait Show {
    /// What is shown.
    fn to_view(&self) -> View;

    /// The value as one row of a table, when a list of such values is a table.
    fn to_row(&self) -> Option<Vec<Field>> {
        None
    }

    /// What is shown, as HTML for a dark or a light page.
    fn html(&self) -> String {
        self.to_view().html()
    }

    /// What is shown, as plain text.
    fn plain_text(&self) -> String {
        self.to_view().plain()
    }

    /// Hands the value to the notebook: prints it the way that evcxr reads.
    fn evcxr_display(&self) {
        print!("{}", message(&self.html(), &self.plain_text()));
    }
}

/// What evcxr reads on standard output.
fn message(html: &str, plain: &str) -> String {
    // Data cannot end its own block.
    let inert = |text: &str| text.replace("EVCXR_", "EVCXR-");
    let block = |mime: &str, text: &str| format!("EVCXR_BEGIN_CONTENT {mime}\n{}\nEVCXR_END_CONTENT\n", inert(text));
    block("text/html", html) + &block("text/plain", plain)
}

impl<T: Show + ?Sized> Show for &T {
    fn to_view(&self) -> View {
        (**self).to_view()
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        (**self).to_row()
    }

    fn html(&self) -> String {
        (**self).html()
    }

    fn plain_text(&self) -> String {
        (**self).plain_text()
    }
}

/// A table where the values are rows of one, and one after the other otherwise.
impl<T: Show> Show for Vec<T> {
    fn to_view(&self) -> View {
        let rows: Option<Vec<Vec<Field>>> = self.iter().map(Show::to_row).collect();
        match rows {
            _ if self.is_empty() => View::default().note("an empty list"),
            Some(rows) => View::default().table(Table::of_rows(rows)),
            None => {
                let parts = self.iter().take(MOST_PARTS).fold(View::default(), |view, part| view.then(part.to_view()));
                match self.len().saturating_sub(MOST_PARTS) {
                    0 => parts,
                    more => parts.note(&format!("… {more} more")),
                }
            }
        }
    }

    fn html(&self) -> String {
        if self.iter().all(|part| part.to_row().is_some()) {
            return self.to_view().html();
        }
        let parts: Vec<String> = self.iter().take(MOST_PARTS).map(Show::html).collect();
        match self.len().saturating_sub(MOST_PARTS) {
            0 => parts.concat(),
            more => parts.concat() + &View::default().note(&format!("… {more} more")).html(),
        }
    }
}

/// Numbers under their places, from 0.
impl Show for [f64] {
    fn to_view(&self) -> View {
        let rows = shown(self.len());
        let numbers = |of: &dyn Fn(usize) -> f64| rows.iter().map(|row| Value::Number(of(*row))).collect::<Vec<Value>>();
        let columns = vec![
            ("row".to_owned(), String::new(), numbers(&|row| row as f64)),
            ("value".to_owned(), String::new(), numbers(&|row| self[row])),
        ];
        View::default().table(Table::of_columns(self.len(), columns, Vec::new()))
    }
}

impl Show for Vec<f64> {
    fn to_view(&self) -> View {
        self.as_slice().to_view()
    }
}

impl<T: Show> Show for Option<T> {
    fn to_view(&self) -> View {
        self.as_ref().map_or_else(|| View::default().note("none"), Show::to_view)
    }

    fn html(&self) -> String {
        self.as_ref().map_or_else(|| self.to_view().html(), Show::html)
    }
}

/// The value, or the sentence that says what went wrong.
impl<T: Show> Show for Result<T, Error> {
    fn to_view(&self) -> View {
        match self {
            Ok(value) => value.to_view(),
            Err(problem) => problem.to_view(),
        }
    }

    fn html(&self) -> String {
        match self {
            Ok(value) => value.html(),
            Err(problem) => problem.html(),
        }
    }
}

impl Show for Error {
    fn to_view(&self) -> View {
        View::default().problem(&self.to_string())
    }
}

/// The drawing itself; as plain text its title.
impl Show for Picture {
    fn to_view(&self) -> View {
        View::titled(self.title()).note(&format!("a picture of {} × {} pixels", self.width(), self.height()))
    }

    fn html(&self) -> String {
        self.svg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::garch::TailRisk;

    const TAIL: TailRisk = TailRisk { level: 0.01, value_at_risk: 2.25, expected_shortfall: 3.5 };

    #[test]
    fn evcxr_reads_both_forms() {
        let message = message("<b>x</b>", "x");
        let expected =
            "EVCXR_BEGIN_CONTENT text/html\n<b>x</b>\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/plain\nx\nEVCXR_END_CONTENT\n";
        assert_eq!(message, expected);
        assert_eq!(
            super::message("a\nEVCXR_END_CONTENT", "").matches("EVCXR_END_CONTENT").count(),
            2,
            "data cannot end its block"
        );
    }

    #[test]
    fn a_list_of_rows_is_one_table() {
        let html = vec![TAIL, TAIL].html();
        assert_eq!((html.matches("<table>").count(), html.matches(">2.25<").count()), (1, 2), "{html}");
        assert_eq!(vec![1.5, f64::NAN].plain_text(), "row  value\n  0    1.5\n  1      –");
        assert_eq!(Vec::<TailRisk>::new().plain_text(), "an empty list");
        let many: Vec<Error> = (0..15).map(|_| Error::file("a<b", "no")).collect();
        assert!(many.plain_text().contains("… 3 more") && many.html().contains("a&lt;b: no"));
    }

    #[test]
    fn what_may_fail_shows_its_sentence() {
        let failed: Result<TailRisk, Error> = Err(Error::file("x.csv", "is not there"));
        assert_eq!(failed.plain_text(), "! x.csv: is not there");
        assert_eq!(Ok::<_, Error>(TAIL).html(), TAIL.html());
        assert_eq!(None::<TailRisk>.plain_text(), "none");
        assert_eq!(Some(TAIL).plain_text(), TAIL.plain_text());
    }
}
