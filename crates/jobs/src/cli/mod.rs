//! The command line: one file per subcommand.

mod audit;
mod book;
mod db;
mod demo;
mod doctor;
mod features;
mod gateway;
mod indicators;
mod ingest;
mod lab;
mod login;
mod newest;
mod output;
mod parity;
mod record;
mod replay;
mod risk;
mod run;
mod schedule;
mod serve;
mod services;
mod status;
mod volume_curve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

/// Scans US stocks before the open and during the day, keeps what it saw, and tells people.
///
/// All times are New York time unless they carry a zone. Try `bellwether demo` first: it needs nothing but this program.
#[derive(Debug, Parser)]
#[command(name = "bellwether", version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
struct Global {
    /// The schedule to use [default: ./schedules.toml, else the one that ships with the program]
    #[arg(long, short = 'c', global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the database, snapshots and outbox live [default: $BELLWETHER_DATA_DIR, else the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON for programs instead of tables for people
    #[arg(long, global = true)]
    json: bool,
    /// What to log on standard error, such as `info` or `bellwether_jobs=debug` [default: warn; serve: info]
    #[arg(long, global = true, value_name = "FILTER", env = "BELLWETHER_LOG")]
    log: Option<String>,
    /// How to log
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,
    /// Allow downloading Postgres server binaries when this machine has none
    #[arg(long, global = true, conflicts_with = "no_download")]
    allow_download: bool,
    /// Never download anything
    #[arg(long, global = true)]
    no_download: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One generated morning with everything embedded: gateway, database, scans, alerts
    Demo(demo::DemoArgs),
    /// Run unattended: schedule, scans, alerts
    Serve(serve::ServeArgs),
    /// Run one job, now or as of a past time
    Run(run::RunArgs),
    /// Check the schedule, list it, or say what runs next
    Schedule(schedule::ScheduleArgs),
    /// Make a stored run again from its snapshot and compare, bit for bit
    Replay(replay::ReplayArgs),
    /// Bring bars into the database, from the schedule's sources or a folder
    Ingest(ingest::IngestArgs),
    /// Compute indicators over a file of bars
    Indicators(indicators::IndicatorsArgs),
    /// The feature catalogue, and its columns over a file of bars
    Features(features::FeaturesArgs),
    /// Features and order flow of a file of order-book snapshots
    Book(book::BookArgs),
    /// What a symbol usually trades by each time of day, and how far that may be relied on
    VolumeCurve(volume_curve::VolumeCurveArgs),
    /// Volatility, dependence and tail risk over a file of returns
    Risk(risk::RiskArgs),
    /// Look for numbers that know the future
    Audit(audit::AuditArgs),
    /// Notebooks on the Rust kernel: set up Jupyter and open it
    Lab(lab::LabArgs),
    /// Certify that a notebook computes the scheduler's numbers, bit for bit
    Parity(parity::ParityArgs),
    /// Log in at a source that a person must grant access to
    Login(login::LoginArgs),
    /// Start a simulated IB Gateway that speaks the real protocol, or tell one that runs what to do
    Gateway(gateway::GatewayArgs),
    /// Write a live session down, in the form that the simulated gateway plays
    Record(record::RecordArgs),
    /// Look at the database: where it is, what is in it, how to open it
    Db(db::DbArgs),
    /// How live market data is: sessions, farms, lines, what is silent, what was missed
    Status(status::StatusArgs),
    /// Check everything a scan depends on, and say what to do
    Doctor(doctor::DoctorArgs),
}

/// The program.
pub fn main() -> ExitCode {
    // Two rustls providers may be linked; one is chosen here, once.
    let _ = rustls::crypto::ring::default_provider().install_default();
    quiet_on_closed_pipe();
    let cli = Cli::parse();
    let unattended = matches!(cli.command, Command::Serve(_));
    start_logging(&cli.global, unattended);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the async runtime cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        let global = cli.global;
        match cli.command {
            Command::Demo(args) => demo::run(args, &global).await,
            Command::Serve(args) => serve::run(args, &global).await,
            Command::Run(args) => run::run(args, &global).await,
            Command::Schedule(args) => schedule::run(args, &global),
            Command::Replay(args) => replay::run(args, &global).await,
            Command::Ingest(args) => ingest::run(args, &global).await,
            Command::Indicators(args) => indicators::run(args, &global),
            Command::Features(args) => features::run(args, &global),
            Command::Book(args) => book::run(args, &global),
            Command::VolumeCurve(args) => volume_curve::run(args, &global),
            Command::Risk(args) => risk::run(&args, &global),
            Command::Audit(args) => audit::run(args, &global),
            Command::Lab(args) => tokio::task::block_in_place(|| lab::run(args, &global)),
            Command::Parity(args) => parity::run(args, &global).await,
            Command::Login(args) => login::run(args, &global).await,
            Command::Record(args) => record::run(args, &global).await,
            Command::Gateway(args) => gateway::run(args, &global).await,
            Command::Db(args) => db::run(args, &global).await,
            Command::Status(args) => status::run(args, &global).await,
            Command::Doctor(args) => doctor::run(args, &global).await,
        }
    });
    // Nothing that still lingers may keep the process from ending.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `bellwether … | head` closes our output: that ends the program, but is not worth a backtrace.
fn quiet_on_closed_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if !(text.starts_with("failed printing to stdout") && text.contains("Broken pipe")) {
            usual(panic);
        }
    }));
}

fn start_logging(global: &Global, unattended: bool) {
    use tracing_subscriber::{EnvFilter, fmt, prelude::*};
    let usual = if unattended { "info,tokio_postgres=warn,ibapi=warn" } else { "warn,ibapi=error" };
    let filter = global.log.clone().unwrap_or_else(|| usual.to_owned());
    let filter = EnvFilter::try_new(&filter).unwrap_or_else(|error| {
        eprintln!("warning: the log filter `{filter}` is not understood ({error}); using `{usual}`");
        EnvFilter::new(usual)
    });
    let registry = tracing_subscriber::registry().with(filter);
    match global.log_format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
            registry.with(fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false)).init();
        }
        LogFormat::Json => registry.with(fmt::layer().json().with_writer(std::io::stderr)).init(),
    }
}
