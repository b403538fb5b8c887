//! The Python client as a child process, in an environment of its own.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::OnceCell,
    time::timeout,
};

use super::{Outcome, events::Event, script::Step};

/// Longer than the client itself waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Set to skip what needs Python.
const SKIP: &str = "BELLWETHER_TEST_WITHOUT_PYTHON";

/// Whether whoever runs the tests has chosen to do without Python.
pub(super) fn skipped() -> bool {
    let skipped = std::env::var_os(SKIP).is_some();
    if skipped {
        eprintln!("skipped: {SKIP} is set");
    }
    skipped
}

/// A session of the Python client.
pub(super) struct PythonClient {
    /// What it said of itself when it was connected.
    pub(super) greeting: Value,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    process: Child,
}

impl PythonClient {
    /// Connects; `newest` is the highest server version that it is to offer, its own maximum when `None`.
    pub(super) async fn connect(port: u16, client_id: i32, newest: Option<i32>) -> Self {
        let mut command = script("client.py").await;
        command.args([port.to_string(), client_id.to_string()]).args(newest.map(|newest| newest.to_string()));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let commands = process.stdin.take().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut client = Self { greeting: Value::Null, commands, answers, process };
        client.greeting = client.answer().await;
        client
    }

    pub(super) async fn ask(&mut self, step: &Step) -> Outcome {
        match self.exchange(&step.fields).await["cannot"].as_str() {
            Some(reason) => Outcome::Cannot(reason.to_owned()),
            None => Outcome::Asked,
        }
    }

    pub(super) async fn fence(&mut self) -> Vec<Event> {
        let Value::Array(events) = self.exchange(&json!({ "fence": true })).await else { panic!("a list of events") };
        let object = |event| match event {
            Value::Object(event) => event,
            other => panic!("an event, not {other}"),
        };
        events.into_iter().map(object).collect()
    }

    /// Disconnects; the process must end by itself.
    pub(super) async fn quit(mut self) {
        self.commands.write_all(b"{\"quit\": true}\n").await.unwrap();
        let status = timeout(PATIENCE, self.process.wait()).await.expect("the client ends").unwrap();
        assert!(status.success(), "{status}");
    }

    async fn exchange(&mut self, command: &Value) -> Value {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        self.answer().await
    }

    async fn answer(&mut self) -> Value {
        let line = timeout(PATIENCE, self.answers.next_line()).await.expect("the Python client answers").unwrap();
        serde_json::from_str(&line.expect("the Python client ended; its complaint is above")).unwrap()
    }
}

/// A Python script of this folder, to be run with the client library.
pub(super) async fn script(name: &str) -> Command {
    let mut command = Command::new(python().await);
    // No compiled files beside the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(folder().join(name));
    command
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/fidelity")
}

/// The interpreter of an environment with what `requirements.txt` names; made once, kept between runs.
async fn python() -> &'static Path {
    static MADE: OnceCell<PathBuf> = OnceCell::const_new();
    MADE.get_or_init(|| async {
        let requirements = folder().join("requirements.txt");
        let wanted = std::fs::read(&requirements).unwrap();
        // target/tmp of this build.
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("test-tools");
        let environment = tools.join("ib-client");
        let (python, ready) = (environment.join("bin/python"), environment.join("requirements.txt"));
        if std::fs::read(&ready).is_ok_and(|installed| installed == wanted) {
            return python;
        }
        let missing = format!(
            "the gateway is proved with a client for Python 3.9 or newer (Debian: apt-get install python3 python3-venv); \
             set {SKIP}=1 to test without it"
        );
        done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), &missing).await;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]);
        install.args(["--only-binary", ":all:", "-r"]).arg(&requirements);
        let missing = format!(
            "the client that the gateway is proved with comes from PyPI, which must be reachable once; set {SKIP}=1 to test \
             without it"
        );
        done(&mut install, &missing).await;
        std::fs::write(ready, wanted).unwrap();
        python
    })
    .await
}

pub(super) async fn done(command: &mut Command, what_is_missing: &str) -> Output {
    let output = command.output().await.unwrap_or_else(|error| panic!("{what_is_missing}: {error}"));
    assert!(output.status.success(), "{what_is_missing}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
