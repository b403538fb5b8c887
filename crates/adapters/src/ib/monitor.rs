//! Keeps the record of a session's health, and tells everyone who listens what changed.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use bellwether::market::Clock;
use jiff::Timestamp;
use tokio::sync::broadcast;

use super::{
    farms::{FarmHealth, FarmKind, Farms, of_notice},
    health::{HealthChange, HealthEvent, SessionCounters, Severity},
};

/// Changes kept for a listener that is slow; after that it learns how many it missed.
const KEPT_EVENTS: usize = 1_024;

/// See the module.
#[derive(Debug)]
pub(super) struct Monitor {
    clock: Arc<dyn Clock>,
    servers: Mutex<Servers>,
    /// How often they changed.
    changes: AtomicU64,
    /// When anything was last heard, microseconds; 0 before.
    heard: AtomicI64,
    pub(super) counters: Counters,
    events: broadcast::Sender<HealthEvent>,
}

/// What lies behind the gateway.
#[derive(Debug, Default)]
struct Servers {
    farms: Farms,
    lost_since: Option<Timestamp>,
}

/// What a notice asks the session to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nothing.
    None,
    /// Every subscription is gone at the gateway.
    SubscribeAgain,
}

impl Monitor {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            servers: Mutex::default(),
            changes: AtomicU64::new(0),
            heard: AtomicI64::new(0),
            counters: Counters::default(),
            events: broadcast::Sender::new(KEPT_EVENTS),
        }
    }

    fn servers(&self) -> MutexGuard<'_, Servers> {
        // Nothing under the lock can panic half-way through a change.
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of a change: to the log, and to whoever listens.
    pub(super) fn tell(&self, change: HealthChange) {
        self.tell_at(self.clock.now(), change);
    }

    /// Tells of a change of that instant.
    pub(super) fn tell_at(&self, at: Timestamp, change: HealthChange) {
        match change.severity() {
            Severity::Info => tracing::info!("{change}"),
            Severity::Warning => tracing::warn!("{change}"),
            Severity::Alarm => tracing::error!("{change}"),
        }
        // Nobody has to listen.
        let _ = self.events.send(HealthEvent { at, change });
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<HealthEvent> {
        self.events.subscribe()
    }

    /// The gateway said something, whatever it was.
    pub(super) fn heard(&self) {
        self.heard.store(self.clock.now().as_microsecond(), Ordering::Relaxed);
    }

    pub(super) fn last_heard(&self) -> Option<Timestamp> {
        let heard = self.heard.load(Ordering::Relaxed);
        (heard != 0).then(|| Timestamp::from_microsecond(heard).ok()).flatten()
    }

    /// A new connection: what is known of farms is of the one before.
    pub(super) fn forget_servers(&self) {
        *self.servers() = Servers::default();
    }

    /// Takes in a notice about the gateway's own connections.
    pub(super) fn notice(&self, code: i32, text: &str) -> Consequence {
        let now = self.clock.now();
        self.heard();
        match code {
            1100 | 2110 => {
                let news = self.servers().lost_since.replace(now).is_none();
                if news {
                    count(&self.changes);
                    self.tell(HealthChange::ServersLost);
                }
            }
            1101 | 1102 => {
                self.servers().lost_since = None;
                count(&self.changes);
                self.tell(HealthChange::ServersRestored { data_lost: code == 1101 });
                if code == 1101 {
                    return Consequence::SubscribeAgain;
                }
            }
            _ => match of_notice(code, text) {
                Some((kind, state, name)) => {
                    let news = self.servers().farms.set(kind, &name, state, now);
                    if news {
                        count(&self.changes);
                        self.tell(HealthChange::Farm { kind, name, state });
                    }
                }
                None => tracing::debug!(code, text, "notice from IB"),
            },
        }
        Consequence::None
    }

    /// How often the connections behind the gateway have changed: around each change, words may be missing.
    pub(super) fn server_changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    pub(super) fn servers_lost_since(&self) -> Option<Timestamp> {
        self.servers().lost_since
    }

    pub(super) fn farms(&self) -> Vec<FarmHealth> {
        self.servers().farms.health()
    }

    /// Why no data of `kind` can arrive at the moment, as far as the gateway has told.
    pub(super) fn outage(&self, kind: FarmKind) -> Option<String> {
        let servers = self.servers();
        if let Some(since) = servers.lost_since {
            return Some(format!("the gateway has no connection to IB since {since}"));
        }
        let down = servers.farms.down(kind);
        (!down.is_empty()).then(|| format!("IB's {} farm is down ({})", kind.as_str(), down.join(", ")))
    }
}

macro_rules! counters {
    ($($name:ident),* $(,)?) => {
        /// [`SessionCounters`] as they are counted.
        #[derive(Debug, Default)]
        pub(super) struct Counters {
            $(pub(super) $name: AtomicU64,)*
        }

        impl Counters {
            pub(super) fn read(&self) -> SessionCounters {
                SessionCounters { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters!(
    connections,
    reconnects,
    failed_attempts,
    missed_heartbeats,
    resubscriptions,
    stale_restarts,
    ticks_received,
    ticks_dropped,
    late_ticks,
    duplicates_dropped,
    sentinels,
    impossible_prices,
    desyncs,
    bars_missing,
    bars_backfilled,
    bars_lost,
);

/// Counts one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
