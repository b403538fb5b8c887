//! `bellwether schedule check | list | next | columns`.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Global, output, services};
use crate::{
    clock::SystemClock,
    config::{CalendarCondition, Config, Job},
    schedule::{Upcoming, due_between, upcoming},
};

/// Arguments of `schedule`.
#[derive(Debug, clap::Args)]
pub(super) struct ScheduleArgs {
    #[command(subcommand)]
    command: ScheduleCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ScheduleCommand {
    /// Say whether the schedule is right: names, patterns, settings, SQL conditions, secrets
    Check,
    /// List the jobs
    List,
    /// Say what runs next, and why nothing does on closed days
    Next(NextArgs),
    /// List the columns that custom conditions may use
    Columns,
}

#[derive(Debug, clap::Args)]
struct NextArgs {
    /// Only this job
    #[arg(long)]
    job: Option<String>,
    /// From this time on [default: now]
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    from: Option<Timestamp>,
    /// How many due times
    #[arg(short = 'n', long, default_value_t = 10)]
    count: usize,
}

pub(super) fn run(args: ScheduleArgs, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        ScheduleCommand::Check => check(&global.schedule()?, global.json),
        ScheduleCommand::List => list(&global.schedule()?, global.json),
        ScheduleCommand::Next(args) => next(&global.schedule()?, &args, global.json),
        ScheduleCommand::Columns => columns(global.json),
    }
}

fn check(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    // Whatever the file itself can say wrong was said when it was read; what it points to is looked at here.
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for (name, universe) in &config.universes {
        if let Some(file) = &universe.file
            && let Err(error) = crate::context::symbols_of_file(file)
        {
            problems.push(format!("universe `{name}`: {error:#}"));
        }
    }
    for (name, channel) in &config.channels {
        if let Err(error) = channel.check_secrets() {
            problems.push(format!("channel `{name}`: {error}"));
        }
    }
    let now = bellwether::market::Clock::now(&SystemClock);
    for job in &config.jobs {
        if due_between(job, now, now + SignedDuration::from_hours(24 * 400)).next().is_none() {
            problems.push(format!("job `{}` is never due: its days and session leave nothing of its cron", job.name));
        }
        if job.alert.channels.is_empty() {
            warnings.push(format!("job `{}` tells nobody: its `alert` names no channel", job.name));
        }
    }
    if config.jobs.is_empty() {
        problems.push("there are no jobs".to_owned());
    }
    if as_json {
        let (origin, jobs) = (&config.origin, config.jobs.len());
        output::print_json(
            &json!({ "ok": problems.is_empty(), "origin": origin, "jobs": jobs, "problems": problems, "warnings": warnings }),
        )?;
    } else {
        let (jobs, universes, channels) = (config.jobs.len(), config.universes.len(), config.channels.len());
        let verdict = if problems.is_empty() { "is right" } else { "is not ready" };
        println!("{} {verdict}: {jobs} jobs, {universes} universes, {channels} channels", config.origin);
        problems.iter().for_each(|problem| println!("problem: {problem}"));
        warnings.iter().for_each(|warning| println!("warning: {warning}"));
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    let patterns = |job: &Job| job.cron.iter().map(|cron| cron.as_str().to_owned()).collect::<Vec<_>>();
    if as_json {
        let jobs: Vec<_> = config
            .jobs
            .iter()
            .map(|job| {
                json!({
                    "job": job.name, "kind": job.kind_name, "cron": patterns(job), "calendar": job.calendar, "session": job.session,
                    "universe": job.universe, "channels": job.alert.channels, "timeout_s": job.timeout.as_secs(),
                    "misfire": job.misfire, "overlap": job.overlap,
                })
            })
            .collect();
        output::print_json(&jobs)?;
    } else {
        let mut table = output::table(&["job", "kind", "cron (New York)", "days", "universe", "tells", "timeout", "late start"]);
        for job in &config.jobs {
            let days = match job.calendar {
                CalendarCondition::TradingDay => "trading days",
                CalendarCondition::AnyDay => "any day",
            };
            table.add_row([
                job.name.clone(),
                job.kind_name.clone(),
                patterns(job).join("\n"),
                days.to_owned(),
                job.universe.clone().unwrap_or_default(),
                job.alert.channels.join(", "),
                format!("{:#}", job.timeout),
                format!("up to {:#}", job.misfire.grace),
            ]);
        }
        println!("{table}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The next `count` due times of `jobs` after `from` in order, with the closed days before and between them.
fn next_entries<'a>(jobs: &[&'a Job], from: Timestamp, count: usize) -> Vec<(&'a Job, Upcoming)> {
    // Until the last of `count` due times of any one job, the merged list needs no more than `count` of each.
    let mut entries: Vec<(&Job, Upcoming)> = Vec::new();
    for job in jobs {
        let mut runs = 0;
        for entry in upcoming(job, from).take(count + 400) {
            runs += usize::from(matches!(entry, Upcoming::Run(_)));
            entries.push((job, entry));
            if runs == count {
                break;
            }
        }
    }
    entries.sort_by_key(|(_, entry)| instant(entry));
    let mut runs = 0;
    let end = entries.iter().position(|(_, entry)| {
        runs += usize::from(matches!(entry, Upcoming::Run(_)));
        runs == count
    });
    entries.truncate(end.map_or(entries.len(), |end| end + 1));
    entries
}

fn instant(entry: &Upcoming) -> Timestamp {
    match entry {
        Upcoming::Run(at) => *at,
        Upcoming::Gap(gap) => gap.at,
    }
}

fn next(config: &Config, args: &NextArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let from = args.from.unwrap_or_else(|| bellwether::market::Clock::now(&SystemClock));
    let jobs: Vec<&Job> = match &args.job {
        Some(name) => vec![config.job(name)?],
        None => config.jobs.iter().collect(),
    };
    anyhow::ensure!((1..=10_000).contains(&args.count), "-n takes 1 to 10000");
    let entries = next_entries(&jobs, from, args.count);
    if as_json {
        let entries: Vec<_> = entries
            .iter()
            .map(|(job, entry)| {
                let mut json =
                    json!({ "job": job.name, "due_at": instant(entry), "local": services::local_time(instant(entry)) });
                if let Upcoming::Gap(gap) = entry {
                    json["reason"] = json!(gap.reason);
                    json["runs"] = json!(false);
                }
                json
            })
            .collect();
        output::print_json(&entries)?;
    } else {
        let mut table = output::table(&["New York", "UTC", "job", ""]);
        for (job, entry) in &entries {
            let (when, note) = match entry {
                Upcoming::Run(at) => (services::local_time(*at), String::new()),
                Upcoming::Gap(gap) => (gap.date.strftime("%a %Y-%m-%d").to_string(), format!("nothing due: {}", gap.reason)),
            };
            table.add_row([when, instant(entry).to_string(), job.name.clone(), note]);
        }
        println!("{table}");
    }
    Ok(ExitCode::SUCCESS)
}

fn columns(as_json: bool) -> anyhow::Result<ExitCode> {
    let columns = bellwether::scanners::columns();
    if as_json {
        output::print_json(&columns)?;
    } else {
        let mut table = output::table(&["column", "unit", "meaning"]);
        for column in &columns {
            table.add_row([column.name, column.unit, column.meaning]);
        }
        println!("{table}\nand the texts symbol, name, kind ('stock', 'etf'), exchange, trend ('strong', 'up', 'flat', 'down')");
    }
    Ok(ExitCode::SUCCESS)
}
