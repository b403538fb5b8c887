use proptest::prelude::*;

use super::*;
use crate::{
    features::{LabelSpans, test_bars::minutes},
    market::Bars,
};

fn labelled(bars: &Bars, horizon: usize) -> Labels {
    forward_return(bars.series("A"), horizon).unwrap()
}

/// The trap of the sample code: `pct_change().shift(-h)` is a one-bar return, `h` bars ahead.
#[test]
fn the_return_over_h_bars_is_not_a_return_in_h_bars() {
    let bars = minutes(&[100.0, 50.0, 100.0, 110.0]);
    let labels = labelled(&bars, 3);
    assert!((labels.value[0] - 0.10).abs() < 1e-12, "100 to 110, not 100 to 110 from a bar before: {}", labels.value[0]);
    let labels = labelled(&bars, 2);
    assert_eq!(labels.value[..2], [0.0, 110.0 / 50.0 - 1.0]);
    assert!(labels.value[2].is_nan() && labels.value[3].is_nan());
    assert_eq!(labels.decided_by, [Some(2), Some(3), None, None]);
    assert_eq!(labels.rows(), [0, 1]);
}

#[test]
fn a_dead_band_is_neither_up_nor_down() {
    let bars = minutes(&[100.0, 101.0, 101.0, 100.5, 99.0]);
    let of = |band| direction(bars.series("A"), 1, band).unwrap().value[..4].to_vec();
    assert_eq!(of(0.0), [1.0, 0.0, -1.0, -1.0]);
    assert_eq!(of(0.0095), [1.0, 0.0, 0.0, -1.0]);
    assert_eq!(of(0.5), [0.0; 4]);
}

#[test]
fn the_next_close_is_known_when_the_next_bar_ends() {
    let bars = minutes(&[100.0, 101.0, 102.0]);
    let labels = next_close(bars.series("A")).unwrap();
    assert_eq!(labels.value[..2], [101.0, 102.0]);
    assert!(labels.value[2].is_nan());
    let close_at = bars.series("A").close_at;
    assert_eq!(labels.known_at, [Some(close_at[1]), Some(close_at[2]), None]);
}

#[test]
fn settings_without_sense_are_named() {
    let bars = minutes(&[100.0, 101.0]);
    let series = bars.series("A");
    assert!(forward_return(series, 0).unwrap_err().to_string().contains("`horizon` is 0"));
    for band in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(direction(series, 1, band).unwrap_err().to_string().contains("`dead_band`"));
    }
    assert_eq!(forward_return(series, usize::MAX).unwrap().rows(), Vec::<usize>::new());
    assert!(forward_return(series.slice(0..0), 1).unwrap().is_empty());
}

proptest! {
    #[test]
    fn a_label_is_what_holding_earns_and_is_known_exactly_then(
        close in prop::collection::vec(1.0_f64..500.0, 1..60), horizon in 1_usize..12, cut in 0_usize..60,
    ) {
        let bars = minutes(&close);
        let series = bars.series("A");
        let labels = labelled(&bars, horizon);
        let cut = cut.min(close.len());
        let prefix = forward_return(series.slice(0..cut), horizon).unwrap();
        for row in 0..close.len() {
            // Compounding the one-bar returns on the way gives the same.
            let earned = close.get(row..=row + horizon).map(|way| way.windows(2).map(|pair| pair[1] / pair[0]).product::<f64>() - 1.0);
            match earned {
                Some(earned) => prop_assert!((labels.value[row] - earned).abs() < 1e-9 * (1.0 + earned.abs())),
                None => prop_assert!(labels.value[row].is_nan()),
            }
            // On a prefix a label is there exactly when it is known by then.
            if row < cut {
                let known = labels.known_at[row].is_some_and(|known| known <= series.close_at[cut - 1]);
                prop_assert_eq!(prefix.decided_by[row].is_some(), known);
                prop_assert!(!known || prefix.value[row] == labels.value[row]);
            }
        }
        let rows = labels.rows();
        let at: Vec<i64> = rows.iter().map(|row| series.close_at[*row]).collect();
        let known_at: Vec<i64> = rows.iter().filter_map(|row| labels.known_at[*row]).collect();
        prop_assert_eq!(LabelSpans::times(&at, &known_at).unwrap(), LabelSpans::horizon(rows.len(), horizon));
    }
}
