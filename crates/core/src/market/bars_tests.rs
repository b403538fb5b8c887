use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000_000;

fn bar(minute: i64, close: f64) -> Bar {
    Bar {
        open_at: minute * MINUTE,
        close_at: (minute + 1) * MINUTE,
        open: close,
        high: close,
        low: close,
        close,
        volume: 100.0,
        vwap: None,
        trades: None,
    }
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn bars(rows: &[(&str, Bar)]) -> (Bars, Vec<BarFault>) {
    let mut builder = BarsBuilder::default();
    rows.iter().for_each(|(name, bar)| builder.push(&symbol(name), *bar));
    builder.finish()
}

#[test]
fn unsorted_and_repeated_rows_come_out_sorted_and_once() {
    let (bars, faults) = bars(&[("B", bar(2, 5.0)), ("A", bar(1, 2.0)), ("B", bar(1, 4.0)), ("B", bar(2, 5.0))]);
    assert!(faults.is_empty());
    assert_eq!(bars.symbols(), [symbol("A"), symbol("B")]);
    assert_eq!(bars.series("B").close, [4.0, 5.0]);
    assert!(bars.series("C").is_empty());
}

#[test]
fn a_poisoned_row_is_left_out_and_the_others_stay() {
    let nan = Bar { close: f64::NAN, ..bar(1, 2.0) };
    let zero = Bar { low: 0.0, ..bar(1, 2.0) };
    let crossed = Bar { high: 1.0, ..bar(1, 2.0) };
    let negative = Bar { volume: -1.0, ..bar(1, 2.0) };
    let backwards = Bar { close_at: 0, ..bar(1, 2.0) };
    let (bars, faults) = bars(&[
        ("GOOD", bar(1, 3.0)),
        ("NAN", nan),
        ("NAN", bar(7, 3.0)),
        ("ZERO", zero),
        ("CROSS", crossed),
        ("NEG", negative),
        ("BACK", backwards),
        ("TWICE", bar(1, 2.0)),
        ("TWICE", bar(1, 2.5)),
    ]);
    assert_eq!(bars.symbols(), [symbol("GOOD"), symbol("NAN")]);
    assert_eq!(bars.series("NAN").close, [3.0], "its good rows stay");
    let told: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.symbol.as_str(), fault.problem.as_str())).collect();
    assert_eq!(
        told,
        [
            ("BACK", "it ends before it starts"),
            ("CROSS", "open 2 and close 2 are not within low 2 to high 1"),
            ("NAN", "close is NaN"),
            ("NEG", "volume is -1"),
            ("TWICE", "different bars start at this time"),
            ("ZERO", "low is 0"),
        ]
    );
}

#[test]
fn as_of_cuts_on_the_end_of_a_bar() {
    let (bars, _) = bars(&[("A", bar(1, 1.0)), ("A", bar(2, 2.0))]);
    let series = bars.series("A");
    assert_eq!(series.as_of(micros(3 * MINUTE - 1)).close, [1.0], "a bar that ends later is not known");
    assert_eq!(series.as_of(micros(3 * MINUTE)).close, [1.0, 2.0], "a bar that ends now is");
    assert_eq!(series.starting_in(micros(2 * MINUTE), micros(9 * MINUTE)).close, [2.0]);
}

#[test]
fn the_newer_bar_wins_a_merge() {
    let (old, _) = bars(&[("A", bar(1, 1.0)), ("A", bar(2, 2.0)), ("B", bar(1, 7.0))]);
    let (new, _) = bars(&[("A", bar(2, 2.5)), ("A", bar(3, 3.0))]);
    let merged = old.merged(&new);
    assert_eq!(merged.series("A").close, [1.0, 2.5, 3.0]);
    assert_eq!(merged.series("B").close, [7.0]);
}

#[test]
fn a_frame_that_lacks_a_column_is_refused_by_name() {
    let frame = polars::df!("symbol" => ["A"], "open" => [1.0]).unwrap();
    let error = Bars::from_frame(&frame).unwrap_err().to_string();
    assert!(error.contains("`open_at` is missing"), "{error}");
    let frame = polars::df!("open_at" => ["yesterday"]).unwrap();
    let error = Bars::from_frame(&frame).unwrap_err().to_string();
    assert!(error.contains("expected a timestamp"), "{error}");
}

proptest! {
    #[test]
    fn frames_carry_every_bit(
        rows in prop::collection::btree_map((0_u8..4, 0_i64..500), (1.0_f64..900.0, 0.0_f64..1e7, prop::option::of(1.0_f64..900.0)), 1..80),
        cut in 0_i64..500,
    ) {
        let mut builder = BarsBuilder::default();
        for ((name, minute), (close, volume, vwap)) in &rows {
            builder.push(&symbol(&format!("S{name}")), Bar { volume: *volume, vwap: *vwap, ..bar(*minute, *close) });
        }
        let (bars, faults) = builder.finish();
        prop_assert!(faults.is_empty());
        let (back, faults) = Bars::from_frame(&bars.to_frame().unwrap()).unwrap();
        prop_assert!(faults.is_empty());
        prop_assert_eq!(crate::market::ContentHash::of_bars(&bars), crate::market::ContentHash::of_bars(&back));
        let known = bars.as_of(micros(cut * MINUTE));
        for (_, series) in known.iter() {
            prop_assert!(series.close_at.iter().all(|close_at| *close_at <= cut * MINUTE));
        }
        let expected = rows.keys().filter(|(_, minute)| (minute + 1) <= cut).count();
        prop_assert_eq!(known.len(), expected);
    }
}
