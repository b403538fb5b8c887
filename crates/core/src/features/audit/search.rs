//! Runs a pipeline on pasts and other futures, and follows up what differs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use polars::prelude::DataFrame;

use super::{
    AuditConfig, AuditReport, Leak, Looks,
    compare::{Answers, ROWS, same},
    future::altered,
};
use crate::{
    error::{Error, Result},
    features::random::SplitMix,
    market::Bars,
};

type Pipeline<'a> = dyn Fn(&Bars) -> Result<DataFrame> + 'a;
type RowName = (String, i64);

/// Where a column was seen to leak.
#[derive(Debug, Clone)]
struct Seen {
    name: RowName,
    row: usize,
    with_future: Option<f64>,
    without: Option<f64>,
    looks: Looks,
}

/// See the module.
pub(super) struct Search<'a> {
    bars: &'a Bars,
    pipeline: &'a Pipeline<'a>,
    whole: &'a Answers,
    config: &'a AuditConfig,
    cuts: Vec<i64>,
    /// Row numbers within their symbol.
    numbers: BTreeMap<RowName, usize>,
    seen: BTreeMap<String, Seen>,
    runs: usize,
}

impl<'a> Search<'a> {
    pub(super) fn new(bars: &'a Bars, pipeline: &'a Pipeline<'a>, whole: &'a Answers, config: &'a AuditConfig) -> Result<Self> {
        let mut instants: Vec<i64> = bars.iter().flat_map(|(_, series)| series.close_at.iter().copied()).collect();
        instants.sort_unstable();
        instants.dedup();
        let last = instants.len().saturating_sub(1);
        if last < 2 {
            let problem = format!("there are {} instants with bars: an audit needs three or more", instants.len());
            return Err(Error::Feature { name: "audit".to_owned(), problem });
        }
        // Evenly spread, each at random within its stretch; never the last, which has no future.
        let mut random = SplitMix(config.seed);
        let stretch = last as f64 / config.cuts as f64;
        let mut cuts: Vec<i64> =
            (0..config.cuts).map(|cut| instants[((cut as f64 + random.unit()) * stretch) as usize % last]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut of_symbol: BTreeMap<&str, usize> = BTreeMap::new();
        let mut ordered: Vec<&RowName> = whole.rows.iter().collect();
        ordered.sort_unstable();
        let mut numbers = BTreeMap::new();
        for name in ordered {
            let number = of_symbol.entry(name.0.as_str()).or_default();
            numbers.insert(name.clone(), *number);
            *number += 1;
        }
        Ok(Self { bars, pipeline, whole, config, cuts, numbers, seen: BTreeMap::new(), runs: 1 })
    }

    fn run(&mut self, bars: &Bars) -> Result<Answers> {
        self.runs += 1;
        Answers::of(&(self.pipeline)(bars)?)
    }

    fn run_as_of(&mut self, instant: i64) -> Result<Answers> {
        self.run(&self.bars.as_of(timestamp(instant)))
    }

    /// Compares the answers of the past alone with those of the past with its true future and with another one.
    pub(super) fn compare(&mut self) -> Result<()> {
        for cut in self.cuts.clone() {
            let past = self.run_as_of(cut)?;
            let other = self.run(&altered(self.bars, cut, self.config.seed))?;
            self.compare_answers(&past, self.whole);
            self.compare_answers(&past, &other);
            // Rows that were complete and appear only later.
            if let Some(known_at) = &self.whole.known_at {
                let late = self.whole.rows.iter().zip(known_at).find(|(name, at)| **at <= cut && past.row(name).is_none());
                if let Some((name, _)) = late {
                    self.note(ROWS, &name.clone(), Some(1.0), None);
                }
            }
        }
        Ok(())
    }

    /// Notes the rows of `past` that say another thing in `with_future`.
    fn compare_answers(&mut self, past: &Answers, with_future: &Answers) {
        let rows: Vec<Option<usize>> = past.rows.iter().map(|name| with_future.row(name)).collect();
        if let Some(gone) = rows.iter().position(Option::is_none) {
            self.note(ROWS, &past.rows[gone], None, Some(1.0));
        }
        for column in self.columns() {
            let (Some(before), after) = (past.column(&column), with_future.column(&column)) else { continue };
            // Rows that are gone have been noted.
            let pairs =
                rows.iter().enumerate().filter_map(|(row, there)| there.map(|there| (row, after.map(|after| after[there]))));
            let differ = |(row, after): &(usize, Option<f64>)| !same(*after, Some(before[*row]), self.config.tolerance);
            let found: Vec<(usize, Option<f64>)> = pairs.filter(differ).collect();
            for (row, after) in found {
                self.note(&column, &past.rows[row], after, Some(before[row]));
            }
        }
    }

    fn columns(&self) -> Vec<String> {
        self.whole.columns.iter().map(|(name, _)| name.clone()).chain([ROWS.to_owned()]).collect()
    }

    /// Keeps the earliest row of a column that leaks.
    fn note(&mut self, column: &str, name: &RowName, with_future: Option<f64>, without: Option<f64>) {
        let row = self.numbers.get(name).copied().unwrap_or(0);
        let seen = Seen { name: name.clone(), row, with_future, without, looks: Looks::ToTheEnd };
        match self.seen.get(column) {
            Some(known) if known.name.0 != name.0 || known.row <= row => {}
            _ => {
                self.seen.insert(column.to_owned(), seen);
            }
        }
    }

    /// Looks for earlier rows that leak, one by one from the first.
    pub(super) fn find_first_rows(&mut self) -> Result<()> {
        let symbols: Vec<String> = self.seen.values().map(|seen| seen.name.0.clone()).collect();
        for symbol in symbols.into_iter().collect::<std::collections::BTreeSet<_>>() {
            let mut open: Vec<String> =
                self.seen.iter().filter(|(_, seen)| seen.name.0 == symbol).map(|(column, _)| column.clone()).collect();
            let names: Vec<RowName> = self.numbers.keys().filter(|name| name.0 == symbol).cloned().collect();
            for (row, name) in names.iter().enumerate().take(self.config.first_rows) {
                open.retain(|column| self.seen[column].row > row);
                let Some(known_at) = self.known_at(name).filter(|_| !open.is_empty()) else { break };
                let past = self.run_as_of(known_at)?;
                for column in &open {
                    let (with_future, without) = (self.whole.value(column, name), past.value(column, name));
                    // A row that is not there says nothing about its columns.
                    let there = past.row(name).is_some() || column == ROWS;
                    if there && !same(with_future, without, self.config.tolerance) {
                        self.note(column, name, with_future, without);
                    }
                }
            }
        }
        Ok(())
    }

    /// When a row is complete: as the frame says, else with the bar that begins with it.
    fn known_at(&self, name: &RowName) -> Option<i64> {
        if let Some(known_at) = &self.whole.known_at {
            return self.whole.row(name).map(|row| known_at[row]);
        }
        let series = self.bars.series(&name.0);
        series.open_at.binary_search(&name.1).ok().map(|row| series.close_at[row])
    }

    /// How many bars after its own a row needs to say what it says with all of them.
    pub(super) fn measure(&mut self) -> Result<()> {
        for (column, seen) in self.seen.clone() {
            let Some(known_at) = self.known_at(&seen.name) else { continue };
            let series = self.bars.series(&seen.name.0);
            let first = series.close_at.partition_point(|close_at| *close_at <= known_at);
            let later: Vec<i64> = series.close_at[first..].to_vec();
            let wanted = self.whole.value(&column, &seen.name);
            let (mut short, mut enough) = (0, 1);
            // Doubled until it is enough, then halved in.
            while enough < later.len() && !self.says(&column, &seen.name, later[enough - 1], wanted)? {
                (short, enough) = (enough, 2 * enough);
            }
            enough = enough.min(later.len());
            while enough - short > 1 {
                let middle = short.midpoint(enough);
                match self.says(&column, &seen.name, later[middle - 1], wanted)? {
                    true => enough = middle,
                    false => short = middle,
                }
            }
            let looks = if enough < later.len() { Looks::Bars(enough) } else { Looks::ToTheEnd };
            self.seen.insert(column, Seen { looks, ..seen });
        }
        Ok(())
    }

    fn says(&mut self, column: &str, name: &RowName, instant: i64, wanted: Option<f64>) -> Result<bool> {
        let past = self.run_as_of(instant)?;
        Ok(same(past.value(column, name), wanted, self.config.tolerance))
    }

    pub(super) fn report(mut self) -> AuditReport {
        let leaks = self.columns().into_iter().filter_map(|column| {
            let Seen { name, row, with_future, without, looks } = self.seen.remove(&column)?;
            let known = |value: Option<f64>| value.filter(|it| !it.is_nan());
            let (with_future, without) = (known(with_future), known(without));
            Some(Leak { column, symbol: name.0, row, at: timestamp(name.1), looks, with_future, without })
        });
        AuditReport {
            leaks: leaks.collect(),
            columns: self.whole.columns.iter().map(|(name, _)| name.clone()).collect(),
            rows: self.whole.rows.len(),
            cuts: self.cuts.len(),
            runs: self.runs,
        }
    }
}

fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}
