//! The newest row alone, without the rows before it.

use std::{collections::BTreeMap, sync::Arc};

use super::{Feature, LookBack, Sessions, View};
use crate::{error::Result, market::Series};

/// Windows are cut to one of these lengths, so that features share what they have in common.
const LENGTHS: [usize; 5] = [1, 32, 64, 128, 256];

/// The numbers of the newest bar: those that [`compute`](super::compute()) has in its last row, each feature computed from no
/// more bars than its look-back names.
///
/// Sums over windows are taken in another order than along the whole series: numbers agree to 1e-9 of the largest in the
/// window, not to the last bit. NaN where undefined; empty for no bars.
///
/// # Errors
/// As [`Feature::compute`].
pub fn newest(bars: Series<'_>, benchmark: Option<&[f64]>, features: &[Feature]) -> Result<Vec<f64>> {
    let mut views: BTreeMap<usize, View<'_>> = BTreeMap::new();
    let mut numbers = Vec::with_capacity(features.len());
    if bars.is_empty() {
        return Ok(numbers);
    }
    for feature in features {
        let wanted = match feature.about().look_back {
            LookBack::Bars(window) => LENGTHS.into_iter().find(|length| *length >= window).unwrap_or(bars.len()),
            LookBack::Fading(_) | LookBack::Sessions | LookBack::All => bars.len(),
        };
        let length = wanted.min(bars.len());
        let view = views.entry(length).or_insert_with(|| {
            let rows = bars.len() - length..bars.len();
            let cut = bars.slice(rows.clone());
            View::new(cut, Arc::new(Sessions::of(cut.open_at)), benchmark.map(|benchmark| &benchmark[rows]))
        });
        numbers.push(feature.compute(view)?.last().copied().unwrap_or(f64::NAN));
    }
    Ok(numbers)
}
