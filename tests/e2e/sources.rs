//! Several sources: the gateway is down, and the morning goes on, saying where its numbers came from.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    process::Command,
};

use bellwether_tests::{Said, bellwether, folder};
use serde_json::Value;

/// Answers each request, whose first line and body it is given, with what `play` makes of it.
fn serve(play: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
            let (head, body) = loop {
                let count = stream.read(&mut buffer).unwrap();
                bytes.extend_from_slice(&buffer[..count]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                    if count == 0 || body.len() >= length.unwrap_or(0_usize) {
                        break (head.to_owned(), body.to_owned());
                    }
                }
            };
            let answer = play(head.lines().next().unwrap_or_default(), &body);
            let length = answer.len();
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}").unwrap();
        }
    });
    url
}

fn said(command: &mut Command) -> Said {
    command.output().unwrap().into()
}

/// A folder of a gapper and a quiet stock on 2025-01-06, and a schedule whose gateway is not there.
fn schedule(data: &Path, sources: &str) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let recorded = data.join("recorded");
    std::fs::create_dir(&recorded).unwrap();
    let mut bars = "symbol,ts,open,high,low,close,volume\n".to_owned();
    for (symbol, price) in [("GAPS", 12), ("QUIET", 10)] {
        bars += &format!("{symbol},2025-01-03T20:59:00Z,10,10,10,10,1000\n");
        bars += &format!("{symbol},2025-01-06T13:05:00Z,{price},{price},{price},{price},200000\n");
    }
    std::fs::write(recorded.join("bars.csv"), bars).unwrap();
    let daily =
        "symbol,date,open,high,low,close,volume\nGAPS,2025-01-03,10,10,10,10,500000\nQUIET,2025-01-03,10,10,10,10,500000\n";
    std::fs::write(recorded.join("daily.csv"), daily).unwrap();
    let text = format!(
        r#"
[ib]
port = {port}
connect_attempts = 1
connect_timeout = "2s"

[sources]
order = ["ib", "files"]

[sources.files]
folder = "recorded"

{sources}

[universes.few]
symbols = ["GAPS", "QUIET"]

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
universe = "few"
alert = {{ channels = ["mail"] }}

[[jobs]]
name = "bars"
kind = "ingest_bars"
cron = ["30 20 * * MON-FRI"]
universe = "few"
ingest = {{ minute_sessions = 1, daily_sessions = 5 }}

[[jobs]]
name = "conditions"
kind = "market_conditions"
cron = ["0 9 * * MON-FRI"]
conditions = {{ series = ["VIXCLS", "NOSUCH"] }}
"#
    );
    std::fs::write(data.join("schedules.toml"), text).unwrap();
}

