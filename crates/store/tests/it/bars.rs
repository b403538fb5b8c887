use bellwether::market::{Bar, Bars, BarsBuilder, Symbol, Timeframe};
use bellwether_store::blocking;
use jiff::Timestamp;

use crate::harness::{at, in_database};

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

const MINUTE: i64 = 60_000_000;

/// Minute bars whose numbers have no short decimal form.
fn minutes(symbols: &[&str], from: &str, count: i64) -> Bars {
    let start = at(from).as_microsecond();
    let mut builder = BarsBuilder::default();
    for (index, name) in symbols.iter().enumerate() {
        for row in 0..count {
            let price = 100.0 / 3.0 + (row as f64).sin() + index as f64;
            builder.push(
                &symbol(name),
                Bar {
                    open_at: start + row * MINUTE,
                    close_at: start + (row + 1) * MINUTE,
                    open: price,
                    high: price + 0.1,
                    low: price - 0.1,
                    close: price + 1e-13,
                    volume: (row * 17 % 1000) as f64,
                    vwap: (row % 3 != 0).then_some(price + f64::EPSILON),
                    trades: (row % 2 == 0).then_some(row as f64),
                },
            );
        }
    }
    let (bars, faults) = builder.finish();
    assert!(faults.is_empty());
    bars
}

/// Every bit of every column; NaN, where nothing is known, included.
fn bits(bars: &Bars) -> Vec<(String, [u64; 9])> {
    let rows = bars.iter().flat_map(|(symbol, series)| {
        series.iter().map(move |bar| {
            let known = |value: Option<f64>| value.map_or(u64::MAX, f64::to_bits);
            let numbers = [bar.open, bar.high, bar.low, bar.close, bar.volume].map(f64::to_bits);
            let [open, high, low, close, volume] = numbers;
            let times = [bar.open_at, bar.close_at].map(i64::cast_unsigned);
            (symbol.to_string(), [times[0], times[1], open, high, low, close, volume, known(bar.vwap), known(bar.trades)])
        })
    });
    rows.collect()
}

