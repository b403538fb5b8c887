//! The faults that are in force, and what they mean to whoever asks.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Farm, Fault};

/// A stream: number of its connection, and its request id.
pub(super) type StreamId = (u64, i32);

/// One fault in force.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Active {
    pub(super) id: u64,
    pub(super) fault: Fault,
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// Part of this other fault, and ended with it.
    pub(super) part_of: Option<u64>,
    /// Streams that it has silenced.
    pub(super) dead: BTreeSet<StreamId>,
    /// Connections that it has cut off.
    pub(super) cut_off: BTreeSet<u64>,
}

/// All faults in force, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActiveFaults {
    pub(super) faults: Vec<Active>,
}

fn covers(target: Option<i32>, client: i32) -> bool {
    target.is_none_or(|target| target == client)
}

fn of(target: Option<&str>, symbol: Option<&str>) -> bool {
    target.is_none() || target == symbol
}

impl ActiveFaults {
    fn any(&self, wanted: impl Fn(&Fault) -> bool) -> bool {
        self.faults.iter().any(|active| wanted(&active.fault))
    }

    /// The faults, for those who distinguish further.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|active| &active.fault)
    }

    pub(crate) fn refused(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::Refuse))
    }

    pub(crate) fn never_handshake(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::NeverHandshake))
    }

    pub(crate) fn no_session(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::WeeklyLogin))
    }

    pub(crate) fn stalled(&self, client: i32) -> bool {
        self.any(|fault| matches!(fault, Fault::Stall { client: target } if covers(*target, client)))
    }

    /// Bytes a second, the fewest when several faults say so.
    pub(crate) fn drip(&self, client: i32) -> Option<u32> {
        let rate = |fault: &Fault| match fault {
            Fault::SlowDrip { bytes_per_second, client: target } if covers(*target, client) => Some(*bytes_per_second),
            _ => None,
        };
        self.kinds().filter_map(rate).min()
    }

    pub(crate) fn cut_off(&self, connection: u64) -> bool {
        self.faults.iter().any(|active| active.cut_off.contains(&connection))
    }

    pub(crate) fn disconnected(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::ConnectivityLost | Fault::ServerBroken))
    }

    /// Whether a fault is on this farm alone.
    pub(super) fn ails(&self, farm: Farm) -> bool {
        self.any(|fault| matches!(fault, Fault::FarmBroken { farm: it } | Fault::FarmConnecting { farm: it } if *it == farm))
    }

    pub(crate) fn is_down(&self, farm: Farm) -> bool {
        self.disconnected() || self.ails(farm)
    }

    pub(super) fn competing(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::CompetingSession))
    }

    pub(super) fn unpermitted(&self, symbol: &str) -> Option<i32> {
        self.kinds().find_map(|fault| match fault {
            Fault::NoPermission { symbol: it, code } if it == symbol => Some(*code),
            _ => None,
        })
    }

    pub(super) fn ambiguous(&self, symbol: &str) -> bool {
        self.any(|fault| matches!(fault, Fault::Ambiguous { symbol: it } if it == symbol))
    }

    pub(crate) fn halted(&self, symbol: &str) -> bool {
        self.any(|fault| matches!(fault, Fault::Halted { symbol: it } if it == symbol))
    }

    pub(crate) fn orders_rejected(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::OrdersRejected))
    }

    pub(super) fn hangs_open_orders(&self) -> bool {
        self.any(|fault| matches!(fault, Fault::AccountSummaryHang))
    }

    /// The error that every request for a symbol gets.
    pub(super) fn error_of(&self, symbol: &str) -> Option<(i32, String)> {
        self.kinds().find_map(|fault| match fault {
            Fault::SymbolError { symbol: it, code, text } if it == symbol => Some((*code, text.clone())),
            Fault::Delisted { symbol: it } if it == symbol => {
                Some((200, "No security definition has been found for the request".to_owned()))
            }
            _ => None,
        })
    }

    /// How far the time that is shown is off.
    pub(crate) fn clock_offset(&self) -> SignedDuration {
        self.kinds().fold(SignedDuration::ZERO, |sum, fault| match fault {
            Fault::ClockJump { by } => sum.saturating_add(*by),
            _ => sum,
        })
    }

    /// Whether a subscription says nothing any more.
    pub(super) fn silenced(&self, stream: StreamId, client: i32, symbol: Option<&str>) -> bool {
        self.faults.iter().any(|active| {
            active.dead.contains(&stream)
                || matches!(&active.fault, Fault::StallSymbol { symbol: it, client: target, persistent: true }
                    if Some(it.as_str()) == symbol && covers(*target, client))
        })
    }

    pub(super) fn duplicates(&self, symbol: Option<&str>) -> bool {
        self.any(|fault| matches!(fault, Fault::DuplicateTicks { symbol: it } if of(it.as_deref(), symbol)))
    }

    pub(super) fn swaps(&self, symbol: Option<&str>) -> bool {
        self.any(|fault| matches!(fault, Fault::OutOfOrderTicks { symbol: it } if of(it.as_deref(), symbol)))
    }

    /// Whether any fault concerns what is in frames or which of them are sent.
    pub(super) fn touches_frames(&self) -> bool {
        self.faults.iter().any(|active| {
            !active.dead.is_empty()
                || matches!(
                    active.fault,
                    Fault::StallSymbol { .. }
                        | Fault::Sentinels { .. }
                        | Fault::WrongPrices { .. }
                        | Fault::ClockJump { .. }
                        | Fault::DuplicateTicks { .. }
                        | Fault::OutOfOrderTicks { .. }
                        | Fault::Halted { .. }
                        | Fault::Ambiguous { .. }
                )
        })
    }

    /// Forgets silenced streams that are gone; a flap that silences none any more is over.
    pub(super) fn forget(&mut self, gone: impl Fn(&StreamId) -> bool) -> bool {
        let mut changed = false;
        for active in &mut self.faults {
            let before = active.dead.len();
            active.dead.retain(|stream| !gone(stream));
            changed |= active.dead.len() != before;
        }
        if changed {
            self.faults.retain(|active| !(matches!(active.fault, Fault::FarmFlap { .. }) && active.dead.is_empty()));
        }
        changed
    }
}

/// The time as clients are shown it.
pub(crate) fn shown(now: Timestamp, offset: SignedDuration) -> Timestamp {
    now.saturating_add(offset).unwrap_or(now)
}
