//! Reaching, losing and securing a connection.

use std::{
    fs,
    os::unix::{fs::MetadataExt, process::CommandExt},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use bellwether_store::{ConnectOptions, RetryPolicy, RunOutcome, RunStatus, Store, StoreError, embedded::Cluster};
use tokio_postgres::NoTls;

use crate::{
    harness::{at, client, embedded, in_database, open_directory, program_of},
    runs::{alert, hit, new_run},
};

const PASSWORD: &str = "hunter2-is-secret";

fn impatient() -> ConnectOptions {
    let retry = RetryPolicy { attempts: 2, ..RetryPolicy::default() };
    ConnectOptions {
        connect_timeout: Duration::from_secs(2),
        wait_timeout: Duration::from_millis(300),
        retry,
        ..ConnectOptions::default()
    }
}

#[tokio::test]
async fn lost_connections_lose_and_repeat_nothing() {
    in_database(async |database| {
        const RUNS: usize = 60;
        let done = AtomicBool::new(false);
        let killer = async {
            let admin = database.client().await;
            let own = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let mut killed = 0;
            while !done.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(60)).await;
                killed += admin.query_one(own, &[]).await.unwrap().get::<_, i64>(0);
            }
            killed
        };
        let worker = async {
            for n in 0..RUNS {
                let due = format!("2026-03-02T14:{:02}:00Z", n);
                let claim = database.store.claim_run(&new_run("gaps", &due, "i")).await.unwrap().unwrap();
                let mut outcome = RunOutcome::bare(RunStatus::Succeeded, at(&due));
                outcome.hits = (1..=20).map(|rank| hit(rank, "AAPL")).collect();
                outcome.alerts = (0..5).map(|a| alert(&format!("{n} {a}"))).collect();
                database.store.finish_run(&claim, &outcome).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            done.store(true, Ordering::Relaxed);
        };
        let (killed, ()) = tokio::join!(killer, worker);
        assert!(killed > 3, "{killed}");
        assert_eq!(database.count("SELECT count(*) FROM runs WHERE status = 'succeeded'").await, 60);
        assert_eq!(database.count("SELECT count(*) FROM runs").await, 60);
        assert_eq!(database.count("SELECT count(*) FROM scan_hits").await, 1200);
        assert_eq!(database.count("SELECT count(*) FROM alerts").await, 300);
        println!("{killed} connections were killed, {} operations tried again", database.store.retries());
    })
    .await;
}