#[tokio::test]
async fn bars_come_back_bit_for_bit() {
    in_database(async |database| {
        // Across a month's end, and before 2000, where Postgres' own time is negative.
        for (from, until) in [("2026-01-31T22:00:00Z", "2026-02-02T00:00:00Z"), ("1999-12-31T23:00:00Z", "2000-01-02T00:00:00Z")]
        {
            let bars = minutes(&["AAPL", "BRK.B", "ZM"], from, 300);
            assert_eq!(database.store.write_bars(&bars, Timeframe::Min1, "test").await.unwrap(), 900);
            let all = bars.symbols();
            let (back, faults) = database.store.read_bars(all, Timeframe::Min1, at(from), at(until)).await.unwrap();
            assert!(faults.is_empty());
            assert_eq!(bits(&back), bits(&bars));
        }
        let nulls = database.count("SELECT count(*) FROM bars WHERE vwap IS NULL AND NOT vwap = 'NaN'").await;
        assert_eq!(nulls, 0);
        assert_eq!(database.count("SELECT count(*) FROM bars WHERE vwap IS NULL").await, 600);
        assert_eq!(database.count("SELECT count(*) FROM bars WHERE vwap = 'NaN' OR trades = 'NaN'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn reading_gives_only_what_was_known() {
    in_database(async |database| {
        let bars = minutes(&["AAPL", "MSFT"], "2026-03-02T14:30:00Z", 10);
        database.store.write_bars(&bars, Timeframe::Min1, "test").await.unwrap();
        let read = async |from, until: Timestamp| {
            let (bars, _) = database.store.read_bars(&[symbol("MSFT")], Timeframe::Min1, at(from), until).await.unwrap();
            bars
        };
        let until = at("2026-03-02T14:35:30Z");
        let known = read("2026-03-02T14:32:00Z", until).await;
        assert_eq!(known.symbols(), [symbol("MSFT")]);
        assert_eq!(known.len(), 3, "14:32, :33 and :34; the bar of 14:35 is not closed yet");
        assert_eq!(bits(&known.as_of(until)), bits(&known));
        assert!(read("2026-03-02T14:40:00Z", at("2027-01-01T00:00:00Z")).await.is_empty());
        let other =
            database.store.read_bars(&[symbol("MSFT")], Timeframe::Min5, at("2026-01-01T00:00:00Z"), until).await.unwrap();
        assert!(other.0.is_empty(), "another timeframe is another series");
    })
    .await;
}

#[tokio::test]
async fn a_bar_that_comes_again_replaces_the_old_one() {
    in_database(async |database| {
        let store = &database.store;
        let (from, until) = (at("2026-03-02T14:30:00Z"), at("2026-03-03T00:00:00Z"));
        store.write_bars(&minutes(&["AAPL", "MSFT"], "2026-03-02T14:30:00Z", 10), Timeframe::Min1, "first").await.unwrap();
        let later = minutes(&["AAPL", "NVDA"], "2026-03-02T14:35:00Z", 10);
        assert_eq!(store.write_bars(&later, Timeframe::Min1, "second").await.unwrap(), 20);
        let (back, _) = store.read_bars(&[symbol("AAPL")], Timeframe::Min1, from, until).await.unwrap();
        assert_eq!(back.len(), 15);
        let replaced = back.series("AAPL").starting_in(at("2026-03-02T14:35:00Z"), until);
        assert_eq!(replaced.close, later.series("AAPL").close);
        assert_eq!(database.count("SELECT count(*) FROM bars WHERE source = 'first'").await, 15);

        let coverage = store.bar_coverage(Timeframe::Min1).await.unwrap();
        let of = |name: &str| coverage.iter().find(|row| row.symbol.as_str() == name).unwrap();
        assert_eq!((of("AAPL").bars, of("MSFT").bars, of("NVDA").bars), (15, 10, 10));
        assert_eq!(of("AAPL").first_open_at, from);
        assert_eq!(of("AAPL").last_close_at, at("2026-03-02T14:45:00Z"));
        assert_eq!(store.write_bars(&Bars::default(), Timeframe::Min1, "none").await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn who_gave_a_bar_and_when_is_kept_with_it() {
    in_database(async |database| {
        let store = &database.store;
        let (from, until) = (at("2026-03-02T14:30:00Z"), at("2026-03-03T00:00:00Z"));
        let early = minutes(&["AAPL", "MSFT"], "2026-03-02T14:30:00Z", 10);
        store.write_bars(&early, Timeframe::Min1, "yahoo").await.unwrap();
        let first = store.bar_origins(early.symbols(), Timeframe::Min1, from, until).await.unwrap();
        assert!(first.iter().all(|origin| origin.sources == ["yahoo"]));
        store.write_bars(&minutes(&["AAPL"], "2026-03-02T14:35:00Z", 10), Timeframe::Min1, "ib").await.unwrap();
        let later = store.bar_origins(early.symbols(), Timeframe::Min1, from, until).await.unwrap();
        assert_eq!(later[0].sources, ["ib", "yahoo"], "the bars of the first five minutes are still Yahoo's");
        assert!(later[0].written_at > first[0].written_at, "a bar that is replaced is brought in anew");
        assert_eq!((&later[1], later[1].symbol.as_str()), (&first[1], "MSFT"));
        let begun = store.bar_origins(early.symbols(), Timeframe::Min1, from, at("2026-03-02T14:35:00Z")).await.unwrap();
        assert_eq!(begun[0].sources, ["yahoo"]);
        assert_eq!(database.count("SELECT count(*) FROM bars WHERE written_at IS NULL").await, 0);
    })
    .await;
}

#[tokio::test]
async fn writers_of_the_same_new_months_do_not_disturb_each_other() {
    in_database(async |database| {
        let bars = minutes(&["AAPL", "MSFT", "NVDA"], "2026-05-31T23:00:00Z", 120);
        let writers = (0..6).map(|_| database.store.write_bars(&bars, Timeframe::Min1, "test"));
        let written: Vec<u64> = futures::future::join_all(writers).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(written.iter().sum::<u64>(), 360, "what was there already is no change: {written:?}");
        assert_eq!(database.count("SELECT count(*) FROM bars").await, 360);
        assert_eq!(database.count("SELECT count(*) FROM pg_inherits WHERE inhparent = 'bars'::regclass").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_symbol_with_impossible_rows_does_not_cost_the_others() {
    in_database(async |database| {
        let bars = minutes(&["AAPL", "MSFT"], "2026-03-02T14:30:00Z", 5);
        database.store.write_bars(&bars, Timeframe::Min1, "test").await.unwrap();
        database.client().await.batch_execute("UPDATE bars SET low = -1 WHERE symbol = 'AAPL'").await.unwrap();
        let until = at("2026-03-03T00:00:00Z");
        let (back, faults) =
            database.store.read_bars(bars.symbols(), Timeframe::Min1, at("2026-03-01T00:00:00Z"), until).await.unwrap();
        assert_eq!(back.symbols(), [symbol("MSFT")]);
        assert_eq!(faults[0].symbol, symbol("AAPL"));
    })
    .await;
}

#[tokio::test]
async fn the_blocking_face_reads_the_same() {
    in_database(async |database| {
        let bars = minutes(&["AAPL"], "2026-03-02T14:30:00Z", 5);
        database.store.write_bars(&bars, Timeframe::Min1, "test").await.unwrap();
        let url = database.url.clone();
        let back = tokio::task::spawn_blocking(move || {
            let store = blocking::Store::connect(&url, Default::default()).unwrap();
            store.bars(&[symbol("AAPL")], Timeframe::Min1, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).unwrap().0
        });
        assert_eq!(bits(&back.await.unwrap()), bits(&bars));
    })
    .await;
}
