//! `bellwether demo`: one morning with everything embedded, in compressed time.
//!
//! Nothing here is a double: a Postgres of its own, the simulated gateway over TCP, the broker client, the schedule, the
//! ledger, the outbox and its channels are those of `bellwether serve`. Only the clock is simulated ([`conductor`]).

mod capture;
mod conductor;
mod screen;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use bellwether::market::{Calendar, Clock, Symbol};
use bellwether_adapters::FileSource;
use bellwether_gateway::{
    Gateway, GatewayConfig, GatewayHandle, SimClock, Tape,
    generator::{MarketSpec, Story, generate},
};
use bellwether_store::{
    ConnectOptions, Store,
    embedded::{Cluster, Consent},
    renew_database,
};
use jiff::{Timestamp, civil::Date, civil::time};
use tokio_util::sync::CancellationToken;

use self::{capture::Capture, conductor::Conductor, screen::Screen};
use super::{Global, gateway, serve};
use crate::{
    alerts::{ChannelConfig, Outbox},
    config::{Config, IngestConfig, JobKind, UniverseConfig},
    context::Context,
    market::{IbLink, Market},
    schedule::{Runner, Scheduler, Timer},
    tasks::{self, Wanted},
};

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct DemoArgs {
    /// Play this recorded folder (bars.parquet, daily.parquet) instead of a generated market
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// The session of the recorded folder to play [default: its last]
    #[arg(long, value_name = "DATE", requires = "replay")]
    session: Option<Date>,
    /// Stocks of the generated market
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(20..=90))]
    symbols: u32,
    /// Seed of the generated market: the same seed is the same morning
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Stay up afterwards, database and gateway open, until Ctrl-C
    #[arg(long)]
    keep: bool,
}

/// The morning that is played.
struct Morning {
    tape: Tape,
    story: Vec<Story>,
    session: Date,
}

pub(super) async fn run(args: DemoArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let watch = std::time::Instant::now();
    anyhow::ensure!(!global.json, "the demo is for people; run it without --json, then ask `bellwether db runs --json`");
    let mut global = global.clone();
    if global.data_dir.is_none() {
        global.data_dir = Some(crate::context::default_data_dir().join("demo"));
    }
    let data_dir = global.data_dir()?;
    let screen = Screen::new(watch);
    screen.title();
    let stop = CancellationToken::new();
    let signals = tokio::spawn(serve::stop_on_signal(stop.clone()));

    // The market is made while the database starts.
    let making = tokio::task::spawn_blocking({
        let (replay, session, symbols, seed) = (args.replay.clone(), args.session, args.symbols, args.seed);
        move || morning(replay.as_deref(), session, symbols as usize, seed)
    });
    let step = screen.step("embedded Postgres");
    let cluster = own_cluster(&global, &data_dir).await?;
    let database = cluster.url();
    let store = Store::connect(&database, ConnectOptions::default()).await?;
    let migrated = store.migrate().await?;
    step.done(&format!("{}, schema version {}", store.target(), migrated.version));

    let step = screen.step("market");
    let morning = making.await??;
    let symbols: Vec<Symbol> = morning.tape.instruments().iter().map(|instrument| instrument.symbol.clone()).collect();
    step.done(&format!("{} symbols, session {}", symbols.len(), morning.session));

    let day = Calendar.day(morning.session)?.with_context(|| format!("{}: the exchange was closed", morning.session))?;
    let until = Calendar.at(morning.session, time(11, 0, 0, 0)).min(day.close);
    // History is fetched the evening before, so that the morning begins at 04:00 however long that takes.
    let clock = SimClock::new(day.pre_open - jiff::SignedDuration::from_hours(7), conductor::SETTING_UP);
    clock.hold_at(Some(day.pre_open));
    let step = screen.step("simulated IB Gateway");
    let gateway = Gateway::start(GatewayConfig::default(), Arc::new(morning.tape), Arc::clone(&clock)).await?;
    step.done(&format!("{}, protobuf wire protocol", gateway.addr()));

    let capture = Capture::start(data_dir.join("webhooks")).await?;
    let mut config = demo_config(global.schedule()?, &symbols, &gateway, &capture);
    if args.replay.is_some() {
        let step = screen.step("features, risk profiles");
        config.jobs.retain(|job| !matches!(job.kind, JobKind::Compute(_)));
        step.done("not computed: a recording may hold neither the benchmarks nor enough of the past");
    }
    let shared_clock: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let market = Market::Ib(Arc::new(IbLink::new(config.ib.clone(), Arc::clone(&shared_clock))));
    let mut context = Context::new(config, store.clone(), Arc::clone(&shared_clock), market, &data_dir);
    context.rehearsal = true;
    let context = Arc::new(context);

    let step = screen.step("history over the wire");
    let summary = history(&context, &symbols, morning.session, &step).await?;
    step.done(&format!(
        "{} minute bars, {} daily bars fetched and stored",
        super::output::shares(summary.minute_bars as f64),
        super::output::shares(summary.daily_bars as f64)
    ));

    let outbox = Outbox::new(Arc::clone(&context), &data_dir)?;
    let delivery = tokio::spawn({
        let stop = stop.clone();
        async move {
            outbox.run(&stop).await;
            outbox
        }
    });
    clock.hold_at(None);
    clock.advance_to(day.pre_open);
    let story = morning.story;
    let watched = tokio::spawn(screen.clone().watch(context.events.subscribe(), Arc::clone(&clock)));
    let conductor = Conductor::new(Arc::clone(&clock), &context, until);
    let conducting = tokio::spawn(conductor.run());
    let timer = Timer::simulated(Arc::clone(&shared_clock));
    let played = Scheduler::new(Runner::new(Arc::clone(&context)), timer).serve(&stop, Some(until)).await;
    let interrupted = stop.is_cancelled();
    conducting.abort();
    stop.cancel();
    let outbox = delivery.await.context("the delivery loop panicked")?;
    let delivered = outbox.drain(Duration::from_secs(20)).await;
    // The watcher ends when the last sender of events is gone from its point of view: it is told explicitly.
    context.events.send(screen::END).ok();
    let tally = watched.await.context("the screen panicked")?;
    played?;
    if interrupted {
        anyhow::bail!("interrupted; what was stored stays in {}", data_dir.display());
    }
    delivered?;
    screen.summary(&context, &tally, &story, &data_dir, &database, capture.count()).await?;
    if args.keep {
        println!("\nstaying up until Ctrl-C: gateway {} and database open", gateway.addr());
        tokio::signal::ctrl_c().await?;
    }
    signals.abort();
    context.market.close().await;
    gateway.shutdown().await;
    drop((context, store, outbox));
    cluster.stop().await?;
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn morning(replay: Option<&Path>, session: Option<Date>, symbols: usize, seed: u64) -> anyhow::Result<Morning> {
    match replay {
        None => {
            let session = jiff::civil::date(2026, 3, 10);
            let market = generate(&MarketSpec { seed, symbols, session, ..MarketSpec::default() })?;
            Ok(Morning { tape: market.tape, story: market.story, session })
        }
        Some(folder) => {
            let tape = gateway::tape_of(&FileSource::open(folder)?)?;
            let session = session.map_or_else(|| gateway::last_session(&tape), Ok)?;
            Ok(Morning { tape, story: Vec::new(), session })
        }
    }
}

/// The demo's cluster with an empty database: what an earlier demo left is set aside, so that its due times are not taken
/// for this one's. A folder that something else than a demo has used is left alone.
async fn own_cluster(global: &Global, data_dir: &Path) -> anyhow::Result<Cluster> {
    let mark = data_dir.join(".demo");
    let foreign = ["postgres", "snapshots", "outbox", "webhooks"].into_iter().find(|name| data_dir.join(name).exists());
    if let Some(name) = foreign.filter(|_| !mark.exists()) {
        anyhow::bail!("{} is not a demo's: it holds a folder `{name}`; choose another with --data-dir", data_dir.display());
    }
    std::fs::write(&mark, "what is here belongs to `bellwether demo` and is set aside by the next one\n")?;
    // Running the demo is the consent to a download: it promises to need nothing else.
    let cluster = global.cluster(Consent::Granted).await?;
    renew_database(&cluster.url()).await.context("is another demo running in this folder?")?;
    for folder in ["outbox", "webhooks"] {
        match std::fs::remove_dir_all(data_dir.join(folder)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{}", data_dir.join(folder).display()));
            }
            _ => {}
        }
    }
    Ok(cluster)
}

