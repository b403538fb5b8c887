//! Every due time is exactly one row, whatever happens: on a real Postgres, with a clock that runs as fast as the test likes.

use std::{path::Path, sync::Arc};

use bellwether::market::{Bar, Calendar, Clock, Timeframe};
use bellwether_adapters::FileSource;
use bellwether_gateway::SimClock;
use bellwether_jobs::{
    config::Config,
    context::Context,
    market::Market,
    schedule::{Runner, Scheduler, Timer, due_between},
    tasks,
};
use bellwether_store::{
    ConnectOptions, Run, RunFilter, RunStatus, Store,
    embedded::{Cluster, Consent, EmbeddedConfig},
};
use bellwether_tests::folder;
use jiff::{SignedDuration, Timestamp};
use polars::prelude::*;
use tokio_util::sync::CancellationToken;

const SCHEDULE: &str = r#"
[universes.u]
symbols = ["AAA"]
[channels.mail]
kind = "email"
transport = "file"
folder = "outbox"
from = "a@b.example"
to = ["c@d.example"]
[[jobs]]
name = "gap"
kind = "gap_scan"
cron = ["0 8,9 * * MON-FRI", "25 9 * * MON-FRI"]
universe = "u"
gap = { min_volume = 0.0 }
alert = { channels = ["mail"] }
misfire = { policy = "run_late", grace = "20m" }
[[jobs]]
name = "momentum"
kind = "momentum_scan"
cron = ["35-55/5 9 * * MON-FRI", "*/5 10 * * MON-FRI"]
universe = "u"
momentum = { min_volume = 0.0 }
misfire = { policy = "skip", grace = "2m" }
"#;

fn at(text: &str) -> Timestamp {
    let local: jiff::civil::DateTime = text.parse().unwrap();
    Calendar.at(local.date(), local.time())
}

/// A recorded folder of one symbol that gaps by 20 % on Monday 2026-03-09, the first session after the switch to summer time.
fn recorded(folder: &Path) {
    let mut rows: Vec<(i64, f64)> = vec![(at("2026-03-06T15:59").as_millisecond(), 10.0)];
    for minute in 0..420 {
        rows.push((at("2026-03-09T04:00").as_millisecond() + minute * 60_000, 12.0 + (minute % 7) as f64 / 100.0));
    }
    let ts: Vec<i64> = rows.iter().map(|(ts, _)| *ts).collect();
    let price: Vec<f64> = rows.iter().map(|(_, price)| *price).collect();
    let ts = Int64Chunked::from_slice("ts".into(), &ts).into_datetime(TimeUnit::Milliseconds, None).into_series();
    let volume = vec![5_000.0; rows.len()];
    let mut frame = df!("symbol" => vec!["AAA"; rows.len()], "open" => &price, "high" => &price, "low" => &price, "close" => &price, "volume" => volume).unwrap();
    frame.with_column(ts.into_column()).unwrap();
    bellwether::frames::write_parquet(&folder.join("bars.parquet"), &mut frame).unwrap();
}

/// A folder, a cluster, a database.
struct World {
    folder: tempfile::TempDir,
    cluster: Cluster,
    store: Store,
}

