use proptest::prelude::*;

use super::*;

fn rule(scaling: Scaling, missing: MissingValues) -> ColumnRule {
    ColumnRule { name: "x".to_owned(), scaling, missing }
}

fn fit(values: &[f64], scaling: Scaling) -> Scaler {
    let all: Vec<usize> = (0..values.len()).collect();
    Scaler::fit(&[rule(scaling, MissingValues::KeepNull)], &[values], &all).unwrap()
}

fn scaled(scaler: &Scaler, values: &[f64]) -> Vec<f64> {
    scaler.transform(&[values]).unwrap().columns[0].clone()
}

fn fails(values: &[f64], scaling: Scaling, missing: MissingValues, training: &[usize]) -> String {
    Scaler::fit(&[rule(scaling, missing)], &[values], training).unwrap_err().to_string()
}

/// scikit-learn 1.9.1: `StandardScaler`, `RobustScaler` and, after `numpy.log1p`, `StandardScaler` again, of [1, 2, 4, 8, 100].
#[test]
fn agrees_with_scikit_learn() {
    let x = [1.0, 2.0, 4.0, 8.0, 100.0];
    for (scaling, expected) in PEER {
        for (ours, theirs) in scaled(&fit(&x, scaling), &x).iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-14, "{scaling:?}: {ours} and {theirs}");
        }
    }
}

#[test]
fn ranks_become_normal_scores_with_ties_at_their_mean() {
    let x: Vec<f64> = [5.0, 1.0, 3.0, 3.0, 9.0, 2.0, 8.0, 7.0, 6.0].into_iter().chain([1000.0]).collect();
    let scaler = fit(&x, Scaling::RankToNormal);
    let y = scaled(&scaler, &x);
    let score = |rank: f64| crate::risk::special::normal::normal_quantile(rank / 11.0);
    assert_eq!((y[1], y[2], y[3], y[9]), (score(1.0), score(3.5), score(3.5), score(10.0)));
    let beyond = scaled(&scaler, &[-1e9, 1e9, 4.0, f64::NAN]);
    assert_eq!(beyond[..2], [score(1.0), score(10.0)], "the outermost scores");
    assert!(beyond[2] > score(3.5) && beyond[2] < score(5.0) && beyond[3].is_nan());
}

#[test]
fn many_distinct_values_keep_evenly_spaced_points() {
    let x: Vec<f64> = (0..5000).map(|i| (f64::from(i) / 700.0).exp()).collect();
    let scaler = fit(&x, Scaling::RankToNormal);
    assert!(serde_json::to_string(&scaler).unwrap().len() < 60_000);
    for (i, y) in scaled(&scaler, &x).iter().enumerate().skip(50).take(4900) {
        let exact = crate::risk::special::normal::normal_quantile((i as f64 + 1.0) / 5001.0);
        assert!((y - exact).abs() < 2e-3, "{i}: {y} and {exact}");
    }
}

#[test]
fn a_constant_column_is_centred_and_never_divided_by_zero() {
    let same = [0.1; 12];
    for scaling in [Scaling::ZScore, Scaling::Robust, Scaling::Log1pZScore, Scaling::RankToNormal] {
        let scaler = fit(&same, scaling);
        assert!(scaler.columns()[0].no_spread, "{scaling:?}");
        assert_eq!(scaled(&scaler, &same), [0.0; 12], "{scaling:?}");
    }
    assert_eq!(scaled(&fit(&same, Scaling::ZScore), &[1.1]), [1.0], "on its own scale");
    // Mostly one value: the quartiles agree though the values do not.
    let mostly = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 7.0];
    let scaler = fit(&mostly, Scaling::Robust);
    assert!(scaler.columns()[0].no_spread);
    assert_eq!(scaled(&scaler, &[7.0]), [7.0]);
    assert!(!fit(&mostly, Scaling::ZScore).columns()[0].no_spread);
}

#[test]
fn missing_values_follow_their_policy_and_it_is_stored() {
    let x = [1.0, f64::NAN, 3.0, f64::INFINITY, 8.0];
    let of = |missing| Scaler::fit(&[rule(Scaling::Keep, missing)], &[&x], &[0, 1, 2, 3]).unwrap();
    let kept = of(MissingValues::KeepNull);
    assert_eq!((kept.columns()[0].values, kept.columns()[0].absent, kept.training_rows()), (2, 2, 4));
    assert!(scaled(&kept, &x)[1].is_nan() && scaled(&kept, &x)[3].is_nan(), "infinite is no value either");
    let dropped = of(MissingValues::DropRow).transform(&[&x]).unwrap();
    assert_eq!((dropped.rows, dropped.columns), (vec![0, 2, 4], vec![vec![1.0, 3.0, 8.0]]));
    assert_eq!(scaled(&of(MissingValues::TrainingMedian), &x), [1.0, 2.0, 3.0, 2.0, 8.0]);
    assert_eq!(scaled(&of(MissingValues::Zero), &x), [1.0, 0.0, 3.0, 0.0, 8.0]);
    let stored = serde_json::to_value(of(MissingValues::TrainingMedian)).unwrap();
    assert_eq!((&stored["columns"][0]["missing"], &stored["columns"][0]["median"]), (&"training_median".into(), &2.0.into()));
}

