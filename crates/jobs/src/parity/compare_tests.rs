use std::path::PathBuf;

use polars::{df, prelude::IntoLazy as _, prelude::col, prelude::lit};

use super::*;
use crate::parity::hand_over;

/// Both sides with one frame, and the notebook's changed.
struct Sides {
    folder: tempfile::TempDir,
}

impl Sides {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn scheduler(&self) -> PathBuf {
        self.folder.path().join("scheduler")
    }

    fn notebook(&self) -> PathBuf {
        self.folder.path().join("notebook")
    }

    fn compared(&self) -> Vec<Compared> {
        compare(&self.scheduler(), &self.notebook()).unwrap()
    }
}

fn frame() -> DataFrame {
    df!("symbol" => ["AAA", "BBB", "CCC"], "rsi_14" => [Some(55.0), None, Some(61.25)], "rank" => [1_i64, 2, 3]).unwrap()
}

fn only(compared: &[Compared]) -> &Difference {
    let found: Vec<&Difference> = compared.iter().flat_map(|one| &one.differences).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0]
}

#[test]
fn the_same_is_equal_and_counted() {
    let sides = Sides::new();
    hand_over("features", &frame(), &sides.scheduler()).unwrap();
    hand_over("features", &frame(), &sides.notebook()).unwrap();
    let compared = sides.compared();
    assert!(compared.iter().all(Compared::equal));
    assert_eq!((compared[0].rows, compared[0].columns, compared[0].values), (3, 3, 8));
}

#[test]
fn a_column_that_is_off_by_a_few_bits_is_named_with_both_values() {
    let sides = Sides::new();
    hand_over("features", &frame(), &sides.scheduler()).unwrap();
    let broken = frame().lazy().with_column(col("rsi_14") * lit(1.0 + 1e-15)).collect().unwrap();
    hand_over("features", &broken, &sides.notebook()).unwrap();
    let compared = sides.compared();
    let found = only(&compared);
    assert_eq!((found.column.as_deref(), found.row, found.of.as_deref()), (Some("rsi_14"), Some(0), Some("AAA")));
    let off = format!("{:?}", 55.0 * (1.0 + 1e-15));
    assert_eq!((found.scheduler.as_deref(), found.notebook.as_deref()), (Some("55.0"), Some(off.as_str())));
    assert_ne!(off, "55.0");
    assert_eq!(found.problem, "2 of 3 rows differ");
}

#[test]
fn what_one_side_lacks_is_named() {
    let sides = Sides::new();
    hand_over("features", &frame(), &sides.scheduler()).unwrap();
    assert_eq!(only(&sides.compared()).problem, "was not handed over by the notebook");
    hand_over("features", &frame().drop("rank").unwrap(), &sides.notebook()).unwrap();
    assert_eq!(only(&sides.compared()).column.as_deref(), Some("rank"));
    hand_over("extra", &frame(), &sides.notebook()).unwrap();
    let compared = sides.compared();
    assert_eq!(
        compared.iter().map(|one| one.differences[0].problem.as_str()).collect::<Vec<_>>(),
        ["was not handed over by the scheduler", "is missing in the notebook"]
    );
}

#[test]
fn rows_kinds_and_order_count() {
    let against = |theirs: DataFrame| {
        let sides = Sides::new();
        hand_over("f", &frame(), &sides.scheduler()).unwrap();
        hand_over("f", &theirs, &sides.notebook()).unwrap();
        sides.compared().remove(0).differences
    };
    let shorter = against(frame().head(Some(2)));
    assert_eq!(shorter[0].problem, "3 rows of the scheduler, 2 of the notebook");
    assert_eq!(shorter.len(), 4, "and every column");
    assert_eq!(
        (shorter[1].row, shorter[1].scheduler.as_deref(), shorter[1].notebook.as_deref()),
        (Some(2), Some("\"CCC\""), None)
    );
    let other_kind = against(frame().lazy().with_column(col("rank").cast(polars::prelude::DataType::Float64)).collect().unwrap());
    assert_eq!(other_kind[0].problem, "is i64 for the scheduler, f64 for the notebook");
    let other_order = against(frame().select(["rsi_14", "symbol", "rank"]).unwrap());
    assert_eq!(other_order[0].problem, "the columns are in another order");
}

#[test]
fn a_name_is_handed_over_once() {
    let sides = Sides::new();
    hand_over("features", &frame(), &sides.notebook()).unwrap();
    let again = hand_over("features", &frame(), &sides.notebook()).unwrap_err().to_string();
    assert!(again.contains("`features` was handed over already"), "{again}");
    let outside = hand_over("../features", &frame(), &sides.notebook()).unwrap_err().to_string();
    assert!(outside.contains("use a-z, 0-9 and `-`"), "{outside}");
}