impl World {
    async fn new() -> Self {
        let folder = folder();
        recorded(folder.path());
        let cluster = Cluster::start(EmbeddedConfig::new(folder.path().join("postgres"), Consent::Granted)).await.unwrap();
        let store = Store::connect(&cluster.url(), ConnectOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        Self { folder, cluster, store }
    }

    fn context(&self, clock: &Arc<SimClock>) -> Arc<Context> {
        let config = Config::parse(SCHEDULE, "test", None).unwrap();
        let market = Market::Files(Arc::new(FileSource::open(self.folder.path()).unwrap()));
        let clock = Arc::clone(clock) as Arc<dyn Clock>;
        Arc::new(Context::new(config, self.store.clone(), clock, market, self.folder.path()))
    }

    /// Serves from `from` on until every due time up to `until` is done.
    async fn serve(&self, clock: &Arc<SimClock>, until: Timestamp) {
        let context = self.context(clock);
        let timer = Timer::simulated(Arc::clone(&context.clock));
        let scheduler = Scheduler::new(Runner::new(context), timer);
        tokio::time::timeout(std::time::Duration::from_secs(120), scheduler.serve(&CancellationToken::new(), Some(until)))
            .await
            .unwrap()
            .unwrap();
    }

    async fn runs(&self) -> Vec<Run> {
        let mut runs = self.store.runs(&RunFilter { limit: 1000, ..RunFilter::default() }).await.unwrap();
        runs.sort_by(|a, b| (a.due_at, &a.job).cmp(&(b.due_at, &b.job)));
        runs
    }

    async fn end(self) {
        drop(self.store);
        self.cluster.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_morning_leaves_one_row_for_each_due_time_and_alerts_wait_in_the_outbox() {
    let world = World::new().await;
    // Five minutes are half a second: on a busy machine a run may take a quarter of one.
    let clock = SimClock::new(at("2026-03-09T07:59:30"), 600.0);
    world.serve(&clock, at("2026-03-09T10:00")).await;
    let runs = world.runs().await;
    let due: Vec<String> = runs.iter().filter(|run| run.job == "gap").map(|run| run.due_at.to_string()).collect();
    assert_eq!(due, ["2026-03-09T12:00:00Z", "2026-03-09T13:00:00Z", "2026-03-09T13:25:00Z"], "summer time has begun");
    assert_eq!(runs.iter().filter(|run| run.job == "momentum").count(), 6, "09:35 to 10:00");
    assert!(runs.iter().all(|run| matches!(run.status, RunStatus::Succeeded | RunStatus::Late)), "{runs:#?}");
    for run in runs.iter().filter(|run| run.job == "gap") {
        let hits = world.store.hits(run.run_id).await.unwrap();
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].symbol.as_str(), "AAA");
        let alerts = world.store.alerts_of(run.run_id).await.unwrap();
        assert_eq!(alerts.len(), 1, "written in the same transaction");
    }
    // Each of them can be made again, bit for bit.
    let clock = SimClock::new(at("2026-03-09T12:00"), 1.0);
    let archive = world.context(&clock).archive.clone();
    for run in runs {
        let archive = archive.clone();
        let replay = tokio::task::spawn_blocking(move || tasks::replay(&archive, run).unwrap()).await.unwrap();
        assert!(replay.identical(), "{replay:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_due_while_nothing_ran_is_late_or_missed_but_never_absent() {
    let world = World::new().await;
    // Served until 09:00; down until 09:41.
    world.serve(&SimClock::new(at("2026-03-09T07:59:30"), 1_200.0), at("2026-03-09T09:00")).await;
    // The momentum job is unknown to the ledger until its first row: it gets one now.
    world.serve(&SimClock::new(at("2026-03-09T09:34:30"), 600.0), at("2026-03-09T09:35")).await;
    let clock = SimClock::new(at("2026-03-09T09:41"), 600.0);
    world.serve(&clock, at("2026-03-09T09:45")).await;
    let runs = world.runs().await;
    // While it was served; a busy machine starts a run some minutes of so fast a clock after it was due.
    for due_at in ["2026-03-09T08:00", "2026-03-09T09:00"].map(at) {
        let run = runs.iter().find(|run| run.due_at == due_at && run.job == "gap").unwrap();
        assert!(matches!(run.status, RunStatus::Succeeded | RunStatus::Late), "{runs:#?}");
    }
    let late = runs.iter().find(|run| run.due_at == at("2026-03-09T09:25")).unwrap();
    assert_eq!((late.status, late.job.as_str()), (RunStatus::Late, "gap"));
    assert!(late.reason.as_deref().unwrap().contains("after it was due"), "{late:?}");
    assert_eq!(late.as_of, Some(late.due_at), "a late run sees the market as of its due time");
    let missed = runs.iter().find(|run| run.due_at == at("2026-03-09T09:40")).unwrap();
    assert_eq!((missed.status, missed.reason.as_deref()), (RunStatus::Missed, Some("no process was running")));
    let all = |job: &str, from: &str, until: &str| {
        let config = Config::parse(SCHEDULE, "test", None).unwrap();
        due_between(config.job(job).unwrap(), at(from), at(until)).count()
    };
    assert_eq!(runs.iter().filter(|run| run.job == "gap").count(), all("gap", "2026-03-09T07:00", "2026-03-09T09:45"));
    assert_eq!(runs.iter().filter(|run| run.job == "momentum").count(), all("momentum", "2026-03-09T07:00", "2026-03-09T09:45"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_on_one_database_run_each_due_time_once() {
    let world = World::new().await;
    // Not faster: a process that is late with its heartbeat by 45 s of this clock is taken for dead.
    let clock = SimClock::new(at("2026-03-09T08:59"), 120.0);
    let until = at("2026-03-09T09:25");
    tokio::join!(world.serve(&clock, until), world.serve(&clock, until), world.serve(&clock, until));
    let runs = world.runs().await;
    assert_eq!(runs.len(), 2, "{runs:#?}");
    assert!(runs.iter().all(|run| run.attempt == 1));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_over_due_times_leaves_rows_with_the_reason() {
    let world = World::new().await;
    let clock = SimClock::new(at("2026-03-09T07:58"), 60.0);
    let jump = {
        let clock = Arc::clone(&clock);
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(700)).await;
            clock.advance_to(at("2026-03-09T09:50"));
            clock.set_rate(600.0);
        }
    };
    tokio::join!(world.serve(&clock, at("2026-03-09T09:55")), jump);
    let runs = world.runs().await;
    let config = Config::parse(SCHEDULE, "test", None).unwrap();
    for job in ["gap", "momentum"] {
        let due: Vec<Timestamp> = due_between(config.job(job).unwrap(), at("2026-03-09T07:58"), at("2026-03-09T09:55")).collect();
        let found: Vec<Timestamp> = runs.iter().filter(|run| run.job == job).map(|run| run.due_at).collect();
        assert_eq!(found, due, "{job}");
    }
    let first = runs.iter().find(|run| run.due_at == at("2026-03-09T08:00")).unwrap();
    assert_eq!(first.status, RunStatus::Missed);
    assert!(first.reason.as_deref().unwrap().contains("clock jumped"), "{first:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_process_died_is_taken_over_or_ended() {
    let world = World::new().await;
    let clock = SimClock::new(at("2026-03-09T08:00:01"), 1.0);
    let dead = |job: &str, due: &str| bellwether_store::NewRun {
        job: job.into(),
        kind: "gap_scan".into(),
        trigger: bellwether_store::Trigger::Schedule,
        due_at: at(due),
        as_of: Some(at(due)),
        instance: "a process that was killed".into(),
        started_at: clock.now() - SignedDuration::from_mins(5),
        config: None,
        code_version: None,
    };
    world.store.claim_run(&dead("gap", "2026-03-09T08:00")).await.unwrap().unwrap();
    world.store.claim_run(&dead("momentum", "2026-03-06T10:00")).await.unwrap().unwrap();
    world.serve(&clock, at("2026-03-09T08:00:02")).await;
    let runs = world.runs().await;
    let gap = runs.iter().find(|run| run.job == "gap").unwrap();
    assert_eq!((gap.status, gap.attempt), (RunStatus::Succeeded, 2), "{gap:?}");
    assert_eq!(world.store.hits(gap.run_id).await.unwrap().len(), 1);
    let momentum = runs.iter().find(|run| run.job == "momentum" && run.due_at == at("2026-03-06T10:00")).unwrap();
    assert_eq!(momentum.status, RunStatus::Failed);
    assert!(momentum.reason.as_deref().unwrap().contains("process died"), "{momentum:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_cannot_keep_its_snapshot_fails_and_says_so() {
    let world = World::new().await;
    // The place where snapshots go is a file: as full or forbidden as a disk can be.
    std::fs::write(world.folder.path().join("snapshots"), b"").unwrap();
    let clock = SimClock::new(at("2026-03-09T07:59:30"), 600.0);
    world.serve(&clock, at("2026-03-09T08:00")).await;
    let runs = world.runs().await;
    assert_eq!(runs[0].status, RunStatus::Failed);
    assert!(runs[0].reason.as_deref().unwrap().contains("snapshot could not be kept"), "{runs:?}");
    let alerts = world.store.alerts_of(runs[0].run_id).await.unwrap();
    assert_eq!(alerts.len(), 1, "people are told that it failed");
    assert!(alerts[0].subject.contains("failed"), "{}", alerts[0].subject);
    world.end().await;
}

/// R190: bars in the database, by SQL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_bars_come_back_bit_for_bit() {
    let world = World::new().await;
    let source = FileSource::open(world.folder.path()).unwrap();
    let written = world.store.write_bars(source.minutes(), Timeframe::Min1, "files").await.unwrap();
    assert_eq!(written, 421);
    let symbols = source.symbols();
    let (back, faults) =
        world.store.read_bars(&symbols, Timeframe::Min1, at("2026-03-06T00:00"), at("2026-03-10T00:00")).await.unwrap();
    assert!(faults.is_empty());
    let bits = |bar: Bar| (bar.open_at, bar.close.to_bits(), bar.volume.to_bits());
    let ours: Vec<_> = source.minutes().series("AAA").iter().map(bits).collect();
    assert_eq!(back.series("AAA").iter().map(bits).collect::<Vec<_>>(), ours);
    world.end().await;
}
