//! What was compared, and what came of it: for people and for programs.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::{Compared, Difference};

/// Frames of a table and columns of a list that a report for people shows.
const DIFFERENCES_TOLD: usize = 40;

/// The comparison of one snapshot's numbers on both sides.
#[derive(Debug, Clone, Serialize)]
pub struct Certificate {
    /// Everything was handed over by both sides and is the same, bit for bit.
    pub equal: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// What both sides saw.
    pub snapshot: SnapshotTold,
    /// The program that ran the tasks.
    pub scheduler: Side,
    /// The kernel that ran the cells.
    pub notebook: Side,
    /// The frames, by name.
    pub frames: Vec<Compared>,
    /// Cells that failed, in their order.
    pub failed_cells: Vec<FailedCell>,
    /// What the scheduler's side could not compute, and why.
    pub not_computed: Vec<String>,
}

/// What both sides saw.
#[derive(Debug, Clone, Serialize)]
pub struct SnapshotTold {
    /// Its name: a hash of everything in it.
    pub hash: String,
    /// As of.
    pub as_of: Timestamp,
    /// The recorded folder, or the generated market.
    pub place: String,
    /// How many symbols.
    pub symbols: usize,
    /// How many bars, daily and by the minute.
    pub bars: usize,
}

/// The code of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its version; several joined by commas would be a side that changed while it ran, none a side that handed nothing over.
    pub code_version: Option<String>,
    /// The lab's library, for the notebook's side.
    pub library: Option<String>,
}

/// A cell that failed.
#[derive(Debug, Clone, Serialize)]
pub struct FailedCell {
    /// Its place in the file, from 1.
    pub cell: usize,
    /// What it said.
    pub said: String,
}

impl Certificate {
    /// Judges: equal only if something was compared, nothing differs, every cell ran and everything was computed.
    #[must_use]
    pub fn judged(self) -> Self {
        let equal = !self.frames.is_empty()
            && self.frames.iter().all(Compared::equal)
            && self.failed_cells.is_empty()
            && self.not_computed.is_empty();
        Self { equal, ..self }
    }

    /// Everything that differs.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.frames.iter().flat_map(|frame| &frame.differences)
    }

    /// Frames, columns and values compared.
    pub fn totals(&self) -> (u64, u64, u64) {
        let sum = |of: fn(&Compared) -> u64| self.frames.iter().map(of).sum();
        (self.frames.len() as u64, sum(|frame| frame.columns), sum(|frame| frame.values))
    }

    /// The verdict as a sentence.
    pub fn verdict(&self) -> String {
        let (frames, columns, values) = self.totals();
        if self.equal {
            return format!("identical: {frames} frames, {columns} columns, {values} values, every bit of them");
        }
        let differ = self.frames.iter().filter(|frame| !frame.equal()).count();
        let mut parts = Vec::new();
        if differ > 0 {
            parts.push(format!("{differ} of {frames} frames differ"));
        }
        if !self.failed_cells.is_empty() {
            parts.push(format!("{} cells failed", self.failed_cells.len()));
        }
        if !self.not_computed.is_empty() {
            parts.push(format!("{} results could not be computed", self.not_computed.len()));
        }
        if parts.is_empty() {
            parts.push("nothing was compared".to_owned());
        }
        format!("NOT identical: {}", parts.join(", "))
    }

    /// What is the matter, a line each.
    pub fn problems(&self) -> Vec<String> {
        let cells = self.failed_cells.iter().map(|cell| format!("cell {} failed: {}", cell.cell, last_lines(&cell.said)));
        let missing = self.not_computed.iter().map(|problem| format!("not computed by the scheduler: {problem}"));
        let mut lines: Vec<String> = cells.chain(missing).collect();
        lines.extend(self.differences().take(DIFFERENCES_TOLD).map(told));
        let more = self.differences().count().saturating_sub(DIFFERENCES_TOLD);
        if more > 0 {
            lines.push(format!("and {more} differences more"));
        }
        lines
    }

    /// Who saw what and ran which code: a label and a value a line.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let at = |at: Timestamp| at.to_zoned(bellwether::market::new_york()).strftime("%a %Y-%m-%d %H:%M %Z").to_string();
        let version = |side: &Side| side.code_version.clone().unwrap_or_else(|| "unknown: nothing was handed over".to_owned());
        let library = self.notebook.library.as_deref().map(|id| format!(", library {id}")).unwrap_or_default();
        vec![
            ("snapshot", self.snapshot.hash.clone()),
            ("as of", at(self.snapshot.as_of)),
            ("of", format!("{}: {} symbols, {} bars", self.snapshot.place, self.snapshot.symbols, self.snapshot.bars)),
            ("scheduler", format!("bellwether {}", version(&self.scheduler))),
            ("notebook", format!("bellwether {}{library}", version(&self.notebook))),
            ("made", at(self.made_at)),
        ]
    }

    /// The certificate as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# Parity of notebook and scheduler\n\n**{}**\n\n", self.verdict());
        for (label, value) in self.facts() {
            let _ = writeln!(text, "- {label}: `{value}`");
        }
        text.push_str("\n| frame | rows | columns | values | |\n|---|---:|---:|---:|---|\n");
        for frame in &self.frames {
            let verdict = if frame.equal() { "identical" } else { "**DIFFERS**" };
            let _ = writeln!(text, "| {} | {} | {} | {} | {verdict} |", frame.name, frame.rows, frame.columns, frame.values);
        }
        let problems = self.problems();
        if !problems.is_empty() {
            text.push_str("\n## What is not the same\n\n");
            for problem in problems {
                let _ = writeln!(text, "- {}", problem.replace('\n', "\n  "));
            }
        }
        text.push_str(
            "\nThe notebook's side ran in a new Rust kernel, the scheduler's in the functions that its tasks call, both on the snapshot \
             named above. Compared is the SHA-256 of every column: its name, its kind, and every bit of every row. Nothing is rounded.\n",
        );
        text
    }
}

