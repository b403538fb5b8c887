//! Why Interactive Brokers does not answer, in words a trader understands; and when it does, whether it gives what a scan needs.

use std::{sync::Arc, time::Duration};

use bellwether::market::{Calendar, Clock, MissingData, MissingReason, Quote, SnapshotPart, Symbol};
use bellwether_adapters::{
    AdapterError, ScanRequest, UniverseRequest,
    ib::{FarmState, IbConfig, IbSession, SessionHealth, remedy_of},
};
use jiff::Timestamp;
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
                    " None of the usual ports answers on {} either: start TWS or IB Gateway and log in, or enable its API under {API_SETTINGS}",
                    config.host
                ),
                false => format!(" Something listens on {}: set `port` in [ib] if that is yours", open.join(", ")),
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
        let health = session.health();
        findings.extend(qualified.missing.iter().map(|missing| refused("contracts", missing, "", &health)));
        findings.push(farms(&health));
        return findings;
    }
    let exchange = qualified.instruments.first().map_or(String::new(), |instrument| instrument.primary_exchange.clone());
    findings.push(finding("contracts", Ok((Verdict::Good, format!("{PROBE} is known")))));
    let request = ScanRequest { with_headlines: false, ..ScanRequest::new(UniverseRequest::Symbols(symbols), 0) };
    let asked_at = clock.now();
    match session.snapshot_of(asked_at, &qualified.instruments, &request).await {
        Ok(snapshot) => {
            let (inputs, health) = (&snapshot, session.health());
            for (what, part) in
                [("quotes", SnapshotPart::Quote), ("daily bars", SnapshotPart::Daily), ("minute bars", SnapshotPart::Today)]
            {
                let missing = inputs.missing.iter().find(|missing| missing.part == part);
                let told = match part {
                    SnapshotPart::Quote => inputs.quotes.first().map(judge_quote),
                    SnapshotPart::Daily => Some(judge_daily(inputs.daily.series(PROBE).len())),
                    _ => Some(judge_minutes(inputs.today.series(PROBE).len(), asked_at)),
                };
                findings.push(match (missing, told) {
                    (Some(missing), _) => refused(what, missing, &exchange, &health),
                    (None, Some(told)) => finding(what, Ok(told)),
                    (None, None) => finding(what, Ok((Verdict::Warning, "none arrived".to_owned()))),
                });
            }
        }
        Err(error) => findings.push(finding("market data", Err(error.into()))),
    }
    findings.push(farms(&session.health()));
    findings
}

fn judge_quote(quote: &Quote) -> (Verdict, String) {
    let priced = quote.bid.or(quote.ask).or(quote.last).is_some();
    match (quote.halted, priced, quote.delayed) {
        (true, ..) => (Verdict::Warning, format!("arrive, but trading of {PROBE} is halted: nothing moves until it resumes")),
        (_, false, _) => (Verdict::Warning, "no price yet; not an error outside trading hours".to_owned()),
        (_, _, true) => (Verdict::Warning, format!("arrive, but delayed: live ones need a subscription for {PROBE}'s exchange")),
        _ => (Verdict::Good, "arrive".to_owned()),
    }
}

fn judge_daily(sessions: usize) -> (Verdict, String) {
    let verdict = if sessions > 0 { Verdict::Good } else { Verdict::Warning };
    (verdict, format!("{sessions} sessions of {PROBE}"))
}

fn judge_minutes(bars: usize, now: Timestamp) -> (Verdict, String) {
    let day = Calendar.day(Calendar.local_date(now)).ok().flatten();
    match (bars, day) {
        (0, None) => (Verdict::Warning, "not tried: no session today, so there are none".to_owned()),
        (0, Some(day)) if now <= day.pre_open => (Verdict::Warning, "not tried: today's session has not begun".to_owned()),
        (0, Some(_)) => (Verdict::Warning, format!("none of {PROBE} in this session yet")),
        _ => (Verdict::Good, format!("{bars} of {PROBE} in this session")),
    }
}

/// Whether the gateway is without IB: it said so (1100, 2110), or nothing of IB can be reached through it.
fn is_without_ib(health: &SessionHealth) -> bool {
    let broken = health.farms.iter().all(|farm| farm.state == FarmState::Broken);
    health.servers_lost_since.is_some() || (broken && !health.farms.is_empty())
}

/// What the gateway says of its connections to IB.
fn farms(health: &SessionHealth) -> Finding {
    if is_without_ib(health) {
        let problem = "the gateway has lost its connection to IB (1100, 2110): check the internet connection of the machine that \
                       the gateway runs on, and what the gateway's window says";
        return finding("farms", Err(anyhow::anyhow!(problem)));
    }
    let broken: Vec<String> = health
        .farms
        .iter()
        .filter(|farm| farm.state == FarmState::Broken)
        .map(|farm| format!("{} ({})", farm.name, farm.kind.as_str()))
        .collect();
    let outcome = match (broken.is_empty(), health.farms.is_empty()) {
        (false, _) => {
            let broken = broken.join(", ");
            (Verdict::Bad, format!("broken: {broken}; others answer, so it is IB's side, usually over within minutes"))
        }
        (true, true) => (Verdict::Good, "nothing was said about them".to_owned()),
        (true, false) => (Verdict::Good, format!("{} connected or ready", health.farms.len())),
    };
    finding("farms", Ok(outcome))
}

/// Something that was not given, and what to do about it.
fn refused(what: &'static str, missing: &MissingData, exchange: &str, health: &SessionHealth) -> Finding {
    let MissingData { reason, detail, .. } = missing;
    let hint = match reason {
        MissingReason::Pacing => "; too many requests: is another program using this account's data?".to_owned(),
        MissingReason::NoData => "; not an error outside trading hours".to_owned(),
        MissingReason::Timeout if is_without_ib(health) => "; the gateway has no connection to IB, see farms".to_owned(),
        MissingReason::Timeout => "; the gateway took the question and gave no answer: is it connected to IB (its window says \
                                   so)? If it is, and that stays, restart it"
            .to_owned(),
        MissingReason::Disconnected => "; see farms".to_owned(),
        _ => remedy_of(missing, exchange).map_or(String::new(), |remedy| format!("; {remedy}")),
    };
    let verdict = if *reason == MissingReason::NoData { Verdict::Warning } else { Verdict::Bad };
    finding(what, Ok((verdict, format!("{}: {detail}{hint}", reason.as_str()))))
}
