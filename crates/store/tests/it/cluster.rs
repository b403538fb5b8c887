//! The embedded cluster's life and deaths.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent, EmbeddedConfig, EmbeddedError},
};

use crate::harness::{client, embedded, open_directory};

const HOLD: &str = "BELLWETHER_TEST_HOLD";

fn postmaster(data_dir: &Path) -> Option<String> {
    let file = fs::read_to_string(data_dir.join("pgdata/postmaster.pid")).ok()?;
    file.lines().next().map(str::to_owned)
}

fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn kill_9(pid: &str) {
    assert!(Command::new("kill").args(["-9", pid]).status().unwrap().success());
}

async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn works(cluster: &Cluster) {
    let store = Store::connect(&cluster.url(), ConnectOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
}

#[tokio::test]
async fn it_starts_stops_and_starts_again_with_its_data() {
    let directory = open_directory();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    works(&cluster).await;
    let client = client(&cluster.url()).await;
    client.batch_execute("CREATE TABLE kept AS SELECT 42 AS answer").await.unwrap();
    let settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings
                    WHERE name IN ('fsync', 'listen_addresses', 'server_encoding', 'lc_collate', 'full_page_writes')";
    let settings: String = client.query_one(settings, &[]).await.unwrap().get(0);
    assert!(settings.contains("fsync=on") && settings.contains("full_page_writes=on"), "{settings}");
    assert!(settings.contains("listen_addresses= ") && settings.contains("server_encoding=UTF8"), "{settings}");
    let pid = postmaster(directory.path()).unwrap();
    cluster.stop().await.unwrap();
    assert!(!is_alive(&pid));
    assert_eq!(postmaster(directory.path()), None);

    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    let answer: i32 =
        crate::harness::client(&cluster.url()).await.query_one("SELECT answer FROM kept", &[]).await.unwrap().get(0);
    assert_eq!(answer, 42);
    let pid = postmaster(directory.path()).unwrap();
    drop(cluster);
    assert!(!is_alive(&pid), "dropping it leaves it too");
}

#[tokio::test]
async fn only_its_account_may_enter() {
    let directory = open_directory();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    for private in ["run", "pgdata"] {
        let metadata = fs::metadata(directory.path().join(private)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{private}");
    }
    // Even with the directory thrown open, the kernel's word about the peer keeps others out.
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let pgdata = directory.path().join("pgdata");
        let psql = crate::harness::program_of(&pgdata).with_file_name("psql");
        fs::set_permissions(directory.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(directory.path().join("run/.s.PGSQL.5432"), fs::Permissions::from_mode(0o777)).unwrap();
        let mut stranger = Command::new(psql);
        stranger.args(["-c", "SELECT 1", &cluster.url()]).current_dir("/");
        std::os::unix::process::CommandExt::uid(&mut stranger, 1);
        let output = stranger.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("Peer authentication failed"), "{said}");
        fs::set_permissions(directory.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap();
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn two_users_share_one_server_and_the_last_stops_it() {
    let directory = open_directory();
    let (one, two) = tokio::join!(Cluster::start(embedded(directory.path())), Cluster::start(embedded(directory.path())));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.url(), two.url());
    let pid = postmaster(directory.path()).unwrap();
    one.stop().await.unwrap();
    assert!(is_alive(&pid));
    works(&two).await;
    two.stop().await.unwrap();
    assert!(!is_alive(&pid));
}

#[tokio::test]
async fn two_data_directories_are_two_clusters() {
    let (left, right) = (open_directory(), open_directory());
    let (one, two) = tokio::join!(Cluster::start(embedded(left.path())), Cluster::start(embedded(right.path())));
    let (one, two) = (one.unwrap(), two.unwrap());
    client(&one.url()).await.batch_execute("CREATE TABLE here ()").await.unwrap();
    assert!(client(&two.url()).await.batch_execute("SELECT FROM here").await.is_err());
    one.stop().await.unwrap();
    works(&two).await;
    two.stop().await.unwrap();
}

#[tokio::test]
async fn it_recovers_from_kill_9_of_the_server() {
    let directory = open_directory();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    let client = client(&cluster.url()).await;
    client.batch_execute("CREATE TABLE kept AS SELECT generate_series(1, 10000) AS n").await.unwrap();
    for _ in 0..5 {
        kill_9(&postmaster(directory.path()).unwrap());
        // At once, while the old server's processes are still ending.
        let again = Cluster::start(embedded(directory.path())).await.unwrap();
        let client = crate::harness::client(&again.url()).await;
        let count: i64 = client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get(0);
        assert_eq!(count, 10000);
    }
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_pid_file_that_names_another_process_does_not_stop_it() {
    let directory = open_directory();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    let pid_file = directory.path().join("pgdata/postmaster.pid");
    let content = fs::read_to_string(&pid_file).unwrap();
    let account = fs::metadata(&pid_file).unwrap();
    kill_9(&postmaster(directory.path()).unwrap());
    // The number now belongs to a process of the same account, as after a reboot.
    let mut other = Command::new("sleep");
    std::os::unix::process::CommandExt::uid(&mut other, account.uid());
    let mut other = other.arg("60").spawn().unwrap();
    let (_, rest) = content.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", other.id())).unwrap();
    let again = Cluster::start(embedded(directory.path())).await.unwrap();
    works(&again).await;
    assert!(is_alive(&other.id().to_string()), "the other process is left alone");
    other.kill().unwrap();
    other.wait().unwrap();
    again.stop().await.unwrap();
    cluster.stop().await.unwrap();
}

/// Not a test of its own: the process that the next one starts and kills.
#[tokio::test]
async fn holder() {
    let Some(directory) = std::env::var_os(HOLD) else { return };
    let _cluster = Cluster::start(embedded(&PathBuf::from(directory))).await.unwrap();
    println!("\nholding");
    tokio::time::sleep(Duration::from_secs(120)).await;
}

fn spawn_holder(directory: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "cluster::holder", "--nocapture"])
        .env(HOLD, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "holding"));
    child
}

#[tokio::test]
async fn a_user_killed_with_9_holds_nothing() {
    let directory = open_directory();
    let mut holder = spawn_holder(directory.path());
    let pid = postmaster(directory.path()).unwrap();
    let guest = Cluster::start(embedded(directory.path())).await.unwrap();
    assert_eq!(postmaster(directory.path()).unwrap(), pid, "the same server");
    guest.stop().await.unwrap();
    assert!(is_alive(&pid), "the holder still uses it");

    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(is_alive(&pid), "nobody was there to stop it");
    let last = Cluster::start(embedded(directory.path())).await.unwrap();
    assert_eq!(postmaster(directory.path()).unwrap(), pid, "taken over, not restarted");
    works(&last).await;
    last.stop().await.unwrap();
    eventually("the last user stops it", || !is_alive(&pid)).await;
}

#[tokio::test]
async fn a_creation_that_was_cut_short_begins_anew() {
    let directory = open_directory();
    let half = directory.path().join("pgdata.new");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    works(&cluster).await;
    assert!(!half.exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn long_and_odd_paths_work() {
    let directory = open_directory();
    let deep = directory.path().join("a quote's \"and\" % space, ".to_owned() + &"long/".repeat(25));
    let cluster = Cluster::start(embedded(&deep)).await.unwrap();
    works(&cluster).await;
    let url = cluster.url();
    let socket_dir = url.split(['@', ':']).nth(2).unwrap().replace("%2F", "/");
    assert!(socket_dir.starts_with("/tmp/bellwether-") && Path::new(&socket_dir).is_dir(), "{socket_dir}");
    cluster.stop().await.unwrap();
    assert!(!Path::new(&socket_dir).exists(), "nothing is left behind");
    let odd = directory.path().join("o'd \"d\" % ä, x");
    let cluster = Cluster::start(embedded(&odd)).await.unwrap();
    works(&cluster).await;
    assert!(!cluster.url().contains("%2Ftmp%2Fbellwether-"), "{}", cluster.url());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let directory = open_directory();
    let cluster = Cluster::start(embedded(directory.path())).await.unwrap();
    cluster.stop().await.unwrap();
    let pgdata = directory.path().join("pgdata");

    let control = fs::read(pgdata.join("global/pg_control")).unwrap();
    fs::write(pgdata.join("global/pg_control"), vec![7; control.len()]).unwrap();
    let error = Cluster::start(embedded(directory.path())).await.unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::Start { advice, output, .. } if advice.contains("damaged") && !output.is_empty()),
        "{error}"
    );
    fs::write(pgdata.join("global/pg_control"), control).unwrap();

    fs::write(pgdata.join("PG_VERSION"), "13\n").unwrap();
    let error = Cluster::start(EmbeddedConfig { consent: Consent::Refused, ..embedded(directory.path()) }).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::Version { cluster: 13, .. }), "{error}");

    let error = Cluster::start(embedded("/proc/nowhere".as_ref())).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::DataDir { .. }), "{error}");

    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let private = tempfile::tempdir().unwrap();
        fs::set_permissions(private.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let error = Cluster::start(embedded(private.path())).await.unwrap_err();
        assert!(matches!(&error, EmbeddedError::Unreachable { .. }), "{error}");
    }

    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Cluster::start(embedded(&file)).await.unwrap_err();
    assert!(matches!(&error, EmbeddedError::DataDir { .. }), "{error}");
}
