//! Reads a database URL.
//!
//! The driver knows most of libpq's parameters, but refuses `sslrootcert` and the verifying `sslmode`s: those are taken out
//! first. Whatever is shown of a target afterwards leaves the password out.

use std::path::PathBuf;

use tokio_postgres::config::{Host, SslMode};

use crate::{Result, StoreError};

/// Where to connect, and how to check who answers.
pub(crate) struct Target {
    pub(crate) config: tokio_postgres::Config,
    /// Whether the server must prove who it is; see [`crate::tls`].
    pub(crate) verify: bool,
    pub(crate) root_certificates: Option<PathBuf>,
}

impl Target {
    /// # Errors
    /// [`StoreError::InvalidUrl`]; its text repeats no part of the URL except names of known parameters.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (url, extracted) = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            extract_from_url(url)?
        } else {
            extract_from_keywords(url)?
        };
        let mut config: tokio_postgres::Config = url.parse().map_err(|error| invalid(explain(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(invalid("it names no host".to_owned()));
        }
        let verify = match extracted.mode.as_deref() {
            // libpq's default: TLS when the server has it.
            None | Some("prefer" | "allow") => {
                config.ssl_mode(SslMode::Prefer);
                false
            }
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
                false
            }
            Some("require" | "verify-ca" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
                true
            }
            Some(_) => return Err(invalid("`sslmode` must be disable, prefer, require or verify-full".to_owned())),
        };
        Ok(Self { config, verify, root_certificates: extracted.root_certificates })
    }

    /// `user@host:port/database`.
    pub(crate) fn name(&self) -> String {
        let config = &self.config;
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let user = config.get_user().unwrap_or("(current user)");
        format!("{user}@{host}:{port}/{}", config.get_dbname().or(config.get_user()).unwrap_or_default())
    }
}

#[derive(Default)]
struct Extracted {
    mode: Option<String>,
    root_certificates: Option<PathBuf>,
}

impl Extracted {
    /// Whether `key` was one of ours.
    fn take(&mut self, key: &str, value: &str) -> bool {
        match key {
            "sslmode" => self.mode = Some(value.to_owned()),
            "sslrootcert" if value == "system" => {}
            "sslrootcert" => self.root_certificates = Some(value.into()),
            _ => return false,
        }
        true
    }
}

fn extract_from_url(url: &str) -> Result<(String, Extracted)> {
    let mut extracted = Extracted::default();
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), extracted)) };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !extracted.take(key, &decode(value)?) {
            kept.push(pair);
        }
    }
    let separator = if kept.is_empty() { "" } else { "?" };
    Ok((format!("{base}{separator}{}", kept.join("&")), extracted))
}

/// `key=value` pairs; values with spaces stand in single quotes, where a backslash escapes.
fn extract_from_keywords(text: &str) -> Result<(String, Extracted)> {
    let mut extracted = Extracted::default();
    let mut kept = String::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or_else(|| invalid("it is neither a URL nor `key=value` pairs".to_owned()))?;
        let after = after.trim_start();
        let mut value = String::new();
        let mut end = after.len();
        let quoted = after.starts_with('\'');
        let mut closed = !quoted;
        let mut escaped = false;
        for (at, c) in after.char_indices().skip(usize::from(quoted)) {
            match c {
                _ if escaped => {
                    value.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '\'' if quoted => {
                    (end, closed) = (at + 1, true);
                    break;
                }
                c if c.is_whitespace() && !quoted => {
                    end = at;
                    break;
                }
                c => value.push(c),
            }
        }
        if !closed {
            return Err(invalid("a quote is not closed".to_owned()));
        }
        if !extracted.take(key.trim(), &value) {
            kept.push_str(&format!("{}={} ", key.trim(), &after[..end]));
        }
        rest = after[end..].trim_start();
    }
    Ok((kept, extracted))
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else { return Err(invalid("a percent escape is incomplete".to_owned())) };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    String::from_utf8(bytes).map_err(|_| invalid("a percent escape is not UTF-8".to_owned()))
}

/// The driver's complaint, unless it could repeat a piece of the password (an unquoted space in one makes the rest of it
/// look like a parameter's name).
fn explain(error: &tokio_postgres::Error) -> String {
    const NAMES: [&str; 22] = [
        "user",
        "dbname",
        "options",
        "application_name",
        "sslmode",
        "sslnegotiation",
        "host",
        "hostaddr",
        "port",
        "connect_timeout",
        "tcp_user_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_retries",
        "target_session_attrs",
        "channel_binding",
        "load_balance_hosts",
        "sslcert",
        "sslkey",
        "passfile",
        "service",
    ];
    let text = crate::error::describe(error);
    match NAMES.iter().find(|name| text.contains(&format!("`{name}`"))) {
        Some(name) => format!("parameter `{name}` is unknown here or has a wrong value"),
        None => "it cannot be parsed (special characters in a password must be percent-encoded)".to_owned(),
    }
}

fn invalid(problem: String) -> StoreError {
    StoreError::InvalidUrl { problem }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
