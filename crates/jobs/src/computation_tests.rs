use std::sync::{Arc, LazyLock};

use bellwether::market::{Answered, Provenance};
use bellwether_adapters::{FileSource, UniverseRequest};
use bellwether_gateway::generator::MarketSpec;
use jiff::civil::date;

use super::*;
use crate::{market::generated_source, tasks::Wanted};

fn at(clock: &str) -> Timestamp {
    let time: Time = clock.parse().unwrap();
    Calendar.at(date(2026, 3, 10), time)
}

/// Made once for all tests.
static MARKET: LazyLock<FileSource> = LazyLock::new(|| {
    let spec = MarketSpec { seed: 5, symbols: 20, session: date(2026, 3, 10), history_sessions: 3 };
    generated_source(&spec).unwrap().0
});

fn snapshot(computation: &Computation, as_of: Timestamp, besides: &[&str]) -> Snapshot {
    let named = besides.iter().map(|name| Symbol::new(name).unwrap());
    let request = Wanted::from(computation).request(MARKET.symbols().into_iter().chain(named).collect());
    let UniverseRequest::Symbols(symbols) = &request.symbols else { panic!("symbols were expected") };
    assert!(symbols.len() >= 20);
    MARKET.snapshot_for(as_of, &request).unwrap()
}

fn features(settings: &str) -> Computation {
    Computation::Features(toml::from_str(settings).unwrap())
}

fn newest(computed: &Computed, symbol: &Symbol) -> Timestamp {
    let rows = computed
        .frame
        .column("symbol")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .zip(computed.frame.column("close_at").unwrap().datetime().unwrap().physical().iter());
    let of = rows.filter(|(name, _)| *name == Some(symbol.as_str())).filter_map(|(_, close_at)| close_at);
    Timestamp::from_microsecond(of.max().unwrap()).unwrap()
}

#[test]
fn what_has_no_row_is_named_with_the_reason() {
    for (computation, tables) in [
        (features("set = 'returns'"), (true, false)),
        (features("set = 'returns'\ntimeframe = '30m'\nsessions = 2"), (false, true)),
        (Computation::RiskProfiles(RiskConfig::default()), (true, false)),
    ] {
        let snapshot = snapshot(&computation, at("10:32"), &["ZZZZ"]);
        // No more is looked at than is needed.
        assert_eq!((!snapshot.daily.is_empty(), !snapshot.today.is_empty()), tables, "{computation:?}");
        let computed = computation.run(&snapshot).unwrap();
        let [without] = &*computed.without else { panic!("{:?}", computed.without) };
        assert_eq!(without.symbol.as_str(), "ZZZZ");
        assert!(without.problem.starts_with("contract: unknown or ambiguous symbol"), "{}", without.problem);
        let report = computed.report().unwrap();
        assert_eq!((report.missing.len(), report.symbols), (1, snapshot.universe.len()));
        let stored: ComputedReport = serde_json::from_value(serde_json::to_value(&report).unwrap()).unwrap();
        assert_eq!(stored, report);
        assert!(report.summary().ends_with("; 1 symbol without"), "{}", report.summary());
    }
}

/// The snapshot as if a source behind the market had told of one symbol's session at `fetched_at`.
fn behind(mut snapshot: Snapshot, symbol: &Symbol, fetched_at: Timestamp) -> Snapshot {
    snapshot.provenance = Provenance::gather(vec![Answered {
        symbol: symbol.clone(),
        part: SnapshotPart::Today,
        source: "yahoo".to_owned(),
        fetched_at,
        delayed: true,
        instead_of: Vec::new(),
    }]);
    snapshot
}

#[test]
fn minutes_behind_the_market_make_no_half_hours_that_are_too_short() {
    let settings = "set = 'returns'\ntimeframe = '30m'\nsessions = 2";
    let computation = features(settings);
    let snapshot = snapshot(&computation, at("10:32"), &[]);
    let (late, other) = (snapshot.universe[0].symbol.clone(), snapshot.universe[1].symbol.clone());
    // At 10:12 the first half hour was over, the second was not.
    let computed = computation.run(&behind(snapshot.clone(), &late, at("10:32"))).unwrap();
    assert_eq!((newest(&computed, &other), newest(&computed, &late)), (at("10:30"), at("10:00")));
    let [missing] = &*computed.missing else { panic!("{:?}", computed.missing) };
    assert!(missing.symbol == late && missing.detail.contains("yahoo is behind the market"), "{missing:?}");
    // Asked the next day, it knows all of that day.
    let whole = computation.run(&behind(snapshot.clone(), &late, at("10:32") + SignedDuration::from_hours(24))).unwrap();
    assert_eq!((newest(&whole, &late), whole.missing.len()), (at("10:30"), 0));
    // Nothing is compared with prices of another time.
    let compared = features(&format!("{settings}\nbenchmark = '{late}'"));
    let error = compared.run(&behind(snapshot, &late, at("10:32"))).unwrap_err().to_string();
    assert!(error.contains(&format!("benchmark {late} is behind the market")), "{error}");
}

#[test]
fn where_the_data_end_early_their_last_half_hour_is_none() {
    let computation = features("set = 'returns'\ntimeframe = '30m'\nsessions = 2");
    let mut snapshot = snapshot(&computation, at("10:32"), &[]);
    let symbol = snapshot.universe[0].symbol.clone();
    snapshot.today = Arc::new(snapshot.today.as_of(at("10:25")));
    assert_eq!(newest(&computation.run(&snapshot).unwrap(), &symbol), at("10:30"), "a few minutes without a trade");
    snapshot.today = Arc::new(snapshot.today.as_of(at("10:12")));
    assert_eq!(newest(&computation.run(&snapshot).unwrap(), &symbol), at("10:00"));
}

#[test]
fn the_day_s_own_bar_counts_once_it_is_over() {
    let computation = features("set = 'returns'\nsessions = 30");
    let newest_at = |clock: &str| {
        let snapshot = snapshot(&computation, at(clock), &[]);
        newest(&computation.run(&snapshot).unwrap(), &snapshot.universe[0].symbol)
    };
    let yesterday = Calendar.at(date(2026, 3, 9), jiff::civil::time(16, 0, 0, 0));
    assert_eq!((newest_at("15:59:59"), newest_at("16:00")), (yesterday, at("16:00")));
    // Where it is not there yet, that is told.
    let mut early = snapshot(&computation, at("16:00"), &[]);
    early.daily = Arc::new(early.daily.as_of(at("15:59")));
    let computed = computation.run(&early).unwrap();
    assert_eq!(computed.missing.len(), early.universe.len());
    assert!(computed.missing[0].detail.contains("the last daily bar is of 2026-03-09: that of 2026-03-10 is not there"));
}

#[test]
fn nothing_of_anybody_is_a_failure() {
    let computation = features("set = 'returns'");
    let mut snapshot = snapshot(&computation, at("10:32"), &[]);
    snapshot.daily = Arc::default();
    let error = computation.run(&snapshot).unwrap_err().to_string();
    assert!(error.contains("nothing could be computed of any of") && error.contains("no bars of it are known"), "{error}");
}
