//! What the Python client decoded against the tape that the gateway plays. The tests beside this folder do it with the Rust
//! client; here it keeps two clients from agreeing on what is wrong.

use std::collections::BTreeMap;

use bellwether::market::Symbol;
use serde_json::{Value, json};

use super::events::Event;
use crate::bench::{Bench, instant};

/// What differs from the tape, by step.
pub(super) fn differences(bench: &Bench, got: &BTreeMap<&str, &[Event]>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut same = |step: &str, told: Vec<Value>, tape: Vec<Value>| {
        assert!(!tape.is_empty(), "the tape has nothing for `{step}`");
        if told != tape {
            let at = told.iter().zip(&tape).position(|(told, tape)| told != tape);
            problems.push(format!("`{step}` is not the tape's, at {at:?}: {told:?} instead of {tape:?}"));
        }
    };
    let fields = |step: &str, kind: &str, names: &[&str]| -> Vec<Value> {
        let events = got[step].iter().filter(|event| event["is"] == *kind);
        events.map(|event| names.iter().map(|name| event.get(*name).cloned().unwrap_or_default()).collect()).collect()
    };

    let bar = ["time", "open", "high", "low", "close", "volume", "count"];
    let minutes = bench.tape.minutes().series("AAPL").starting_in(instant("09:30"), instant("10:00"));
    let minutes = minutes.iter().map(|it| {
        let count = it.trades.map(|trades| trades as i64);
        json!([it.open_at / 1_000_000, it.open, it.high, it.low, it.close, it.volume, count])
    });
    same("minutes", fields("minutes", "bar", &bar), minutes.collect());

    let quote = bench.tape.quote_at(&Symbol::new("MSFT").unwrap(), instant("10:00")).unwrap();
    let prices = |tick: i64| {
        let of_tick = got["a snapshot"].iter().filter(|event| event["is"] == "price" && event["tick"] == tick);
        of_tick.map(|event| event["price"].clone()).collect::<Vec<_>>()
    };
    let told = [1, 2, 4].map(|tick| json!(prices(tick)));
    same("a snapshot", told.into(), [quote.bid, quote.ask, quote.last].map(|price| json!([price])).into());

    let headlines = bench.tape.headlines().iter().filter(|headline| headline.at <= instant("10:00")).rev();
    let headlines = headlines.map(|it| json!([it.at.as_second(), it.provider, it.title]));
    same("past headlines", fields("past headlines", "headline", &["time", "provider", "title"]), headlines.collect());

    let trades = &got["past trades"];
    let volume: f64 = trades.iter().filter_map(|event| event.get("size").and_then(Value::as_f64)).sum();
    let (from, until) = (trades[0]["time"].as_i64().unwrap(), instant("09:45").as_second());
    assert!(from < until && volume > 0.0, "past trades of {volume} shares since {from}");
    problems
}
