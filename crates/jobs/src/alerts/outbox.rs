//! The delivery loop: takes alerts from the outbox and brings them to their channels, until each has arrived or is given up.
//!
//! What is told was written in the transaction of the run. A crash before delivery leaves it waiting; one between the
//! receiver's yes and our note of it sends it once more under the same `Message-ID` or `Idempotency-Key`.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use bellwether_store::Alert;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::{AlertContent, Channel, backoff};
use crate::{context::Context, schedule::RunEvent};

/// How long a claimed alert belongs to the process that claimed it: longer than any delivery may take.
const LEASE: SignedDuration = SignedDuration::from_secs(180);
/// Alerts claimed at once.
const BATCH: i64 = 8;
/// How often the outbox is looked at without being rung for.
const POLL: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub struct Outbox {
    context: Arc<Context>,
    channels: BTreeMap<String, Channel>,
}

impl Outbox {
    /// A loop over the channels of the schedule. Relative folders of file channels lie in `data_dir`.
    ///
    /// # Errors
    /// When a channel's secret is missing or its settings cannot be used.
    pub fn new(context: Arc<Context>, data_dir: &Path) -> anyhow::Result<Self> {
        let mut channels = BTreeMap::new();
        for (name, config) in &context.config.channels {
            let channel = Channel::open(config, data_dir).map_err(|error| anyhow::anyhow!("channel `{name}`: {error}"))?;
            channels.insert(name.clone(), channel);
        }
        Ok(Self { context, channels })
    }

    /// Delivers until `stop`.
    pub async fn run(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if self.deliver_due().await == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.context.outbox_bell.notified() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }

    /// Delivers what is waiting, at most for `patience`.
    ///
    /// # Errors
    /// Says how many alerts still wait; they stay in the outbox for `bellwether serve`.
    pub async fn drain(&self, patience: Duration) -> anyhow::Result<()> {
        let all = async { while self.deliver_due().await > 0 {} };
        tokio::time::timeout(patience, all).await.ok();
        let waiting = self.context.store.pending_alerts_count().await?;
        anyhow::ensure!(
            waiting == 0,
            "{waiting} alerts could not be delivered yet; they wait in the outbox for `bellwether serve`"
        );
        Ok(())
    }

    /// Delivers what is due now, side by side; answers how many were tried.
    async fn deliver_due(&self) -> usize {
        let now = self.context.clock.now();
        let claimed = match self.context.store.claim_alerts(&self.context.instance, BATCH, now, LEASE).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read; trying again");
                return 0;
            }
        };
        futures::future::join_all(claimed.iter().map(|alert| self.deliver(alert))).await;
        claimed.len()
    }

    async fn deliver(&self, alert: &Alert) {
        let store = &self.context.store;
        let outcome = match (self.channels.get(&alert.channel), serde_json::from_value::<AlertContent>(alert.payload.clone())) {
            (None, _) => Err((false, None, format!("channel `{}` is no longer in the schedule", alert.channel))),
            (_, Err(error)) => Err((false, None, format!("its stored content cannot be read: {error}"))),
            (Some(channel), Ok(content)) => channel
                .deliver(alert.alert_id, &content, alert.created_at)
                .await
                .map_err(|error| (error.retryable, error.retry_after, error.message)),
        };
        let now = self.context.clock.now();
        let told = match outcome {
            Ok(delivered) => {
                tracing::info!(channel = %alert.channel, subject = %alert.subject, detail = %delivered.detail, "alert delivered");
                let written = store.alert_delivered(alert, now, Some(&delivered.detail)).await;
                self.tell(alert, Ok(delivered.detail));
                written
            }
            Err((retryable, retry_after, message)) => {
                match backoff(alert.alert_id, alert.attempts, retry_after).filter(|_| retryable) {
                    Some(pause) => {
                        tracing::warn!(channel = %alert.channel, attempt = alert.attempts, message, "alert not delivered; trying again");
                        store.alert_retry(alert, now, now + pause, &message).await
                    }
                    None => {
                        tracing::error!(channel = %alert.channel, subject = %alert.subject, message, "alert given up");
                        let written = store.alert_dead(alert, now, &message).await;
                        self.tell(alert, Err(message));
                        written
                    }
                }
            }
        };
        if let Err(error) = told {
            tracing::warn!(%error, alert = %alert.alert_id, "the outcome of a delivery could not be written; it may be sent once more");
        }
    }

    fn tell(&self, alert: &Alert, detail: Result<String, String>) {
        let event = RunEvent::Alert { channel: alert.channel.clone(), subject: alert.subject.clone(), detail };
        self.context.events.send(event).ok();
    }
}
