use proptest::prelude::*;

use super::*;

fn times() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0_i64..200, 0..60).prop_map(|mut times| {
        times.sort_unstable();
        times
    })
}

proptest! {
    #[test]
    fn sees_the_newest_that_was_known_and_nothing_later(known_at in times(), at in times()) {
        let rows = AsOfRows::new(&known_at, &at).unwrap();
        prop_assert_eq!(rows.rows().len(), at.len());
        for (at, row) in at.iter().zip(rows.rows()) {
            let expected = known_at.iter().rposition(|known_at| known_at <= at);
            prop_assert_eq!(*row, expected);
        }
    }

    #[test]
    fn what_comes_later_changes_nothing(known_at in times(), at in times(), now in 0_i64..200) {
        let whole = AsOfRows::new(&known_at, &at).unwrap();
        let known: Vec<i64> = known_at.iter().copied().filter(|known_at| *known_at <= now).collect();
        let until: Vec<i64> = at.iter().copied().filter(|at| *at <= now).collect();
        let prefix = AsOfRows::new(&known, &until).unwrap();
        prop_assert_eq!(prefix.rows(), &whole.rows()[..until.len()]);
    }
}

#[test]
fn unsorted_times_and_other_lengths_are_named() {
    let error = AsOfRows::new(&[1, 3, 2], &[1]).unwrap_err().to_string();
    assert!(error.contains("joined table") && error.contains("row 2"), "{error}");
    let error = AsOfRows::new(&[1], &[5, 4]).unwrap_err().to_string();
    assert!(error.contains("table joined to") && error.contains("row 1"), "{error}");
    let error = as_of_join(&[&[1.0, 2.0], &[1.0]], &[1, 2], &[3]).unwrap_err().to_string();
    assert!(error.contains("has 1 rows, expected 2"), "{error}");
}
