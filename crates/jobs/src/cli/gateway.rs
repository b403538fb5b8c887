//! `bellwether gateway`: the simulated gateway on its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use bellwether::market::Calendar;
use bellwether_adapters::FileSource;
use bellwether_gateway::{
    Gateway, GatewayConfig, SimClock, Tape, TapeHeadline, TapeInstrument,
    generator::{MarketSpec, generate},
};
use jiff::{Timestamp, civil::Date};

use super::{Global, services};

/// Arguments of `gateway`.
#[derive(Debug, clap::Args)]
pub(super) struct GatewayArgs {
    /// Play this recorded folder instead of a generated market
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// Port on the loopback interface
    #[arg(long, default_value_t = 4002)]
    port: u16,
    /// Where its clock starts [default: 04:00 of the last session there is]
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    start: Option<Timestamp>,
    /// How fast its clock runs
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Stocks of a generated market
    #[arg(long, default_value_t = 60)]
    symbols: usize,
    /// Seed of a generated market
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

pub(super) async fn run(args: GatewayArgs, _global: &Global) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.speed > 0.0 && args.speed <= 10_000.0, "--speed takes a number above 0, at most 10000");
    let (seed, symbols, replay) = (args.seed, args.symbols, args.replay);
    let tape = tokio::task::spawn_blocking(move || match replay {
        Some(folder) => tape_of(&FileSource::open(&folder)?),
        None => {
            let session = jiff::civil::date(2026, 3, 10);
            Ok(generate(&MarketSpec { seed, symbols, session, ..MarketSpec::default() })?.tape)
        }
    })
    .await??;
    let start = match args.start {
        Some(start) => start,
        None => Calendar.day(last_session(&tape)?)?.context("the tape's last day is no trading day")?.pre_open,
    };
    let clock = SimClock::new(start, args.speed);
    let symbols = tape.instruments().len();
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let config = GatewayConfig { listen, ..GatewayConfig::default() };
    let gateway = Gateway::start(config, Arc::new(tape), Arc::clone(&clock)).await?;
    println!("simulated IB Gateway on {} with {symbols} symbols; Ctrl-C stops it", gateway.addr());
    println!("its clock: {}, {}×", services::local_time(clock.now()), args.speed);
    tokio::signal::ctrl_c().await?;
    let stats = gateway.stats();
    println!("{} messages in, {} out, violations: {:?}", stats.messages_received, stats.messages_sent, stats.violations);
    tokio::time::timeout(Duration::from_secs(5), gateway.shutdown()).await.ok();
    Ok(ExitCode::SUCCESS)
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
    Ok(Tape::new(instruments, files.minutes().clone(), daily, headlines, Vec::new())?)
}
