//! `bellwether serve`, killed and stopped at bad moments. Real time, real processes. Tests start in the order of their names: these wait
//! longest, and should not be the last.

use std::{
    path::Path,
    process::{Child, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether_gateway::{
    Gateway, GatewayConfig, GatewayHandle, SimClock,
    generator::{MarketSpec, generate},
};
use bellwether_tests::{bellwether, folder, run};

fn schedule(folder: &Path, port: u16, cron: &str) {
    let text = format!(
        "[ib]\nport = {port}\n[universes.u]\nsymbols = [\"SPY\"]\n[channels.mail]\nkind = \"email\"\ntransport = \"file\"\nfolder = \"outbox\"\n\
         from = \"a@b.example\"\nto = [\"c@d.example\"]\n[[jobs]]\nname = \"g\"\nkind = \"gap_scan\"\nuniverse = \"u\"\ncron = [\"{cron}\"]\n\
         calendar = \"any_day\"\ntimeout = \"10m\"\nalert = {{ channels = [\"mail\"], when_empty = true }}\n"
    );
    std::fs::write(folder.join("schedules.toml"), text).unwrap();
}

async fn gateway() -> GatewayHandle {
    let market = generate(&MarketSpec { symbols: 20, history_sessions: 2, ..MarketSpec::default() }).unwrap();
    let clock = SimClock::new(jiff::Timestamp::now(), 1.0);
    Gateway::start(GatewayConfig::default(), Arc::new(market.tape), clock).await.unwrap()
}

fn serve(folder: &Path) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("serve.log")).unwrap();
    bellwether(folder).arg("serve").stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("serve.log")).unwrap_or_default()
}

/// Waits until the log says `words` for the `n`th time.
fn wait_for(folder: &Path, words: &str, n: usize, patience: Duration) {
    let began = Instant::now();
    while log(folder).matches(words).count() < n {
        assert!(began.elapsed() < patience, "no `{words}` ({n}) within {patience:?}:\n{}", log(folder));
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn signal(child: &Child, name: &str) {
    assert!(std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Both at once: they wait for whole minutes, as the schedule does.
#[test]
fn killed_or_told_to_stop_in_the_middle_of_a_scan_nothing_is_lost_and_nothing_is_told_twice() {
    std::thread::scope(|scope| {
        for how in ["-KILL", "-TERM"] {
            scope.spawn(move || tokio::runtime::Runtime::new().unwrap().block_on(in_the_middle_of_a_scan(how)));
        }
    });
}

/// A process is given `how` while its scan hangs; the next one must leave the ledger and the outbox as if nothing had been.
async fn in_the_middle_of_a_scan(how: &str) {
    let data = folder();
    let gateway = gateway().await;
    schedule(data.path(), gateway.addr().port(), "* * * * *");
    gateway.faults().stall(true);
    let mut first = serve(data.path());
    wait_for(data.path(), "run started", 1, Duration::from_secs(90));
    signal(&first, how);
    first.wait().unwrap();
    gateway.faults().stall(false);
    let mut second = serve(data.path());
    // The dead process' run is taken over once its heartbeat is old, and ends well.
    wait_for(data.path(), "taking over a run whose process died", 1, Duration::from_secs(150));
    wait_for(data.path(), "alert delivered", 2, Duration::from_secs(90));
    signal(&second, "-TERM");
    assert!(second.wait().unwrap().success(), "{}", log(data.path()));
    let runs = run(data.path(), &["db", "runs", "-n", "100", "--json"]).json();
    let runs = runs.as_array().unwrap();
    let orphan = runs.last().unwrap();
    assert_eq!((orphan["status"].as_str(), orphan["attempt"].as_i64()), (Some("late"), Some(2)), "{orphan:#}");
    let mut due: Vec<&str> = runs.iter().map(|run| run["due_at"].as_str().unwrap()).collect();
    due.sort_unstable();
    due.dedup();
    assert_eq!(due.len(), runs.len(), "one row for each due time");
    let mails: Vec<String> =
        std::fs::read_dir(data.path().join("outbox")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    let finished = runs.iter().filter(|run| matches!(run["status"].as_str(), Some("succeeded" | "late"))).count();
    assert_eq!(mails.len(), finished, "{mails:?}");
    gateway.shutdown().await;
}

#[test]
fn idle_it_stops_at_once_on_sigterm_and_takes_its_database_with_it() {
    let data = folder();
    schedule(data.path(), 4, "0 0 1 1 *");
    let mut child = serve(data.path());
    wait_for(data.path(), "serving", 1, Duration::from_secs(60));
    signal(&child, "-TERM");
    let began = Instant::now();
    assert!(child.wait().unwrap().success(), "{}", log(data.path()));
    assert!(began.elapsed() < Duration::from_secs(15));
    let pid = std::fs::read_dir(data.path().join("postgres"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .any(|p| p.join("postmaster.pid").exists());
    assert!(!pid, "the embedded server is still up");
    let said = run(data.path(), &["db", "status", "--json"]);
    assert!(said.ok, "{}", said.err);
}

#[test]
fn a_full_data_folder_is_told_with_what_to_do() {
    // A file system of four megabytes: the database cannot be made on it.
    let data = folder();
    let mounted =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs"]).arg(data.path()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a small file system cannot be mounted here");
        return;
    }
    let said = run(data.path(), &["db", "status"]);
    let unmounted = std::process::Command::new("umount").arg("-l").arg(data.path()).status();
    assert!(unmounted.unwrap().success());
    assert!(!said.ok && said.err.contains("space"), "{}", said.err);
}
