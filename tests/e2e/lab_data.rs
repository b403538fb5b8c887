//! Data in a notebook: a generated market, a recorded folder and the scheduler's database give the same numbers, and what
//! cannot be had is a sentence.

use std::path::Path;

use bellwether_notebook::{Database, Market, bars_from, hits_of_report, scheduled_scan, table_from};
use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use bellwether_tests::{folder, run};
use polars::prelude::*;

const WHEN: &str = "2026-03-10T09:25";

fn texts(frame: &DataFrame, column: &str) -> Vec<String> {
    frame.column(column).unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect()
}

fn market() -> Market {
    Market::generated_on(7, 20, "2026-03-10", 3).unwrap()
}

#[test]
fn a_generated_market_gives_the_snapshot_that_the_program_makes_of_its_folder() {
    let market = market();
    let scan = scheduled_scan("premarket-gap").unwrap();
    let snapshot = market.snapshot_for(&scan, "2026-03-10 09:25").unwrap();
    let report = market.scan(&scan, WHEN).unwrap();
    let found = hits_of_report(&report).unwrap();
    let stories = market.stories().unwrap();
    let gappers = stories.clone().lazy().filter(col("kind").eq(lit("gapper"))).collect().unwrap();
    for symbol in texts(&gappers, "symbol") {
        assert!(texts(&found, "symbol").contains(&symbol), "{symbol} was planted; found {found}");
    }
    let traps = stories.lazy().filter(col("kind").eq(lit("illiquid_gap")).or(col("kind").eq(lit("reverse_split"))));
    for symbol in texts(&traps.collect().unwrap(), "symbol") {
        assert!(!texts(&found, "symbol").contains(&symbol), "{symbol} is a trap; found {found}");
    }
    assert_eq!(found.column("gap_pct").unwrap().dtype(), &DataType::Float64);
    assert_eq!(market.snapshot_at(WHEN).unwrap().hash(), snapshot.hash(), "the scans that ship look back equally far");

    let data = folder();
    let saved = data.path().join("saved");
    market.save(saved.to_str().unwrap()).unwrap();
    let error = market.save(saved.to_str().unwrap()).unwrap_err().to_string();
    assert!(error.contains("is not empty"), "{error}");
    let said = run(data.path(), &["run", "premarket-gap", "--source", saved.to_str().unwrap(), "--as-of", WHEN, "--json"]);
    assert!(said.ok, "{}", said.err);
    assert_eq!(said.json()["snapshot_hash"], snapshot.hash().to_string());
    assert_eq!(said.json()["report_hash"], report.hash().to_string());
    let opened = Market::open(saved.to_str().unwrap()).unwrap();
    assert_eq!(opened.scan(&scan, WHEN).unwrap().hash(), report.hash());
    assert_eq!(opened.stories().unwrap().height(), 0);
    assert_eq!(opened.last_session().unwrap(), "2026-03-10");
}

#[test]
fn frames_of_a_market_are_cut_to_the_interval() {
    let market = market();
    let daily = market.bars(&["SPY", "QQQ"], "1d", "2026-03-02", "2026-03-06").unwrap();
    assert_eq!((daily.height(), daily.width()), (10, 10), "five sessions of two symbols: {daily}");
    let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    assert_eq!(daily.column("open_at").unwrap().dtype(), &utc);
    let minutes = market.read_bars(&["SPY"], "1m", "2026-03-10 09:30", "2026-03-10 10:00").unwrap();
    assert!((25..=30).contains(&minutes.len()), "{}", minutes.len());
    let fives = market.bars(&["SPY"], "5m", "2026-03-10 04:00", "2026-03-10 10:00").unwrap();
    assert_eq!(fives.height(), 6, "of the regular session: {fives}");
    assert_eq!(market.bars(&["SPY"], "1d", "2026-03-10 00:00", "2026-03-10 15:59").unwrap().height(), 0, "not complete yet");
    let all = market.headlines(&[], "2026-03-01", "2026-03-10").unwrap();
    let symbol = texts(&all, "symbol").remove(0);
    let one = market.headlines(&[&symbol], "2026-03-01", "2026-03-10").unwrap();
    assert!(one.height() > 0 && one.height() < all.height());
    let coverage = market.coverage().unwrap();
    assert_eq!(coverage.height(), 2 * market.symbols().unwrap().len());
    assert_eq!(market.instruments().unwrap().height(), market.symbols().unwrap().len());
    for (problem, error) in [
        ("`noon` is not a time; write 2025-01-06T09:25", market.bars(&[], "1d", "noon", "2026-03-10").unwrap_err()),
        ("unknown timeframe `2m`: use one of 1m, 5m", market.bars(&[], "2m", "2026-03-09", "2026-03-10").unwrap_err()),
        ("`no,such` is not a ticker", market.bars(&["no,such"], "1d", "2026-03-09", "2026-03-10").unwrap_err()),
        ("gateway setting `symbols`: is 3", Market::generated(1, 3).map(|it| it.place()).unwrap_err()),
    ] {
        assert!(format!("{error:?}").contains(problem), "{error}");
    }
}

