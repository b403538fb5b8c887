//! Programs that others might write with the Python client.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

use super::{bench, python};

/// A program that takes longer has hung.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs a program to its end; it prints a JSON object a line.
async fn output(command: &mut Command) -> Vec<Value> {
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await.expect("the program ends").unwrap();
    let (lines, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{lines}\n{complaints}", output.status);
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

/// What is wrong with the answers to one call.
fn complaint(told: &Value) -> Option<String> {
    // 503 is the client's own: the version agreed on does not have this request, and nothing was sent.
    let answers = told["answers"].as_array().expect("answers");
    if answers.iter().any(|answer| answer["code"] == 503) {
        return None;
    }
    let unheard = |answer: &Value| ["broken", "silence", "unforeseen", "closed"].iter().any(|kind| answer["is"] == *kind);
    let own = answers.iter().any(|answer| answer["id"] == told["id"]);
    let any = answers.iter().any(|answer| answer["id"].is_null());
    let problem = match told["wants"].as_str().expect("a wish") {
        _ if answers.iter().any(unheard) => "was not understood",
        "own" | "order" if !own => "has no answer under its id",
        "any" if !any => "has no answer",
        "last" if !answers.iter().any(|answer| answer["id"].as_i64() == told["id"].as_i64().map(|id| id - 1)) => {
            "has no answer under the id before"
        }
        "none" if !answers.is_empty() => "should be met with silence",
        _ => return None,
    };
    Some(format!("{} {problem}: {}", told["call"], told["answers"]))
}

#[tokio::test]
async fn every_call_of_the_client_is_answered() {
    if python::skipped() {
        return;
    }
    for newest in [None, Some(220), Some(213)] {
        let bench = bench().await;
        let mut program = python::script("every_call.py").await;
        program.args([bench.gateway.addr().port().to_string(), "3".to_owned()]).args(newest.map(|it: i32| it.to_string()));
        let mut told = output(&mut program).await;
        let connected = told.pop().unwrap()["connected"] == true;
        assert!(told.len() > 80, "{} calls", told.len());
        let complaints: Vec<String> = told.iter().filter_map(complaint).collect();
        assert!(complaints.is_empty(), "version {newest:?}: {}\n{}", complaints.len(), complaints.join("\n"));
        assert!(connected, "version {newest:?}: the connection was lost");
    }
}

/// A program of `programs/`, on a gateway whose clock runs.
async fn program(name: &str) -> Value {
    let bench = bench().await;
    bench.clock.set_rate(30.0);
    let mut command = python::script(&format!("programs/{name}")).await;
    let mut told = output(command.arg(bench.gateway.addr().port().to_string())).await;
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[tokio::test]
async fn a_program_of_callbacks_gets_all_it_waits_for() {
    if python::skipped() {
        return;
    }
    let told = program("callbacks.py").await;
    assert_eq!(told["missing"], json!([]), "{told}");
    let errors: Vec<(i64, i64)> = told["errors"].as_array().unwrap().iter().map(|it| (id(&it[0]), id(&it[1]))).collect();
    // Farm notices, delayed data, the unknown symbol, three orders cancelled, the scan cancelled: nothing else.
    let own: Vec<(i64, i64)> = errors.into_iter().filter(|(request, _)| *request != -1).collect();
    assert_eq!(own, [(2_147_483_646, 10167), (4103, 200), (1, 202), (2, 202), (3, 202), (7001, 162)], "{told}");
    assert_eq!(told["first_bar"], "20260102 09:30:00 US/Eastern");
    assert!(told["epoch_bar"].as_str().unwrap().parse::<i64>().is_ok(), "{told}");
    assert_eq!(told["rows"], json!(["TINY", "AAPL", "MSFT"]));
    assert_eq!(told["summary"]["AccountType"], "INDIVIDUAL");
    assert_eq!(told["ended"], true);
}

#[tokio::test]
async fn a_program_that_asks_one_thing_after_another_is_answered_each_time() {
    if python::skipped() {
        return;
    }
    let told = program("synchronous.py").await;
    assert_eq!(told["exchange"], "NASDAQ");
    assert!(id(&told["bars"]) >= 6, "{told}");
    assert_eq!(told["first"], "20260105 09:30:00 US/Eastern");
    assert!(told["quote"].as_array().unwrap().iter().any(|tick| tick == "BID"), "{told}");
    assert!(["PreSubmitted", "Submitted", "Filled"].iter().any(|status| told["status"] == *status), "{told}");
    assert_eq!(told["refused"], 200);
}

#[tokio::test]
async fn a_program_that_asks_for_everything_at_once_is_left_without_no_answer() {
    if python::skipped() {
        return;
    }
    let told = program("flood.py").await;
    assert_eq!(told["waiting"], json!([]), "{told}");
    assert_eq!(told["answered"], 50);
    assert_eq!(told["closed"], true);
}

fn id(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}
