//! `bellwether doctor` says why Interactive Brokers does not answer, and what to do: the program against a real gateway.

use std::{path::Path, sync::Arc};

use bellwether_gateway::{
    Fault, Gateway, GatewayConfig, GatewayHandle, SimClock,
    generator::{MarketSpec, generate},
};
use bellwether_tests::{bellwether, folder};

fn schedule(folder: &Path, port: u16, more: &str) {
    std::fs::write(folder.join("schedules.toml"), format!("[ib]\nport = {port}\nconnect_timeout = \"2s\"\n{more}")).unwrap();
}

async fn gateway() -> GatewayHandle {
    let market = generate(&MarketSpec { symbols: 13, history_sessions: 2, ..MarketSpec::default() }).unwrap();
    // Its clock agrees with ours: a clock that is off is another finding.
    let clock = SimClock::new(jiff::Timestamp::now(), 1.0);
    Gateway::start(GatewayConfig::default(), Arc::new(market.tape), clock).await.unwrap()
}

/// What doctor says about the subject `what`: verdict and words.
async fn told(folder: &Path, what: &str) -> (String, String) {
    let mut command = bellwether(folder);
    command.args(["doctor", "--json"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = said["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["what"] == what).unwrap_or_else(|| panic!("no {what}: {said:#}"));
    (finding["verdict"].as_str().unwrap().to_owned(), finding["detail"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_connection_is_explained_in_words_that_say_what_to_do() {
    let data = folder();
    let gateway = gateway().await;
    let port = gateway.addr().port();

    schedule(data.path(), 9, "");
    let (verdict, detail) = told(data.path(), "IB Gateway").await;
    assert_eq!(verdict, "bad");
    assert!(detail.contains("start TWS or IB Gateway") || detail.contains("Something listens on"), "{detail}");

    schedule(data.path(), port, "");
    for what in ["IB Gateway", "contracts", "farms"] {
        let (verdict, detail) = told(data.path(), what).await;
        assert_eq!(verdict, "good", "{what}: {detail}");
    }

    gateway.faults().never_handshake(true);
    let (_, detail) = told(data.path(), "IB Gateway").await;
    assert!(detail.contains("Enable ActiveX and Socket Clients"), "{detail}");
    gateway.faults().never_handshake(false);

    gateway.faults().fail_symbol("SPY", Some((200, "No security definition has been found for the request")));
    let (verdict, detail) = told(data.path(), "contracts").await;
    assert!(verdict == "bad" && detail.contains("security definition"), "{detail}");
    gateway.faults().fail_symbol("SPY", None);

    let spy = "SPY".to_owned();
    for (fault, what, words) in [
        (Fault::NoPermission { symbol: spy.clone(), code: 354 }, "quotes", ["Network B", "Client Portal"]),
        (Fault::CompetingSession, "quotes", ["logged in elsewhere", "log out there"]),
        (Fault::ServerBroken, "farms", ["connection to IB", "internet connection of the machine"]),
    ] {
        gateway.faults().inject(&fault).unwrap();
        let (verdict, detail) = told(data.path(), what).await;
        assert!(verdict == "bad" && words.iter().all(|words| detail.contains(words)), "{}: {detail}", fault.kind());
        gateway.faults().clear();
    }
    gateway.faults().inject(&Fault::Halted { symbol: spy }).unwrap();
    let (verdict, detail) = told(data.path(), "quotes").await;
    assert!(verdict == "warning" && detail.contains("halted"), "{detail}");
    gateway.faults().clear();

    let clock = Arc::new(bellwether_jobs::clock::SystemClock);
    let config = bellwether_adapters::ib::IbConfig { port, ..Default::default() };
    let holder = bellwether_adapters::ib::IbSession::connect(config, clock).await.unwrap();
    let (_, detail) = told(data.path(), "IB Gateway").await;
    assert!(detail.contains("client id 17 is in use") && detail.contains("client_id = 18"), "{detail}");
    holder.shutdown().await;
    gateway.shutdown().await;
}
