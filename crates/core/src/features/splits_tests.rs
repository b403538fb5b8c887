use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::features::splits_fixture::{cases, committed, number, optional, range, reference, rows};

fn folds(case: &Value, read: fn(&Value) -> Vec<usize>) -> Vec<Fold> {
    let fold = |split: &Value| Fold { train: read(&split["train"]), test: read(&split["test"]) };
    case["splits"].as_array().unwrap().iter().map(fold).collect()
}

fn walk_of(case: &Value) -> WalkForward {
    let window = if case["expanding"].as_bool().unwrap() { TrainingWindow::Expanding } else { TrainingWindow::Rolling };
    let number = |name| number(case, name);
    WalkForward { train: number("train"), test: number("test"), step: number("step"), gap: number("gap"), window }
}

fn series_of(case: &Value) -> TimeSeriesSplit {
    TimeSeriesSplit {
        splits: number(case, "n_splits"),
        gap: number(case, "gap"),
        test_size: optional(case, "test_size"),
        max_train_size: optional(case, "max_train_size"),
    }
}

#[test]
fn agrees_with_plain_loops_and_scikit_learn() {
    let file = committed();
    for case in cases(&file, "walk_forward") {
        assert_eq!(walk_of(case).split(number(case, "n")).unwrap(), folds(case, rows));
    }
    for case in cases(&file, "time_series_split") {
        assert_eq!(series_of(case).split(number(case, "n")).unwrap(), folds(case, rows));
    }
}

#[test]
fn agrees_with_the_reference() {
    let Some(file) = reference() else { return };
    for case in cases(&file, "walk_forward") {
        assert_eq!(walk_of(case).split(number(case, "n")).unwrap(), folds(case, range));
    }
    for case in cases(&file, "sklearn_TimeSeriesSplit") {
        assert_eq!(series_of(case).split(number(case, "n")).unwrap(), folds(case, range));
    }
}

#[test]
fn times_become_rows() {
    // Rows at 10, 20, 20, 30: a label known at 20 reaches both rows of that time, one known at 21 the row after.
    let spans = LabelSpans::times(&[10, 20, 20, 30], &[20, 21, 20, 99]).unwrap();
    assert_eq!((0..4).map(|row| spans.end(row)).collect::<Vec<_>>(), [2, 3, 2, 3]);
    let evenly: Vec<i64> = (0..20).collect();
    let ahead: Vec<i64> = (3..23).collect();
    assert_eq!(LabelSpans::times(&evenly, &ahead).unwrap(), LabelSpans::horizon(20, 3));
    for (at, known_at, says) in [
        (vec![1, 2], vec![2], "has 1 rows, expected 2"),
        (vec![2, 1], vec![3, 3], "earlier in row 1"),
        (vec![1, 2], vec![1, 1], "before the row itself in row 1"),
    ] {
        let error = LabelSpans::times(&at, &known_at).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(LabelSpans::horizon(0, 3).is_empty());
}

#[test]
fn settings_without_sense_are_named() {
    let walk = WalkForward { step: 0, ..WalkForward::default() };
    assert!(walk.split(1000).unwrap_err().to_string().contains("`step` is 0"));
    assert_eq!(WalkForward::default().split(100).unwrap(), [], "too few rows for one test");
    let split = TimeSeriesSplit::default();
    assert!(split.split(5).unwrap_err().to_string().contains("`splits` is 5"));
    assert!(TimeSeriesSplit { gap: 3, ..split }.split(6).unwrap_err().to_string().contains("`test_size` is 1"));
    assert!(TimeSeriesSplit { max_train_size: Some(0), ..split }.split(60).is_err());
}

proptest! {
    #[test]
    fn training_lies_before_its_test_and_no_label_reaches_it(
        rows in 30_usize..200, train in 1_usize..40, test in 1_usize..15, step in 1_usize..20, gap in 0_usize..6,
        reach in prop::collection::vec(0_usize..12, 200), expanding: bool,
    ) {
        let window = if expanding { TrainingWindow::Expanding } else { TrainingWindow::Rolling };
        let walk = WalkForward { train, test, step, gap, window };
        let at: Vec<i64> = (0..rows as i64).collect();
        let known_at: Vec<i64> = at.iter().zip(&reach).map(|(at, reach)| at + *reach as i64).collect();
        let labels = LabelSpans::times(&at, &known_at).unwrap();
        let whole = walk.split(rows).unwrap();
        prop_assert_eq!(whole.len(), (rows + step).saturating_sub(train + gap + test) / step);
        for (fold, purged) in whole.iter().zip(walk.split_purged(&labels).unwrap()) {
            let first = fold.test[0];
            prop_assert!(fold.train.iter().all(|row| row + gap < first));
            prop_assert!(purged.train.iter().all(|row| known_at[*row] < at[first]));
            prop_assert_eq!(&purged.test, &fold.test);
            // Nothing else is taken out.
            let lost = fold.train.iter().filter(|row| !purged.train.contains(row));
            prop_assert!(lost.into_iter().all(|row| known_at[*row] >= at[first]));
        }
    }
}
