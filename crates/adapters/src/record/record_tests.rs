use bellwether::{
    frames::read_table,
    market::{BidAsk, Trade},
};

use super::{tables::Rows as _, *};

fn symbol() -> Symbol {
    "AAPL".parse().unwrap()
}

fn trade(second: i64, price: f64) -> Tick {
    let at = jiff::Timestamp::from_second(second).unwrap();
    let (exchange, conditions) = ("ARCA".to_owned(), String::new());
    Tick::Trade(Trade { at, price, size: 100.0, exchange, conditions, past_limit: false, unreported: true })
}

fn parts(folder: &Path, table: &str) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder.join(table)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_was_flushed_is_there_and_a_later_recorder_continues() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::open(folder.path()).unwrap();
    let other = Recorder::open(folder.path()).unwrap_err().to_string();
    assert!(other.contains("another recorder"), "{other}");
    let quote =
        BidAsk { at: jiff::Timestamp::from_second(60).unwrap(), bid: Some(9.99), ask: None, bid_size: 300.0, ask_size: 0.0 };
    recorder.ticks(&symbol(), &[trade(60, 10.0), Tick::BidAsk(quote)]).unwrap();
    assert_eq!(recorder.flush().unwrap().ticks, 2);
    assert_eq!(recorder.flush().unwrap().ticks, 2, "nothing new, nothing written");
    recorder.ticks(&symbol(), &[trade(61, 10.5)]).unwrap();
    drop(recorder);
    let mut recorder = Recorder::open(folder.path()).unwrap();
    recorder.ticks(&symbol(), &[trade(62, 11.0)]).unwrap();
    recorder.flush().unwrap();
    assert_eq!(parts(folder.path(), "ticks"), ["000001.parquet", "000002.parquet", "000003.parquet"]);
    let first = read_table(&folder.path().join("ticks/000001.parquet")).unwrap();
    assert_eq!(first.height(), 2);
    assert_eq!(first.column("ask").unwrap().null_count(), 2);
    assert_eq!(first.column("price").unwrap().f64().unwrap().get(0), Some(10.0));
}

#[test]
fn a_full_table_is_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::open(folder.path()).unwrap();
    let ticks: Vec<Tick> = (0..MOST_ROWS as i64).map(|second| trade(second, 10.0)).collect();
    recorder.ticks(&symbol(), &ticks).unwrap();
    assert_eq!(recorder.ticks.rows.len(), 0);
    assert_eq!(parts(folder.path(), "ticks").len(), 1);
}

#[test]
fn a_folder_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bars.csv"), "symbol,ts\n").unwrap();
    let problem = Recorder::open(folder.path()).unwrap_err().to_string();
    assert!(problem.contains("bars.csv") && problem.contains("empty folder"), "{problem}");
}

#[test]
fn instruments_and_daily_bars_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::open(folder.path()).unwrap();
    let known = Instrument { name: "Apple".to_owned(), primary_exchange: "NASDAQ".to_owned(), ..Instrument::stock(symbol()) };
    recorder.instruments(std::slice::from_ref(&known));
    let open_at: jiff::Timestamp = "2026-03-10T13:30:00Z".parse().unwrap();
    let open_at = open_at.as_microsecond();
    let day = 6 * 3600 * 1_000_000 + 1800 * 1_000_000;
    let bar = Bar {
        open_at,
        close_at: open_at + day,
        open: 10.0,
        high: 12.0,
        low: 9.0,
        close: 11.0,
        volume: 1e6,
        vwap: None,
        trades: None,
    };
    recorder.daily_bars([(&symbol(), &[bar][..])]).unwrap();
    let minute = Bar { close_at: open_at + 60_000_000, ..bar };
    recorder.minute_bars(&symbol(), &[minute]).unwrap();
    drop(recorder);
    assert_eq!(Recorder::open(folder.path()).unwrap().instruments.get(&symbol()), Some(&known));
    let daily = read_table(&folder.path().join("daily.parquet")).unwrap();
    assert_eq!(daily.column("date").unwrap().str().unwrap().get(0), Some("2026-03-10"));
}
