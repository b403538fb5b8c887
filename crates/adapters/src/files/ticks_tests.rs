use std::path::Path;

use super::*;

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn table(folder: &Path, name: &str) -> Table {
    Table::find(folder, &[name]).unwrap().unwrap()
}

#[test]
fn damaged_ticks_cost_only_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "\
symbol,at,kind,price,size,exchange,conditions,past_limit,unreported,bid,ask,bid_size,ask_size
KVRA,2026-03-10T14:30:01Z,trade,10.5,100,ARCA,,false,true,,,,
KVRA,2026-03-10T14:30:00Z,bid_ask,,,,,,,10.4,10.6,300,200
KVRA,2026-03-10T14:30:02Z,trade,-1,100,ARCA,,false,false,,,,
KVRA,2026-03-10T14:30:03Z,bid_ask,,,,,,,10.4,,300,
KVRA,2026-03-10T14:30:04Z,rumour,10.5,100,ARCA,,,,,,,
KVRA,nonsense,trade,10.5,100,ARCA,,,,,,,
BIOZ,2026-03-10T14:30:04Z,trade,20,5,,I,,,,,,
";
    write(folder.path(), "ticks.csv", rows);
    let read = ticks(&table(folder.path(), "ticks")).unwrap();
    let kvra = &read.events[&Symbol::new("KVRA").unwrap()];
    let at = |second: i8| format!("2026-03-10T14:30:0{second}Z").parse::<Timestamp>().unwrap();
    let quote = BidAsk { at: at(0), bid: Some(10.4), ask: Some(10.6), bid_size: 300.0, ask_size: 200.0 };
    assert_eq!(kvra[0], Tick::BidAsk(quote), "in order of time");
    assert!(matches!(&kvra[1], Tick::Trade(trade) if trade.unreported && trade.price == 10.5 && trade.exchange == "ARCA"));
    assert_eq!(kvra[2], Tick::BidAsk(BidAsk { at: at(3), ask: None, ask_size: 0.0, ..quote }));
    assert_eq!(kvra.len(), 3);
    assert!(matches!(&read.events[&Symbol::new("BIOZ").unwrap()][..], [Tick::Trade(trade)] if trade.conditions == "I"));
    assert_eq!(read.left_out.len(), 1);
    let report = &read.left_out[0];
    assert_eq!((report.symbol.as_str(), report.reason), ("KVRA", MissingReason::BadData));
    assert!(report.detail.contains("3 rows left out, the first is row 2: `price` is -1"), "{}", report.detail);
}

#[test]
fn damaged_changes_of_a_book_cost_only_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "\
symbol,at,side,position,operation,price,size,market_maker
KVRA,2026-03-10T14:30:00Z,bid,0,insert,10.4,300,ARCA
KVRA,2026-03-10T14:30:01Z,ask,1,update,10.6,200,
KVRA,2026-03-10T14:30:02Z,bid,0,delete,0,0,
KVRA,2026-03-10T14:30:03Z,bid,-1,insert,10.4,300,
KVRA,2026-03-10T14:30:03Z,middle,0,insert,10.4,300,
KVRA,2026-03-10T14:30:03Z,bid,0,insert,0,300,
";
    write(folder.path(), "depth.csv", rows);
    let read = depth(&table(folder.path(), "depth")).unwrap();
    let kvra = &read.events[&Symbol::new("KVRA").unwrap()];
    let told: Vec<_> = kvra.iter().map(|it| (it.side, it.position, it.operation, it.market_maker.as_deref())).collect();
    use BookOperation::{Delete, Insert, Update};
    let (bid, ask) = (BookSide::Bid, BookSide::Ask);
    assert_eq!(told, [(bid, 0, Insert, Some("ARCA")), (ask, 1, Update, None), (bid, 0, Delete, None)]);
    assert!(read.left_out[0].detail.contains("3 rows left out, the first is row 3: `position`"), "{:?}", read.left_out);
}

#[test]
fn a_table_may_be_a_folder_of_parts() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Table::find(folder.path(), &["ticks"]).unwrap().is_none());
    std::fs::create_dir(folder.path().join("ticks")).unwrap();
    assert!(Table::find(folder.path(), &["ticks"]).unwrap().is_none(), "no parts are no table");
    for (part, price) in [("000010", 12.0), ("000002", 11.0)] {
        let row = format!("symbol,at,kind,price,size\nKVRA,2026-03-10T14:30:00Z,trade,{price},100\n");
        write(folder.path(), "part.csv", &row);
        let frame = bellwether::frames::read_table(&folder.path().join("part.csv")).unwrap();
        bellwether::frames::write_parquet(&folder.path().join(format!("ticks/{part}.parquet")), &mut frame.clone()).unwrap();
    }
    write(folder.path(), "ticks/000011.parquet.tmp", "half a part");
    let read = ticks(&table(folder.path(), "ticks")).unwrap();
    let prices: Vec<f64> = read.events[&Symbol::new("KVRA").unwrap()]
        .iter()
        .map(|tick| if let Tick::Trade(trade) = tick { trade.price } else { f64::NAN })
        .collect();
    assert_eq!(prices, [11.0, 12.0], "parts in order of name");
    write(folder.path(), "ticks/000012.parquet", "damaged");
    assert!(Table::find(folder.path(), &["ticks"]).is_err());
}
