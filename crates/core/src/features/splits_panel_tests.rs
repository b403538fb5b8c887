use proptest::prelude::*;

use super::*;
use crate::features::{CombinatorialPurged, Purge, PurgedKFold, WalkForward};

/// Rows of several symbols, each with its own holes, and labels of uneven length.
fn panel() -> impl Strategy<Value = (Vec<i64>, Vec<i64>)> {
    prop::collection::vec((0_i64..40, 0_i64..7), 60..200).prop_map(|rows| {
        let mut at: Vec<i64> = rows.iter().map(|(at, _)| at * 10).collect();
        at.extend((0..40).map(|time| time * 10));
        let ahead = rows.iter().map(|(_, ahead)| *ahead).chain(std::iter::repeat(1));
        let known_at = at.iter().zip(ahead).map(|(at, ahead)| at + ahead * 7).collect();
        (at, known_at)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_panel_shares_no_moment_between_training_and_test(
        (at, known_at) in panel(), folds in 2_usize..7, embargo in 0_usize..5,
    ) {
        let panel = PanelTimes::new(&at);
        let labels = panel.labels(&known_at).unwrap();
        let made = PurgedKFold { folds, embargo, purge: Purge::Strict }.split(&labels).unwrap();
        let combined = CombinatorialPurged { groups: folds, test_groups: 1, embargo }.split(&labels).unwrap();
        let mut tested = vec![0; at.len()];
        for (fold, other) in made.iter().zip(&combined) {
            prop_assert_eq!(fold, &other.fold, "one group at a time is the same as folds");
            let rows = panel.rows(fold);
            rows.test.iter().for_each(|row| tested[*row] += 1);
            for train in &rows.train {
                for test in &rows.test {
                    let before = known_at[*train] < at[*test];
                    // Ten to the next time: the embargo holds for times, however many rows each has.
                    let after = at[*train] > known_at[*test] + 10 * embargo as i64;
                    prop_assert!(before || after, "{} and {}", train, test);
                }
            }
        }
        prop_assert!(tested.iter().all(|count| *count == 1), "every row is tested once");
    }

    #[test]
    fn walking_forward_moves_over_whole_times((at, known_at) in panel(), train in 1_usize..12, test in 1_usize..6) {
        let panel = PanelTimes::new(&at);
        let walk = WalkForward { train, test, step: test, ..WalkForward::default() };
        let made = walk.split_purged(&panel.labels(&known_at).unwrap()).unwrap();
        prop_assert_eq!(made.len(), (panel.times().len() - train) / test);
        for fold in &made {
            let rows = panel.rows(fold);
            let first = rows.test.iter().map(|row| at[*row]).min().unwrap();
            prop_assert!(rows.train.iter().all(|row| known_at[*row] < first));
            let all = (0..at.len()).filter(|row| fold.test.contains(&((at[*row] / 10) as usize)));
            prop_assert_eq!(rows.test, all.collect::<Vec<_>>());
        }
    }
}

#[test]
fn labels_that_fit_no_row_are_named() {
    let panel = PanelTimes::new(&[2, 1]);
    assert!(panel.labels(&[3]).unwrap_err().to_string().contains("has 1 rows, expected 2"));
    assert!(panel.labels(&[3, 0]).unwrap_err().to_string().contains("in row 1"));
}
