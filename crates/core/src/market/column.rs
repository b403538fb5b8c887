//! Numbers in memory, where undefined is NaN, as columns, where it is null.

use polars::prelude::{Column, Float64Chunked, IntoColumn as _, PlSmallStr};
use polars_arrow::{
    array::PrimitiveArray,
    bitmap::{Bitmap, BitmapBuilder},
};

/// A column of numbers without a copy, null where NaN.
pub(crate) fn column_of(name: PlSmallStr, values: Vec<f64>) -> Column {
    let defined = defined(&values);
    Float64Chunked::from_vec_validity(name, values, defined).into_column()
}

/// What says which numbers are undefined, for many columns of equal length: those that are so at their start alone share it.
pub(crate) struct WarmUpMask {
    rows: usize,
    /// Undefined for as many rows as a column has, then defined for as many.
    mask: Bitmap,
}

impl WarmUpMask {
    pub(crate) fn new(rows: usize) -> Self {
        let mut mask = BitmapBuilder::with_capacity(2 * rows);
        mask.extend_constant(rows, false);
        mask.extend_constant(rows, true);
        Self { rows, mask: mask.freeze() }
    }

    /// A column of numbers without a copy, null where NaN.
    pub(crate) fn column(&self, name: PlSmallStr, values: PrimitiveArray<f64>) -> Column {
        let start = values.values().iter().take_while(|value| value.is_nan()).count();
        let defined = match (start, may_have_nan(&values.values()[start..])) {
            (_, true) => defined(values.values()),
            (0, false) => None,
            (_, false) => Some(self.mask.clone().sliced(self.rows - start, self.rows)),
        };
        Float64Chunked::with_chunk(name, values.with_validity(defined)).into_column()
    }
}

/// Whether a sum is NaN, which is the fastest way to look: without NaN it is so only where infinities meet.
fn may_have_nan(values: &[f64]) -> bool {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().chain(rest).any(|sum| sum.is_nan())
}

/// Which numbers are not NaN; nothing when all are. Most columns are undefined at the start of each symbol alone.
fn defined(values: &[f64]) -> Option<Bitmap> {
    let unknown = |values: &[f64]| values.iter().filter(|value| value.is_nan()).count();
    let mut left = unknown(values);
    if left == 0 {
        return None;
    }
    let mut defined = BitmapBuilder::with_capacity(values.len());
    let mut rest = values;
    while left > 0 {
        let known = rest.iter().position(|value| value.is_nan()).unwrap_or(rest.len());
        let run = rest[known..].iter().position(|value| !value.is_nan()).unwrap_or(rest.len() - known);
        defined.extend_constant(known, true);
        defined.extend_constant(run, false);
        left -= run;
        rest = &rest[known + run..];
    }
    defined.extend_constant(rest.len(), true);
    Some(defined.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_numbers_are_null() {
        let nan = f64::NAN;
        for values in [vec![], vec![1.0], vec![nan], vec![nan, nan, 1.0, 2.0, nan, 3.0, nan], vec![1.0, nan, nan, 2.0]] {
            let column = column_of("x".into(), values.clone());
            let told: Vec<Option<f64>> = column.f64().unwrap().iter().collect();
            let wanted: Vec<Option<f64>> = values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect();
            assert_eq!(told, wanted);
            let mask = WarmUpMask::new(values.len());
            let shared = mask.column("x".into(), PrimitiveArray::from_vec(values.clone()));
            assert!(shared.equals_missing(&column));
            assert_eq!(column.null_count(), values.iter().filter(|value| value.is_nan()).count());
        }
    }
}
