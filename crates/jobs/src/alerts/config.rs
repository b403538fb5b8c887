//! Channels as they stand in `schedules.toml`.
//!
//! ```toml
//! [channels.desk-mail]
//! kind = "email"
//! from = "Bellwether <bellwether@example.com>"
//! to = ["desk@example.com"]
//! transport = "smtp"                 # or "file" with `folder`
//! host = "smtp.example.com"
//! port = 587                         # default: 587 starttls, 465 tls, 25 none
//! security = "starttls"              # or "tls", or "none" (this machine only)
//! username = "bellwether"
//! password_env = "BELLWETHER_SMTP_PASSWORD"     # or password_file
//!
//! [channels.desk-slack]
//! kind = "webhook"
//! format = "slack"                   # or "generic", signed with secret_env or secret_file
//! url_env = "BELLWETHER_SLACK_URL"   # or url_file, or url
//! timeout_s = 20
//! ```
//! One flat table whose fields are checked together: serde's tagged enums would lose the line of a mistake.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::email::Addresses;

/// One `[channels.<name>]` table as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    kind: ChannelKind,
    // email
    from: Option<String>,
    to: Option<Vec<String>>,
    transport: Option<MailTransport>,
    folder: Option<PathBuf>,
    host: Option<String>,
    port: Option<u16>,
    security: Option<Security>,
    username: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    // webhook
    format: Option<WebhookFormat>,
    /// Secret: whoever knows Slack's address may post to it.
    url: Option<SecretString>,
    url_env: Option<String>,
    url_file: Option<PathBuf>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    // both
    timeout_s: Option<u64>,
    /// Allows mail and alerts to cross a network unencrypted.
    #[serde(default)]
    allow_insecure: bool,
}

/// How alerts travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChannelKind {
    Email,
    Webhook,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MailTransport {
    Smtp,
    File,
}

/// Encryption of the connection to a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Security {
    /// Begun in the clear, encrypted before anything is said; refused when the server cannot.
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// In the clear.
    None,
}

/// What is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WebhookFormat {
    Slack,
    Generic,
}

/// What is wrong with a channel, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ChannelError(String);

impl ChannelError {
    pub(super) fn new(problem: String) -> Self {
        Self(problem)
    }
}

/// Where a secret is.
#[derive(Debug, Clone)]
pub(super) enum SecretSource {
    Written(SecretString),
    Env(String),
    File(PathBuf),
}

impl SecretSource {
    /// The secret itself, without the white space around it.
    pub(super) fn read(&self) -> Result<SecretString, ChannelError> {
        let (text, place) = match self {
            Self::Written(secret) => return Ok(secret.clone()),
            Self::Env(name) => {
                let text = std::env::var(name);
                (text.map_err(|_| ChannelError(format!("environment variable {name} is not set")))?, format!("variable {name}"))
            }
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                (text.map_err(|error| ChannelError(format!("{}: {error}", path.display())))?, path.display().to_string())
            }
        };
        match text.trim() {
            "" => Err(ChannelError(format!("{place} is empty"))),
            secret => Ok(SecretString::from(secret)),
        }
    }
}

/// A mail server.
#[derive(Debug, Clone)]
pub(super) struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<(String, SecretSource)>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) timeout: Duration,
}

/// A receiver of posts.
#[derive(Debug, Clone)]
pub(super) struct WebhookSettings {
    pub(super) format: WebhookFormat,
    pub(super) url: SecretSource,
    pub(super) secret: Option<SecretSource>,
    pub(super) timeout: Duration,
    allow_insecure: bool,
}

/// A table whose fields fit together.
#[derive(Debug, Clone)]
pub(super) enum ChannelSettings {
    Smtp(SmtpSettings, Addresses),
    Folder(PathBuf, Addresses),
    Webhook(WebhookSettings),
}

