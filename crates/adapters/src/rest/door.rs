//! The way out to one service.
//!
//! Every question has an end: a timeout for each attempt, few attempts, capped pauses, a largest answer. What the service
//! says about being asked too often is obeyed by all who ask it. Two that ask the same at the same time share one answer.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bellwether::market::MissingReason;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared, WeakShared},
};
use reqwest::{Method, StatusCode, Url, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::{
    http_config::{HttpConfig, is_loopback},
    retry_after::retry_after,
    turns::Turns,
};
use crate::error::{AdapterError, Result};

/// First pause between two attempts, where the settings name none, and longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(8));
/// How long a service that refused to be asked so often, without saying for how long, is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(60);
/// A key shorter than this is none (Alpha Vantage's is `demo`), and its letters are in every text.
const SHORTEST_SECRET: usize = 6;
/// How much of a refusal is told.
const LONGEST_REASON: usize = 300;

/// One question.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// For messages: what is asked, and of which symbol.
    what: String,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    secret_query: Option<(&'static str, SecretString)>,
    authorization: Option<SecretString>,
    form: Option<SecretString>,
    /// Whatever else must not be told.
    hidden: Vec<SecretString>,
}

impl Ask {
    pub(super) fn get(what: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            secret_query: None,
            authorization: None,
            form: None,
            hidden: Vec::new(),
        }
    }

    /// A form to be posted. `hidden` are the secrets in it.
    pub(super) fn post(what: impl Into<String>, path: impl Into<String>, form: SecretString, hidden: Vec<SecretString>) -> Self {
        Self { method: Method::POST, form: Some(form), hidden, ..Self::get(what, path) }
    }

    pub(super) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn secret_query(mut self, name: &'static str, value: SecretString) -> Self {
        self.secret_query = Some((name, value));
        self
    }

    /// The whole value of the header `Authorization`.
    pub(super) fn authorization(mut self, value: SecretString) -> Self {
        self.authorization = Some(value);
        self
    }

    /// Same question, same answer: only questions without effect are shared.
    fn key(&self) -> Option<String> {
        (self.method == Method::GET).then(|| format!("{}?{:?}", self.path, self.query))
    }

    /// `text` without any secret of this question: services quote keys back.
    fn redacted(&self, text: String) -> String {
        let bearer = self.authorization.as_ref().map(|value| value.expose_secret());
        let bare = bearer.and_then(|value| value.split_once(' ').map(|(_, token)| token));
        let query = self.secret_query.as_ref().map(|(_, value)| value.expose_secret());
        let hidden = self.hidden.iter().map(|secret| secret.expose_secret());
        let secrets = bearer.into_iter().chain(bare).chain(query).chain(hidden);
        secrets.filter(|secret| secret.len() >= SHORTEST_SECRET).fold(text, |text, secret| match text.contains(secret) {
            true => text.replace(secret, "[secret]"),
            false => text,
        })
    }
}

/// What came back, whatever its status, unless it is one that passes.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Without the secrets of the question.
    pub(super) body: Arc<str>,
}

impl Answer {
    /// The body as the document that was asked for.
    pub(super) fn document<T: DeserializeOwned>(&self, what: &str) -> Result<T> {
        serde_json::from_str(&self.body).map_err(|error| {
            refused(what, MissingReason::BadData, None, format!("the answer is not the documented JSON: {error}"))
        })
    }

    /// The beginning of the body, in one line.
    pub(super) fn words(&self) -> String {
        words(&self.body)
    }
}

/// Why there is no answer; can be given to all who wait for it.
#[derive(Debug, Clone)]
enum Failure {
    Refused(MissingReason, Option<i32>, String),
    Timeout(Duration),
    Disconnected(String),
}

impl Failure {
    fn about(self, what: &str) -> AdapterError {
        match self {
            Self::Refused(reason, code, detail) => refused(what, reason, code, detail),
            Self::Timeout(after) => AdapterError::Timeout { what: what.to_owned(), after },
            Self::Disconnected(detail) => AdapterError::Disconnected { what: what.to_owned(), detail },
        }
    }
}

/// A refusal in the source's words.
pub(super) fn refused(what: &str, reason: MissingReason, code: Option<i32>, detail: impl Into<String>) -> AdapterError {
    AdapterError::Refused { what: what.to_owned(), reason, code, detail: detail.into() }
}

/// How one attempt ended.
enum Attempt {
    Answered(Answer),
    /// May be tried again, not sooner than the service asked.
    Again(Failure, Option<Duration>),
    Failed(Failure),
}

type Outcome = Result<Answer, Failure>;
type InFlight = Shared<BoxFuture<'static, Outcome>>;

/// See the module. Clones are the same door.
#[derive(Debug, Clone)]
pub(super) struct Door(Arc<Inner>);