fn told(difference: &Difference) -> String {
    let mut text = match &difference.column {
        Some(column) => format!("{}, column `{column}`: {}", difference.frame, difference.problem),
        None => format!("{}: {}", difference.frame, difference.problem),
    };
    if let Some(row) = difference.row {
        let of = difference.of.as_deref().map(|of| format!(" ({of})")).unwrap_or_default();
        let value = |side: &Option<String>| side.clone().unwrap_or_else(|| "no row".to_owned());
        let (ours, theirs) = (value(&difference.scheduler), value(&difference.notebook));
        let _ = write!(text, "; first in row {row}{of}: scheduler {ours}, notebook {theirs}");
    }
    text
}

/// The end of what a cell said: the error is there.
fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(differences: Vec<Difference>) -> Certificate {
        let side = |library: Option<&str>| Side { code_version: Some("1.2.3".to_owned()), library: library.map(str::to_owned) };
        Certificate {
            equal: false,
            made_at: "2026-03-11T12:00:00Z".parse().unwrap(),
            snapshot: SnapshotTold {
                hash: "00ff".to_owned(),
                as_of: "2026-03-10T13:25:00Z".parse().unwrap(),
                place: "market of seed 7 with 60 symbols".to_owned(),
                symbols: 62,
                bars: 1000,
            },
            scheduler: side(None),
            notebook: side(Some("abc")),
            frames: vec![Compared { name: "features-daily".to_owned(), rows: 3, columns: 2, values: 6, differences }],
            failed_cells: Vec::new(),
            not_computed: Vec::new(),
        }
        .judged()
    }

    #[test]
    fn what_is_equal_says_how_much_was_compared() {
        let equal = certificate(Vec::new());
        assert!(equal.equal);
        let text = equal.markdown();
        for words in [
            "identical: 1 frames, 2 columns, 6 values",
            "Tue 2026-03-10 09:25 EDT",
            "bellwether 1.2.3, library abc",
            "| features-daily | 3 | 2 | 6 | identical |",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("not the same"), "{text}");
    }

    #[test]
    fn a_difference_is_told_with_row_and_values() {
        let different = certificate(vec![Difference {
            frame: "features-daily".to_owned(),
            column: Some("rsi_14".to_owned()),
            problem: "2 of 3 rows differ".to_owned(),
            row: Some(1),
            of: Some("AAA".to_owned()),
            scheduler: Some("1.0".to_owned()),
            notebook: Some("1.000000000000001".to_owned()),
        }]);
        assert!(!different.equal);
        let line = "- features-daily, column `rsi_14`: 2 of 3 rows differ; first in row 1 (AAA): scheduler 1.0, notebook 1.000000000000001";
        assert!(different.markdown().contains(line), "{}", different.markdown());
        assert!(different.verdict().starts_with("NOT identical: 1 of 1 frames differ"));
    }

    #[test]
    fn nothing_compared_and_cells_that_failed_are_no_parity() {
        let none = Certificate { frames: Vec::new(), ..certificate(Vec::new()) }.judged();
        assert!(!none.equal && none.verdict().contains("nothing was compared"));
        let failed = FailedCell { cell: 2, said: "a\nthe reason".to_owned() };
        let failed = Certificate { failed_cells: vec![failed], ..certificate(Vec::new()) }.judged();
        assert!(!failed.equal && failed.markdown().contains("cell 2 failed: a\n  the reason"), "{}", failed.markdown());
    }
}