/// A data folder whose scheduler has run a gap scan over a recorded folder, sent its mail to files, and ingested the bars.
fn served(data: &Path, market: &Market) {
    market.save(data.join("recorded").to_str().unwrap()).unwrap();
    let symbols = market.symbols().unwrap();
    let text = format!(
        r#"
[sources]
order = ["files"]
[sources.files]
folder = "recorded"
[universes.all]
symbols = {symbols:?}
[channels.mail]
kind = "email"
transport = "file"
folder = "outbox"
from = "a@b.example"
to = ["c@d.example"]
[[jobs]]
name = "gaps"
kind = "gap_scan"
cron = ["25 9 * * MON-FRI"]
universe = "all"
alert = {{ channels = ["mail"] }}
"#
    );
    std::fs::write(data.join("schedules.toml"), text).unwrap();
    let ingested = run(data, &["ingest", "--source", data.join("recorded").to_str().unwrap()]);
    assert!(ingested.ok, "{}", ingested.err);
    let scanned = run(data, &["run", "gaps", "--as-of", WHEN]);
    assert!(scanned.ok, "{}", scanned.err);
}

#[test]
fn the_database_of_a_data_folder_is_read_in_one_line_each() {
    let (data, market) = (folder(), market());
    served(data.path(), &market);
    let place = data.path().to_str().unwrap();
    let database = Database::open(place).unwrap();

    let runs = database.runs().unwrap();
    assert_eq!((texts(&runs, "job"), texts(&runs, "status")), (vec!["gaps".to_owned()], vec!["late".to_owned()]), "{runs}");
    assert_eq!(database.runs_of("gaps", "2026-03-10", "2026-03-10").unwrap().height(), 1);
    assert_eq!(database.runs_of("gaps", "2026-03-11", "2026-03-12").unwrap().height(), 0);
    let hits = database.hits("latest").unwrap();
    assert_eq!(runs.column("hits").unwrap().f64().unwrap().get(0), Some(hits.height() as f64));
    let again = database.replay("gaps").unwrap();
    assert!(again.identical && again.same_snapshot && again.same_report, "{again}");
    assert!(again.frame().unwrap().equals_missing(&hits), "{} and {hits}", again.frame().unwrap());
    assert!(
        again.to_string().contains("gaps due Tue 2026-03-10 09:25 EDT") && again.to_string().contains("identical"),
        "{again}"
    );
    let all = database.hits_of("gaps", "2026-03-01", "2026-03-31").unwrap();
    assert_eq!((all.height(), all.width()), (hits.height(), hits.width() + 2));
    let snapshot = database.snapshot("gaps").unwrap();
    assert_eq!(texts(&runs, "snapshot_hash"), [snapshot.hash().to_string()]);
    let alerts = database.alerts().unwrap();
    assert_eq!((texts(&alerts, "channel"), texts(&alerts, "kind")), (vec!["mail".to_owned()], vec!["email".to_owned()]));
    assert!(database.alerts_of("gaps").unwrap().equals_missing(&alerts));
    let conditions = database.conditions("2026-03-10", "2026-03-10").unwrap();
    assert!(conditions.column("breadth").unwrap().f64().unwrap().get(0).is_some_and(|it| it > 0.0 && it < 1.0), "{conditions}");
    assert_eq!(database.headlines(&[], "2026-03-01", "2026-03-31").unwrap().width(), 5);

    // The same notebook on stored data: one line changes.
    let stored = Market::open(place).unwrap();
    let (from, until) = ("2026-03-02", "2026-03-10 12:00");
    for timeframe in ["1m", "30m", "1d"] {
        let (a, b) = (market.bars(&["SPY"], timeframe, from, until), stored.bars(&["SPY"], timeframe, from, until));
        assert!(a.unwrap().equals_missing(&b.unwrap()), "{timeframe}");
    }
    assert!(database.bars(&[], "1d", from, until).unwrap().equals_missing(&market.bars(&[], "1d", from, until).unwrap()));
    assert_eq!((stored.symbols().unwrap(), stored.last_session().unwrap()), (market.symbols().unwrap(), "2026-03-10".to_owned()));
    let computed = |job: &str, clock: &str| {
        let when = format!("2026-03-10 {clock}");
        let (a, b) = (market.compute(job, &when).unwrap(), stored.compute(job, &when).unwrap());
        assert!(a.equals_missing(&b), "{job} at {clock}: {a} and {b}");
        a
    };
    let (open, over) = (computed("features-daily", "15:59"), computed("features-daily", "16:00"));
    assert_eq!(over.height() - open.height(), over.column("symbol").unwrap().n_unique().unwrap(), "the day's own bars");
    computed("features-30-minutes", "16:02");
    computed("risk-profiles", "16:30");
    let scan = scheduled_scan("premarket-gap").unwrap();
    let (a, b) = (stored.scan(&scan, WHEN).unwrap(), market.scan(&scan, WHEN).unwrap());
    let symbols = |report: &bellwether::scanners::ScanReport| texts(&hits_of_report(report).unwrap(), "symbol");
    assert_eq!(symbols(&a), symbols(&b));
    let coverage = database.coverage().unwrap();
    assert!(coverage.equals_missing(&market.coverage().unwrap()), "{coverage}");

    let error = database.hits("nothing").unwrap_err().to_string();
    assert!(error.contains("no run matches `nothing`"), "{error}");
    let snapshots = data.path().join("snapshots");
    std::fs::rename(&snapshots, data.path().join("elsewhere")).unwrap();
    let error = database.snapshot("gaps").unwrap_err().to_string();
    assert!(error.contains("no such snapshot"), "{error}");
    let moved = database.clone().with_snapshots(data.path().join("elsewhere").to_str().unwrap());
    assert_eq!(moved.snapshot("gaps").unwrap().hash(), snapshot.hash());
}