impl ChannelConfig {
    /// A Slack webhook at `url`, for receivers that a program starts itself.
    pub fn slack_webhook(url: &str) -> Self {
        Self {
            kind: ChannelKind::Webhook,
            from: None,
            to: None,
            transport: None,
            folder: None,
            host: None,
            port: None,
            security: None,
            username: None,
            password_env: None,
            password_file: None,
            ca_file: None,
            format: Some(WebhookFormat::Slack),
            url: Some(SecretString::from(url)),
            url_env: None,
            url_file: None,
            secret_env: None,
            secret_file: None,
            timeout_s: None,
            allow_insecure: false,
        }
    }

    /// Whether it is mail.
    pub fn is_email(&self) -> bool {
        self.kind == ChannelKind::Email
    }

    /// Checks that the fields fit together; reads no secret.
    ///
    /// # Errors
    /// Names the field and what it should be.
    pub fn check(&self) -> Result<(), ChannelError> {
        self.settings().map(drop)
    }

    /// Checks also that the secrets are there.
    ///
    /// # Errors
    /// Names the field, variable or file.
    pub fn check_secrets(&self) -> Result<(), ChannelError> {
        match self.settings()? {
            ChannelSettings::Smtp(SmtpSettings { login: Some((_, password)), .. }, _) => password.read().map(drop),
            ChannelSettings::Webhook(webhook) => {
                webhook.address()?;
                webhook.secret.iter().try_for_each(|secret| secret.read().map(drop))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn settings(&self) -> Result<ChannelSettings, ChannelError> {
        self.refuse_strangers()?;
        let timeout = self.timeout_s.unwrap_or(20);
        // Two timeouts and a margin fit into the time for which the outbox holds an alert.
        if !(1..=60).contains(&timeout) {
            return Err(ChannelError(format!("`timeout_s` is {timeout}: expected 1 to 60")));
        }
        let timeout = Duration::from_secs(timeout);
        match (self.kind, self.transport) {
            (ChannelKind::Webhook, _) => self.webhook(timeout).map(ChannelSettings::Webhook),
            (ChannelKind::Email, Some(MailTransport::Smtp)) => Ok(ChannelSettings::Smtp(self.smtp(timeout)?, self.addresses()?)),
            (ChannelKind::Email, Some(MailTransport::File)) => {
                let folder = self.folder.clone().ok_or_else(|| missing("folder", "a folder for .eml files"))?;
                Ok(ChannelSettings::Folder(folder, self.addresses()?))
            }
            (ChannelKind::Email, None) => Err(missing("transport", "\"smtp\" or \"file\"")),
        }
    }

    /// A field of another kind of channel is a mistake, not a remark.
    fn refuse_strangers(&self) -> Result<(), ChannelError> {
        let email = [("from", self.from.is_some()), ("to", self.to.is_some()), ("transport", self.transport.is_some())];
        let folder = [("folder", self.folder.is_some())];
        let smtp = [
            ("host", self.host.is_some()),
            ("port", self.port.is_some()),
            ("security", self.security.is_some()),
            ("username", self.username.is_some()),
            ("password_env", self.password_env.is_some()),
            ("password_file", self.password_file.is_some()),
            ("ca_file", self.ca_file.is_some()),
        ];
        let webhook = [
            ("format", self.format.is_some()),
            ("url", self.url.is_some()),
            ("url_env", self.url_env.is_some()),
            ("url_file", self.url_file.is_some()),
            ("secret_env", self.secret_env.is_some()),
            ("secret_file", self.secret_file.is_some()),
        ];
        let (what, strange): (&str, Vec<&[(&str, bool)]>) = match (self.kind, self.transport) {
            (ChannelKind::Webhook, _) => ("a webhook", vec![&email, &folder, &smtp]),
            (ChannelKind::Email, Some(MailTransport::File)) => ("mail as files", vec![&smtp, &webhook]),
            (ChannelKind::Email, _) => ("mail over SMTP", vec![&folder, &webhook]),
        };
        match strange.into_iter().flatten().find(|(_, given)| *given) {
            Some((field, _)) => Err(ChannelError(format!("`{field}` does not belong to {what}"))),
            None => Ok(()),
        }
    }

    fn addresses(&self) -> Result<Addresses, ChannelError> {
        let read = |text: &String, field: &str| {
            let address: Result<Mailbox, _> = text.parse();
            address.map_err(|error| ChannelError(format!("`{field}`: `{}` is not a mail address: {error}", text.escape_debug())))
        };
        let from = self.from.as_ref().ok_or_else(|| missing("from", "a mail address"))?;
        let to = self.to.as_ref().filter(|to| !to.is_empty()).ok_or_else(|| missing("to", "at least one mail address"))?;
        Ok(Addresses { from: read(from, "from")?, to: to.iter().map(|text| read(text, "to")).collect::<Result<_, _>>()? })
    }

    fn smtp(&self, timeout: Duration) -> Result<SmtpSettings, ChannelError> {
        let host = self.host.clone().filter(|host| !host.is_empty()).ok_or_else(|| missing("host", "a mail server"))?;
        let security = self.security.unwrap_or(Security::Starttls);
        if security == Security::None && !is_loopback(&host) && !self.allow_insecure {
            return Err(ChannelError(format!(
                "`security` is \"none\", which sends alerts and passwords to {host} in the clear: use \"starttls\" or \"tls\", \
                 or set `allow_insecure = true`"
            )));
        }
        let password = one_of("password", None, &self.password_env, &self.password_file)?;
        let login = match (&self.username, password) {
            (Some(username), Some(password)) => Some((username.clone(), password)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(missing("password_env", "the environment variable with the password, or `password_file`"));
            }
            (None, Some(_)) => return Err(missing("username", "the name that the password belongs to")),
        };
        let usual = match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        Ok(SmtpSettings { host, port: self.port.unwrap_or(usual), security, login, ca_file: self.ca_file.clone(), timeout })
    }

    fn webhook(&self, timeout: Duration) -> Result<WebhookSettings, ChannelError> {
        let format = self.format.ok_or_else(|| missing("format", "\"slack\" or \"generic\""))?;
        let url = one_of("url", self.url.as_ref(), &self.url_env, &self.url_file)?;
        let url = url.ok_or_else(|| missing("url_env", "the environment variable with the address, or `url_file`, or `url`"))?;
        let secret = one_of("secret", None, &self.secret_env, &self.secret_file)?;
        let settings = WebhookSettings { format, url, secret, timeout, allow_insecure: self.allow_insecure };
        if matches!(settings.url, SecretSource::Written(_)) {
            settings.address()?;
        }
        Ok(settings)
    }
}

impl WebhookSettings {
    /// The address, and its host and port, which may be told.
    pub(super) fn address(&self) -> Result<(SecretString, String), ChannelError> {
        let secret = self.url.read()?;
        // The parser's words may quote the address.
        let url = reqwest::Url::parse(secret.expose_secret())
            .map_err(|_| ChannelError("the webhook's address is not a URL".to_owned()))?;
        let host = url.host_str().ok_or_else(|| ChannelError("the webhook's address has no host".to_owned()))?.to_owned();
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) || self.allow_insecure => {}
            "http" => {
                return Err(ChannelError(format!(
                    "the address at {host} is http, which sends alerts in the clear: use https, or set `allow_insecure = true`"
                )));
            }
            _ => return Err(ChannelError(format!("the address at {host} is neither https nor http"))),
        }
        let told = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        Ok((secret, told))
    }
}

fn missing(field: &str, expected: &str) -> ChannelError {
    ChannelError(format!("`{field}` is missing: give {expected}"))
}

/// The one place that a secret is said to be in.
fn one_of(
    what: &str,
    written: Option<&SecretString>,
    env: &Option<String>,
    file: &Option<PathBuf>,
) -> Result<Option<SecretSource>, ChannelError> {
    let mut given =
        [written.cloned().map(SecretSource::Written), env.clone().map(SecretSource::Env), file.clone().map(SecretSource::File)]
            .into_iter()
            .flatten();
    match (given.next(), given.next()) {
        (first, None) => Ok(first),
        _ => Err(ChannelError(format!("the {what} is given twice: keep one of the `{what}…` fields"))),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
