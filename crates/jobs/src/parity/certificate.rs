//! What was compared, and what came of it: for people and for programs.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::Timestamp;
use serde::Serialize;

use super::{Compared, Difference, Handed, Object};

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
    /// Kinds of jobs that the schedule has none of: nothing of theirs was compared.
    pub not_scheduled: Vec<&'static str>,
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

/// The code of one side, as every frame says that it handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Versions: one, or none of a side that handed nothing over.
    pub code_versions: Vec<String>,
    /// The files that the code was loaded from: one, if it did not change while it ran.
    pub objects: Vec<Object>,
}

impl Side {
    pub(super) fn of(handed: &BTreeMap<String, Handed>) -> Self {
        let mut side = Self { code_versions: Vec::new(), objects: Vec::new() };
        for one in handed.values() {
            if !side.code_versions.contains(&one.code_version) {
                side.code_versions.push(one.code_version.clone());
            }
            if !side.objects.contains(&one.object) {
                side.objects.push(one.object.clone());
            }
        }
        side
    }

    fn told(&self) -> String {
        if self.code_versions.is_empty() {
            return "unknown: nothing was handed over".to_owned();
        }
        let short = |object: &Object| format!("{} {}", object.name, object.sha256.chars().take(16).collect::<String>());
        let objects: Vec<String> = self.objects.iter().map(short).collect();
        format!("bellwether {}, code of {}", self.code_versions.join(", "), objects.join(", "))
    }
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
            let mut verdict = format!("identical: {frames} frames, {columns} columns, {values} values, every bit of them");
            let empty: Vec<&str> = self.frames.iter().filter(|it| it.values == 0).map(|it| it.name.as_str()).collect();
            if !empty.is_empty() {
                let _ = write!(verdict, "; empty on both sides: {}", empty.join(", "));
            }
            return verdict;
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
        let mut facts = vec![
            ("snapshot", self.snapshot.hash.clone()),
            ("as of", at(self.snapshot.as_of)),
            ("of", format!("{}: {} symbols, {} bars", self.snapshot.place, self.snapshot.symbols, self.snapshot.bars)),
            ("scheduler", self.scheduler.told()),
            ("notebook", self.notebook.told()),
            ("made", at(self.made_at)),
        ];
        if !self.not_scheduled.is_empty() {
            facts.push(("not compared", format!("{}: the schedule has no such job", self.not_scheduled.join(", "))));
        }
        facts
    }

    /// The certificate as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# Parity of notebook and scheduler\n\n**{}**\n\n", self.verdict());
        for (label, value) in self.facts() {
            let _ = writeln!(text, "- {label}: `{value}`");
        }
        text.push_str("\n| frame | rows | columns | values | |\n|---|---:|---:|---:|---|\n");
        for frame in &self.frames {
            let mark = if frame.equal() { "" } else { "**" };
            let (name, rows, columns, values, verdict) = (&frame.name, frame.rows, frame.columns, frame.values, frame.verdict());
            let _ = writeln!(text, "| {name} | {rows} | {columns} | {values} | {mark}{verdict}{mark} |");
        }
        let problems = self.problems();
        if !problems.is_empty() {
            text.push_str("\n## What is not the same\n\n");
            for problem in problems {
                let _ = writeln!(text, "- {}", problem.replace('\n', "\n  "));
            }
        }
        text.push_str(
            "\nThe notebook's side ran in a new Rust kernel, the scheduler's in the program, by the tasks of the schedule's jobs. Both saw the \
             snapshot named above. Compared is the SHA-256 of every column: its name, its kind, and every bit of every row. Nothing is \
             rounded.\n",
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
        let side = |name: &str| Side {
            code_versions: vec!["1.2.3".to_owned()],
            objects: vec![Object { name: name.to_owned(), sha256: "0123456789abcdef0123".to_owned() }],
        };
        Certificate {
            equal: false,
            made_at: "2026-03-11T12:00:00Z".parse().unwrap(),
            snapshot: SnapshotTold {
                hash: "00ff".to_owned(),
                as_of: "2026-03-10T13:25:00Z".parse().unwrap(),
                place: "market of seed 7 with 60 stocks".to_owned(),
                symbols: 62,
                bars: 1000,
            },
            scheduler: side("bellwether"),
            notebook: side("libbellwether_lab.so"),
            frames: vec![Compared { name: "features-daily".to_owned(), rows: 3, columns: 2, values: 6, differences }],
            failed_cells: Vec::new(),
            not_computed: Vec::new(),
            not_scheduled: Vec::new(),
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
            "bellwether 1.2.3, code of libbellwether_lab.so 0123456789abcdef`",
            "| features-daily | 3 | 2 | 6 | identical |",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("not the same") && !text.contains("empty"), "{text}");
        let mut frames = equal.frames.clone();
        frames.push(Compared { name: "intraday-momentum".to_owned(), rows: 0, columns: 2, values: 0, differences: Vec::new() });
        let text = Certificate { frames, ..equal }.markdown();
        assert!(text.contains("| intraday-momentum | 0 | 2 | 0 | empty on both sides |"), "{text}");
        assert!(text.contains("every bit of them; empty on both sides: intraday-momentum"), "{text}");
        let part = Certificate { not_scheduled: vec!["risk_profiles"], ..certificate(Vec::new()) }.markdown();
        assert!(part.contains("- not compared: `risk_profiles: the schedule has no such job`"), "{part}");
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
