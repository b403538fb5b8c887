use super::*;
use crate::market::{Answered, Bar, BarsBuilder, MissingReason, PassedOver};

fn minute_bar(at: &str) -> Bar {
    let open_at = at.parse::<Timestamp>().unwrap().as_microsecond();
    Bar {
        open_at,
        close_at: open_at + 60_000_000,
        open: 1.0,
        high: 1.0,
        low: 1.0,
        close: 1.0,
        volume: 1.0,
        vwap: None,
        trades: None,
    }
}

fn bars(starts: &[&str]) -> Arc<Bars> {
    let mut builder = BarsBuilder::default();
    starts.iter().for_each(|start| builder.push(&Symbol::new("A").unwrap(), minute_bar(start)));
    Arc::new(builder.finish().0)
}

fn inputs() -> SnapshotInputs {
    let headline = |at: &str| Headline {
        symbol: Symbol::new("A").unwrap(),
        at: at.parse().unwrap(),
        source: "X".to_owned(),
        title: at.to_owned(),
    };
    SnapshotInputs {
        universe: vec![Instrument::stock(Symbol::new("B").unwrap()), Instrument::stock(Symbol::new("A").unwrap())],
        history: bars(&["2025-01-03T15:00:00Z", "2025-01-06T14:00:00Z"]),
        today: bars(&["2025-01-03T15:00:00Z", "2025-01-06T14:00:00Z", "2025-01-06T14:24:00Z", "2025-01-06T14:25:00Z"]),
        headlines: vec![headline("2025-01-06T11:00:00Z"), headline("2025-01-06T14:26:00Z")],
        ..SnapshotInputs::default()
    }
}

#[test]
fn nothing_later_than_as_of_is_let_in() {
    let snapshot = Snapshot::new("2025-01-06T14:25:00Z".parse().unwrap(), inputs());
    assert_eq!(snapshot.today.len(), 2, "the bar 14:24 ends at 14:25; the bar 14:25 has not ended");
    assert_eq!(snapshot.history.len(), 1, "history ends before the session");
    assert_eq!(snapshot.headlines.len(), 1);
    assert_eq!(snapshot.universe[0].symbol.as_str(), "A");
}

#[test]
fn the_hash_sees_every_part_and_no_order() {
    let as_of: Timestamp = "2025-01-06T14:25:00Z".parse().unwrap();
    let original = Snapshot::new(as_of, inputs());
    let mut shuffled = inputs();
    shuffled.universe.reverse();
    shuffled.headlines.reverse();
    assert_eq!(original.hash(), Snapshot::new(as_of, shuffled).hash());

    let mut changed = inputs();
    changed.headlines[0].title.push('!');
    assert_ne!(original.hash(), Snapshot::new(as_of, changed).hash());
    let mut changed = inputs();
    changed.today = bars(&["2025-01-06T14:00:00Z"]);
    assert_ne!(original.hash(), Snapshot::new(as_of, changed).hash());
    let mut changed = inputs();
    changed.missing.push(MissingData {
        symbol: Symbol::new("A").unwrap(),
        part: SnapshotPart::Quote,
        reason: MissingReason::Timeout,
        detail: String::new(),
    });
    assert_ne!(original.hash(), Snapshot::new(as_of, changed).hash());
    assert_ne!(original.hash(), Snapshot::new("2025-01-06T14:26:00Z".parse().unwrap(), inputs()).hash());
}

#[test]
fn where_it_came_from_is_part_of_the_name_only_when_it_is_told() {
    let as_of: Timestamp = "2025-01-06T14:25:00Z".parse().unwrap();
    let plain = Snapshot::new(as_of, inputs());
    let json = serde_json::to_string(&plain.manifest()).unwrap();
    assert!(!json.contains("provenance"), "{json}");

    let symbol = Symbol::new("A").unwrap();
    let answer = Answered {
        symbol: symbol.clone(),
        part: SnapshotPart::Today,
        source: "yahoo".to_owned(),
        fetched_at: as_of,
        delayed: true,
        instead_of: vec![PassedOver {
            source: "ib".to_owned(),
            reason: MissingReason::Disconnected,
            detail: "nothing listens".to_owned(),
        }],
    };
    let told = Snapshot::new(as_of, SnapshotInputs { provenance: Provenance::gather(vec![answer]), ..inputs() });
    assert_ne!(plain.hash(), told.hash());
    assert_eq!(told.source_of(&symbol, SnapshotPart::Today).unwrap().source, "yahoo");
    assert!(told.source_of(&symbol, SnapshotPart::Daily).is_none());
    let back: SnapshotManifest = serde_json::from_slice(&serde_json::to_vec(&told.manifest()).unwrap()).unwrap();
    assert_eq!(back, told.manifest());
}
