//! Schwab's market data for one's own app: quotes and price history, by OAuth 2.
//!
//! ```text
//! login     a person grants access in the browser; the code that comes back buys the first tokens, good for 7 days
//! tokens    the file that they live in, and the access token renewed every half hour, once for all who need it
//! market    quotes, minute and daily bars
//! ```
//! The refresh token cannot be prolonged by a program: after 7 days a person logs in again, and the error says how.

mod login;
mod market;
mod token_file;
mod tokens;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use super::http_config::HttpConfig;

pub use login::SchwabLogin;
pub use market::SchwabSource;

/// Requests a minute that an app may make.
const USUAL: u32 = 120;
const AGENT: &str = concat!("bellwether/", env!("CARGO_PKG_VERSION"));

/// Settings of [`SchwabSource`].
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `base_url` | <https://api.schwabapi.com> | where it is | https |
/// | `client_id_env` | SCHWAB_CLIENT_ID | environment variable with the app's key | set |
/// | `client_secret_env` | SCHWAB_CLIENT_SECRET | environment variable with the app's secret | set |
/// | `redirect_url` | https://127.0.0.1:8182/ | the app's callback address, exactly as registered | |
/// | `token_file` | schwab-token.json | where the tokens live, readable by their owner alone | |
/// | `http` | 120 a minute | see [`HttpConfig`] | |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchwabConfig {
    /// Where it is.
    pub base_url: String,
    /// Environment variable with the app's key.
    pub client_id_env: String,
    /// Environment variable with the app's secret.
    pub client_secret_env: String,
    /// The app's callback address.
    pub redirect_url: String,
    /// Where the tokens live.
    pub token_file: PathBuf,
    /// How it is asked.
    pub http: HttpConfig,
}

impl Default for SchwabConfig {
    fn default() -> Self {
        Self {
            base_url: "https://api.schwabapi.com".to_owned(),
            client_id_env: "SCHWAB_CLIENT_ID".to_owned(),
            client_secret_env: "SCHWAB_CLIENT_SECRET".to_owned(),
            redirect_url: "https://127.0.0.1:8182/".to_owned(),
            token_file: PathBuf::from("schwab-token.json"),
            http: HttpConfig::default(),
        }
    }
}
