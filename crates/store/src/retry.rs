//! Trying a whole operation again after a lost connection.

use std::{future::Future, sync::atomic::Ordering, time::Duration};

use uuid::Uuid;

use crate::{Result, Store};

/// How often and how patiently an operation is tried again.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `attempts` | 6 | tries in all, the first included | 1 and up |
/// | `first_pause` | 100 ms | pause before the second try; doubles each time | any |
/// | `longest_pause` | 2 s | upper bound of one pause | `first_pause` and up |
///
/// Each pause is drawn between half and all of its length, so that many clients do not come back at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all.
    pub attempts: u32,
    /// Pause before the second try.
    pub first_pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 6, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(2) }
    }
}

impl RetryPolicy {
    fn pause_after(&self, attempt: u32) -> Duration {
        let doubled = self.first_pause.saturating_mul(1 << attempt.saturating_sub(1).min(20));
        // A random id brings all the randomness that a jitter needs.
        let share = f64::from(Uuid::new_v4().as_bytes()[0]) / 255.0;
        doubled.min(self.longest_pause).mul_f64(0.5 + share / 2.0)
    }
}

impl Store {
    /// Runs `operation` until it succeeds, fails for good, or the policy's attempts are used up.
    ///
    /// `operation` must take its own connection and do its work in one transaction: then a lost connection leaves either
    /// all of it or nothing, and trying again is safe as long as it recognises its own earlier success.
    ///
    /// # Errors
    /// The last attempt's.
    pub async fn retry<T, F, O>(&self, mut operation: O) -> Result<T>
    where
        F: Future<Output = Result<T>>,
        O: FnMut() -> F,
    {
        let policy = self.options().retry;
        let mut attempt = 1;
        loop {
            match operation().await {
                Err(error) if error.is_retryable() && attempt < policy.attempts => {
                    let pause = policy.pause_after(attempt);
                    self.retry_counter().fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(%error, attempt, pause_ms = pause.as_millis(), "database operation is tried again");
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_carry_jitter() {
        let policy = RetryPolicy::default();
        for attempt in 1..40 {
            let full = Duration::from_millis(100).saturating_mul(1 << (attempt - 1).min(20)).min(Duration::from_secs(2));
            let pause = policy.pause_after(attempt);
            assert!(pause >= full / 2 && pause <= full, "attempt {attempt}: {pause:?}");
        }
    }
}
