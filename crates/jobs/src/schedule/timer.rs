//! Waiting until an instant of the clock.
//!
//! On the system clock the timer is `tokio-cron-scheduler`, as one-shot jobs only: it wakes twice a second, counts whole
//! seconds and keeps no state that matters (its zoned cron patterns use the present offset after a daylight-saving
//! switch, it reports failed jobs as done and drops ticks when it lags; the ledger is what counts). On a simulated
//! clock, where half a second can be minutes, the wait is a plain sleep.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use bellwether::market::Clock;
use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio_cron_scheduler::{Job as TimerJob, JobScheduler};

/// Longest single wait: the clock is looked at again at least this often, so a suspended machine or a corrected clock is
/// noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How often a simulated clock is looked at.
const POLL: Duration = Duration::from_millis(10);

/// See the module.
#[derive(Clone)]
pub struct Timer {
    clock: Arc<dyn Clock>,
    one_shots: Option<JobScheduler>,
}

impl std::fmt::Debug for Timer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timer").field("clock", &self.clock).field("one_shots", &self.one_shots.is_some()).finish()
    }
}

impl Timer {
    /// A timer on the system clock.
    ///
    /// # Errors
    /// When the timer library cannot start.
    pub async fn system(clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let one_shots = JobScheduler::new().await.context("the timer cannot be made")?;
        one_shots.start().await.context("the timer cannot be started")?;
        Ok(Self { clock, one_shots: Some(one_shots) })
    }

    /// A timer on a simulated clock.
    pub fn simulated(clock: Arc<dyn Clock>) -> Self {
        Self { clock, one_shots: None }
    }

    /// Waits until the clock shows `instant`, or at most half a minute. The caller looks at the clock again.
    ///
    /// # Errors
    /// When the timer library refuses the job.
    pub async fn wait_towards(&self, instant: Timestamp) -> anyhow::Result<()> {
        let wait = self.clock.wall_until(instant).min(LONGEST_WAIT);
        match &self.one_shots {
            // Its seconds are whole: shorter waits and the rest of longer ones are slept.
            Some(one_shots) if wait >= Duration::from_secs(2) => {
                let (fired, fire) = oneshot::channel();
                let mut fired = Some(fired);
                let shot = TimerJob::new_one_shot_async(wait - Duration::from_secs(1), move |_, _| {
                    let fired = fired.take();
                    Box::pin(async move {
                        if let Some(fired) = fired {
                            // The waiter may be gone: it was cancelled.
                            let _ = fired.send(());
                        }
                    })
                })
                .context("the timer refused a wait")?;
                let id = one_shots.add(shot).await.context("the timer refused a wait")?;
                // A tick that the library drops must not drop the wait.
                let dropped = tokio::time::timeout(wait, fire).await.is_err();
                if dropped {
                    tracing::debug!("the timer dropped a tick; the wait ended by itself");
                }
                one_shots.remove(&id).await.ok();
                tokio::time::sleep(self.clock.wall_until(instant).min(LONGEST_WAIT)).await;
            }
            Some(_) => tokio::time::sleep(wait).await,
            // Its speed changes while we wait.
            None => tokio::time::sleep(wait.min(POLL)).await,
        }
        Ok(())
    }

    /// Stops the timer library.
    pub async fn shutdown(mut self) {
        if let Some(one_shots) = &mut self.one_shots {
            one_shots.shutdown().await.ok();
        }
    }
}
