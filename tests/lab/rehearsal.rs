//! A scheduler's database in a cell, of a market that nobody has scanned yet.

use std::{path::Path, time::Duration};

use crate::session;

#[test]
fn a_rehearsed_database_is_read_cell_by_cell_and_goes_with_the_kernel() {
    let outcomes = session(&[
        "use bellwether::prelude::*;",
        "let market = Market::generated_on(7, 20, \"2026-03-10\", 3)?;",
        "let database = market.rehearse(&[\"premarket-gap\"], &[\"2026-03-10 09:00\", \"2026-03-10 09:25\"])?;",
        "let hits = database.hits(\"premarket-gap\")?;",
        "println!(\"{} {}\", database.runs()?.height(), database.alerts()?.height());",
        "println!(\"{} {}\", hits.height() > 0, database.replay(\"premarket-gap\")?.identical);",
        "println!(\"{}\", database.place());",
    ]);
    for outcome in &outcomes {
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!((outcomes[4].stdout.trim(), outcomes[5].stdout.trim()), ("2 2", "true true"), "{outcomes:?}");
    let place = outcomes[6].stdout.trim();
    assert!(place.contains("bellwether-rehearsal-"), "{place}");
    for _ in 0..300 {
        if !Path::new(place).exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{place} is still there though its kernel ended");
}
