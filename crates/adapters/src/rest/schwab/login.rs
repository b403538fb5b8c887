//! The first login: a person grants access in the browser, and the code in the address that the browser is sent back to
//! buys the tokens.

use std::sync::Arc;

use bellwether::market::Clock;
use jiff::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    AGENT, SchwabConfig, USUAL,
    tokens::{App, TokenKeeper},
};
use crate::{
    error::{AdapterError, Result},
    rest::{door::Door, http_config::address},
};

/// A login under way.
#[derive(Debug)]
pub struct SchwabLogin {
    keeper: TokenKeeper,
    app: App,
    base: Url,
    redirect_url: String,
}

impl SchwabLogin {
    /// A login with the app's key and secret from the environment. Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range, or a variable is not set.
    pub fn new(config: &SchwabConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_app(config, App::of_environment(config)?, clock)
    }

    /// A login with this key and secret.
    ///
    /// # Errors
    /// A setting outside its range.
    pub fn with_secrets(config: &SchwabConfig, id: SecretString, secret: SecretString, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_app(config, App { id, secret }, clock)
    }

    fn with_app(config: &SchwabConfig, app: App, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = address(&config.base_url)?;
        let door = Door::open(base.clone(), AGENT, config.http.clone(), (USUAL, None))?;
        let keeper = TokenKeeper::new(door, app.clone(), config.token_file.clone(), clock);
        Ok(Self { keeper, app, base, redirect_url: config.redirect_url.clone() })
    }

    /// The address to open in a browser.
    pub fn authorize_url(&self) -> String {
        let mut url = self.base.clone();
        url.set_path("/v1/oauth/authorize");
        let id = self.app.id.expose_secret();
        url.query_pairs_mut().extend_pairs([("response_type", "code"), ("client_id", id), ("redirect_uri", &self.redirect_url)]);
        url.to_string()
    }

    /// Buys the tokens with the address that the browser ended at, and keeps them. Answers when the login will be over.
    ///
    /// # Errors
    /// The address holds no code; the service refuses it (a code is good for half a minute); the file cannot be written.
    pub async fn finish(&self, redirected: &str) -> Result<Timestamp> {
        let setting =
            |expected| AdapterError::Setting { name: "redirected address", value: "what was pasted".to_owned(), expected };
        let url = Url::parse(redirected.trim())
            .map_err(|_| setting("expected the whole address that the browser ended at, https://…?code=…"))?;
        let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if let Some(error) = field("error") {
            let detail = format!("the login was refused: {error} {}", field("error_description").unwrap_or_default());
            return Err(crate::rest::door::refused(
                "access to Schwab",
                bellwether::market::MissingReason::NoPermission,
                None,
                detail,
            ));
        }
        let code =
            field("code").filter(|code| !code.is_empty()).ok_or_else(|| setting("expected an address with `code=…` in it"))?;
        let since = self.keeper.exchange(&SecretString::from(code), &self.redirect_url).await?;
        Ok(since + jiff::SignedDuration::from_hours(7 * 24))
    }
}
