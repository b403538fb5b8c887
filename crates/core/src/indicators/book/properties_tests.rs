//! What holds for every book: mirror symmetry, units, prefixes, and what is undefined.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

type Rows = Vec<(Vec<(u32, u32)>, Vec<(u32, u32)>)>;

/// Books from gaps in cents and sizes; `base` is the price between the sides.
fn snapshots(rows: &Rows, base: f64, price_unit: f64, size_unit: f64) -> Vec<OrderBookSnapshot> {
    let side = |gaps: &[(u32, u32)], sign: f64| {
        let mut price = base;
        gaps.iter()
            .map(|(gap, size)| {
                price += sign * f64::from(*gap) * 0.01;
                BookLevel { price: price * price_unit, size: f64::from(*size) * size_unit }
            })
            .collect()
    };
    rows.iter()
        .enumerate()
        .map(|(row, (bids, asks))| OrderBookSnapshot {
            at: Timestamp::from_second(row as i64 + 1).unwrap(),
            bids: side(bids, -1.0),
            asks: side(asks, 1.0),
        })
        .collect()
}

fn rows() -> impl Strategy<Value = Rows> {
    let side = || prop::collection::vec((1_u32..6, 1_u32..900), 0..5);
    prop::collection::vec((side(), side()), 1..40)
}