#[test]
fn a_rehearsal_leaves_what_a_scheduler_would_have_left() {
    let market = market();
    let whens = ["2026-03-10 09:25", "2026-03-10 09:00", "2026-03-10 09:07"];
    let database = market.rehearse(&["premarket-gap", "intraday-momentum"], &whens).unwrap();
    let folder = database.place();
    assert!(Path::new(&folder).is_dir());

    let runs = database.runs().unwrap();
    assert_eq!(texts(&runs, "status"), vec!["succeeded"; 6], "{runs}");
    let gaps = database.runs_of("premarket-gap", "2026-03-10", "2026-03-10").unwrap();
    assert!(
        gaps.column("started_at").unwrap().equals_missing(&gaps.column("due_at").unwrap().clone().with_name("started_at".into()))
    );
    assert_eq!(texts(&gaps, "trigger"), ["schedule", "manual", "schedule"], "09:07 is no due time: {gaps}");
    let scan = scheduled_scan("premarket-gap").unwrap();
    let report = market.scan(&scan, WHEN).unwrap();
    assert_eq!(texts(&gaps, "report_hash")[0], report.hash().to_string());
    assert!(database.hits("premarket-gap").unwrap().equals_missing(&hits_of_report(&report).unwrap()));
    assert!(database.replay("premarket-gap").unwrap().identical);
    assert_eq!(database.snapshot("premarket-gap").unwrap().hash(), market.snapshot_for(&scan, WHEN).unwrap().hash());
    let again = bellwether_notebook::snapshot_from(&format!("{folder}/snapshots"), &texts(&gaps, "snapshot_hash")[0]).unwrap();
    assert_eq!(again.hash(), market.snapshot_for(&scan, WHEN).unwrap().hash());
    let alerts = database.alerts_of("premarket-gap").unwrap();
    assert_eq!((texts(&alerts, "status"), texts(&alerts, "channel")), (vec!["pending".to_owned()], vec!["mail".to_owned()]));
    assert!(database.conditions("2026-03-10", "2026-03-10").unwrap().height() >= 3);

    let clone = database.clone();
    drop(database);
    assert_eq!(clone.runs().unwrap().height(), 6);
    drop(clone);
    assert!(!Path::new(&folder).exists(), "the database goes with the last clone");
    let error = market.rehearse(&["no-such"], &[WHEN]).unwrap_err().to_string();
    assert!(error.contains("no job `no-such`"), "{error}");
}

