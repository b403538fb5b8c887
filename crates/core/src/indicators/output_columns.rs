//! The output columns of a frame while they are filled.

use polars::prelude::*;
use polars_arrow::{array::PrimitiveArray, types::NativeType};
use rayon::prelude::*;

use super::{engine::Output, registry::OutputKind};
use crate::market::WarmUpMask;

/// Short columns share an allocation up to this size, bytes: one for each costs as much as to fill it. Long ones have their
/// own, so that a column kept does not keep the others' memory.
const SHARED: usize = 64 << 10;

/// Columns of equal length, in the order of their names.
pub(super) struct OutputColumns<'n> {
    rows: usize,
    names: Vec<&'n (PlSmallStr, OutputKind)>,
    real: Blocks<f64>,
    integer: Blocks<i32>,
    candle: Blocks<i16>,
}

/// Columns of one type, as many to an allocation as fit.
struct Blocks<T>(Vec<Vec<T>>);

impl<T: NativeType> Blocks<T> {
    fn new(columns: usize, rows: usize) -> Self {
        let together = (SHARED / size_of::<T>() / rows.max(1)).max(1);
        let block = |first: usize| vec![T::default(); together.min(columns - first) * rows];
        Self((0..columns).step_by(together).map(block).collect())
    }

    fn columns(&mut self, rows: usize) -> impl Iterator<Item = &mut [T]> {
        self.0.iter_mut().flat_map(move |block| block.chunks_exact_mut(rows.max(1)))
    }

    fn into_arrays(self, rows: usize) -> impl Iterator<Item = PrimitiveArray<T>> {
        self.0.into_iter().flat_map(move |block| {
            let starts = (0..block.len()).step_by(rows.max(1));
            let block = PrimitiveArray::from_vec(block);
            starts.map(move |start| block.clone().sliced(start, rows))
        })
    }
}

/// A column that is filled.
enum Filled {
    Real(PrimitiveArray<f64>),
    Integer(PrimitiveArray<i32>),
    Candle(PrimitiveArray<i16>),
}

impl<'n> OutputColumns<'n> {
    pub(super) fn new(names: impl Iterator<Item = &'n (PlSmallStr, OutputKind)>, rows: usize) -> Self {
        let names: Vec<_> = names.collect();
        let count = |wanted| names.iter().filter(|(_, kind)| *kind == wanted).count();
        Self {
            rows,
            real: Blocks::new(count(OutputKind::Real), rows),
            integer: Blocks::new(count(OutputKind::Integer), rows),
            candle: Blocks::new(count(OutputKind::Candle), rows),
            names,
        }
    }

    /// Where each column is written.
    pub(super) fn outputs(&mut self) -> Vec<Output<'_>> {
        let rows = self.rows;
        let (mut real, mut integer, mut candle) =
            (self.real.columns(rows), self.integer.columns(rows), self.candle.columns(rows));
        let output = |(_, kind): &&(PlSmallStr, OutputKind)| match kind {
            // Without rows there are no slices, and none are needed.
            OutputKind::Real => Output::Real(real.next().unwrap_or_default()),
            OutputKind::Integer => Output::Integer(integer.next().unwrap_or_default()),
            OutputKind::Candle => Output::Candle(candle.next().unwrap_or_default()),
        };
        self.names.iter().map(output).collect()
    }

    /// The columns of a frame, on the current rayon pool where `parallel`.
    pub(super) fn into_columns(self, parallel: bool) -> Vec<Column> {
        let rows = self.rows;
        let (mut real, mut integer, mut candle) =
            (self.real.into_arrays(rows), self.integer.into_arrays(rows), self.candle.into_arrays(rows));
        let mask = WarmUpMask::new(rows);
        let filled = self.names.into_iter().map(|(name, kind)| {
            let values = match kind {
                OutputKind::Real => Filled::Real(real.next().unwrap_or_default()),
                OutputKind::Integer => Filled::Integer(integer.next().unwrap_or_default()),
                OutputKind::Candle => Filled::Candle(candle.next().unwrap_or_default()),
            };
            (name.clone(), values)
        });
        let column = |(name, values): (PlSmallStr, Filled)| match values {
            Filled::Real(values) => mask.column(name, values),
            Filled::Integer(values) => Int32Chunked::with_chunk(name, values).into_column(),
            Filled::Candle(values) => Int16Chunked::with_chunk(name, values).into_column(),
        };
        match parallel {
            true => filled.collect::<Vec<_>>().into_par_iter().map(column).collect(),
            false => filled.map(column).collect(),
        }
    }
}
