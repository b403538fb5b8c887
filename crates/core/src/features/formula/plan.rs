//! Which operations a list of features needs, each once, in an order in which they can be computed.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Formula, Input, Node,
    operation::{Operation, Reach, Rows, Running},
};
use crate::{
    error::Result,
    features::{Feature, View, feature::Body},
};

/// One operation of a plan: its inputs and outputs are numbered columns.
#[derive(Debug)]
pub(in crate::features) struct Step {
    node: Arc<Node>,
    pub(in crate::features) inputs: Vec<usize>,
    pub(in crate::features) first: usize,
    pub(in crate::features) outputs: usize,
    /// Some input comes from the benchmark.
    of_benchmark: bool,
    /// Rows of the inputs that the newest row of the features needs.
    needs: Needs,
}

impl Step {
    pub(in crate::features) fn operation(&self) -> Option<&dyn Operation> {
        match &*self.node {
            Node::Operation(operation, _) => Some(operation.as_ref()),
            Node::Input(_) => None,
        }
    }
}

/// Rows that are needed of a column.
#[derive(Debug, Clone, Copy, Default)]
struct Needs {
    rows: usize,
    /// So many, counted from the start of the session before instead of from the newest row.
    sessions: bool,
    all: bool,
}

impl Needs {
    fn or(self, other: Self) -> Self {
        Self { rows: self.rows.max(other.rows), sessions: self.sessions || other.sessions, all: self.all || other.all }
    }

    fn through(self, reach: Reach) -> Self {
        match reach {
            Reach::Rows(rows) => Self { rows: self.rows + rows - 1, ..self },
            // The session of a row before the present one may have begun long before.
            Reach::Sessions if self.rows > 1 || self.sessions => Self { all: true, ..self },
            Reach::Sessions => Self { sessions: true, ..self },
            Reach::All => Self { all: true, ..self },
        }
    }

    fn of(self, rows: Rows<'_>) -> usize {
        let all = rows.len();
        if self.all {
            return all;
        }
        let sessions = if self.sessions { all - rows.sessions.start_of_session_before() } else { 1 };
        (sessions + self.rows - 1).min(all)
    }
}

/// One feature that is asked for.
#[derive(Debug)]
pub(in crate::features) struct Asked {
    pub(in crate::features) feature: Feature,
    /// The number of its column; none when it has a function of its own.
    pub(in crate::features) column: Option<usize>,
}

/// See the module.
#[derive(Debug)]
pub(in crate::features) struct Plan {
    pub(in crate::features) steps: Vec<Step>,
    pub(in crate::features) asked: Vec<Asked>,
    /// Number of columns, those of the bars among them.
    pub(in crate::features) columns: usize,
}

/// Columns that are computed on the way, used again for one symbol after the other.
#[derive(Debug, Default)]
pub(in crate::features) struct Workspace {
    columns: Vec<Vec<f64>>,
}

impl Plan {
    pub(in crate::features) fn of(features: &[Feature]) -> Self {
        let mut making = Making { known: BTreeMap::new(), steps: Vec::new(), columns: Input::COUNT };
        let asked: Vec<Asked> = features
            .iter()
            .map(|feature| Asked {
                feature: feature.clone(),
                column: match feature.body() {
                    Body::Formula(formula) => Some(making.column(formula)),
                    Body::Own(_) => None,
                },
            })
            .collect();
        let Making { mut steps, columns, .. } = making;
        let mut needs = vec![Needs::default(); columns];
        for asked in &asked {
            if let Some(column) = asked.column {
                needs[column].rows = 1;
            }
        }
        for step in steps.iter_mut().rev() {
            let of_outputs = needs[step.first..step.first + step.outputs].iter().fold(Needs::default(), |all, one| all.or(*one));
            let reach = step.operation().map_or(Reach::Rows(1), Operation::reach);
            step.needs = of_outputs.through(reach);
            for input in &step.inputs {
                needs[*input] = needs[*input].or(step.needs);
            }
        }
        Self { steps, asked, columns }
    }

