//! `bellwether record`: the program against a real gateway.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether_gateway::{
    Gateway, GatewayConfig, SimClock,
    generator::{MarketSpec, generate},
};
use bellwether_tests::{bellwether, folder, run};

#[test]
fn an_end_that_is_not_ahead_is_refused() {
    let data = folder();
    let refused = |end: &str| {
        let said = run(data.path(), &["record", "--out", "day", "--symbols", "SPY", end]);
        assert!(!said.ok, "{end}: {said:?}");
        said.err
    };
    assert!(refused("--for=-5s").contains("a time to come"));
    assert!(refused("--for=xyz").contains("`xyz` is not a length of time"));
    assert!(refused("--until=2020-01-06T09:30").contains("past"));
    assert!(!data.path().join("day").exists(), "nothing was begun");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_played_is_no_success_and_an_interrupt_ends_what_waits_for_an_answer() {
    let data = folder();
    // Nothing was traded at this time, long after the tape.
    let market = generate(&MarketSpec { symbols: 13, history_sessions: 2, ..MarketSpec::default() }).unwrap();
    let symbol = market.tape.instruments()[0].symbol.to_string();
    let clock = SimClock::new(jiff::Timestamp::now(), 1.0);
    let gateway = Gateway::start(GatewayConfig::default(), Arc::new(market.tape), clock).await.unwrap();
    let schedule = format!("[ib]\nport = {}\nconnect_timeout = \"5s\"\n", gateway.addr().port());
    std::fs::write(data.path().join("schedules.toml"), schedule).unwrap();

    let mut command = bellwether(data.path());
    command.args(["record", "--out", "empty", "--symbols", &symbol, "--history", "0", "--for", "2s"]);
    let said = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1), "{told}");
    assert!(told.contains("no minute bars") && !String::from_utf8_lossy(&said.stdout).contains("play it"), "{told}");

    let mut command = bellwether(data.path());
    command.args(["record", "--out", "stalled", "--symbols", &symbol, "--history", "300"]);
    let mut recording = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let asked = gateway.stats().historical_requests;
    for _ in 0..1_000 {
        if gateway.stats().historical_requests > asked + 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let interrupted = Instant::now();
    let status = std::process::Command::new("kill").args(["-INT", &recording.id().to_string()]).status().unwrap();
    assert!(status.success());
    let ended = tokio::task::spawn_blocking(move || recording.wait().unwrap()).await.unwrap();
    // 300 sessions take at least two minutes: five requests of one contract in two seconds.
    assert!(interrupted.elapsed() < Duration::from_secs(60), "{:?}", interrupted.elapsed());
    assert_eq!(ended.code(), Some(1), "nothing came that can be played");
    gateway.shutdown().await;
}
