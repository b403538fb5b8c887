//! Prices too far off to be believed: a move that IB's history tells of too, or bytes out of step.

use std::{sync::Arc, time::Duration};

use futures::FutureExt as _;
use jiff::Timestamp;

use super::{Keeper, Side};
use crate::ib::{
    backfill::moved,
    clean::{Doubt, RUN},
    health::SubscriptionState,
    waiting::after,
};

/// Pause before prices that are held back are asked about again.
const DOUBT: Duration = Duration::from_secs(60);

impl Keeper {
    /// Prices may be anywhere after a halt, whichever stream told of it.
    pub(super) fn look_for_halts(&mut self) {
        let changes = self.halts.changes();
        if std::mem::replace(&mut self.halts_seen, changes) != changes {
            self.intake.forget_prices();
        }
    }

    /// Prices are too far off to be believed: IB's history is asked whether it tells of a move.
    pub(super) fn doubt(&mut self, connection: u64, now: Timestamp) {
        let Some(doubt) = self.intake.doubt().filter(|_| now >= self.doubt_again_at) else { return };
        self.doubt_again_at = after(now, DOUBT);
        if self.side.is_some() {
            return self.distrust(connection, doubt, now);
        }
        let (link, instrument) = (Arc::clone(&self.link), self.wanted.instrument.clone());
        self.side = Some(async move { Side::Moved(connection, moved(&link, &instrument, doubt).await) }.boxed());
    }

    /// Prices are not to be believed: once, the connection is made again; if that does not help, they are held back.
    fn distrust(&mut self, connection: u64, Doubt { price, believed, .. }: Doubt, now: Timestamp) {
        let why = format!("{RUN} prices in a row ({price}) are half as much again, or more, off the last one ({believed})");
        if std::mem::replace(&mut self.resynced, true) {
            let why = format!(
                "{why}, on a new connection too, and IB's history has no such move: they are held back until it has, trading \
                 is halted or a session begins"
            );
            self.turn_at(SubscriptionState::Silent { why }, now);
        } else {
            self.link.distrust(connection, format!("{}: {why}", self.what));
        }
    }

    /// History has answered: a move counts as a halt, for everyone who follows the symbol.
    pub(super) fn settle_doubt(&mut self, connection: u64, moved: bool) {
        // They may have come back by themselves.
        let Some(doubt) = self.intake.doubt() else { return };
        let now = self.link.clock.now();
        if !moved {
            return self.distrust(connection, doubt, now);
        }
        tracing::info!(what = self.what, ?doubt, "IB's history tells of the move too");
        self.halts.note(now);
        self.resynced = false;
    }
}
