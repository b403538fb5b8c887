use super::*;

fn quotes(symbol: &str) -> Key {
    (symbol.parse().unwrap(), LineUse::Quotes, 0)
}

fn ask(table: &mut LineTable, symbol: &str, used: LineUse, priority: Priority) -> u64 {
    table.ask(symbol.parse().unwrap(), used, priority).0
}

fn ask_quotes(table: &mut LineTable, symbol: &str, priority: Priority) -> u64 {
    ask(table, symbol, LineUse::Quotes, priority)
}

fn leases(granted: &[Granted]) -> Vec<u64> {
    granted.iter().map(|granted| granted.lease).collect()
}

#[test]
fn never_more_than_there_are_and_in_order() {
    let mut table = LineTable::new(2);
    let asked: Vec<u64> = ["A", "B", "C", "D"].map(|symbol| ask_quotes(&mut table, symbol, Priority::Scans)).to_vec();
    let urgent = ask_quotes(&mut table, "E", Priority::Alerts);
    assert_eq!(leases(&table.grant()), [urgent, asked[0]]);
    assert!(table.grant().is_empty());
    assert!(table.give_back(&quotes("A"), asked[0], false));
    assert!(table.grant().is_empty(), "the gateway may not have freed it yet");
    table.cooled(LineUse::Quotes);
    assert_eq!(leases(&table.grant()), [asked[1]]);
    assert!(table.give_back(&quotes("B"), asked[1], true));
    assert_eq!(leases(&table.grant()), [asked[2]]);
    assert_eq!((table.usage().peak, table.usage().waiting), (2, 1));
}

#[test]
fn one_symbol_is_one_line_as_long_as_anyone_has_it() {
    let mut table = LineTable::new(1);
    let scan = ask_quotes(&mut table, "A", Priority::Scans);
    let position = ask_quotes(&mut table, "A", Priority::Positions);
    let granted = table.grant();
    assert_eq!(granted, [Granted { lease: position, opens: true }, Granted { lease: scan, opens: false }]);
    assert_eq!(table.usage().used, BTreeMap::from([(Priority::Positions, 1)]));
    assert!(!table.give_back(&quotes("A"), position, true));
    assert_eq!(table.usage().used, BTreeMap::from([(Priority::Scans, 1)]));
    // Another use of the same symbol is another line.
    ask(&mut table, "A", LineUse::RealTimeBars, Priority::Scans);
    assert!(table.grant().is_empty());
    // One quote of what streams needs no line.
    let (snapshot, line) = table.ask("A".parse().unwrap(), LineUse::Snapshot, Priority::Scans);
    assert_eq!(table.grant(), [Granted { lease: snapshot, opens: false }]);
    assert!(!table.give_back(&line, snapshot, true));
    assert!(table.give_back(&quotes("A"), scan, true));
    assert_eq!(table.grant().len(), 1);
}

#[test]
fn the_least_urgent_gives_way_and_only_to_the_more_urgent() {
    let mut table = LineTable::new(3);
    for (symbol, priority) in [("A", Priority::Alerts), ("B", Priority::Scans), ("C", Priority::Scans)] {
        ask_quotes(&mut table, symbol, priority);
    }
    table.grant();
    ask_quotes(&mut table, "D", Priority::Scans);
    assert!(table.recall().is_empty(), "equals wait");
    let position = ask_quotes(&mut table, "E", Priority::Positions);
    let recalled = table.recall();
    assert_eq!(recalled, [(quotes("B"), vec![1])], "the least urgent, held longest");
    assert!(table.recall().is_empty(), "one is on its way");
    table.give_back(&quotes("B"), 1, true);
    assert_eq!(leases(&table.grant()), [position]);
    assert!(table.recall().is_empty());
}

#[test]
fn who_does_not_give_way_is_passed_over() {
    let mut table = LineTable::new(2);
    ask_quotes(&mut table, "A", Priority::Scans);
    ask_quotes(&mut table, "B", Priority::Scans);
    table.grant();
    ask_quotes(&mut table, "C", Priority::Alerts);
    let [(stubborn, leases)] = table.recall().try_into().unwrap();
    assert!(table.overdue(&stubborn, leases[0]));
    assert_eq!(table.recall().len(), 1);
    assert_eq!(table.usage().overdue, 1);
    table.give_back(&stubborn, leases[0], true);
    assert!(!table.overdue(&stubborn, leases[0]));
}

#[test]
fn books_and_ticks_have_three_lines_each() {
    let mut table = LineTable::new(100);
    for symbol in ["A", "B", "C", "D"] {
        ask(&mut table, symbol, LineUse::Depth, Priority::Scans);
        ask(&mut table, symbol, LineUse::TickByTick, Priority::Scans);
    }
    assert_eq!(table.grant().len(), 6);
    ask(&mut table, "E", LineUse::Depth, Priority::Positions);
    let recalled = table.recall();
    assert_eq!(recalled.len(), 1);
    assert_eq!(recalled[0].0.1, LineUse::Depth);
}
