//! `bellwether status`: how live market data is, as the process that serves last said.

use std::process::ExitCode;

use bellwether::market::Clock as _;
use bellwether_store::{FeedGap, FeedStatus, GapOutcome};
use jiff::{SignedDuration, Timestamp};

use super::{Global, output, services};
use crate::{
    clock::SystemClock,
    watch::{FeedBudget, FeedReport, FeedRotation, FeedSubscription},
};

/// A session that has said nothing for so long is not running any more.
const STALE: SignedDuration = SignedDuration::from_secs(30);
/// Gaps that are listed; the others are counted.
const MOST_GAPS: usize = 10;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct StatusArgs {
    /// How far back to look for what was missed
    #[arg(long, default_value = "24h", value_name = "DURATION")]
    since: SignedDuration,
}

pub(super) async fn run(args: StatusArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let database = global.database().await?;
    let now = SystemClock.now();
    let read = async {
        let statuses = database.store.feed_statuses().await?;
        let from = now.saturating_sub(args.since).unwrap_or(Timestamp::MIN);
        anyhow::Ok((statuses, database.store.feed_gaps(from, Timestamp::MAX).await?))
    }
    .await;
    database.close().await;
    let (statuses, gaps) = read?;
    let feeds: Vec<(FeedStatus, Option<FeedReport>)> = statuses
        .into_iter()
        .map(|status| {
            let report = serde_json::from_value(status.health.clone()).ok();
            (status, report)
        })
        .collect();
    let well = |(status, report): &(FeedStatus, Option<FeedReport>)| {
        now.duration_since(status.at) <= STALE && report.as_ref().is_some_and(is_well)
    };
    let all_well = !feeds.is_empty() && feeds.iter().all(well);
    if global.json {
        let feeds: Vec<_> = feeds
            .iter()
            .map(|feed| {
                let running = now.duration_since(feed.0.at) <= STALE;
                serde_json::json!({
                    "name": feed.0.name, "instance": feed.0.instance, "at": feed.0.at, "running": running, "ok": well(feed),
                    "health": feed.0.health,
                })
            })
            .collect();
        output::print_json(&serde_json::json!({ "ok": all_well, "feeds": feeds, "gaps": gaps }))?;
    } else if feeds.is_empty() {
        println!("No market data session has written here yet. `bellwether serve` does; `bellwether doctor` tries a connection.");
    } else {
        for (status, report) in &feeds {
            print(status, report.as_ref(), now);
            let of_bars = report.as_ref().and_then(|report| report.of_bars);
            print_gaps(&gaps.iter().filter(|gap| gap.feed == status.name).collect::<Vec<_>>(), of_bars, args.since);
        }
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_well(report: &FeedReport) -> bool {
    let broken = report.farms.iter().any(|farm| farm.broken);
    let speak = report.silent.iter().all(|it| it.waiting) && report.rotation_comes_round();
    report.connected && report.servers_lost_since.is_none() && !broken && speak
}

/// `for 2h 5m`, up to the second.
fn lasting(since: Timestamp, now: Timestamp) -> String {
    let lasting = now.duration_since(since);
    format!("for {:#}", lasting.round(jiff::Unit::Second).unwrap_or(lasting))
}

fn print(status: &FeedStatus, report: Option<&FeedReport>, now: Timestamp) {
    println!("{}", status.name);
    let silent_for = now.duration_since(status.at);
    if silent_for > STALE {
        line(false, "process", &format!("{} last said anything {}; it is not running", status.instance, ago(status.at, now)));
    } else {
        line(true, "process", &format!("{}, {}", status.instance, ago(status.at, now)));
    }
    let Some(report) = report else {
        return line(false, "state", "was written by another version of this program");
    };
    let since = report.since.map_or(String::new(), |since| format!(", {}", lasting(since, status.at)));
    match report.connected {
        true => {
            let version = report.server_version.map_or(String::new(), |version| format!(", server {version}"));
            line(true, "session", &format!("connected{since}{version}"));
        }
        false => {
            let next = report.next_attempt_at.map_or(String::new(), |at| format!("; next attempt {}", services::local_time(at)));
            line(false, "session", &format!("not connected{since}: {}{next}", report.problem));
        }
    }
    if let Some(since) = report.servers_lost_since {
        line(false, "servers", &format!("the gateway has no connection to IB (1100), {}", lasting(since, status.at)));
    }
    // Behind a lost connection nothing is known of farms.
    for farm in report.farms.iter().filter(|_| report.connected) {
        let detail = format!("{} ({}), {}", farm.state, farm.serves, lasting(farm.since, status.at));
        line(!farm.broken, &format!("farm {}", farm.name), &detail);
    }
    line(
        report.lines_used <= report.lines_allowed,
        "lines",
        &format!("{} of {} in use", report.lines_used, report.lines_allowed),
    );
    let budgets: Vec<String> =
        report.budgets.iter().map(|FeedBudget { of, used, limit }| format!("{used} of {limit} {of}")).collect();
    let waiting = if report.waiting > 0 { format!("; {} requests wait", report.waiting) } else { String::new() };
    line(true, "budget", &format!("{}{waiting}", budgets.join(", ")));
    let troubled: Vec<&FeedSubscription> = report.silent.iter().filter(|it| !it.waiting).collect();
    line(troubled.is_empty(), "feeds", &format!("{} of {} live", report.live, report.subscribed));
    if let Some(oldest) = troubled.first() {
        let detail = format!("{} of {}, {}: {}", oldest.kind, oldest.symbol, lasting(oldest.since, status.at), oldest.state);
        line(false, "silent", &detail);
        for other in &troubled[1..] {
            println!("               {} of {}: {}", other.kind, other.symbol, other.state);
        }
    }
    if let Some(rotation) = report.rotation.as_ref().filter(|rotation| rotation.symbols > 0) {
        line(report.rotation_comes_round(), "rotation", &in_rotation(rotation, report.at));
    }
    let counted: Vec<String> = report
        .counters
        .iter()
        .filter(|(_, count)| count.as_u64().is_some_and(|count| count > 0))
        .map(|(name, count)| format!("{count} {}", name.replace('_', " ")))
        .collect();
    if !counted.is_empty() {
        line(true, "counted", &counted.join(", "));
    }
}

/// `60 symbols without a line are asked in turn, 3 not yet; longest ago AAPL, 12s before`.
fn in_rotation(rotation: &FeedRotation, at: Timestamp) -> String {
    let FeedRotation { symbols, never, oldest, oldest_at } = rotation;
    let never = if *never > 0 { format!(", {never} not yet") } else { String::new() };
    let oldest = oldest_at.map_or(String::new(), |asked| {
        let age = at.duration_since(asked);
        format!("; longest ago {oldest}, {:#} before", age.round(jiff::Unit::Second).unwrap_or(age))
    });
    format!("{symbols} symbols without a line are asked in turn{never}{oldest}")
}

fn print_gaps(gaps: &[&FeedGap], of_bars: Option<usize>, since: SignedDuration) {
    let bars = |outcome| -> i64 { gaps.iter().filter(|gap| gap.outcome == outcome).map(|gap| i64::from(gap.bars)).sum() };
    let (open, filled, lost) = (bars(GapOutcome::Open), bars(GapOutcome::Filled), bars(GapOutcome::Lost));
    let detail = match gaps.len() {
        // What is not followed cannot be missed: scans fetch the bars that they need.
        0 if of_bars == Some(0) => format!("no bars are followed, and none were missed in the last {since:#}"),
        0 => format!("nothing in the last {since:#}"),
        _ => format!("{filled} bars fetched afterwards, {lost} lost, {open} open in the last {since:#}"),
    };
    line(lost == 0 && open == 0, "missed", &detail);
    let unfilled: Vec<_> = gaps.iter().filter(|gap| gap.outcome != GapOutcome::Filled).collect();
    for gap in unfilled.iter().rev().take(MOST_GAPS) {
        let FeedGap { symbol, kind, from_at, until_at, outcome, reason, bars, .. } = gap;
        let times = format!("{} to {}", services::local_time(*from_at), services::wall_clock(*until_at));
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        println!("               {bars} {kind} of {symbol}, {times}, {outcome}{reason}");
    }
    if unfilled.len() > MOST_GAPS {
        println!("               and {} more; --json lists all", unfilled.len() - MOST_GAPS);
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let ago = now.duration_since(at);
    format!("{:#} ago", ago.round(jiff::Unit::Second).unwrap_or(ago))
}

fn line(good: bool, what: &str, detail: &str) {
    println!("  {} {what:<12} {detail}", if good { "✓" } else { "✗" });
}