/// What the scheduler computed of each symbol is what a notebook computes, to the bit, and comes out again of the stored run.
#[test]
fn what_jobs_compute_is_stored_and_is_what_a_notebook_computes() {
    let market = market();
    let jobs = ["risk-profiles", "features-daily", "features-30-minutes"];
    let when = "2026-03-10 10:32";
    let database = market.rehearse(&jobs, &[when]).unwrap();
    for job in jobs {
        let (stored, here) = (database.computed(job).unwrap(), market.compute(job, when).unwrap());
        assert_eq!(stored.get_column_names(), here.get_column_names(), "{job}");
        let symbols = texts(&stored, "symbol");
        assert!(symbols.len() >= market.symbols().unwrap().len() && symbols.is_sorted(), "{job}: {symbols:?}");
        // The newest row of each symbol.
        let all = texts(&here, "symbol");
        let newest: Vec<usize> = (0..all.len()).filter(|row| all.get(row + 1) != Some(&all[*row])).collect();
        assert_eq!(newest.len(), stored.height(), "{job}");
        let mut defined = 0;
        for name in here.get_column_names() {
            let (ours, theirs) = (stored.column(name).unwrap(), here.column(name).unwrap());
            for (row, newest) in newest.iter().enumerate() {
                let (one, other) = (ours.get(row).unwrap(), theirs.get(*newest).unwrap());
                let number = |value: &AnyValue<'_>| value.try_extract::<f64>().ok().map(f64::to_bits);
                assert_eq!((number(&one), one.is_null()), (number(&other), other.is_null()), "{job} {name}: {one} and {other}");
                assert!(number(&one).is_some() || one.to_string() == other.to_string(), "{job} {name}: {one} and {other}");
                defined += usize::from(!one.is_null());
            }
        }
        assert!(defined > 10 * stored.height(), "{job}: {defined} values of {} symbols", stored.height());
        let again = database.replay(job).unwrap();
        assert!(again.identical && again.frame().unwrap().equals_missing(&here), "{again}");
    }
    let bars = database.computed("features-30-minutes").unwrap();
    let close = bars.column("close_at").unwrap().datetime().unwrap().physical().iter().flatten().max().unwrap();
    let end: jiff::Timestamp = "2026-03-10T14:30:00Z".parse().unwrap();
    assert_eq!(close, end.as_microsecond(), "half hours end before they are rows");

    let error = database.computed("latest").and(market.compute("premarket-gap", when)).unwrap_err().to_string();
    assert!(error.contains("gap_scan, which computes neither"), "{error}");
    let error = market.rehearse(&["premarket-gap"], &[WHEN]).unwrap().computed("latest").unwrap_err().to_string();
    assert!(error.contains("computed nothing"), "{error}");
}