    /// Computes all rows of every feature.
    ///
    /// # Errors
    /// As [`Feature::compute`].
    pub(in crate::features) fn run(
        &self,
        view: &View<'_>,
        workspace: &mut Workspace,
        told: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<()> {
        self.compute(view, workspace, |_, rows| rows.len(), told)
    }

    /// Computes the newest row of every feature, from no more rows than it depends on.
    ///
    /// # Errors
    /// As [`Feature::compute`].
    pub(in crate::features) fn run_newest(
        &self,
        view: &View<'_>,
        workspace: &mut Workspace,
        mut told: impl FnMut(usize, f64),
    ) -> Result<()> {
        self.compute(
            view,
            workspace,
            |step, rows| step.needs.of(rows),
            |feature, values| {
                told(feature, values.last().copied().unwrap_or(f64::NAN));
                Ok(())
            },
        )
    }

    /// The operations before the first row.
    pub(in crate::features) fn running(&self) -> Vec<Box<dyn Running>> {
        self.steps.iter().filter_map(|step| Some(step.operation()?.running(step.inputs.len()))).collect()
    }

    fn compute(
        &self,
        view: &View<'_>,
        workspace: &mut Workspace,
        length: impl Fn(&Step, Rows<'_>) -> usize,
        mut told: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<()> {
        let rows = view.rows();
        let given: [&[f64]; Input::COUNT] = [
            view.open(),
            view.high(),
            view.low(),
            view.close(),
            view.volume(),
            view.bars().vwap,
            view.benchmark().unwrap_or_default(),
        ];
        let made = &mut workspace.columns;
        made.resize_with(self.columns - Input::COUNT, Vec::new);
        for step in &self.steps {
            if step.of_benchmark && view.benchmark().is_none() {
                continue;
            }
            let length = length(step, rows);
            let (before, after) = made.split_at_mut(step.first - Input::COUNT);
            let outputs = &mut after[..step.outputs];
            outputs.iter_mut().for_each(|output| output.resize(length, 0.0));
            let inputs: Vec<&[f64]> = step
                .inputs
                .iter()
                .map(|input| match input.checked_sub(Input::COUNT) {
                    None => given[*input],
                    Some(column) => &before[column],
                })
                .map(|column| &column[column.len() - length..])
                .collect();
            if let Some(operation) = step.operation() {
                operation.fill(rows.last(length), &inputs, outputs);
            }
        }
        let mut undefined = Vec::new();
        for (index, asked) in self.asked.iter().enumerate() {
            if !asked.feature.about().applies(view.benchmark().is_some(), view.is_intraday()) {
                undefined.resize(rows.len(), f64::NAN);
                told(index, &undefined)?;
                continue;
            }
            match asked.column {
                Some(column) => match column.checked_sub(Input::COUNT) {
                    None => told(index, given[column])?,
                    Some(column) => told(index, &made[column])?,
                },
                None => told(index, &asked.feature.compute(view)?)?,
            }
        }
        Ok(())
    }
}

/// A plan as it grows.
struct Making {
    /// First columns of the operations that are planned, by name and inputs.
    known: BTreeMap<(String, Vec<usize>), usize>,
    steps: Vec<Step>,
    columns: usize,
}

impl Making {
    /// The column of a formula, planned when it is not yet.
    fn column(&mut self, formula: &Formula) -> usize {
        let (operation, inputs) = match &*formula.node {
            Node::Input(input) => return *input as usize,
            Node::Operation(operation, inputs) => (operation, inputs),
        };
        let inputs: Vec<usize> = inputs.iter().map(|input| self.column(input)).collect();
        let key = (operation.name(), inputs);
        if let Some(first) = self.known.get(&key) {
            return first + formula.output;
        }
        let (first, outputs) = (self.columns, operation.outputs());
        let of_benchmark = key.1.iter().any(|input| {
            *input == Input::Benchmark as usize
                || self.steps.iter().any(|step| step.of_benchmark && (step.first..step.first + step.outputs).contains(input))
        });
        self.columns += outputs;
        let (node, inputs) = (Arc::clone(&formula.node), key.1.clone());
        self.steps.push(Step { node, inputs, first, outputs, of_benchmark, needs: Needs::default() });
        self.known.insert(key, first);
        first + formula.output
    }
}
