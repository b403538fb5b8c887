use proptest::prelude::*;

use super::*;

/// A side, best first: distinct prices, each at one exchange.
fn any_side() -> impl Strategy<Value = Vec<BookRow>> {
    prop::collection::btree_map(1_i32..40, (1_u32..5, 0_usize..3), 0..12).prop_map(|rows| {
        let row = |(cents, (lots, maker)): (i32, (u32, usize))| BookRow {
            price: f64::from(cents) / 100.0,
            size: f64::from(lots) * 100.0,
            market_maker: Some(DEPTH_EXCHANGES[maker].to_owned()),
        };
        rows.into_iter().map(row).collect()
    })
}

proptest! {
    #[test]
    fn changes_lead_from_one_book_to_the_next(bids in any_side(), asks in any_side(), next_bids in any_side(), next_asks in any_side()) {
        let (before, after) = (Book { bids, asks }, Book { bids: next_bids, asks: next_asks });
        let most = [before.bids.len(), after.bids.len(), before.asks.len(), after.asks.len()].into_iter().max();
        let mut state = before.clone();
        for change in changes(&before, &after, Timestamp::UNIX_EPOCH) {
            prop_assert!(apply(&mut state, &change));
            prop_assert!(Some(state.bids.len().max(state.asks.len())) <= most);
        }
        prop_assert_eq!(&state, &after);
        prop_assert!(changes(&after, &after, Timestamp::UNIX_EPOCH).is_empty());
    }
}
