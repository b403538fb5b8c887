use super::*;
use crate::market::{BarsBuilder, Symbol};

fn minutes(rows: &[(i64, f64, f64)]) -> crate::market::Bars {
    let mut builder = BarsBuilder::default();
    for (minute, close, volume) in rows {
        builder.push(
            &Symbol::new("A").unwrap(),
            Bar {
                open_at: minute * MINUTE,
                close_at: (minute + 1) * MINUTE,
                open: *close,
                high: close + 1.0,
                low: close - 1.0,
                close: *close,
                volume: *volume,
                vwap: None,
                trades: Some(2.0),
            },
        );
    }
    builder.finish().0
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_microsecond(minute * MINUTE).unwrap()
}

#[test]
fn a_longer_bar_exists_only_once_it_is_complete() {
    let bars = minutes(&[(0, 10.0, 100.0), (1, 12.0, 300.0), (4, 11.0, 100.0), (5, 20.0, 50.0)]);
    assert!(resample_minutes(bars.series("A"), 5, at(4)).is_empty());
    let made = resample_minutes(bars.series("A"), 5, at(9));
    assert_eq!(made.len(), 1, "the second is not over");
    let first = made[0];
    assert_eq!((first.open_at, first.close_at), (0, 5 * MINUTE));
    assert_eq!((first.open, first.high, first.low, first.close), (10.0, 13.0, 9.0, 11.0));
    assert_eq!((first.volume, first.trades), (500.0, Some(6.0)));
    assert_eq!(first.vwap, Some((10.0 * 100.0 + 12.0 * 300.0 + 11.0 * 100.0) / 500.0));
    assert_eq!(resample_minutes(bars.series("A"), 5, at(10)).len(), 2);
}

#[test]
fn missing_minutes_invent_nothing() {
    let bars = minutes(&[(0, 10.0, 1.0), (17, 12.0, 1.0)]);
    let made = resample_minutes(bars.series("A"), 5, at(60));
    assert_eq!(made.iter().map(|bar| bar.open_at / MINUTE).collect::<Vec<_>>(), [0, 15]);
}