/// The schedule, over the demo's symbols, gateway and channels.
///
/// Mail goes to files unless the schedule has SMTP. Webhooks are not called: what Slack would get is captured. Every
/// message says that it is a rehearsal.
fn demo_config(mut config: Config, symbols: &[Symbol], gateway: &GatewayHandle, capture: &Capture) -> Config {
    const WEBHOOK: &str = "slack-capture";
    config.ib.host = gateway.addr().ip().to_string();
    config.ib.port = gateway.addr().port();
    for universe in config.universes.values_mut() {
        *universe = UniverseConfig { symbols: Some(symbols.to_vec()), file: None, ib_scanner: None };
    }
    config.channels.insert(WEBHOOK.to_owned(), ChannelConfig::slack_webhook(&capture.url()));
    config.channels.retain(|name, channel| name == WEBHOOK || channel.is_email());
    for job in &mut config.jobs {
        if !job.alert.channels.is_empty() {
            job.alert.channels.retain(|name| config.channels.contains_key(name));
            job.alert.channels.push(WEBHOOK.to_owned());
        }
    }
    config
}

/// Earlier sessions through the broker client into the database, as `bellwether ingest` does every evening.
async fn history(
    context: &Context,
    symbols: &[Symbol],
    session: Date,
    step: &screen::Step,
) -> anyhow::Result<tasks::IngestSummary> {
    let Market::Ib(link) = &context.market else { anyhow::bail!("the demo plays over the gateway") };
    let broker = tasks::Supply::Broker(link.session().await.context("the demo's own gateway")?);
    let wanted: Vec<Wanted> = context.config.jobs.iter().filter_map(|job| Wanted::by(&job.kind)).collect();
    let most = |of: fn(&Wanted) -> usize| wanted.iter().map(of).max().unwrap_or_default();
    let settings = IngestConfig {
        minute_sessions: most(|it| it.minute_sessions),
        daily_sessions: most(|it| it.daily_sessions),
        source: None,
    };
    let before: Timestamp = Calendar.at(session, time(0, 0, 0, 0));
    tasks::ingest(context, &broker, symbols, &settings, before, &|done, total| step.progress(done, total)).await
}
