//! Operations on one row at a time, on the row before, and with a number that is carried along.

use std::{any::TypeId, collections::VecDeque, fmt};

use jiff::civil::Date;

use super::operation::{Operation, Reach, Row, Rows, Running};

/// The name of an operation that is told by its function: two functions of one type are one only when they hold nothing.
pub(super) fn name_of<F: 'static>(kind: &str) -> String {
    const { assert!(size_of::<F>() == 0, "a function of a formula captures nothing") };
    format!("{kind} {:?}", TypeId::of::<F>())
}

/// A function of the inputs of one row.
#[derive(Clone, Copy)]
pub(super) struct Map<const N: usize, F>(pub(super) F);

impl<const N: usize, F> fmt::Debug for Map<N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Map")
    }
}

impl<const N: usize, F: Fn([f64; N]) -> f64 + Copy + Send + Sync + 'static> Operation for Map<N, F> {
    fn name(&self) -> String {
        name_of::<F>("map")
    }

    fn reach(&self) -> Reach {
        Reach::Rows(1)
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(*self)
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        let output = &mut outputs[0];
        let rows = output.len();
        let inputs: [&[f64]; N] = std::array::from_fn(|input| &inputs[input][..rows]);
        for (row, output) in output.iter_mut().enumerate() {
            *output = (self.0)(std::array::from_fn(|input| inputs[input][row]));
        }
    }
}

impl<const N: usize, F: Fn([f64; N]) -> f64 + Send> Running for Map<N, F> {
    fn push(&mut self, _: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        outputs[0] = (self.0)(std::array::from_fn(|input| inputs[input]));
    }
}

/// The value so many rows before.
#[derive(Debug, Clone)]
pub(super) struct Lag(pub(super) usize);

impl Operation for Lag {
    fn name(&self) -> String {
        format!("lag {}", self.0)
    }

    fn reach(&self) -> Reach {
        Reach::Rows(self.0 + 1)
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(Lagging(std::iter::repeat_n(f64::NAN, self.0).collect()))
    }

    fn fill(&self, _: Rows<'_>, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        let (input, output) = (inputs[0], &mut outputs[0]);
        let unknown = self.0.min(output.len());
        output[..unknown].fill(f64::NAN);
        let known = input.len() - unknown;
        output[unknown..].copy_from_slice(&input[..known]);
    }
}

#[derive(Debug)]
struct Lagging(VecDeque<f64>);

impl Running for Lagging {
    fn push(&mut self, _: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        self.0.push_back(inputs[0]);
        outputs[0] = self.0.pop_front().unwrap_or(f64::NAN);
    }
}

/// A number that every row takes from the one before: the answer of each row is that number then, or what is made of it.
#[derive(Clone, Copy)]
pub(super) struct Scan<F> {
    pub(super) start: f64,
    pub(super) step: F,
}

impl<F> fmt::Debug for Scan<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan from {}", self.start)
    }
}

impl<F: Fn(f64, f64) -> (f64, f64) + Copy + Send + Sync + 'static> Operation for Scan<F> {
    fn name(&self) -> String {
        name_of::<F>(&format!("scan from {}", self.start))
    }

    fn reach(&self) -> Reach {
        Reach::All
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(*self)
    }
}

impl<F: Fn(f64, f64) -> (f64, f64) + Send> Running for Scan<F> {
    fn push(&mut self, _: &Row<'_>, inputs: &[f64], outputs: &mut [f64]) {
        (self.start, outputs[0]) = (self.step)(self.start, inputs[0]);
    }
}

/// A number of the row's session and place in it.
#[derive(Clone, Copy)]
pub(super) struct OfRow<F>(pub(super) F);

impl<F> fmt::Debug for OfRow<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfRow")
    }
}

impl<F: Fn(&Row<'_>) -> f64 + Copy + Send + Sync + 'static> Operation for OfRow<F> {
    fn name(&self) -> String {
        name_of::<F>("of the row")
    }

    fn reach(&self) -> Reach {
        Reach::Rows(1)
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(*self)
    }
}

impl<F: Fn(&Row<'_>) -> f64 + Send> Running for OfRow<F> {
    fn push(&mut self, row: &Row<'_>, _: &[f64], outputs: &mut [f64]) {
        outputs[0] = (self.0)(row);
    }
}

/// A number of the row's date, the same for all rows of a session.
#[derive(Clone, Copy)]
pub(super) struct OfDate<F> {
    pub(super) of: F,
    pub(super) known: Option<(Date, f64)>,
}

impl<F> fmt::Debug for OfDate<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfDate")
    }
}

impl<F: Fn(Date) -> f64 + Copy + Send + Sync + 'static> Operation for OfDate<F> {
    fn name(&self) -> String {
        name_of::<F>("of the date")
    }

    fn reach(&self) -> Reach {
        Reach::Rows(1)
    }

    fn running(&self, _: usize) -> Box<dyn Running> {
        Box::new(*self)
    }
}

impl<F: Fn(Date) -> f64 + Send> Running for OfDate<F> {
    fn push(&mut self, row: &Row<'_>, _: &[f64], outputs: &mut [f64]) {
        let value = match self.known {
            Some((date, value)) if date == row.date => value,
            _ => (self.of)(row.date),
        };
        self.known = Some((row.date, value));
        outputs[0] = value;
    }
}