#[tokio::test]
async fn a_transaction_cut_in_the_middle_is_done_again_whole() {
    in_database(async |database| {
        let claim = database.store.claim_run(&new_run("gaps", "2026-03-02T14:25:00Z", "i")).await.unwrap().unwrap();
        // Hold a lock that the transaction needs at its end, and cut it while it waits for that.
        let admin = database.client().await;
        admin.batch_execute("BEGIN; LOCK TABLE alerts").await.unwrap();
        let mut outcome = RunOutcome::bare(RunStatus::Succeeded, at("2026-03-02T14:25:09Z"));
        outcome.hits = vec![hit(1, "AAPL")];
        outcome.alerts = vec![alert("a")];
        let cutter = async {
            let waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            let victim: i32 = loop {
                if let Some(row) = admin.query_opt(waiting, &[]).await.unwrap() {
                    break row.get(0);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            admin.execute("SELECT pg_terminate_backend($1)", &[&victim]).await.unwrap();
            admin.batch_execute("COMMIT").await.unwrap();
        };
        let (finished, ()) = tokio::join!(database.store.finish_run(&claim, &outcome), cutter);
        finished.unwrap();
        assert_eq!(database.store.retries(), 1);
        assert_eq!(database.store.hits(claim.run_id).await.unwrap().len(), 1);
        assert_eq!(database.store.alerts_of(claim.run_id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_there_is_said_without_the_password() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("postgresql://ana:{PASSWORD}@127.0.0.1:{port}/bw");
    let error = Store::connect(&url, impatient()).await.unwrap_err();
    assert!(matches!(error, StoreError::Connect { .. }) && error.is_retryable(), "{error}");
    assert!(error.to_string().contains("is the server running"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgresql://ana:{PASSWORD}@{}/bw", listener.local_addr().unwrap());
    let started = std::time::Instant::now();
    let error = Store::connect(&url, impatient()).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(matches!(error, StoreError::Timeout { doing: "connecting", .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn waits_and_statements_end_in_time() {
    in_database(async |database| {
        let options = ConnectOptions { connections: 1, statement_timeout: Duration::from_millis(200), ..impatient() };
        let store = Store::connect(&database.url, options).await.unwrap();
        let admin = database.client().await;
        admin.batch_execute("BEGIN; LOCK TABLE runs").await.unwrap();
        let error = store.last_due("gaps").await.unwrap_err();
        assert_eq!(error.sql_state(), Some("57014"), "{error}");
        assert!(error.to_string().contains("statement timeout") && !error.is_retryable(), "{error}");
        let options = ConnectOptions { connections: 1, ..impatient() };
        let store = Store::connect(&database.url, options).await.unwrap();
        let (one, two) = tokio::join!(store.last_due("gaps"), async {
            let outcome = store.last_due("gaps").await;
            admin.batch_execute("COMMIT").await.unwrap();
            outcome
        });
        one.unwrap();
        assert!(matches!(two, Err(StoreError::Timeout { doing: "waiting for a free connection", .. })));
    })
    .await;
}

/// A server on TCP with TLS and passwords, made from an embedded cluster's files.
struct TcpServer {
    process: Child,
    port: u16,
    directory: tempfile::TempDir,
}

impl TcpServer {
    async fn start() -> Self {
        let directory = open_directory();
        let path = directory.path();
        let cluster = Cluster::start(embedded(path)).await.unwrap();
        let pgdata = path.join("pgdata");
        let program = program_of(&pgdata);
        let role = format!("SET password_encryption = 'scram-sha-256'; CREATE ROLE ana LOGIN PASSWORD '{PASSWORD}'");
        client(&cluster.url()).await.batch_execute(&role).await.unwrap();
        cluster.stop().await.unwrap();

        let account = fs::metadata(&pgdata).unwrap();
        let openssl = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(path.join("key.pem"))
            .arg("-out")
            .arg(path.join("cert.pem"))
            .output()
            .unwrap();
        assert!(openssl.status.success(), "{}", String::from_utf8_lossy(&openssl.stderr));
        fs::write(
            path.join("hba.conf"),
            "hostssl all all 127.0.0.1/32 scram-sha-256\nhost all plain 127.0.0.1/32 scram-sha-256\n",
        )
        .unwrap();
        for name in ["key.pem", "hba.conf"] {
            std::os::unix::fs::chown(path.join(name), Some(account.uid()), Some(account.gid())).unwrap();
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let set = |name: &str, value: String| ["-c".to_owned(), format!("{name}={value}")];
        let mut server = Command::new(program);
        server.uid(account.uid()).gid(account.gid()).current_dir("/").arg("-D").arg(&pgdata);
        server
            .args(set("listen_addresses", "127.0.0.1".to_owned()))
            .args(set("port", port.to_string()))
            .args(set("ssl", "on".to_owned()));
        server.args(set("unix_socket_directories", String::new()));
        server.args(set("ssl_cert_file", path.join("cert.pem").display().to_string()));
        server.args(set("ssl_key_file", path.join("key.pem").display().to_string()));
        server.args(set("hba_file", path.join("hba.conf").display().to_string()));
        let process = server.stdout(Stdio::null()).stderr(fs::File::create(path.join("tcp.log")).unwrap()).spawn().unwrap();
        let is_ready = || fs::read_to_string(pgdata.join("postmaster.pid")).is_ok_and(|file| file.contains("\nready"));
        for _ in 0..400 {
            if is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(is_ready(), "{}", fs::read_to_string(path.join("tcp.log")).unwrap());
        Self { process, port, directory }
    }

    async fn connect(&self, user: &str, host: &str, query: &str) -> Result<Store, StoreError> {
        let url = format!("postgresql://{user}@{host}:{}/bellwether?{query}", self.port);
        Store::connect(&url, impatient()).await
    }
}

impl Drop for TcpServer {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn tls_and_passwords_are_checked() {
    let server = TcpServer::start().await;
    let user = format!("ana:{PASSWORD}");
    let certificate = format!("sslrootcert={}", server.directory.path().join("cert.pem").display());

    let trusted = server.connect(&user, "localhost", &format!("sslmode=require&{certificate}")).await.unwrap();
    assert_eq!(trusted.target(), format!("ana@localhost:{}/bellwether", server.port));
    assert!(!format!("{trusted:?}").contains("hunter2"));
    server.connect(&user, "127.0.0.1", "sslmode=prefer").await.unwrap();
    server.connect(&user, "localhost", "").await.unwrap();

    // Not signed by anybody whom the system trusts.
    let error = server.connect(&user, "localhost", "sslmode=require").await.unwrap_err();
    assert!(error.to_string().contains("sslrootcert") && !error.is_retryable(), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    // The server accepts this user over TLS only.
    let error = server.connect(&user, "localhost", "sslmode=disable").await.unwrap_err();
    assert!(error.to_string().contains("no encryption"), "{error}");

    let error = server.connect("ana:wrong-hunter2", "localhost", "").await.unwrap_err();
    assert!(error.to_string().contains("check the user name and password") && !error.is_retryable(), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");

    let error = server.connect(&user, "localhost", "sslrootcert=/nowhere.pem&sslmode=require").await.unwrap_err();
    assert!(matches!(error, StoreError::RootCertificates { .. }), "{error}");
    let empty = server.directory.path().join("empty.pem");
    fs::write(&empty, "nothing").unwrap();
    let error =
        server.connect(&user, "localhost", &format!("sslmode=require&sslrootcert={}", empty.display())).await.unwrap_err();
    assert!(matches!(error, StoreError::RootCertificates { .. }), "{error}");

    // Encrypted in fact, not only in name.
    let url = format!("host=localhost port={} user=ana password={PASSWORD} dbname=bellwether", server.port);
    assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
}

#[tokio::test]
async fn an_unknown_database_is_named() {
    let server = TcpServer::start().await;
    let url = format!("postgresql://ana:{PASSWORD}@localhost:{}/nothing", server.port);
    let error = Store::connect(&url, impatient()).await.unwrap_err();
    assert!(error.to_string().contains("create the database first"), "{error}");
}
