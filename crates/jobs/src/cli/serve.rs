//! `bellwether serve`: unattended.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;
use bellwether::market::Clock;
use tokio_util::sync::CancellationToken;

use super::{Global, services};
use crate::{
    alerts::Outbox,
    clock::SystemClock,
    context::Context,
    schedule::{Runner, Scheduler, Timer},
    watch::watch,
};

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {}

pub(super) async fn run(_args: ServeArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let config = global.schedule()?;
    anyhow::ensure!(!config.jobs.is_empty(), "{} has no jobs", config.origin);
    let data_dir = global.data_dir()?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let market = services::market(&config, Arc::clone(&clock), &data_dir).await?;
    let database = global.database().await?;
    let context = Arc::new(Context::new(config, database.store.clone(), Arc::clone(&clock), market, &data_dir));
    tracing::info!(
        schedule = %context.config.origin, jobs = context.config.jobs.len(), database = context.store.target(),
        instance = %context.instance, data_dir = %data_dir.display(), "serving"
    );
    match context.store.server_clock().await.map(|theirs| theirs.duration_since(clock.now())) {
        Ok(skew) if skew.abs().as_secs() > 2 => tracing::error!(
            skew_s = skew.as_secs(),
            "this machine's clock differs from the database's: scans would run at the wrong time; set the clock"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the database's clock cannot be read"),
    }
    let stop = CancellationToken::new();
    let signals = tokio::spawn(stop_on_signal(stop.clone()));
    let outbox = Outbox::new(Arc::clone(&context), &data_dir)?;
    let delivery = tokio::spawn({
        let stop = stop.clone();
        async move { outbox.run(&stop).await }
    });
    // Not `stop`: a scan under way is still finished, and the session with it watched until it is ended.
    let done = CancellationToken::new();
    let watching = match context.market.broker() {
        Some(link) => {
            let (session, context, done) = (link.start().await?, Arc::clone(&context), done.clone());
            Some(tokio::spawn(async move { watch(&context, &session, &done).await }))
        }
        None => None,
    };
    let served = supervise(&context, &stop).await;
    stop.cancel();
    delivery.await.context("the delivery loop panicked")?;
    done.cancel();
    if let Some(watching) = watching {
        watching.await.context("the watch of market data panicked")?;
    }
    signals.abort();
    context.market.close().await;
    drop(context);
    database.close().await;
    tracing::info!("stopped");
    served.map(|()| ExitCode::SUCCESS)
}

/// Keeps the schedule going: when the database is away for longer than a statement is retried, the loop starts anew and
/// catches up; what was due meanwhile is run late or recorded as missed.
async fn supervise(context: &Arc<Context>, stop: &CancellationToken) -> anyhow::Result<()> {
    const FIRST: std::time::Duration = std::time::Duration::from_secs(1);
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);
    let mut pause = FIRST;
    loop {
        let timer = Timer::system(Arc::clone(&context.clock)).await?;
        let began = context.clock.now();
        let scheduler = Scheduler::new(Runner::new(Arc::clone(context)), timer);
        let Err(error) = scheduler.serve(stop, None).await else { return Ok(()) };
        tracing::error!(error = format!("{error:#}"), retry_in_s = pause.as_secs(), "the schedule stands still");
        if context.clock.now().duration_since(began).as_secs() > 300 {
            pause = FIRST;
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST);
    }
}

/// Cancels `stop` on SIGTERM or Ctrl-C.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::error!(%error, "SIGTERM cannot be heard");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        _ = tokio::signal::ctrl_c() => tracing::info!("interrupt: stopping"),
    }
    stop.cancel();
}
