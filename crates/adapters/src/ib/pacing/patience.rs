//! How long to wait for something that a clock of any speed counts.

use std::time::Duration;

use bellwether::market::Clock;
use jiff::SignedDuration;

/// How long to wait, in real time, for something that may take `limit` on `clock`: 5 s at least, for a fast clock, and
/// no longer than `limit` itself (or those 5 s), for one that is slow or held.
pub(crate) fn patience(clock: &dyn Clock, limit: Duration) -> Duration {
    const FLOOR: Duration = Duration::from_secs(5);
    let until = SignedDuration::try_from(limit).ok().and_then(|limit| clock.now().checked_add(limit).ok());
    let on_clock = until.map_or(limit, |until| clock.wall_until(until));
    on_clock.min(limit).max(FLOOR)
}