/// A notebook's kernel is killed, and its database must not outlive it.
#[test]
fn a_rehearsal_goes_with_a_process_that_is_killed() {
    const TOLD: &str = "BELLWETHER_TEST_REHEARSAL";
    if let Some(told) = std::env::var_os(TOLD) {
        let database = market().rehearse(&["premarket-gap"], &[WHEN]).unwrap();
        let pid = std::fs::read_to_string(Path::new(&database.place()).join("postgres/pgdata/postmaster.pid")).unwrap();
        std::fs::write(told, format!("{}\n{}", database.place(), pid.lines().next().unwrap())).unwrap();
        std::process::abort();
    }
    let data = folder();
    let told = data.path().join("told");
    let killed = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["lab_data::a_rehearsal_goes_with_a_process_that_is_killed", "--exact"])
        .env(TOLD, &told)
        .output()
        .unwrap();
    assert!(!killed.status.success());
    let told = std::fs::read_to_string(told).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&killed.stderr)));
    let (place, pid) = told.split_once('\n').unwrap();
    let began = std::time::Instant::now();
    while Path::new(place).exists() {
        assert!(began.elapsed().as_secs() < 60, "{place} is still there");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(!Path::new("/proc").join(pid).exists(), "the server still runs");
}

#[test]
fn a_schema_of_another_version_is_refused_and_left_alone() {
    let data = folder();
    let place = data.path().to_str().unwrap();
    let cluster = Cluster::start_blocking(&EmbeddedConfig::new(data.path().join("postgres"), Consent::Granted)).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::connect(&cluster.url(), ConnectOptions::default())).unwrap();
    for opened in [Database::open(place), Database::open(&cluster.url())] {
        let error = opened.unwrap_err().to_string();
        assert!(error.contains("schema is version 0") && error.contains("bellwether db migrate"), "{error}");
    }
    assert_eq!(runtime.block_on(store.schema_version()).unwrap(), 0, "nothing was migrated");
    runtime.block_on(store.migrate()).unwrap();
    let database = Database::open(&cluster.url()).unwrap();
    assert_eq!(database.runs().unwrap().height(), 0);
    assert_eq!(database.hits_of("gaps", "2026-03-10", "2026-03-10").unwrap().height(), 0);
    assert!(database.place().contains("bellwether"), "{}", database.place());
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&cluster.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (9999, 'later', '', '')";
        client.batch_execute(sql).await.unwrap();
    });
    let error = Database::open(place).unwrap_err().to_string();
    assert!(error.starts_with(place) && error.contains("version 9999") && error.contains("upgrade Bellwether"), "{error}");
}

#[test]
fn a_place_without_data_is_named_with_what_to_give_instead() {
    let data = folder();
    let place = data.path().to_str().unwrap();
    let message = |place: &str| Database::open(place).unwrap_err().to_string();
    assert!(message(place).contains("holds no database: name the folder that `bellwether --data-dir` has"), "{}", message(place));
    assert!(message("/nowhere").contains("is neither a folder nor a postgres:// URL"));
    assert!(message("postgres://u:secret@127.0.0.1:1/d").contains("cannot connect to u@127.0.0.1:1/d"));
    assert!(!message("postgres://u:secret@127.0.0.1:1/d").contains("secret"));
    assert!(!data.path().join("postgres").exists(), "opening makes nothing");
    let error = Market::open(place).unwrap_err().to_string();
    assert!(error.contains("holds neither bars.parquet"), "{error}");
    assert!(scheduled_scan("housekeeping").unwrap_err().to_string().contains("housekeeping, which is no scan"));

    let file = data.path().join("AAA.csv");
    let rows = "date,open,high,low,close,volume\n2026-03-09,10,11,9,10.5,100\n2026-03-10,10,9,11,10,100\n";
    std::fs::write(&file, rows).unwrap();
    let bars = bars_from(file.to_str().unwrap()).unwrap();
    assert_eq!((bars.len(), bars.symbols()[0].as_str()), (1, "AAA"), "the other row is told and left out");
    assert_eq!(table_from(file.to_str().unwrap()).unwrap().height(), 2);
    std::fs::write(&file, "date,open,high,low,close,volume\n2026-03-10,10,9,11,10,100\n").unwrap();
    let error = bars_from(file.to_str().unwrap()).unwrap_err().to_string();
    assert!(error.contains("AAA.csv: holds no bar: 1 rows are none, the first of AAA"), "{error}");
}
