//! `bellwether gateway`: the simulated gateway on its own, and talking to one that runs.

mod admin;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use bellwether::market::Calendar;
use bellwether_adapters::FileSource;
use bellwether_gateway::{
    FaultScript, Gateway, GatewayConfig, Limits, SimClock, Tape, TapeHeadline, TapeInstrument, TradingConfig,
    generator::{MarketSpec, generate},
};
use jiff::{Timestamp, civil::Date};

use super::{Global, services};

/// Arguments of `gateway`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct GatewayArgs {
    #[command(subcommand)]
    command: Option<admin::AdminCommand>,
    #[command(flatten)]
    start: StartArgs,
}

/// Arguments of `gateway` when it is to start one.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The gateway")]
struct StartArgs {
    /// Play this recorded folder instead of a generated market
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// Port on the loopback interface
    #[arg(long, default_value_t = 4002)]
    port: u16,
    /// Where its clock starts [default: 04:00 of the last session there is]
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    start: Option<Timestamp>,
    /// How fast its clock runs; 0 only with --admin-port, by which it then is moved
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    speed: f64,
    /// Stocks of a generated market
    #[arg(long, default_value_t = 60)]
    symbols: usize,
    /// Seed of a generated market
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Make things go wrong as this script says (TOML, `[[fault]]` tables)
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// Listen on this loopback port for `bellwether gateway status`, `inject`, `clock` and so on
    #[arg(long, value_name = "PORT")]
    admin_port: Option<u16>,
    /// Limits of an account with so many market data lines
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(100..=10_000))]
    lines: u32,
    /// Enforce no limits on what clients ask for
    #[arg(long, conflicts_with = "lines")]
    no_limits: bool,
    /// Name of the account
    #[arg(long, default_value = "DU0000001")]
    account: String,
    /// What the account begins with, USD
    #[arg(long, default_value_t = 1_000_000.0, allow_negative_numbers = true)]
    cash: f64,
}

pub(super) async fn run(args: GatewayArgs, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        Some(command) => admin::run(command, global).await,
        None => start(args.start).await,
    }
}

async fn start(args: StartArgs) -> anyhow::Result<ExitCode> {
    anyhow::ensure!((0.0..=10_000.0).contains(&args.speed), "--speed takes a number from 0 to 10000");
    anyhow::ensure!(args.cash.is_finite() && args.cash >= 0.0, "--cash takes an amount in USD from 0");
    anyhow::ensure!(
        args.port == 0 || args.admin_port != Some(args.port),
        "--admin-port and --port are both {}: the gateway and its admin port need one each",
        args.port
    );
    anyhow::ensure!(
        args.speed > 0.0 || args.admin_port.is_some(),
        "--speed 0 stops the clock for ever: add --admin-port, by which it can be moved"
    );
    let script = args.faults.as_deref().map(script_of).transpose()?;
    let (seed, symbols, replay) = (args.seed, args.symbols, args.replay);
    let tape = tokio::task::spawn_blocking(move || match replay {
        Some(folder) => tape_of(&FileSource::open(&folder)?),
        None => {
            let session = jiff::civil::date(2026, 3, 10);
            Ok(generate(&MarketSpec { seed, symbols, session, ..MarketSpec::default() })?.tape)
        }
    })
    .await??;
    if let Some(script) = &script {
        are_in(&tape, script)?;
    }
    let start = match args.start {
        Some(start) => is_played(&tape, start)?,
        None => Calendar.day(last_session(&tape)?)?.context("the tape's last day is no trading day")?.pre_open,
    };
    let clock = SimClock::new(start, args.speed);
    let symbols = tape.instruments().len();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let limits = if args.no_limits { Limits::none() } else { Limits::of_lines(args.lines as usize) };
    let usual = TradingConfig::default();
    let active_orders = if args.no_limits { usize::MAX } else { usual.active_orders };
    let trading = TradingConfig { cash: args.cash, active_orders, ..usual };
    let config = GatewayConfig { listen, limits, trading, account: args.account, ..GatewayConfig::default() };
    let mut gateway = Gateway::start(config, Arc::new(tape), Arc::clone(&clock)).await?;
    // Before anything is claimed to run.
    let admin = match args.admin_port {
        Some(port) => Some(gateway.open_admin(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?),
        None => None,
    };
    println!("simulated IB Gateway on {} with {symbols} symbols; Ctrl-C stops it", gateway.addr());
    println!("its clock: {}, {}×", services::local_time(clock.now()), args.speed);
    if let Some(admin) = admin {
        println!("admin port {admin}; try `bellwether gateway status --admin-port {}`", admin.port());
    }
    if let Some(script) = script {
        gateway.run_script(&script)?;
        println!("{} faults to come", script.faults.len());
    }
    tokio::signal::ctrl_c().await?;
    let stats = gateway.stats();
    println!("{} messages in, {} out, violations: {:?}", stats.messages_received, stats.messages_sent, stats.violations);
    tokio::time::timeout(Duration::from_secs(5), gateway.shutdown()).await.ok();
    Ok(ExitCode::SUCCESS)
}

/// A script of faults in a file.
fn script_of(file: &Path) -> anyhow::Result<FaultScript> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    text.parse().with_context(|| format!("{} is no script of faults", file.display()))
}

