use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::features::splits_fixture::{cases, committed, number, range, reference, rows};

fn spans(ends: &[usize]) -> LabelSpans {
    let at: Vec<i64> = (0..ends.len() as i64).collect();
    let known_at: Vec<i64> = ends.iter().map(|end| *end as i64).collect();
    LabelSpans::times(&at, &known_at).unwrap()
}

fn expected(folds: &Value, test: fn(&Value) -> Vec<usize>) -> Vec<Fold> {
    folds.as_array().unwrap().iter().map(|fold| Fold { train: rows(&fold["train"]), test: test(&fold["test"]) }).collect()
}

fn combined(splits: &Value) -> Vec<CombinatorialFold> {
    let fold = |split: &Value| Fold { train: rows(&split["train"]), test: rows(&split["test"]) };
    let one = |split: &Value| CombinatorialFold { groups: rows(&split["groups"]), fold: fold(split) };
    splits.as_array().unwrap().iter().map(one).collect()
}

#[test]
fn agrees_with_plain_loops() {
    let file = committed();
    for case in cases(&file, "purged_kfold") {
        let labels = spans(&rows(&case["ends"]));
        for (purge, name) in [(Purge::Strict, "strict"), (Purge::Book, "book")] {
            let split = PurgedKFold { folds: number(case, "k"), embargo: number(case, "embargo"), purge };
            assert_eq!(split.split(&labels).unwrap(), expected(&case[name], rows), "{name}");
        }
    }
    for case in cases(&file, "cpcv") {
        let (groups, test_groups, embargo) = (number(case, "groups"), number(case, "k_test"), number(case, "embargo"));
        let split = CombinatorialPurged { groups, test_groups, embargo };
        assert_eq!(split.split(&spans(&rows(&case["ends"]))).unwrap(), combined(&case["splits"]));
    }
}

#[test]
fn agrees_with_the_reference() {
    let Some(file) = reference() else { return };
    // There, a test stands as its first and last row.
    let inclusive = |value: &Value| {
        let ends = rows(value);
        (ends[0]..=ends[1]).collect()
    };
    for case in cases(&file, "purged_kfold") {
        let labels = LabelSpans::horizon(number(case, "n"), number(case, "horizon"));
        for (purge, name) in [(Purge::Strict, "strict"), (Purge::Book, "book")] {
            let split = PurgedKFold { folds: number(case, "k"), embargo: number(case, "embargo"), purge };
            assert_eq!(split.split(&labels).unwrap(), expected(&case[name], inclusive), "{name}");
        }
    }
    for case in cases(&file, "cpcv") {
        let labels = LabelSpans::horizon(number(case, "n"), number(case, "horizon"));
        let (groups, test_groups, embargo) = (number(case, "groups"), number(case, "k_test"), number(case, "embargo"));
        let split = CombinatorialPurged { groups, test_groups, embargo };
        assert_eq!(split.split(&labels).unwrap(), combined(&case["splits"]));
    }
    assert_eq!(range(&serde_json::json!([1, 3])), [1, 2]);
}

#[test]
fn paths_take_every_group_once_and_use_every_tested_group_once() {
    let split = CombinatorialPurged { groups: 6, test_groups: 2, embargo: 0 };
    let folds = split.split(&LabelSpans::horizon(60, 1)).unwrap();
    let paths = split.paths().unwrap();
    assert_eq!((folds.len(), paths.len()), (15, 5));
    let mut used = BTreeSet::new();
    for path in &paths {
        for (group, fold) in path.iter().enumerate() {
            assert!(folds[*fold].groups.contains(&group));
            assert!(used.insert((*fold, group)), "used twice");
        }
    }
    assert_eq!(used.len(), folds.len() * 2);
}

#[test]
fn settings_without_sense_are_named() {
    let labels = LabelSpans::horizon(10, 1);
    for folds in [0, 1, 11] {
        let error = PurgedKFold { folds, ..PurgedKFold::default() }.split(&labels).unwrap_err().to_string();
        assert!(error.contains(&format!("`folds` is {folds}")), "{error}");
    }
    for (groups, test_groups) in [(4, 0), (4, 4), (11, 2)] {
        assert!(CombinatorialPurged { groups, test_groups, embargo: 0 }.split(&labels).is_err());
    }
    let many = CombinatorialPurged { groups: 40, test_groups: 20, embargo: 0 };
    assert!(many.split(&LabelSpans::horizon(80, 1)).unwrap_err().to_string().contains("more than 100,000"));
    // An embargo as long as history leaves nothing after the test, and does not overflow.
    let split = PurgedKFold { folds: 2, embargo: usize::MAX, purge: Purge::Book };
    assert!(split.split(&labels).unwrap()[0].train.is_empty());
}

fn labels() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..10, 12..80)
        .prop_map(|reach| (0..reach.len()).map(|row| (row + reach[row]).min(reach.len() - 1)).collect())
}

proptest! {
    #[test]
    fn training_and_test_share_no_time(ends in labels(), folds in 2_usize..7, embargo in 0_usize..6) {
        let all = spans(&ends);
        let made = PurgedKFold { folds, embargo, purge: Purge::Strict }.split(&all).unwrap();
        let tested: Vec<usize> = made.iter().flat_map(|fold| fold.test.clone()).collect();
        prop_assert_eq!(tested, (0..ends.len()).collect::<Vec<_>>(), "every row is tested once");
        for fold in &made {
            for train in &fold.train {
                for test in &fold.test {
                    let before = ends[*train] < *test;
                    let after = *train > ends[*test] + embargo;
                    prop_assert!(before || after, "{} and {}", train, test);
                }
            }
        }
        // The book's rule keeps what the strict one keeps, and at most labels that touch at one row more.
        let book = PurgedKFold { folds, embargo, purge: Purge::Book }.split(&all).unwrap();
        for (strict, book) in made.iter().zip(&book) {
            prop_assert!(strict.train.iter().all(|row| book.train.contains(row)));
            let reach = strict.test.iter().map(|row| ends[*row]).max().unwrap();
            for row in book.train.iter().filter(|row| !strict.train.contains(row)) {
                prop_assert!(ends[*row] == strict.test[0] || *row == reach + embargo);
            }
        }
    }

    #[test]
    fn combinations_share_no_time_either(ends in labels(), groups in 3_usize..7, tested in 1_usize..3, embargo in 0_usize..4) {
        let made = CombinatorialPurged { groups, test_groups: tested, embargo }.split(&spans(&ends)).unwrap();
        let mut times = vec![0; ends.len()];
        for fold in &made {
            fold.fold.test.iter().for_each(|row| times[*row] += 1);
            for train in &fold.fold.train {
                let apart = |test: &usize| ends[*train] < *test || *train > ends[*test] + embargo;
                prop_assert!(fold.fold.test.iter().all(apart));
            }
        }
        prop_assert!(times.iter().all(|count| *count == made.len() * tested / groups), "every row equally often");
    }
}
