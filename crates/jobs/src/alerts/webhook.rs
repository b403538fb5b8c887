//! Alerts over HTTP.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER},
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{
    config::{ChannelError, WebhookFormat, WebhookSettings},
    content::AlertContent,
    deliver::DeliveryError,
    figures::{one_line, shortened},
    generic::{generic_body, signature},
    retry_after::retry_after,
    slack::slack_body,
};

/// How much of a refusal is read and told.
const LONGEST_REASON: usize = 300;

/// A receiver of posts. Its address may be a secret in itself (Slack's are), so only the host is ever told.
#[derive(Debug)]
pub(super) struct Webhook {
    client: reqwest::Client,
    url: SecretString,
    host: String,
    format: WebhookFormat,
    secret: Option<SecretString>,
    timeout: Duration,
}

impl Webhook {
    /// Reads address and secret; connects to nothing.
    pub(super) fn open(settings: &WebhookSettings) -> Result<Self, ChannelError> {
        // Two providers may be compiled in; whichever comes first is kept, and a second call says so in vain.
        rustls::crypto::ring::default_provider().install_default().ok();
        let (url, host) = settings.address()?;
        // A redirect would carry the alert, signed, to an address that nobody configured.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(settings.timeout)
            .user_agent(concat!("bellwether/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ChannelError::new(format!("HTTP client: {}", error.without_url())))?;
        let secret = settings.secret.as_ref().map(|secret| secret.read()).transpose()?;
        Ok(Self { client, url, host, format: settings.format, secret, timeout: settings.timeout })
    }

    pub(super) async fn post(
        &self,
        alert_id: Uuid,
        content: &AlertContent,
        created_at: Timestamp,
    ) -> Result<String, DeliveryError> {
        let body = match self.format {
            WebhookFormat::Slack => slack_body(content),
            WebhookFormat::Generic => generic_body(alert_id, content),
        };
        let body = body.map_err(|error| DeliveryError::permanent(format!("the alert cannot be written as JSON: {error}")))?;
        let mut request = self.client.post(self.url.expose_secret()).header(CONTENT_TYPE, "application/json");
        request = request.header("Idempotency-Key", alert_id.to_string());
        if let Some(secret) = &self.secret {
            request = request.header("X-Bellwether-Signature", signature(secret.expose_secret().as_bytes(), created_at, &body));
        }
        let mut response = request.body(body).send().await.map_err(|error| self.unanswered(error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(format!("{} answered {status}", self.host));
        }
        let asked = asked_to_wait(response.headers());
        // The first piece says enough; a body without end is not read to it.
        let reason = response.chunk().await.ok().flatten().unwrap_or_default();
        let reason =
            shortened(&one_line(&String::from_utf8_lossy(&reason[..reason.len().min(4 * LONGEST_REASON)])), LONGEST_REASON);
        Err(self.refused(status, asked, &reason))
    }

    fn unanswered(&self, error: reqwest::Error) -> DeliveryError {
        let what = if error.is_timeout() {
            format!("no answer within {:?}", self.timeout)
        } else {
            let error = error.without_url();
            let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
        };
        DeliveryError::retryable(format!("webhook {}: {what}", self.host))
    }

    fn refused(&self, status: StatusCode, retry_after: Option<jiff::SignedDuration>, reason: &str) -> DeliveryError {
        let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
        let retryable = status.is_server_error() || passing.contains(&status);
        let hint = if status.is_redirection() { "; redirects are not followed, give the final address" } else { "" };
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        DeliveryError { retryable, retry_after, message: format!("webhook {} answered {status}{reason}{hint}", self.host) }
    }
}

fn asked_to_wait(headers: &HeaderMap) -> Option<jiff::SignedDuration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE))
}