/// Every symbol that a script aims at is one of the tape's.
fn are_in(tape: &Tape, script: &FaultScript) -> anyhow::Result<()> {
    let known = |symbol: &str| tape.instruments().iter().any(|instrument| instrument.symbol.as_str() == symbol);
    for scripted in &script.faults {
        if let Some(symbol) = scripted.fault.symbol().filter(|symbol| !known(symbol)) {
            anyhow::bail!("--faults: {} is aimed at {symbol}, which is not in the market played", scripted.fault.kind());
        }
    }
    Ok(())
}

/// The time to start at, which has to be one of the days that the tape has minutes of, or between two of them.
fn is_played(tape: &Tape, start: Timestamp) -> anyhow::Result<Timestamp> {
    let first = tape.minutes().iter().filter_map(|(_, series)| series.open_at.first().copied()).min();
    let first = Calendar.local_date(Timestamp::from_microsecond(first.context("the tape has no minute bars")?)?);
    let (date, last) = (Calendar.local_date(start), last_session(tape)?);
    anyhow::ensure!(
        (first..=last).contains(&date),
        "--start is {}, of which there is no market: its minute bars are of {first} to {last}",
        services::local_time(start)
    );
    Ok(start)
}

/// The New York date of the last minute bar.
pub(super) fn last_session(tape: &Tape) -> anyhow::Result<Date> {
    let last = tape.minutes().iter().filter_map(|(_, series)| series.open_at.last().copied()).max();
    let last = last.context("the tape has no minute bars")?;
    Ok(Calendar.local_date(Timestamp::from_microsecond(last)?))
}

/// A recorded folder as a tape.
pub(super) fn tape_of(files: &FileSource) -> anyhow::Result<Tape> {
    let instruments = files
        .symbols()
        .into_iter()
        .zip(1_000_001..)
        .map(|(symbol, contract_id)| {
            let known = files.instrument(&symbol);
            TapeInstrument {
                symbol,
                contract_id,
                name: known.name,
                kind: known.kind,
                primary_exchange: if known.primary_exchange.is_empty() { "NASDAQ".to_owned() } else { known.primary_exchange },
                spread_bps: 5.0,
                subscribed: true,
                float_shares: known.float_shares,
            }
        })
        .collect();
    let headlines = files
        .headlines()
        .iter()
        .filter(|headline| files.minutes().symbols().binary_search(&headline.symbol).is_ok())
        .map(|headline| TapeHeadline {
            symbol: headline.symbol.clone(),
            at: headline.at,
            provider: headline.source.clone(),
            title: headline.title.clone(),
            body: headline.title.clone(),
        })
        .collect();
    // Daily bars may be of a whole market; the tape is of what has minutes.
    let played = files.minutes().symbols();
    let daily =
        files.daily().select(|symbol, series| if played.binary_search(symbol).is_ok() { series } else { series.slice(0..0) });
    let tape = Tape::new(instruments, files.minutes().clone(), daily, headlines, Vec::new())?;
    let ticks = files.ticks().iter().filter(|(symbol, _)| tape.instrument(symbol).is_some());
    let ticks = ticks.map(|(symbol, ticks)| (symbol.clone(), ticks.clone())).collect();
    let depth = files.depth().iter().filter(|(symbol, _)| tape.instrument(symbol).is_some());
    let depth = depth.map(|(symbol, updates)| (symbol.clone(), updates.clone())).collect();
    Ok(tape.with_ticks(ticks, depth)?)
}
