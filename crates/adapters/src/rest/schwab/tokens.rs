//! An access token whenever one is needed: from the file while it is good, else renewed, by one for all.

use std::{path::PathBuf, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bellwether::market::{Clock, MissingReason};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{
    SchwabConfig,
    token_file::{self, Tokens},
};
use crate::{
    error::{AdapterError, Result},
    rest::{
        door::{Answer, Ask, Door, refused},
        http_config::secret_of,
    },
};

const WHAT: &str = "access to Schwab";
const LOG_IN: &str = "log in again with `bellwether login schwab` (a login lasts 7 days)";

/// The app's own name and secret.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) id: SecretString,
    pub(super) secret: SecretString,
}

impl App {
    pub(super) fn of_environment(config: &SchwabConfig) -> Result<Self> {
        Ok(Self {
            id: secret_of("client_id_env", &config.client_id_env)?,
            secret: secret_of("client_secret_env", &config.client_secret_env)?,
        })
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    /// Seconds.
    expires_in: i64,
}

#[derive(Deserialize)]
struct Complaint {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// See the module.
#[derive(Debug)]
pub(super) struct TokenKeeper {
    door: Door,
    app: App,
    file: PathBuf,
    clock: Arc<dyn Clock>,
    /// Held while the tokens are renewed, so that they are renewed once. Every wait under it has an end.
    known: Mutex<Option<Tokens>>,
}

impl TokenKeeper {
    pub(super) fn new(door: Door, app: App, file: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self { door, app, file, clock, known: Mutex::new(None) }
    }

    /// A token that is good for now. `refused` is one that the service has just turned down, whatever its time says.
    pub(super) async fn access(&self, refused_token: Option<&SecretString>) -> Result<SecretString> {
        let mut known = self.known.lock().await;
        let good = |tokens: &Tokens| {
            let turned_down = refused_token.is_some_and(|token| token.expose_secret() == tokens.access.expose_secret());
            tokens.access_is_good(self.clock.now()) && !turned_down
        };
        if let Some(tokens) = known.as_ref().filter(|tokens| good(tokens)) {
            return Ok(tokens.access.clone());
        }
        // Another process, or a login, may have written newer ones.
        let tokens = self.stored()?;
        if good(&tokens) {
            return Ok(known.insert(tokens).access.clone());
        }
        let renewed = match self.renew(&tokens).await {
            Ok(renewed) => renewed,
            Err(error) => match self.stored()? {
                // Someone else renewed them meanwhile, and the service knows only the latest.
                newer if newer.refresh.expose_secret() != tokens.refresh.expose_secret() && good(&newer) => newer,
                _ => return Err(error),
            },
        };
        Ok(known.insert(renewed).access.clone())
    }

    fn stored(&self) -> Result<Tokens> {
        token_file::read(&self.file)?.ok_or_else(|| {
            let detail = format!("there is no login yet ({} is not there): {LOG_IN}", self.file.display());
            refused(WHAT, MissingReason::NoPermission, None, detail)
        })
    }

    async fn renew(&self, tokens: &Tokens) -> Result<Tokens> {
        let now = self.clock.now();
        if tokens.login_is_over(now) {
            let detail = format!("the login of {} is over: {LOG_IN}", tokens.logged_in_at.strftime("%Y-%m-%d %H:%M UTC"));
            return Err(refused(WHAT, MissingReason::NoPermission, None, detail));
        }
        let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.expose_secret())];
        let granted = self.granted(&fields, vec![tokens.refresh.clone()]).await?;
        let renewed = Tokens {
            access: granted.access_token,
            access_until: now + SignedDuration::from_secs(granted.expires_in),
            refresh: granted.refresh_token.unwrap_or_else(|| tokens.refresh.clone()),
            logged_in_at: tokens.logged_in_at,
        };
        token_file::write(&self.file, &renewed)?;
        Ok(renewed)
    }

    /// Tokens for the code that a login brought back; written to the file.
    pub(super) async fn exchange(&self, code: &SecretString, redirect_url: &str) -> Result<Timestamp> {
        let now = self.clock.now();
        let fields = [("grant_type", "authorization_code"), ("code", code.expose_secret()), ("redirect_uri", redirect_url)];
        let granted = self.granted(&fields, vec![code.clone()]).await?;
        let refresh = granted.refresh_token.ok_or_else(|| {
            refused(WHAT, MissingReason::BadData, None, "the answer to the login holds no refresh token".to_owned())
        })?;
        let tokens = Tokens {
            access: granted.access_token,
            access_until: now + SignedDuration::from_secs(granted.expires_in),
            refresh,
            logged_in_at: now,
        };
        token_file::write(&self.file, &tokens)?;
        *self.known.lock().await = Some(tokens);
        Ok(now)
    }

    async fn granted(&self, fields: &[(&str, &str)], mut hidden: Vec<SecretString>) -> Result<Granted> {
        let login = format!("{}:{}", self.app.id.expose_secret(), self.app.secret.expose_secret());
        let basic = SecretString::from(format!("Basic {}", STANDARD.encode(login)));
        hidden.push(self.app.secret.clone());
        let ask = Ask::post(WHAT, "/v1/oauth/token", form(fields), hidden).authorization(basic);
        let answer = self.door.ask(ask).await?;
        if !answer.status.is_success() {
            return Err(self.complaint(&answer));
        }
        // Not with the parser's words, which may quote a token.
        serde_json::from_str(&answer.body).map_err(|_| {
            refused(WHAT, MissingReason::BadData, None, "the answer is not the documented JSON of tokens".to_owned())
        })
    }

    fn complaint(&self, answer: &Answer) -> AdapterError {
        let code = Some(i32::from(answer.status.as_u16()));
        let said = serde_json::from_str::<Complaint>(&answer.body);
        let (kind, words) = match said {
            Ok(Complaint { error, error_description }) => (error, error_description),
            Err(_) => (String::new(), answer.words()),
        };
        let detail = match &*kind {
            "invalid_grant" | "unsupported_token_type" | "refresh_token_authentication_error" => {
                format!("the login is over or was revoked ({kind}: {words}): {LOG_IN}")
            }
            "invalid_client" | "unauthorized_client" => {
                format!("the app's key or secret is wrong ({kind}: {words}): check the variables that the settings name")
            }
            _ => format!("{kind} {words}").trim().to_owned(),
        };
        refused(WHAT, MissingReason::NoPermission, code, detail)
    }
}

/// Fields as a form is posted.
fn form(fields: &[(&str, &str)]) -> SecretString {
    // The address's own encoder: it needs an address to encode in.
    let mut url = Url::parse("form:/").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(fields);
    }
    SecretString::from(url.as_ref().and_then(Url::query).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded() {
        assert_eq!(form(&[("code", "C0.a@b c&d"), ("x", "1")]).expose_secret(), "code=C0.a%40b+c%26d&x=1");
    }
}
