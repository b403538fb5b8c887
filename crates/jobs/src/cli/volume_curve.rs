//! `bellwether volume-curve`: what a symbol usually trades by each time of day, and whether what is said of it holds.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use bellwether::{
    features::{SlotCalibration, VolumeCurves, VolumeCurvesConfig},
    market::{Bars, Calendar, Symbol, TradingDay},
};
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use serde_json::json;

use super::{Global, features::read_bars, output};

/// Arguments of `volume-curve`.
#[derive(Debug, clap::Args)]
pub(super) struct VolumeCurveArgs {
    /// 1-minute bars of as many symbols as there are, all of which are learnt from: Parquet or CSV with `symbol`, a time and
    /// `open, high, low, close, volume`
    #[arg(long, value_name = "FILE")]
    bars: PathBuf,
    /// Whose curve to show
    #[arg(long, value_name = "SYMBOL")]
    symbol: Symbol,
    /// Learn from the sessions that were over then [default: all of the file]
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// Most past sessions to learn from
    #[arg(long, default_value_t = VolumeCurvesConfig::default().sessions)]
    sessions: usize,
    /// Probability that upper bounds are to hold with; the lower ones have the rest
    #[arg(long, default_value_t = VolumeCurvesConfig::default().level)]
    level: f64,
    /// Newest sessions that the bounds are tried on, learnt from those before [default: half of the sessions, at most 10]
    #[arg(long, value_name = "SESSIONS")]
    tried_on: Option<usize>,
}

/// A half hour of the curve.
#[derive(Debug, Serialize)]
struct Point {
    /// New York time of its end.
    until: String,
    /// Shares usually traded by then.
    expected: Option<f64>,
    /// Relative volume by then, over all symbols and sessions: median and bounds.
    median: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    /// Symbols' sessions that these are from.
    n: usize,
    /// Whether they are enough for the bounds.
    enough: bool,
    /// Bars in the half hour that the bound of a bar would be from.
    bars: usize,
    /// Whether they are enough for it.
    bars_enough: bool,
}

/// Bounds tried on sessions that they were not learnt from.
#[derive(Debug, Serialize)]
struct Trial {
    learnt_from: usize,
    tried_on: Vec<Date>,
    slots: Vec<TrialSlot>,
}

/// A half hour of it.
#[derive(Debug, Serialize)]
struct TrialSlot {
    /// New York time of its end.
    until: String,
    #[serde(flatten)]
    outside: SlotCalibration,
    /// Share of bars above their bound, 0 to 1; nothing where no bound was stated.
    share_of_bars: Option<f64>,
    /// Share of symbols' days outside their bounds at its end, 0 to 1.
    share_of_days: Option<f64>,
}

