//! `bellwether record`: a live session as a folder that the simulated gateway plays.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use bellwether::market::{Clock, Symbol};
use bellwether_adapters::record::{Progress, Recorder, RecordingPlan, record};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{Global, output, serve::stop_on_signal, services};
use crate::{clock::SystemClock, clock::sleep_until, market::IbLink};

/// Arguments of `record`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Started again within 15 seconds, IB refuses requests that are identical (162); they are made again a minute later."
)]
pub(super) struct RecordArgs {
    /// Folder to record into: an empty one, or one that was recorded into before
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// These symbols: minute bars, daily bars and headlines
    #[arg(long, value_delimiter = ',', value_name = "A,B,…", conflicts_with = "universe")]
    symbols: Option<Vec<Symbol>>,
    /// The symbols of this universe of the schedule
    #[arg(long)]
    universe: Option<String>,
    /// Of these also every trade and every change of the best bid and offer; IB allows few (3 feeds at 100 lines, two each)
    #[arg(long, value_delimiter = ',', value_name = "A,B,…")]
    ticks: Vec<Symbol>,
    /// Of these also the order book, as SYMBOL or SYMBOL:ROWS; IB allows few (3 at 100 lines)
    #[arg(long, value_delimiter = ',', value_name = "A:10,…", value_parser = depth_of)]
    depth: Vec<(Symbol, u8)>,
    /// Sessions of minute bars before today's
    #[arg(long, default_value_t = 5)]
    history: usize,
    /// Leave headlines out
    #[arg(long)]
    no_headlines: bool,
    /// Stop at this time [default: when interrupted]
    #[arg(long, value_name = "TIME", value_parser = services::time_of, conflicts_with = "duration")]
    until: Option<Timestamp>,
    /// Stop after so long, such as 90s or 6h30m
    #[arg(long = "for", value_name = "DURATION", value_parser = services::span_of, allow_hyphen_values = true)]
    duration: Option<SignedDuration>,
}

fn depth_of(text: &str) -> Result<(Symbol, u8), String> {
    const ROWS: u8 = 10;
    let (symbol, rows) = match text.split_once(':') {
        Some((symbol, rows)) => {
            let rows = rows.parse().ok().filter(|rows| (1..=120).contains(rows));
            (symbol, rows.ok_or_else(|| format!("`{text}`: rows are a number from 1 to 120"))?)
        }
        None => (text, ROWS),
    };
    Ok((symbol.parse().map_err(|error| format!("{error}"))?, rows))
}

/// The exit status of a program that was interrupted.
const INTERRUPTED: u8 = 130;

pub(super) async fn run(args: RecordArgs, global: &Global) -> anyhow::Result<ExitCode> {
    if let Some(until) = args.until {
        let now = SystemClock.now();
        anyhow::ensure!(until > now, "--until is {}, which is past: it is {}", local(until), local(now));
    }
    if let Some(duration) = args.duration {
        anyhow::ensure!(duration.is_positive(), "--for is {duration:#}: name a time to come, such as 90s or 6h30m");
    }
    let config = global.schedule()?;
    let mut symbols = services::symbols(&config, args.symbols.clone(), args.universe.as_deref())?;
    symbols.extend(args.ticks.iter().chain(args.depth.iter().map(|(symbol, _)| symbol)).cloned());
    symbols.sort();
    symbols.dedup();
    let mut recorder = Recorder::open(&args.out)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let link = IbLink::new(config.ib.clone(), Arc::clone(&clock));
    let session = link.session().await?;
    let qualified = session.qualify(&symbols).await;
    for missing in &qualified.missing {
        eprintln!("left out: {}: {} ({})", missing.symbol, missing.reason.as_str(), missing.detail);
    }
    anyhow::ensure!(!qualified.instruments.is_empty(), "none of the symbols can be recorded");
    let plan = RecordingPlan {
        instruments: qualified.instruments,
        ticks: args.ticks,
        depth: args.depth,
        history_sessions: args.history,
        headlines: !args.no_headlines,
    };
    let until = match (args.until, args.duration) {
        (Some(until), _) => Some(until),
        (None, Some(duration)) => Some(clock.now().checked_add(duration).context("--for is too long")?),
        (None, None) => None,
    };
    let stop = CancellationToken::new();
    let at_once = CancellationToken::new();
    let signals = tokio::spawn({
        let (stop, at_once) = (stop.clone(), at_once.clone());
        async move {
            stop_on_signal(stop).await;
            stop_on_signal(at_once).await;
        }
    });
    let ending = {
        let (stop, clock) = (stop.clone(), Arc::clone(&clock));
        async move {
            match until {
                Some(until) => tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep_until(&*clock, until) => {}
                },
                None => stop.cancelled().await,
            }
        }
    };
    if !global.json {
        eprintln!("recording {} symbols into {}; Ctrl-C ends it", plan.instruments.len(), args.out.display());
    }
    let told = |progress: &Progress| tell(progress, clock.now(), global.json);
    let recording = async {
        let outcome = record(&session, &*clock, &plan, &mut recorder, ending, told).await;
        let gaps = session.gaps();
        link.close().await;
        (outcome, gaps)
    };
    let (outcome, gaps) = tokio::select! {
        // Someone will not wait: what was taken down is written as the recorder is dropped.
        () = at_once.cancelled() => return Ok(ExitCode::from(INTERRUPTED)),
        ended = recording => ended,
    };
    signals.abort();
    let recorded = outcome?;
    if !recorder.has_minute_bars() {
        let folder = args.out.display();
        anyhow::bail!("{folder} has no minute bars, so it cannot be played: none came before the recording ended");
    }
    if global.json {
        output::print_json(&json!({ "folder": args.out, "recorded": recorded, "gaps": gaps, "left_out": qualified.missing }))?;
    } else {
        println!("play it: bellwether gateway --replay {}", args.out.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// An instant to the second, in New York.
fn local(at: Timestamp) -> String {
    at.to_zoned(bellwether::market::new_york()).strftime("%a %Y-%m-%d %H:%M:%S %Z").to_string()
}

/// One line for each round.
fn tell(progress: &Progress, now: Timestamp, quiet: bool) {
    if quiet {
        return;
    }
    let recorded = &progress.recorded;
    let counted = |count: u64| output::shares(count as f64);
    let silent = if progress.silent > 0 { format!(", {} feeds silent", progress.silent) } else { String::new() };
    eprintln!(
        "{}  {} minute bars, {} ticks, {} book changes, {} headlines{silent}",
        services::wall_clock(now),
        counted(recorded.bars),
        counted(recorded.ticks),
        counted(recorded.depth),
        counted(recorded.headlines)
    );
    for missing in &progress.missing {
        eprintln!("       {} {}: {} ({})", missing.symbol, missing.part.as_str(), missing.reason.as_str(), missing.detail);
    }
}
