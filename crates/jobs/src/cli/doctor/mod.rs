//! `bellwether doctor`: everything a scan depends on, one line each, with what to do.

mod gateway;

use std::{process::ExitCode, sync::Arc};

use bellwether::market::{Calendar, Clock};
use jiff::SignedDuration;
use serde::Serialize;

use super::{Global, output, services};
use crate::{
    clock::SystemClock,
    config::Config,
    schedule::{Upcoming, upcoming},
};

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// Do not try to reach IB Gateway
    #[arg(long)]
    offline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Good,
    Warning,
    Bad,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    detail: String,
}

fn finding(what: &'static str, outcome: anyhow::Result<(Verdict, String)>) -> Finding {
    match outcome {
        Ok((verdict, detail)) => Finding { what, verdict, detail },
        Err(error) => Finding { what, verdict: Verdict::Bad, detail: format!("{error:#}") },
    }
}

pub(super) async fn run(args: DoctorArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    let config = global.schedule();
    findings.push(finding(
        "schedule",
        config.as_ref().map_err(|error| anyhow::anyhow!("{error:#}")).map(|config| {
            let next = config.jobs.iter().filter_map(|job| {
                upcoming(job, SystemClock.now()).find_map(|entry| match entry {
                    Upcoming::Run(at) => Some((at, &job.name)),
                    Upcoming::Gap(_) => None,
                })
            });
            match next.min() {
                Some((at, job)) => (Verdict::Good, format!("{}: next is {job}, {}", config.origin, services::local_time(at))),
                None => (Verdict::Warning, format!("{}: nothing will ever run", config.origin)),
            }
        }),
    ));
    findings.push(finding("calendar", calendar()));
    findings.push(finding("data folder", data_folder(global)));
    findings.push(finding("database", database(global).await));
    if let Ok(config) = &config {
        findings.extend(channels(config));
        if !args.offline {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            findings.extend(gateway::examine(&config.ib, &clock).await);
        }
    }
    let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    if global.json {
        output::print_json(&serde_json::json!({ "ok": !bad, "findings": findings }))?;
    } else {
        for finding in &findings {
            let mark = match finding.verdict {
                Verdict::Good => "✓",
                Verdict::Warning => "!",
                Verdict::Bad => "✗",
            };
            println!("{mark} {:<12} {}", finding.what, finding.detail);
        }
    }
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn calendar() -> anyhow::Result<(Verdict, String)> {
    let now = SystemClock.now();
    let today = Calendar.local_date(now);
    let here = now.to_zoned(bellwether::market::new_york()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
    Ok(match Calendar.day(today)? {
        Some(day) => {
            let session =
                day.session_at(now).map_or("closed now".to_owned(), |session| format!("{session:?} session").to_lowercase());
            (Verdict::Good, format!("New York time is {here}: a trading day, {session}"))
        }
        None => {
            let reason = Calendar.closure(today)?.map_or("closed", |closure| closure.reason);
            (Verdict::Good, format!("New York time is {here}: closed, {reason}; next session {}", Calendar.next(today)?.date))
        }
    })
}

fn data_folder(global: &Global) -> anyhow::Result<(Verdict, String)> {
    let folder = global.data_dir()?;
    let probe = folder.join(".doctor");
    std::fs::write(&probe, vec![0_u8; 1 << 20]).map_err(|error| {
        anyhow::anyhow!("{}: cannot be written: {error}; free space or choose another with --data-dir", folder.display())
    })?;
    std::fs::remove_file(&probe)?;
    Ok((Verdict::Good, format!("{} can be written", folder.display())))
}

async fn database(global: &Global) -> anyhow::Result<(Verdict, String)> {
    let database = global.database().await?;
    let read = async {
        let version = database.store.schema_version().await?;
        let waiting = database.store.pending_alerts_count().await?;
        let before = SystemClock.now();
        let theirs = database.store.server_clock().await?;
        anyhow::Ok((version, waiting, theirs.duration_since(before)))
    }
    .await;
    let target = database.store.target().to_owned();
    database.close().await;
    let (version, waiting, skew) = read?;
    let detail = format!("{target}, schema {version}, {waiting} alerts waiting");
    Ok(judge_skew(skew, detail, "the database's clock"))
}

/// A clock that is off by more than two seconds is worth a warning, by more than a minute worse.
fn judge_skew(skew: SignedDuration, detail: String, whose: &str) -> (Verdict, String) {
    let off = skew.abs();
    let off = off.round(jiff::Unit::Second).unwrap_or(off);
    let verdict = match off {
        off if off > SignedDuration::from_secs(60) => Verdict::Bad,
        off if off > SignedDuration::from_secs(2) => Verdict::Warning,
        _ => return (Verdict::Good, detail),
    };
    (
        verdict,
        format!(
            "{detail}; {whose} differs from this machine's by {off:#}: scans would run at the wrong time, set the clock (chrony, ntpd)"
        ),
    )
}

fn channels(config: &Config) -> Vec<Finding> {
    config
        .channels
        .iter()
        .map(|(name, channel)| {
            let outcome = channel
                .check_secrets()
                .map_err(|error| anyhow::anyhow!("`{name}`: {error}"))
                .map(|()| (Verdict::Good, format!("`{name}` is complete")));
            finding("channel", outcome)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_with_what_to_do() {
        let judge = |seconds| judge_skew(SignedDuration::from_secs(seconds), "here".to_owned(), "its clock");
        assert_eq!(judge(1), (Verdict::Good, "here".to_owned()));
        let (verdict, text) = judge(-5);
        assert_eq!(verdict, Verdict::Warning);
        assert!(text.contains("its clock differs") && text.contains("set the clock"), "{text}");
        assert_eq!(judge(120).0, Verdict::Bad);
    }
}