#[test]
fn one_column_that_drops_a_row_drops_it_from_all() {
    let rules = [
        ColumnRule { name: "a".to_owned(), scaling: Scaling::Keep, missing: MissingValues::DropRow },
        ColumnRule { name: "b".to_owned(), scaling: Scaling::Keep, missing: MissingValues::KeepNull },
    ];
    let (a, b) = ([1.0, f64::NAN, 3.0], [f64::NAN, 5.0, 6.0]);
    let made = Scaler::fit(&rules, &[&a, &b], &[0, 2]).unwrap().transform(&[&a, &b]).unwrap();
    assert_eq!((made.rows, &made.columns[0]), (vec![0, 2], &vec![1.0, 3.0]));
    assert!(made.columns[1][0].is_nan() && made.columns[1][1] == 6.0);
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let x = [1.0, f64::NAN, 3.0];
    let error = fails(&x, Scaling::ZScore, MissingValues::KeepNull, &[0, 1]);
    assert!(error.contains("`x` has 1 values in 2 training rows") && error.contains("at least 2"), "{error}");
    assert!(fails(&x, Scaling::RankToNormal, MissingValues::Zero, &[0, 1, 2]).contains("at least 10"));
    assert!(fails(&x, Scaling::Keep, MissingValues::TrainingMedian, &[1]).contains("at least 1"));
    assert!(fails(&x, Scaling::ZScore, MissingValues::Zero, &[0, 3]).contains("row 3 for training"));
    assert!(fails(&[-1.0, 2.0, 3.0], Scaling::Log1p, MissingValues::Zero, &[0, 1]).contains("above -1"));
    assert!(fails(&[1e300, -1e300, 0.0], Scaling::ZScore, MissingValues::Zero, &[0, 1, 2]).contains("no number"));
    let twice = [rule(Scaling::Keep, MissingValues::Zero), rule(Scaling::Keep, MissingValues::Zero)];
    assert!(Scaler::fit(&twice, &[&x, &x], &[0]).unwrap_err().to_string().contains("is there twice"));
    assert!(Scaler::fit(&twice[..1], &[&x, &x], &[0]).unwrap_err().to_string().contains("are 2, expected 1"));
    let two = [twice[0].clone(), ColumnRule { name: "y".to_owned(), ..twice[0].clone() }];
    assert!(Scaler::fit(&two, &[&x, &x[..2]], &[0]).unwrap_err().to_string().contains("`y` has 2 rows, expected 3"));
    // A volume that falls below what has a logarithm later is undefined, not an error: other rows are fine.
    let volumes = fit(&[0.0, 10.0, 1000.0], Scaling::Log1pZScore);
    assert!(scaled(&volumes, &[-5.0])[0].is_nan());
    assert!(Scaler::fit(&[], &[], &[]).unwrap().transform(&[]).unwrap().rows.is_empty());
}

fn any_scaling() -> impl Strategy<Value = Scaling> {
    prop::sample::select(vec![
        Scaling::Keep,
        Scaling::ZScore,
        Scaling::Robust,
        Scaling::RankToNormal,
        Scaling::Log1p,
        Scaling::Log1pZScore,
    ])
}

proptest! {
    #[test]
    fn only_training_rows_are_learned_from(
        x in prop::collection::vec(0.0_f64..1000.0, 24..80), other in prop::collection::vec(-1e9_f64..1e9, 80),
        scaling in any_scaling(), training in 12_usize..20,
    ) {
        let rows: Vec<usize> = (0..training).collect();
        let rules = [rule(scaling, MissingValues::TrainingMedian)];
        let altered: Vec<f64> = (0..x.len()).map(|row| if row < training { x[row] } else { other[row] }).collect();
        let fitted = Scaler::fit(&rules, &[&x], &rows).unwrap();
        prop_assert_eq!(&fitted, &Scaler::fit(&rules, &[&altered], &rows).unwrap());
        prop_assert_eq!(&fitted, &Scaler::fit(&rules, &[&x[..training]], &rows).unwrap());
        // Stored and read again, it scales to the last bit the same.
        let read: Scaler = serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
        prop_assert_eq!(scaled(&read, &x), scaled(&fitted, &x));
    }

    #[test]
    fn scaling_keeps_order_and_its_inverse_leads_back(x in prop::collection::vec(0.0_f64..1e6, 12..80), scaling in any_scaling()) {
        let scaler = fit(&x, scaling);
        let y = scaled(&scaler, &x);
        for (a, ya) in x.iter().zip(&y) {
            prop_assert!(ya.is_finite());
            prop_assert!(x.iter().zip(&y).all(|(b, yb)| a > b || ya <= yb));
        }
        let back = scaler.inverse(&[&y]).unwrap();
        for (x, back) in x.iter().zip(&back[0]) {
            prop_assert!((x - back).abs() <= 1e-9 * (1.0 + x.abs()), "{} and {}", x, back);
        }
    }

    #[test]
    fn standardised_training_rows_have_mean_zero_and_deviation_one(x in prop::collection::vec(-1e3_f64..1e3, 12..80)) {
        let scaler = fit(&x, Scaling::ZScore);
        let y = scaled(&scaler, &x);
        let n = y.len() as f64;
        let mean = y.iter().sum::<f64>() / n;
        let variance = y.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / n;
        prop_assert!(mean.abs() < 1e-9 && (variance - 1.0).abs() < 1e-9);
    }
}

const PEER: [(Scaling, [f64; 5]); 3] = [
    (Scaling::ZScore, [-0.5703234321017339, -0.5443996397334733, -0.492552054996952, -0.38885688552390946, 1.9961320123560686]),
    (Scaling::Robust, [-0.5, -0.3333333333333333, 0.0, 0.6666666666666666, 16.0]),
    (
        Scaling::Log1pZScore,
        [-0.9769413342751084, -0.683426975624235, -0.3136426160237796, 0.1118534933140869, 1.8621574326090364],
    ),
];
