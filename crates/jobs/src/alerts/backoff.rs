//! When to try again.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// After so many attempts an alert is given up: some 40 minutes after the first.
pub const MOST_ATTEMPTS: i32 = 12;

const SHORTEST: f64 = 2.0;
const LONGEST: f64 = 600.0;

/// How long to wait after failed attempt number `attempts` (from 1); `None` when it was the last.
///
/// ```text
/// wait = 2 s · 2^(attempts − 1), plus or minus a quarter, within 2 s to 10 min; never less than the receiver asked for
/// ```
/// The variation is drawn from the alert's id, so alerts that failed together do not come back together, and the same
/// alert always waits the same.
pub fn backoff(alert_id: Uuid, attempts: i32, retry_after: Option<SignedDuration>) -> Option<SignedDuration> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doubled = SHORTEST * 2f64.powi(attempts.saturating_sub(1).clamp(0, 16));
    let wait = (doubled.min(LONGEST) * (0.75 + 0.5 * fraction(alert_id, attempts))).clamp(SHORTEST, LONGEST);
    let wait = SignedDuration::from_millis((wait * 1000.0) as i64);
    Some(retry_after.map_or(wait, |asked| asked.max(wait)))
}

/// A number in [0, 1) that depends on nothing but its arguments.
fn fraction(alert_id: Uuid, attempts: i32) -> f64 {
    let digest = Sha256::new().chain_update(alert_id.as_bytes()).chain_update(attempts.to_be_bytes()).finalize();
    let head = digest.iter().take(4).fold(0_u32, |head, byte| (head << 8) | u32::from(*byte));
    f64::from(head) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(wait: Option<SignedDuration>) -> f64 {
        wait.unwrap().as_secs_f64()
    }

    #[test]
    fn waits_grow_stay_within_bounds_and_end() {
        for id in 0..200 {
            let id = Uuid::from_u128(id);
            let waits: Vec<f64> = (1..MOST_ATTEMPTS).map(|attempt| seconds(backoff(id, attempt, None))).collect();
            assert!(waits.iter().all(|wait| (SHORTEST..=LONGEST).contains(wait)), "{waits:?}");
            assert!(waits[0] <= 2.5 && waits[10] >= 450.0 && waits[3] > waits[0]);
            assert_eq!(backoff(id, MOST_ATTEMPTS, None), None);
            assert_eq!(backoff(id, i32::MAX, None), None);
            assert_eq!(backoff(id, 4, None), backoff(id, 4, None));
        }
    }

    #[test]
    fn alerts_that_failed_together_spread() {
        let mut waits: Vec<i64> = (0..100).map(|id| backoff(Uuid::from_u128(id), 6, None).unwrap().as_millis() as i64).collect();
        waits.sort_unstable();
        assert!(waits[99] - waits[0] > 20_000, "{waits:?}");
    }

    #[test]
    fn the_receiver_may_ask_for_longer_not_shorter() {
        let id = Uuid::from_u128(7);
        assert_eq!(backoff(id, 1, Some(SignedDuration::from_secs(90))), Some(SignedDuration::from_secs(90)));
        assert!(backoff(id, 8, Some(SignedDuration::from_secs(1))) > Some(SignedDuration::from_secs(60)));
    }
}
