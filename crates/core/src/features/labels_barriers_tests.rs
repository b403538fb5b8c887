use proptest::prelude::*;

use super::*;
use crate::features::test_bars::{from_prices, minutes};

/// Two per cent up, one per cent down, three bars.
const FIXED: TripleBarrier = TripleBarrier {
    profit_take: Some(0.02),
    stop_loss: Some(0.01),
    horizon: 3,
    width: BarrierWidth::Fraction,
    expiry: Expiry::Zero,
};
const ENTRY: [f64; 4] = [100.0, 100.0, 100.0, 100.0];
const CALM: [f64; 4] = [100.0, 100.5, 99.5, 100.2];

/// The label of the first row, with barrier, deciding row and return.
fn first(config: &TripleBarrier, prices: &[[f64; 4]]) -> (f64, Option<Barrier>, Option<usize>, f64) {
    let bars = from_prices(prices);
    let made = config.label(bars.series("A")).unwrap();
    if let Some(row) = made.labels.decided_by[0] {
        assert_eq!(made.labels.known_at[0], Some(bars.series("A").close_at[row]));
    }
    (made.labels.value[0], made.barrier[0], made.labels.decided_by[0], made.exit_return[0])
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn the_first_barrier_reached_decides() {
    let (value, barrier, row, earned) = first(&FIXED, &[ENTRY, CALM, [100.2, 102.5, 100.0, 101.0], [101.0, 101.0, 90.0, 90.0]]);
    assert_eq!((value, barrier, row), (1.0, Some(Barrier::ProfitTake), Some(2)));
    assert!(near(earned, 0.02), "the order waits at the barrier: {earned}");
    let (value, barrier, row, earned) = first(&FIXED, &[ENTRY, [100.0, 101.0, 98.9, 101.0], [101.0, 110.0, 101.0, 110.0], CALM]);
    assert_eq!((value, barrier, row), (-1.0, Some(Barrier::StopLoss), Some(1)));
    assert!(near(earned, -0.01), "{earned}");
    let (value, barrier, row, earned) =
        first(&FIXED, &[ENTRY, CALM, CALM, [100.2, 100.9, 99.5, 100.8], [50.0, 50.0, 50.0, 50.0]]);
    assert_eq!((value, barrier, row), (0.0, Some(Barrier::Vertical), Some(3)));
    assert!(near(earned, 0.008), "{earned}");
}

#[test]
fn a_bar_that_holds_both_barriers_counts_as_the_loss() {
    let (value, barrier, row, _) = first(&FIXED, &[ENTRY, [100.0, 103.0, 98.0, 102.5], CALM, CALM]);
    assert_eq!((value, barrier, row), (-1.0, Some(Barrier::StopLoss), Some(1)));
}

#[test]
fn a_gap_through_a_barrier_is_met_at_the_open() {
    let (value, _, _, earned) = first(&FIXED, &[ENTRY, [95.0, 103.0, 94.0, 103.0], CALM, CALM]);
    assert!(value == -1.0 && near(earned, -0.05), "worse than the barrier: {earned}");
    // The open is the first price: the profit was there before the low of the same bar.
    let (value, barrier, _, earned) = first(&FIXED, &[ENTRY, [104.0, 104.0, 90.0, 91.0], CALM, CALM]);
    assert_eq!((value, barrier), (1.0, Some(Barrier::ProfitTake)));
    assert!(near(earned, 0.04), "{earned}");
}

#[test]
fn what_is_not_decided_yet_has_no_label() {
    let made = first(&FIXED, &[ENTRY, CALM, CALM]);
    assert!(made.0.is_nan() && made.3.is_nan());
    assert_eq!((made.1, made.2), (None, None));
    // A barrier reached decides although the horizon lies beyond the end.
    assert_eq!(first(&FIXED, &[ENTRY, [100.0, 103.0, 100.0, 103.0]]).0, 1.0);
}

#[test]
fn expiry_may_take_the_sign_and_a_barrier_may_be_absent() {
    let sign = TripleBarrier { expiry: Expiry::Sign, ..FIXED };
    assert_eq!(first(&sign, &[ENTRY, CALM, CALM, CALM]).0, 1.0);
    assert_eq!(first(&sign, &[ENTRY, CALM, CALM, [100.0, 100.0, 99.5, 99.8]]).0, -1.0);
    assert_eq!(first(&sign, &[ENTRY, CALM, CALM, ENTRY]).0, 0.0);
    let no_stop = TripleBarrier { stop_loss: None, ..FIXED };
    assert_eq!(first(&no_stop, &[ENTRY, [50.0, 60.0, 40.0, 60.0], CALM, CALM]).1, Some(Barrier::Vertical));
    let no_profit = TripleBarrier { profit_take: None, ..FIXED };
    assert_eq!(first(&no_profit, &[ENTRY, [150.0, 160.0, 140.0, 160.0], CALM, CALM]).1, Some(Barrier::Vertical));
}

#[test]
fn settings_without_sense_are_named() {
    let bars = minutes(&[100.0; 5]);
    let series = bars.series("A");
    for (config, name) in [
        (TripleBarrier { horizon: 0, ..FIXED }, "`horizon`"),
        (TripleBarrier { profit_take: Some(0.0), ..FIXED }, "`profit_take`"),
        (TripleBarrier { stop_loss: Some(f64::NAN), ..FIXED }, "`stop_loss`"),
        (TripleBarrier { width: BarrierWidth::EwmVolatility { span: 1 }, ..FIXED }, "`span`"),
    ] {
        let error = config.label(series).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    assert!(FIXED.label_with(series, &[0.1]).unwrap_err().to_string().contains("has 1 rows, expected 5"));
    let without_width = FIXED.label_with(series, &[f64::NAN, 0.0, -1.0, f64::INFINITY, 1.0]).unwrap();
    assert_eq!(without_width.labels.rows(), Vec::<usize>::new());
}

/// The definition with all weights written out.
fn volatility_by_weights(close: &[f64], t: usize, span: usize) -> f64 {
    let returns: Vec<f64> = (1..=t).map(|u| close[u] / close[u - 1] - 1.0).collect();
    let alpha = 2.0 / (span as f64 + 1.0);
    let weights: Vec<f64> = (0..returns.len()).rev().map(|ago| (1.0 - alpha).powi(ago as i32)).collect();
    let total: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let mean = weights.iter().zip(&returns).map(|(w, r)| w * r).sum::<f64>() / total;
    let spread = weights.iter().zip(&returns).map(|(w, r)| w * (r - mean) * (r - mean)).sum::<f64>() / total;
    (spread * total * total / (total * total - squares)).sqrt()
}

const PANDAS: [f64; 3] = [0.028976138473795567, 0.019082631181540802, 0.020726433189894287];

/// `pandas.Series([...]).pct_change().ewm(span=3, min_periods=3).std()` of pandas 3.1.1.
#[test]
fn volatility_agrees_with_pandas() {
    let made = ewm_volatility(&[100.0, 101.0, 99.0, 102.0, 103.0, 101.5], 3).unwrap();
    assert!(made[..3].iter().all(|x| x.is_nan()));
    for (ours, pandas) in made[3..].iter().zip(PANDAS) {
        assert!((ours - pandas).abs() < 1e-15, "{ours} and {pandas}");
    }
}

proptest! {
    #[test]
    fn volatility_is_its_definition_and_knows_no_future(close in prop::collection::vec(50.0_f64..150.0, 3..80), span in 2_usize..20) {
        let made = ewm_volatility(&close, span).unwrap();
        for (t, &ours) in made.iter().enumerate() {
            prop_assert_eq!(ours.is_nan(), t < span);
            if t >= span {
                let expected = volatility_by_weights(&close, t, span);
                prop_assert!((ours - expected).abs() < 1e-10 * (1.0 + expected), "{}: {} and {}", t, ours, expected);
            }
        }
        let prefix = ewm_volatility(&close[..close.len() - 1], span).unwrap();
        prop_assert!(prefix.iter().zip(&made).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn labels_keep_their_word(
        steps in prop::collection::vec((-0.03_f64..0.03, 0.0_f64..0.02, 0.0_f64..0.02, -0.01_f64..0.01), 8..70),
        profit in 0.5_f64..4.0, loss in 0.5_f64..4.0, horizon in 1_usize..10, cut in 1_usize..70, volatile: bool,
    ) {
        let mut close = 100.0;
        let prices: Vec<[f64; 4]> = steps.iter().map(|(step, up, down, gap)| {
            let open = close * (1.0 + gap);
            close *= 1.0 + step;
            [open, open.max(close) * (1.0 + up), open.min(close) * (1.0 - down), close]
        }).collect();
        let bars = from_prices(&prices);
        let series = bars.series("A");
        let (scale, width) = if volatile { (1.0, BarrierWidth::EwmVolatility { span: 5 }) } else { (0.01, BarrierWidth::Fraction) };
        let config = TripleBarrier { profit_take: Some(profit * scale), stop_loss: Some(loss * scale), horizon, width, expiry: Expiry::Zero };
        let made = config.label(series).unwrap();
        let volatility = ewm_volatility(series.close, 5).unwrap();
        for (row, &volatility) in volatility.iter().enumerate() {
            let unit = if volatile { volatility } else { scale };
            let Some(by) = made.labels.decided_by[row] else {
                prop_assert!(made.labels.value[row].is_nan());
                prop_assert!(unit.is_nan() || row + horizon >= series.len());
                continue;
            };
            prop_assert!(row < by && by <= row + horizon);
            let entry = series.close[row];
            let (upper, lower) = (entry * (1.0 + profit * unit), entry * (1.0 - loss * unit));
            let slack = 1e-9 * entry;
            // Before the deciding bar neither was reached.
            for bar in row + 1..by {
                prop_assert!(series.high[bar] < upper + slack && series.low[bar] > lower - slack);
            }
            match made.barrier[row].unwrap() {
                Barrier::ProfitTake => {
                    prop_assert!(series.high[by] >= upper - slack && made.exit_return[row] >= profit * unit - 1e-9);
                    prop_assert!(series.low[by] > lower - slack || series.open[by] >= upper - slack);
                }
                Barrier::StopLoss => prop_assert!(series.low[by] <= lower + slack && made.exit_return[row] <= -loss * unit + 1e-9),
                Barrier::Vertical => prop_assert!(by == row + horizon && series.high[by] < upper + slack && series.low[by] > lower - slack),
            }
        }
        // On a prefix, exactly the labels known by its end are there, unchanged.
        let cut = cut.min(series.len());
        let prefix = config.label(series.slice(0..cut)).unwrap();
        for row in 0..cut {
            let known = made.labels.known_at[row].is_some_and(|known| known <= series.close_at[cut - 1]);
            prop_assert_eq!(prefix.labels.decided_by[row].is_some(), known);
            prop_assert!(!known || prefix.labels.value[row] == made.labels.value[row]);
        }
    }
}