struct Inner {
    host: String,
    base: Url,
    client: reqwest::Client,
    config: HttpConfig,
    slots: Semaphore,
    turns: Mutex<Turns>,
    /// Until when, and why, the service is not asked.
    closed: Mutex<Option<(Instant, String)>>,
    in_flight: Mutex<HashMap<String, WeakShared<BoxFuture<'static, Outcome>>>>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("host", &self.host).field("config", &self.config).finish_non_exhaustive()
    }
}

impl Door {
    /// A door to the service at `base`. Connects to nothing.
    ///
    /// # Errors
    /// A setting outside its range, or no HTTP client can be made.
    pub(super) fn open(base: Url, user_agent: &str, config: HttpConfig, usual: (u32, Option<u32>)) -> Result<Self> {
        config.check()?;
        let host = base.host_str().unwrap_or_default().to_owned();
        // Two providers may be compiled in; whichever comes first is kept, and a second call says so in vain.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut client = reqwest::Client::builder()
            // A redirect would carry keys to an address that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(config.timeout)
            .connect_timeout(config.timeout)
            .user_agent(user_agent);
        if is_loopback(&host) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| AdapterError::Disconnected {
            what: format!("HTTP client for {host}"),
            detail: error.without_url().to_string(),
        })?;
        let turns = Turns::new(config.per_minute.unwrap_or(usual.0), config.per_day.or(usual.1));
        Ok(Self(Arc::new(Inner {
            base,
            client,
            slots: Semaphore::new(config.at_once),
            turns: Mutex::new(turns),
            closed: Mutex::default(),
            in_flight: Mutex::default(),
            host,
            config,
        })))
    }

    /// Asks, and shares the answer with whoever asks the same meanwhile.
    ///
    /// # Errors
    /// Asked too often, no answer in time, no connection, an answer too large or broken off; any other status is an
    /// [`Answer`], because only the source knows what it means.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer> {
        let what = ask.what.clone();
        let outcome = match ask.key() {
            None => Arc::clone(&self.0).fetch(ask).await,
            Some(key) => {
                let shared = self.shared(key, ask);
                shared.await
            }
        };
        outcome.map_err(|failure| failure.about(&what))
    }

    fn shared(&self, key: String, ask: Ask) -> InFlight {
        let mut in_flight = locked(&self.0.in_flight);
        // What has ended, or nobody waits for any more, is forgotten.
        in_flight.retain(|_, asked| asked.upgrade().is_some_and(|asked| asked.peek().is_none()));
        if let Some(asked) = in_flight.get(&key).and_then(WeakShared::upgrade) {
            return asked;
        }
        let asked = Arc::clone(&self.0).fetch(ask).boxed().shared();
        if let Some(weak) = asked.downgrade() {
            in_flight.insert(key, weak);
        }
        asked
    }

    /// The service said, in its own way, that it was asked too often: nobody asks it for so long.
    pub(super) fn close_for(&self, duration: Duration, why: &str) {
        self.0.close_for(duration, why);
    }
}

