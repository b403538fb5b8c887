//! The system's clock: the only place of the program that reads it.

use bellwether::market::Clock;
use jiff::Timestamp;

/// Real time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wall_until(&self, instant: Timestamp) -> std::time::Duration {
        instant.duration_since(self.now()).try_into().unwrap_or_default()
    }
}

/// Waits until `clock` shows `instant`, however its speed changes meanwhile.
pub async fn sleep_until(clock: &dyn Clock, instant: Timestamp) {
    const POLL: std::time::Duration = std::time::Duration::from_secs(1);
    while clock.now() < instant {
        tokio::time::sleep(clock.wall_until(instant).clamp(std::time::Duration::from_millis(1), POLL)).await;
    }
}