pub(super) fn run(args: VolumeCurveArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let config = VolumeCurvesConfig { sessions: args.sessions, level: args.level, ..VolumeCurvesConfig::default() };
    let bars = read_bars(&args.bars)?;
    let file = args.bars.display();
    let Some(own) = Some(bars.series(args.symbol.as_str())).filter(|series| !series.is_empty()) else {
        let some: Vec<&str> = bars.symbols().iter().take(10).map(Symbol::as_str).collect();
        anyhow::bail!(
            "{file}: holds no bars of {}; there are {} symbols: {} …",
            args.symbol,
            bars.symbols().len(),
            some.join(", ")
        );
    };
    let days = full_days(&bars)?;
    let as_of = match (args.as_of, days.last()) {
        (Some(as_of), _) => as_of,
        (None, Some(last)) => last.post_close,
        (None, None) => anyhow::bail!("{file}: holds no full session"),
    };
    let curves = config.fit(&bars, as_of).with_context(|| file.to_string())?;
    let points = curve_of(&curves, &args.symbol);
    if points.iter().all(|point| point.expected.is_none()) {
        let traded = days.iter().filter(|day| day.post_close <= as_of);
        let traded = traded.filter(|day| !own.starting_in(day.pre_open, day.post_close).is_empty()).count();
        anyhow::bail!(
            "{file}: {} has {traded} full sessions that were over at {as_of}; a curve needs {}",
            args.symbol,
            config.min_sessions
        );
    }
    let known: Vec<TradingDay> = days.into_iter().filter(|day| day.post_close <= as_of).collect();
    let trial = trial_of(&bars, &known, &config, args.tried_on)?;
    let report = curves.report();
    if global.json {
        output::print_json(&json!({
            "symbol": args.symbol, "as_of": as_of, "level": config.level, "sessions": report.sessions,
            "half_days_left_out": report.half_days_left_out, "symbols": report.symbols, "thin": report.thin,
            "curve": points, "trial": trial,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{}: {} sessions as of {as_of}; bounds from {} symbols ({} with too little history)\n",
        args.symbol,
        report.sessions.len(),
        report.symbols,
        report.thin.len()
    );
    show_curve(&points, config.level);
    match trial {
        Some(trial) => show_trial(&trial, config.level),
        None => println!("\n{} sessions are too few to try the bounds on sessions they were not learnt from.", known.len()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The full-length sessions from the first bar to the last.
fn full_days(bars: &Bars) -> anyhow::Result<Vec<TradingDay>> {
    let instants = |of: fn(&[i64]) -> Option<&i64>| bars.iter().filter_map(move |(_, series)| of(series.open_at).copied());
    let (Some(first), Some(last)) = (instants(<[i64]>::first).min(), instants(<[i64]>::last).max()) else {
        return Ok(Vec::new());
    };
    let (first, last) = (Timestamp::from_microsecond(first)?, Timestamp::from_microsecond(last)?);
    let mut days = Vec::new();
    let mut date = Calendar.local_date(first);
    while date <= Calendar.local_date(last) {
        days.extend(Calendar.day(date)?.filter(|day| day.early_close.is_none()));
        date = date.tomorrow()?;
    }
    Ok(days)
}

fn curve_of(curves: &VolumeCurves, symbol: &Symbol) -> Vec<Point> {
    let slots = curves.report().slots.iter();
    slots
        .map(|slot| {
            let end = slot.from_minute + 30;
            let reading = curves.reading(symbol.as_str(), end - 1, 0.0);
            let ratio = |shares: Option<f64>| Some(shares? / reading?.expected);
            Point {
                until: clock(end),
                expected: reading.map(|reading| reading.expected),
                median: ratio(reading.and_then(|reading| reading.median)),
                lower: ratio(reading.and_then(|reading| reading.lower)),
                upper: ratio(reading.and_then(|reading| reading.upper)),
                n: reading.map_or(0, |reading| reading.cases),
                enough: reading.is_some_and(|reading| reading.upper.is_some()),
                bars: slot.bars,
                bars_enough: slot.share_above.is_some(),
            }
        })
        .collect()
}

/// The newest of `days` against bounds learnt from those before; nothing where those are too few.
fn trial_of(
    bars: &Bars,
    days: &[TradingDay],
    config: &VolumeCurvesConfig,
    wanted: Option<usize>,
) -> anyhow::Result<Option<Trial>> {
    let tried = wanted.unwrap_or_else(|| (days.len() / 2).min(10));
    let Some((before, newest)) = days.len().checked_sub(tried).map(|cut| days.split_at(cut)) else { return Ok(None) };
    let Some(last) = before.last().filter(|_| tried > 0 && before.len() >= config.min_sessions) else { return Ok(None) };
    let curves = config.fit(bars, last.post_close)?;
    let slots = curves.calibration(bars, newest).into_iter().map(|outside| TrialSlot {
        until: clock(outside.from_minute + 30),
        outside,
        share_of_bars: outside.bars.share(),
        share_of_days: outside.days.share(),
    });
    Ok(Some(Trial {
        learnt_from: curves.report().sessions.len(),
        tried_on: newest.iter().map(|day| day.date).collect(),
        slots: slots.collect(),
    }))
}

/// New York time of a minute since 04:00.
fn clock(minute: usize) -> String {
    format!("{:02}:{:02}", 4 + minute / 60, minute % 60)
}

const TOO_LITTLE: &str = "not enough data";

fn show_curve(points: &[Point], level: f64) {
    let interval = format!("{:.0} to {:.0} % ×", 100.0 * (1.0 - level), 100.0 * level);
    let mut table = output::table(&["until", "usually traded", "median ×", &interval, "n", "bars", "bound of a bar"]);
    for point in points {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        let interval = match (point.lower, point.upper) {
            (Some(lower), Some(upper)) => format!("{lower:.2} to {upper:.2}"),
            _ => TOO_LITTLE.to_owned(),
        };
        table.add_row([
            point.until.clone(),
            point.expected.map_or_else(|| "–".to_owned(), output::shares),
            number(point.median),
            interval,
            point.n.to_string(),
            point.bars.to_string(),
            if point.bars_enough { "stated" } else { TOO_LITTLE }.to_owned(),
        ]);
    }
    println!("{table}");
}

fn show_trial(trial: &Trial, level: f64) {
    let dates = (trial.tried_on.first(), trial.tried_on.last());
    if let (Some(first), Some(last)) = dates {
        println!("\nLearnt from the {} sessions before {first}, tried on {} to {last}:\n", trial.learnt_from, first);
    }
    let bars = format!("above their bound (aim {:.0} %)", 100.0 * (1.0 - level));
    let by_day = format!("outside their bounds ({:.0} % on usual days)", 200.0 * (1.0 - level));
    let mut table = output::table(&["until", "bars", &bars, "symbols' days", &by_day]);
    for slot in &trial.slots {
        let percent = |share: Option<f64>| share.map_or_else(|| TOO_LITTLE.to_owned(), |share| format!("{:.2} %", 100.0 * share));
        table.add_row([
            slot.until.clone(),
            slot.outside.bars.seen.to_string(),
            percent(slot.share_of_bars),
            slot.outside.days.seen.to_string(),
            percent(slot.share_of_days),
        ]);
    }
    println!("{table}");
}
