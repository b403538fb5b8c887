//! Why Interactive Brokers does not answer, in words a trader understands; and when it does, whether it gives what a scan needs.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Bars, Clock, MissingData, MissingReason, SnapshotPart, Symbol};
use bellwether_adapters::{
    AdapterError,
    ib::{FarmState, IbConfig, IbSession, IbSnapshotRequest},
};
use tokio::{net::TcpStream, time::timeout};

use super::{Finding, Verdict, finding, judge_skew};

/// The ports that TWS and IB Gateway use unless told otherwise.
const PORTS: [(u16, &str); 4] =
    [(4002, "IB Gateway, paper"), (4001, "IB Gateway, live"), (7497, "TWS, paper"), (7496, "TWS, live")];
/// How long a port is knocked at.
const KNOCK: Duration = Duration::from_secs(2);
/// How long all questions together may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is asked about: the most traded fund.
const PROBE: &str = "SPY";
/// Where API clients are allowed.
const API_SETTINGS: &str = "Configure > Settings > API > Settings (in TWS: File > Global Configuration > API > Settings)";

/// Connects once and asks for what scans ask for.
pub(super) async fn examine(config: &IbConfig, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let config = IbConfig { connect_attempts: 1, ..config.clone() };
    let session = match IbSession::connect(config.clone(), Arc::clone(clock)).await {
        Ok(session) => session,
        Err(error) => return vec![finding("IB Gateway", Err(anyhow::anyhow!("{error}{}", advice(&config, &error).await)))],
    };
    let asked = timeout(PATIENCE, ask(&session, &config, clock)).await;
    session.shutdown().await;
    asked.unwrap_or_else(|_| {
        let problem = format!("{}:{} does not answer everything within {PATIENCE:?}", config.host, config.port);
        vec![finding("IB Gateway", Err(anyhow::anyhow!(problem)))]
    })
}

/// What to do about a connection that cannot be made.
async fn advice(config: &IbConfig, error: &AdapterError) -> String {
    match error {
        AdapterError::Unreachable { .. } => {
            let mut open = Vec::new();
            for (port, name) in PORTS.iter().filter(|(port, _)| *port != config.port) {
                if matches!(timeout(KNOCK, TcpStream::connect((config.host.as_str(), *port))).await, Ok(Ok(_))) {
                    open.push(format!("{port} ({name})"));
                }
            }
            match open.is_empty() {
                true => format!(
                    ". None of the usual ports answers on {} either: start TWS or IB Gateway and log in, or enable its API under {API_SETTINGS}",
                    config.host
                ),
                false => format!(". Something listens on {}: set `port` in [ib] if that is yours", open.join(", ")),
            }
        }
        AdapterError::NoHandshake { .. } => format!(
            ". Usual causes: `Enable ActiveX and Socket Clients` is off, or this host is not among the trusted addresses ({API_SETTINGS}); \
             a login or two-factor dialog waits on its screen; or {} belongs to another program",
            config.port
        ),
        AdapterError::ClientIdInUse { client_id, .. } => format!(
            ". Is `bellwether serve` running with the same id? Give this one another: `client_id = {}` in [ib]. After a crash \
             the gateway takes a minute or two to notice",
            client_id.saturating_add(1)
        ),
        _ => String::new(),
    }
}

async fn ask(session: &IbSession, config: &IbConfig, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let address = format!("{}:{}", config.host, config.port);
    let mut findings = Vec::new();
    let time = session.server_time().await.map_err(anyhow::Error::from);
    findings.push(finding(
        "IB Gateway",
        time.map(|theirs| judge_skew(theirs.duration_since(clock.now()), format!("{address} answers"), "its clock")),
    ));
    let symbols: Vec<Symbol> = PROBE.parse().into_iter().collect();
    let qualified = session.qualify(&symbols).await;
    if qualified.instruments.is_empty() {
        findings.extend(qualified.missing.iter().map(|missing| refused("contracts", missing)));
        findings.push(farms(session));
        return findings;
    }
    findings.push(finding("contracts", Ok((Verdict::Good, format!("{PROBE} is known")))));
    let request = IbSnapshotRequest {
        instruments: qualified.instruments,
        history_sessions: 0,
        history: Arc::new(Bars::default()),
        daily: Arc::new(Bars::default()),
        with_quotes: true,
        with_headlines: false,
    };
    match session.snapshot(clock.now(), &request).await {
        Ok(snapshot) => {
            let inputs = &snapshot;
            for (what, part) in
                [("quotes", SnapshotPart::Quote), ("daily bars", SnapshotPart::Daily), ("minute bars", SnapshotPart::Today)]
            {
                let missing = inputs.missing.iter().find(|missing| missing.part == part);
                let told = match part {
                    SnapshotPart::Quote => inputs.quotes.first().map(|quote| match (quote.bid, quote.ask, quote.last) {
                        (None, None, None) => "no price yet".to_owned(),
                        _ => "arrive".to_owned(),
                    }),
                    SnapshotPart::Daily => Some(format!("{} sessions of {PROBE}", inputs.daily.series(PROBE).len())),
                    _ => Some(format!("{} of {PROBE} in this session", inputs.today.series(PROBE).len())),
                };
                findings.push(match (missing, told) {
                    (Some(missing), _) => refused(what, missing),
                    (None, Some(told)) => finding(what, Ok((Verdict::Good, told))),
                    (None, None) => finding(what, Ok((Verdict::Warning, "none arrived".to_owned()))),
                });
            }
        }
        Err(error) => findings.push(finding("market data", Err(error.into()))),
    }
    findings.push(farms(session));
    findings
}

/// What the gateway says of its connections to IB.
fn farms(session: &IbSession) -> Finding {
    let health = session.health();
    if health.servers_lost_since.is_some() {
        let problem = "the gateway has no connection to IB (1100): check its window and the network it runs in";
        return finding("farms", Err(anyhow::anyhow!(problem)));
    }
    let broken: Vec<String> = health
        .farms
        .iter()
        .filter(|farm| farm.state == FarmState::Broken)
        .map(|farm| format!("{} ({})", farm.name, farm.kind.as_str()))
        .collect();
    let outcome = match (broken.is_empty(), health.farms.is_empty()) {
        (false, _) => (Verdict::Bad, format!("broken: {}; IB's side, usually over within minutes", broken.join(", "))),
        (true, true) => (Verdict::Good, "nothing was said about them".to_owned()),
        (true, false) => (Verdict::Good, format!("{} connected or ready", health.farms.len())),
    };
    finding("farms", Ok(outcome))
}

/// Something that was not given, and what to do about it.
fn refused(what: &'static str, missing: &MissingData) -> Finding {
    let MissingData { reason, detail, .. } = missing;
    let hint = match reason {
        MissingReason::Pacing => "; too many requests: is another program using this account's data?",
        MissingReason::NoData => "; not an error outside trading hours",
        MissingReason::Timeout => "; the gateway took the question and gave no answer: restart it if that stays",
        MissingReason::Disconnected => "; see farms",
        _ => "",
    };
    let verdict = if *reason == MissingReason::NoData { Verdict::Warning } else { Verdict::Bad };
    finding(what, Ok((verdict, format!("{}: {detail}{hint}", reason.as_str()))))
}