#[test]
fn a_morning_without_the_gateway_says_where_its_numbers_came_from() {
    let data = folder();
    schedule(data.path(), "");
    let run = |args: &[&str]| said(bellwether(data.path()).args(args));
    let scan = run(&["run", "gaps", "--as-of", "2025-01-06T09:25", "--json"]);
    assert!(scan.ok, "{}", scan.err);
    let json = scan.json();
    assert_eq!(json["hits"][0]["symbol"], "GAPS", "{json}");
    let today = json["provenance"].as_array().unwrap().iter().find(|entry| entry["part"] == "today").unwrap();
    assert_eq!((&today["source"], &today["symbols"]), (&Value::from("files"), &serde_json::json!(["GAPS", "QUIET"])));
    assert_eq!((&today["instead_of"][0]["source"], &today["instead_of"][0]["reason"]), (&"ib".into(), &"disconnected".into()));

    let mails: Vec<_> = std::fs::read_dir(data.path().join("outbox")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let mail = std::fs::read_to_string(mails[0].as_ref().unwrap().path()).unwrap().replace("=\r\n", "");
    assert!(mail.contains("files instead of ib (connection lost): 2 symbols"), "{mail}");

    let again = run(&["replay", json["run_id"].as_str().unwrap(), "--json"]);
    assert_eq!(again.json()["identical"], true, "{}", again.out);
    assert_eq!(again.json()["report"]["provenance"], json["provenance"]);

    let told = run(&["run", "gaps", "--as-of", "2025-01-06T09:25", "--dry-run"]);
    assert!(told.out.contains("source: files instead of ib"), "{}", told.out);

    let bars = run(&["run", "bars", "--as-of", "2025-01-04T12:00", "--json"]);
    assert!(bars.ok, "{}", bars.err);
    assert_eq!(bars.json()["report"]["sources"]["files"], 4, "a minute and a day of each: {}", bars.out);
    // Now the database holds the days before, and says who brought them.
    let scan = run(&["run", "gaps", "--as-of", "2025-01-06T09:25", "--json"]).json();
    let daily = scan["provenance"].as_array().unwrap().iter().find(|entry| entry["part"] == "daily").unwrap().clone();
    assert_eq!((&daily["source"], &daily["instead_of"]), (&Value::from("database:files"), &Value::Null), "{scan}");
}

#[test]
fn market_conditions_are_those_that_had_been_published() {
    let data = folder();
    let url = serve(|first, _| {
        if first.contains("NOSUCH") {
            return r#"{"count":0,"observations":[]}"#.to_owned();
        }
        assert!(first.contains("realtime_end=2025-01-05") && first.contains("api_key=0123456789abcdef"), "{first}");
        r#"{"count":2,"observations":[
            {"realtime_start":"2025-01-03","realtime_end":"2025-01-05","date":"2025-01-02","value":"17.93"},
            {"realtime_start":"2025-01-04","realtime_end":"2025-01-05","date":"2025-01-03","value":"16.13"}]}"#
            .to_owned()
    });
    schedule(data.path(), &format!("[sources.fred]\nbase_url = \"{url}\"\napi_key_env = \"TEST_FRED_KEY\""));
    let mut command = bellwether(data.path());
    command.args(["run", "conditions", "--as-of", "2025-01-06T09:00", "--json"]);
    let unset = said(command.env_remove("TEST_FRED_KEY"));
    assert!(!unset.ok && unset.err.contains("TEST_FRED_KEY") && unset.err.contains("environment variable"), "{}", unset.err);
    let run = said(command.env("TEST_FRED_KEY", "0123456789abcdef"));
    assert!(run.ok, "{}", run.err);
    let report = run.json()["report"].clone();
    assert_eq!(
        (&report["series"]["VIXCLS"]["value"], &report["series"]["VIXCLS"]["date"]),
        (&16.13.into(), &"2025-01-03".into())
    );
    assert_eq!(report["series_missing"]["NOSUCH"]["reason"], "no_data");
    assert!(!format!("{} {}", run.out, run.err).contains("0123456789abcdef"), "{} {}", run.out, run.err);
}

#[test]
fn a_login_at_schwab_leaves_tokens_and_a_missing_key_is_named() {
    let data = folder();
    let url = serve(|first, body| {
        assert!(first.starts_with("POST /v1/oauth/token") && body.contains("code=C0.x%40"), "{first} {body}");
        r#"{"expires_in":1800,"token_type":"Bearer","scope":"api","refresh_token":"r","access_token":"a"}"#.to_owned()
    });
    schedule(data.path(), &format!("[sources.schwab]\nbase_url = \"{url}\""));
    let mut command = bellwether(data.path());
    command.args(["login", "schwab", "--redirected", "https://127.0.0.1:8182/?code=C0.x%40&session=1"]);
    let unset = said(command.env_remove("SCHWAB_CLIENT_ID").env_remove("SCHWAB_CLIENT_SECRET"));
    assert!(!unset.ok && unset.err.contains("SCHWAB_CLIENT_ID"), "{}", unset.err);
    let login = said(command.env("SCHWAB_CLIENT_ID", "id-of-the-app").env("SCHWAB_CLIENT_SECRET", "secret-of-the-app"));
    assert!(login.ok && login.out.contains("logged in until"), "{}", login.err);
    let tokens = data.path().join("schwab-token.json");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(tokens).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}
