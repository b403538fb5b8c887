//! Keeps one connection up, for ever: connects, watches, and connects again, one attempt per step of the backoff.
//!
//! A connection is over when its socket says so, when the gateway stops answering (a half-open socket never says
//! anything), or when what comes over it cannot be trusted. The health of farms is none of these.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ibapi::{Client, subscriptions::NoticeStream};
use tokio::{sync::mpsc, time::timeout};

use super::{
    backoff::Backoff,
    connect::{Connected, once},
    health::HealthChange,
    link::{Link, Outage},
    monitor::{Consequence, count},
    tap::{Ended, Tap},
    waiting::{after, pause, since},
};
use crate::error::AdapterError;

/// Shortest time between two attempts to connect, real time, however fast the clock runs.
const ATTEMPT_FLOOR: Duration = Duration::from_millis(250);
/// Shortest time that a gateway is given to answer a heartbeat, real time.
const ANSWER_FLOOR: Duration = Duration::from_secs(1);
/// Shortest time between two heartbeats, real time.
const BEAT_FLOOR: Duration = Duration::from_millis(100);
/// How long an orderly end may take, real time.
const DISCONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Someone cannot trust what came over the connection with this number.
#[derive(Debug)]
pub(super) struct Distrust {
    pub(super) connection: u64,
    pub(super) why: String,
}

/// Supervises until the link is closed. Without a `first` connection it makes one.
pub(super) async fn supervise(link: Arc<Link>, first: Option<Connected>, mut distrust: mpsc::Receiver<Distrust>) {
    let mut backoff = Backoff::new(link.config.reconnect_base, link.config.reconnect_cap);
    let mut next = first;
    let mut closing = link.closing();
    loop {
        let connected = match next.take() {
            Some(connected) => connected,
            None => tokio::select! {
                connected = reconnect(&link, &mut backoff) => connected,
                _ = closing.wait_for(|closing| *closing) => break,
            },
        };
        let began = link.clock.now();
        let (client, tap, connection, notices) = link.enter(connected).await;
        let why = tokio::select! {
            biased;
            why = out_of_step(&tap) => Some(desync(&link, why)),
            why = distrusted(&mut distrust, connection) => Some(desync(&link, why)),
            why = heed(&link, notices, &tap) => Some(why),
            why = beat(&link, &client, &tap) => Some(why),
            _ = closing.wait_for(|closing| *closing) => None,
        };
        if let Some(why) = &why {
            link.lose(why.clone());
        }
        disconnect(&client).await;
        if why.is_none() {
            break;
        }
        // A gateway that accepts and drops at once must not be asked ever faster.
        if since(link.clock.now(), began) >= link.config.reconnect_cap {
            backoff.reset();
        }
    }
    link.leave();
}

/// Tries until it succeeds.
async fn reconnect(link: &Link, backoff: &mut Backoff) -> Connected {
    let began = link.clock.now();
    let mut attempts = 0;
    loop {
        let wait = backoff.next();
        let next_attempt_at = after(link.clock.now(), wait);
        if let Some(outage) = link.outage() {
            link.stay_down(Outage { next_attempt_at, ..outage });
        }
        pause(&*link.clock, wait, ATTEMPT_FLOOR).await;
        attempts += 1;
        match once(&link.config, attempts).await {
            Ok(connected) => {
                link.monitor.counters.reconnects.fetch_add(u64::from(link.was_connected()), Ordering::Relaxed);
                return connected;
            }
            Err(error) => {
                count(&link.monitor.counters.failed_attempts);
                let why = match &error {
                    AdapterError::ClientIdInUse { client_id, .. } => format!(
                        "client id {client_id} is taken (326): the gateway has not noticed the end of our last connection yet, or \
                         another program uses it"
                    ),
                    error => error.to_string(),
                };
                let next_attempt_at = after(link.clock.now(), backoff.limit());
                link.monitor.tell(HealthChange::AttemptFailed { attempts, why: why.clone(), next_attempt_at });
                link.stay_down(Outage { since: link.down_since().unwrap_or(began), attempts, next_attempt_at, why });
            }
        }
    }
}

/// Follows what the gateway says about its own connections, until there is nothing more to say; why that is.
async fn heed(link: &Link, mut notices: NoticeStream, tap: &Tap) -> String {
    let mut last = None;
    while let Some(notice) = notices.next().await {
        if link.monitor.notice(notice.code, &notice.message) == Consequence::SubscribeAgain {
            link.renew();
        }
        if notice.is_error() {
            last = Some(notice);
        }
    }
    let cut = match &*tap.ended().borrow() {
        Some(Ended::Gateway(why)) => format!("the socket was closed: {why}"),
        _ => "the socket was closed".to_owned(),
    };
    match last {
        Some(notice) => format!("{cut}; the gateway's last error was: {} ({})", notice.message, notice.code),
        None => cut,
    }
}

/// Waits until bytes are out of step; what was seen.
async fn out_of_step(tap: &Tap) -> String {
    let mut ended = tap.ended();
    loop {
        if let Some(Ended::OutOfStep(why)) = &*ended.borrow_and_update() {
            return why.clone();
        }
        if ended.changed().await.is_err() {
            // The tap is gone without a word about steps.
            std::future::pending::<()>().await;
        }
    }
}

/// Tells that what came cannot be trusted.
fn desync(link: &Link, why: String) -> String {
    count(&link.monitor.counters.desyncs);
    link.monitor.tell(HealthChange::Desync { why: why.clone() });
    why
}

/// Asks for the time whenever nothing was heard for a while, until that is not answered in time; what that means.
async fn beat(link: &Link, client: &Client, tap: &Tap) -> String {
    let config = &link.config;
    let mut frames = tap.passed().frames;
    loop {
        pause(&*link.clock, config.heartbeat, BEAT_FLOOR).await;
        // Whole messages: out of step, bytes arrive for ever as parts of a message that never ends.
        let now_passed = tap.passed().frames;
        if std::mem::replace(&mut frames, now_passed) != now_passed {
            link.monitor.heard();
        }
        let quiet = |now| link.monitor.last_heard().is_none_or(|heard| since(now, heard) >= config.heartbeat);
        if !quiet(link.clock.now()) {
            continue;
        }
        let asked = link.clock.now();
        tokio::select! {
            answer = client.server_time() => match answer {
                Ok(_) | Err(ibapi::Error::Notice(_)) => link.monitor.heard(),
                Err(error) => return format!("the gateway cannot be asked for the time: {error}"),
            },
            () = pause(&*link.clock, config.heartbeat, ANSWER_FLOOR) => {
                count(&link.monitor.counters.missed_heartbeats);
                if link.monitor.last_heard().is_none_or(|heard| heard <= asked) {
                    return format!("the gateway does not answer any more: nothing was heard for {:?}", since(
                        link.clock.now(), link.monitor.last_heard().unwrap_or(asked)
                    ));
                }
            }
        }
    }
}

/// Waits until someone does not trust the connection with this number; why.
async fn distrusted(distrust: &mut mpsc::Receiver<Distrust>, connection: u64) -> String {
    loop {
        match distrust.recv().await {
            Some(found) if found.connection == connection => return found.why,
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
}

/// Without an orderly end the library's tasks would keep the process alive.
pub(super) async fn disconnect(client: &Client) {
    if timeout(DISCONNECT_WITHIN, client.disconnect()).await.is_err() {
        tracing::warn!(?DISCONNECT_WITHIN, "the connection to IB did not end in time; left to itself");
    }
}