impl Inner {
    async fn fetch(self: Arc<Self>, ask: Ask) -> Outcome {
        let mut attempt = 1;
        loop {
            let patience = self.config.longest_wait.max(self.config.timeout);
            let ended = match tokio::time::timeout(patience, self.slots.acquire()).await {
                Ok(Ok(_slot)) => {
                    self.turn().await?;
                    self.once(&ask).await
                }
                _ => {
                    let detail = format!("too many requests to {} were waiting already, for {patience:?}", self.host);
                    return Err(Failure::Refused(MissingReason::Pacing, None, detail));
                }
            };
            let (failure, asked) = match ended {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Failed(failure) => return Err(failure),
                Attempt::Again(failure, asked) => (failure, asked),
            };
            let too_often = matches!(failure, Failure::Refused(MissingReason::Pacing, ..));
            let last = attempt >= self.config.attempts;
            if asked.is_some_and(|asked| asked > self.config.longest_wait) || (last && too_often) {
                self.close_for(asked.unwrap_or(LEFT_ALONE), "it was asked too often");
                return Err(failure);
            }
            if last {
                return Err(failure);
            }
            let first = self.config.first_pause.unwrap_or(PAUSE.0);
            let pause = first.saturating_mul(1 << (attempt - 1).min(10)).min(PAUSE.1).mul_f64(jitter());
            let pause = pause.max(asked.unwrap_or_default());
            tracing::debug!(host = self.host, what = ask.what, attempt, ?failure, ?pause, "asking again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// Waits for a turn, unless that takes too long.
    async fn turn(&self) -> Result<(), Failure> {
        let now = Instant::now();
        let closed = locked(&self.closed).clone().filter(|(until, _)| *until > now);
        if let Some((until, why)) = closed {
            let left = until.duration_since(now).as_secs() + 1;
            return Err(Failure::Refused(MissingReason::Pacing, None, format!("{}: {why}; asked again in {left} s", self.host)));
        }
        let taken = locked(&self.turns).take(now, self.config.longest_wait);
        match taken {
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(wait) => {
                let detail = format!("the next request that {} allows is {} s away", self.host, wait.as_secs() + 1);
                Err(Failure::Refused(MissingReason::Pacing, None, detail))
            }
        }
    }

    async fn once(&self, ask: &Ask) -> Attempt {
        let mut request = self.client.request(ask.method.clone(), self.url(ask));
        if let Some(value) = &ask.authorization {
            let Ok(mut value) = header::HeaderValue::from_str(value.expose_secret()) else {
                let detail = "the key or token has characters that no header may have".to_owned();
                return Attempt::Failed(Failure::Refused(MissingReason::NoPermission, None, detail));
            };
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if let Some(form) = &ask.form {
            let body = form.expose_secret().to_owned();
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return self.unanswered(ask, error),
        };
        let status = response.status();
        let asked = retry_after(response.headers());
        if status.is_redirection() {
            let to =
                response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| self.base.join(to).ok());
            let to = to.and_then(|to| to.host_str().map(str::to_owned)).unwrap_or_else(|| "elsewhere".to_owned());
            let detail = format!("{} answers with a redirection to {to}, which is not followed", self.host);
            return Attempt::Failed(Failure::Refused(MissingReason::BadData, Some(i32::from(status.as_u16())), detail));
        }
        let most = self.config.longest_answer_mb << 20;
        let too_large = |size: u64| {
            let detail = format!("the answer has {size} bytes or more; at most {most} are read");
            Attempt::Failed(Failure::Refused(MissingReason::BadData, None, detail))
        };
        if let Some(size) = response.content_length().filter(|size| *size > most as u64) {
            return too_large(size);
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return self.unanswered(ask, error),
            }
            if body.len() > most {
                return too_large(body.len() as u64);
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        // What was posted may rightly come back: the same refresh token again.
        let body: Arc<str> = if ask.method == Method::POST && status.is_success() { body } else { ask.redacted(body) }.into();
        let code = Some(i32::from(status.as_u16()));
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Attempt::Again(Failure::Refused(MissingReason::Pacing, code, self.said(status, &body)), asked)
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => {
                Attempt::Again(Failure::Disconnected(self.said(status, &body)), asked)
            }
            status if status.is_server_error() => Attempt::Again(Failure::Disconnected(self.said(status, &body)), asked),
            status => Attempt::Answered(Answer { status, body }),
        }
    }

    fn url(&self, ask: &Ask) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), ask.path));
        if !ask.query.is_empty() || ask.secret_query.is_some() {
            let mut pairs = url.query_pairs_mut();
            pairs.extend_pairs(&ask.query);
            if let Some((name, secret)) = &ask.secret_query {
                pairs.append_pair(name, secret.expose_secret());
            }
        }
        url
    }

    /// A failure of the connection. What was posted may have been taken: it is not posted again unless nothing was sent.
    fn unanswered(&self, ask: &Ask, error: reqwest::Error) -> Attempt {
        let sent = !error.is_connect();
        let failure = if error.is_timeout() {
            Failure::Timeout(self.config.timeout)
        } else {
            let error = error.without_url();
            let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            let causes = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
            Failure::Disconnected(ask.redacted(format!("{}: {causes}", self.host)))
        };
        match ask.method == Method::POST && sent {
            true => Attempt::Failed(failure),
            false => Attempt::Again(failure, None),
        }
    }

    fn said(&self, status: StatusCode, body: &str) -> String {
        match words(body) {
            said if said.is_empty() => format!("{} answered {status}", self.host),
            said => format!("{} answered {status}: {said}", self.host),
        }
    }

    fn close_for(&self, duration: Duration, why: &str) {
        tracing::warn!(host = self.host, why, ?duration, "left alone");
        let until = Instant::now() + duration;
        let mut closed = locked(&self.closed);
        if closed.as_ref().is_none_or(|(known, _)| *known < until) {
            *closed = Some((until, why.to_owned()));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The beginning of `text` in one line, without markup's control characters.
fn words(text: &str) -> String {
    let line: String = text.chars().take(4 * LONGEST_REASON).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_REASON {
        return line;
    }
    line.chars().take(LONGEST_REASON - 1).chain(['…']).collect()
}

/// Between 0.75 and 1.25, so that several programs do not all come back at once.
fn jitter() -> f64 {
    // The standard library seeds its hashers at random: enough for this.
    0.75 + RandomState::new().hash_one(()) as f64 / u64::MAX as f64 / 2.0
}
