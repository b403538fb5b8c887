//! `bellwether db`: where the database is, what is in it, how to open it.

use std::process::ExitCode;

use bellwether::market::Timeframe;
use bellwether_store::{RunFilter, embedded::Consent};
use serde_json::json;

use super::{Global, output, services};

/// Arguments of `db`.
#[derive(Debug, clap::Args)]
pub(super) struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DbCommand {
    /// Where it is, its schema version, how many bars it holds
    Status,
    /// Apply migrations; other commands do so by themselves
    Migrate,
    /// The latest runs
    Runs {
        /// Only of this job
        #[arg(long)]
        job: Option<String>,
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        count: i64,
    },
    /// Keep the embedded database running until Ctrl-C, and print how to open it
    Open,
}

pub(super) async fn run(args: DbArgs, global: &Global) -> anyhow::Result<ExitCode> {
    match args.command {
        DbCommand::Status | DbCommand::Migrate => status(global).await,
        DbCommand::Runs { job, count } => runs(global, job, count).await,
        DbCommand::Open => open(global).await,
    }
}

async fn status(global: &Global) -> anyhow::Result<ExitCode> {
    let database = global.database().await?;
    let store = &database.store;
    let read = async {
        let version = store.schema_version().await?;
        let minutes = store.bar_coverage(Timeframe::Min1).await?;
        let daily = store.bar_coverage(Timeframe::Day1).await?;
        let waiting = store.pending_alerts_count().await?;
        anyhow::Ok((version, minutes, daily, waiting))
    }
    .await;
    let target = store.target().to_owned();
    database.close().await;
    let (version, minutes, daily, waiting) = read?;
    let bars = |coverage: &[bellwether_store::BarCoverage]| coverage.iter().map(|row| row.bars).sum::<i64>();
    if global.json {
        output::print_json(&json!({
            "database": target, "schema_version": version, "minute_bars": bars(&minutes), "minute_symbols": minutes.len(),
            "daily_bars": bars(&daily), "daily_symbols": daily.len(), "alerts_waiting": waiting,
        }))?;
    } else {
        println!("database        {target}");
        println!("schema version  {version}");
        println!("minute bars     {} of {} symbols", output::shares(bars(&minutes) as f64), minutes.len());
        println!("daily bars      {} of {} symbols", output::shares(bars(&daily) as f64), daily.len());
        println!("alerts waiting  {waiting}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn runs(global: &Global, job: Option<String>, count: i64) -> anyhow::Result<ExitCode> {
    let database = global.database().await?;
    let runs = database.store.runs(&RunFilter { job, limit: count.clamp(1, 10_000), ..RunFilter::default() }).await;
    database.close().await;
    let runs = runs?;
    if global.json {
        output::print_json(&runs)?;
    } else {
        let mut table = output::table(&["run", "job", "due (New York)", "status", "reason"]);
        for run in &runs {
            let id: String = run.run_id.to_string().chars().take(8).collect();
            table.add_row([
                id,
                run.job.clone(),
                services::local_time(run.due_at),
                run.status.to_string(),
                run.reason.clone().unwrap_or_default(),
            ]);
        }
        println!("{table}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(global: &Global) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        std::env::var_os("DATABASE_URL").is_none(),
        "DATABASE_URL names a database of its own: open it with `psql \"$DATABASE_URL\"`"
    );
    let cluster = global.cluster(Consent::Refused).await?;
    println!("psql '{}'", cluster.url());
    println!("the database runs until Ctrl-C");
    tokio::signal::ctrl_c().await?;
    cluster.stop().await?;
    Ok(ExitCode::SUCCESS)
}
