//! `bellwether login`: the sources that a person must grant access to, in a browser.

use std::{process::ExitCode, sync::Arc};

use bellwether_adapters::rest::SchwabLogin;
use serde_json::json;

use super::{Global, output, services};
use crate::clock::SystemClock;

/// Arguments of `login`.
#[derive(Debug, clap::Args)]
pub(super) struct LoginArgs {
    #[command(subcommand)]
    at: LoginAt,
}

#[derive(Debug, clap::Subcommand)]
enum LoginAt {
    /// Schwab's market data: good for 7 days
    Schwab {
        /// The address that the browser ended at [default: asked for]
        #[arg(long, value_name = "URL")]
        redirected: Option<String>,
    },
}

pub(super) async fn run(args: LoginArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let LoginAt::Schwab { redirected } = args.at;
    let config = global.schedule()?.sources.schwab(&global.data_dir()?);
    let login = SchwabLogin::new(&config, Arc::new(SystemClock))?;
    let redirected = match redirected {
        Some(redirected) => redirected,
        None => asked(&login.authorize_url(), &config.redirect_url).await?,
    };
    let until = login.finish(&redirected).await?;
    if global.json {
        output::print_json(&json!({ "source": "schwab", "until": until, "token_file": config.token_file }))?;
    } else {
        println!("logged in until {}; the tokens are in {}", services::local_time(until), config.token_file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks on standard error, so that standard output stays for programs.
async fn asked(url: &str, redirect_url: &str) -> anyhow::Result<String> {
    eprintln!("Open this address in a browser and grant access:\n\n  {url}\n");
    eprintln!("The browser ends at an address that begins with {redirect_url} and that nothing answers.");
    eprintln!("Paste that whole address here within half a minute, and press Enter:");
    let mut line = String::new();
    let line = tokio::task::spawn_blocking(move || std::io::stdin().read_line(&mut line).map(|_| line)).await??;
    anyhow::ensure!(!line.trim().is_empty(), "nothing was pasted: run `bellwether login schwab` again");
    Ok(line)
}