fn config() -> BookFeaturesConfig {
    BookFeaturesConfig { levels: 3, impact_shares: 200.0, window: 4, momentum_lag: 2 }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

fn column(name: &str) -> usize {
    BOOK_FEATURES.iter().position(|feature| feature.name == name).unwrap()
}

proptest! {
    #[test]
    fn swapping_the_sides_turns_signs_and_pairs(rows in rows()) {
        let book = OrderBook::from_snapshots(4, &snapshots(&rows, 100.0, 1.0, 1.0)).unwrap();
        let mirrored: Rows = rows.iter().map(|(bids, asks)| (asks.clone(), bids.clone())).collect();
        let mirror = OrderBook::from_snapshots(4, &snapshots(&mirrored, 100.0, 1.0, 1.0)).unwrap();
        for level in 0..4 {
            let (flow, against) = (order_flow_imbalance(&book, level), order_flow_imbalance(&mirror, level));
            prop_assert!(flow.iter().zip(&against).all(|(a, b)| close(*a, -*b, 1e-12)));
        }
        let (one, two) = (book_features(&book, &config()).unwrap(), book_features(&mirror, &config()).unwrap());
        for (a, b) in [("bid_volume", "ask_volume"), ("bid_pressure", "ask_pressure")] {
            prop_assert!(one[column(a)].iter().zip(&two[column(b)]).all(|(a, b)| close(*a, *b, 1e-9)));
        }
        for name in ["imbalance", "imbalance_momentum", "imbalance_mean", "pressure_mean"] {
            prop_assert!(one[column(name)].iter().zip(&two[column(name)]).all(|(a, b)| close(*a, -*b, 1e-9)));
        }
        // The mirror moves the mid a little, so basis points and what is per basis point agree only to the gap between the two.
        for (a, b) in [("spread_bps", "spread_bps"), ("buy_impact_bps", "sell_impact_bps"), ("depth_slope", "depth_slope")] {
            prop_assert!(one[column(a)].iter().zip(&two[column(b)]).all(|(a, b)| close(*a, *b, 0.01)));
        }
    }

    #[test]
    fn units_carry_through_and_prefixes_agree(rows in rows(), price_unit in 0.5_f64..20.0, size_unit in 1_u32..9, cut in 1_usize..40) {
        let size_unit = f64::from(size_unit);
        let book = OrderBook::from_snapshots(4, &snapshots(&rows, 100.0, 1.0, 1.0)).unwrap();
        let scaled = OrderBook::from_snapshots(4, &snapshots(&rows, 100.0, price_unit, size_unit)).unwrap();
        let larger = BookFeaturesConfig { impact_shares: 200.0 * size_unit, ..config() };
        let (one, two) = (book_features(&book, &config()).unwrap(), book_features(&scaled, &larger).unwrap());
        for (index, feature) in BOOK_FEATURES.iter().enumerate() {
            let unit = match feature.unit {
                "shares" | "shares/bps" => size_unit,
                "USD" => price_unit,
                _ => 1.0,
            };
            let same = one[index].iter().zip(&two[index]).all(|(a, b)| close(a * unit, *b, 1e-7));
            prop_assert!(same, "{}: {:?} {:?}", feature.name, one[index], two[index]);
        }
        let flow = order_flow_imbalance(&book, 0);
        prop_assert!(flow.iter().zip(order_flow_imbalance(&scaled, 0)).all(|(a, b)| close(a * size_unit, b, 1e-12)));
        let cut = cut.min(rows.len());
        let prefix = OrderBook::from_snapshots(4, &snapshots(&rows[..cut].to_vec(), 100.0, 1.0, 1.0)).unwrap();
        let short = book_features(&prefix, &config()).unwrap();
        for (whole, part) in one.iter().zip(&short) {
            prop_assert!(whole[..cut].iter().zip(part).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
        let part = order_flow_imbalance(&prefix, 0);
        prop_assert!(flow[..cut].iter().zip(&part).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn bounded_and_undefined_exactly_where_a_side_is_missing(rows in rows()) {
        let book = OrderBook::from_snapshots(4, &snapshots(&rows, 100.0, 1.0, 1.0)).unwrap();
        let columns = book_features(&book, &config()).unwrap();
        for (row, (bids, asks)) in rows.iter().enumerate() {
            let both = !bids.is_empty() && !asks.is_empty();
            prop_assert_eq!(columns[column("bid_volume")][row].is_nan(), bids.is_empty());
            for name in ["imbalance", "spread_bps", "vwap_mid", "bid_pressure", "depth_slope"] {
                prop_assert_eq!(columns[column(name)][row].is_nan(), !both, "{} in row {}", name, row);
            }
            let holds = |side: &[(u32, u32)]| side.iter().take(4).map(|(_, size)| size).sum::<u32>() >= 200;
            prop_assert_eq!(columns[column("buy_impact_bps")][row].is_nan(), !(both && holds(asks)));
            if both {
                prop_assert!(columns[0][row].abs() <= 1.0);
                prop_assert!(columns[column("spread_bps")][row] > 0.0);
            }
        }
        // Flow is what changes: the same book twice has none.
        let twice = snapshots(&vec![rows[0].clone(), rows[0].clone()], 100.0, 1.0, 1.0);
        let still = order_flow_imbalance(&OrderBook::from_snapshots(4, &twice).unwrap(), 0)[1];
        prop_assert!(still == 0.0 || still.is_nan());
    }
}

fn one_row(bids: &[(f64, f64)], asks: &[(f64, f64)]) -> OrderBookSnapshot {
    let side = |levels: &[(f64, f64)]| levels.iter().map(|(price, size)| BookLevel { price: *price, size: *size }).collect();
    OrderBookSnapshot { at: Timestamp::from_second(1).unwrap(), bids: side(bids), asks: side(asks) }
}

#[test]
fn crossed_has_no_mid_and_locked_no_spread() {
    let of = |row: OrderBookSnapshot| {
        let book = OrderBook::from_snapshots(1, &[row]).unwrap();
        book_features(&book, &BookFeaturesConfig { impact_shares: 50.0, ..Default::default() }).unwrap()
    };
    let crossed = of(one_row(&[(10.02, 100.0)], &[(10.00, 100.0)]));
    assert_eq!((crossed[2][0], crossed[3][0]), (100.0, 100.0));
    assert!(crossed.iter().enumerate().all(|(index, column)| column[0].is_nan() != (index == 2 || index == 3)));
    let locked = of(one_row(&[(10.0, 100.0)], &[(10.0, 300.0)]));
    assert_eq!((locked[0][0], locked[1][0], locked[7][0], locked[8][0]), (-0.5, 0.0, 0.0, 0.0));
    assert!(locked[9][0].is_nan(), "all shares lie at the mid: no slope");
}

#[test]
fn numbers_worked_by_hand() {
    let row = one_row(&[(99.0, 100.0), (98.0, 300.0)], &[(101.0, 200.0), (103.0, 200.0)]);
    let book = OrderBook::from_snapshots(2, &[row]).unwrap();
    let columns = book_features(&book, &BookFeaturesConfig { impact_shares: 300.0, ..Default::default() }).unwrap();
    let value = |name: &str| columns[column(name)][0];
    assert_eq!((value("imbalance"), value("bid_volume"), value("ask_volume")), (0.0, 400.0, 400.0));
    assert!((value("vwap_mid") - (98.25 + 102.0) / 2.0).abs() < 1e-12);
    assert!((value("bid_pressure") - 250.0 / 300.0).abs() < 1e-12);
    // 200 at 101 and 100 at 103 from a mid of 100; 100 at 99 and 200 at 98.
    assert!((value("buy_impact_bps") - 10_000.0 * (200.0 + 300.0) / 300.0 / 100.0).abs() < 1e-9);
    assert!((value("sell_impact_bps") - 10_000.0 * (100.0 + 400.0) / 300.0 / 100.0).abs() < 1e-9);
    let slope = (100.0 * 100.0 + 200.0 * 400.0 + 100.0 * 200.0 + 300.0 * 400.0)
        / (100.0_f64.powi(2) * 2.0 + 200.0_f64.powi(2) + 300.0_f64.powi(2));
    assert!((value("depth_slope") - slope).abs() < 1e-9);
    let numbers: std::collections::BTreeSet<u8> = BOOK_FEATURES.iter().map(|feature| feature.number).collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), (1..=17).collect::<Vec<_>>());
    assert_eq!(columns.len(), BOOK_FEATURES.len());
}

#[test]
fn flow_is_not_a_depth_difference() {
    let mut rows = vec![one_row(&[(10.0, 900.0)], &[(10.01, 100.0)]); 3];
    for (second, row) in rows.iter_mut().enumerate() {
        row.at = Timestamp::from_second(second as i64).unwrap();
    }
    let book = OrderBook::from_snapshots(1, &rows).unwrap();
    assert_eq!(order_flow_imbalance(&book, 0)[1..], [0.0, 0.0]);
    let intervals = flow_by_interval(&book, 0, 1_000_000).unwrap();
    assert_eq!(intervals.iter().map(|interval| interval.flow).collect::<Vec<_>>(), [None, Some(0.0), Some(0.0)]);
    assert_eq!(intervals[1].depth, Some(500.0));
    assert_eq!(intervals.iter().map(|interval| interval.end_at).collect::<Vec<_>>(), [0, 1_000_000, 2_000_000]);
    assert_eq!(price_impact(&intervals), None);
}

#[test]
fn bad_books_are_named_and_leave_the_good_rows() {
    let mut book = OrderBook::from_snapshots(2, &[one_row(&[(10.0, 100.0)], &[])]).unwrap();
    let refused = |book: &mut OrderBook, row: OrderBookSnapshot| book.push(&row).unwrap_err().to_string();
    let said = refused(&mut book, one_row(&[(10.0, 100.0), (10.1, 100.0)], &[]));
    assert_eq!(said, "order book: column `bid` row 1, level 2: levels must go from the best price to the worst");
    assert!(refused(&mut book, one_row(&[(-999_999.999_9, 0.0)], &[])).contains("price is -999999.9999"));
    assert!(refused(&mut book, one_row(&[], &[(10.0, 0.0)])).contains("`ask` row 1, level 1: the size is 0"));
    let earlier = OrderBookSnapshot { at: Timestamp::UNIX_EPOCH, ..one_row(&[], &[]) };
    assert!(refused(&mut book, earlier).contains("older than the row before"));
    assert_eq!(book.len(), 1);
    assert!(OrderBook::new(0).is_err());
}
