//! How faults begin and end, by the gateway's clock.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    ActiveFaults, Farm, Fault,
    active::{Active, StreamId},
    farm::Health,
    fault::{Lasting, SHORTEST_RESTART},
    outflow,
    state::{Beginning, Step},
};
use crate::{client::NO_REQUEST, shared::Shared, streams::StreamKind};

const RESTORED: (i32, &str) = (1102, "Connectivity between IB and Trader Workstation has been restored - data maintained.");
/// How long before its end a restarting gateway accepts connections without answering.
const ACCEPTS_BEFORE_READY: SignedDuration = SignedDuration::from_secs(15);

/// Takes streams and faults to `now`, in the order of their times: what was due before a fault began is sent before it
/// begins, however far the clock has jumped.
pub(crate) fn catch_up(shared: &Shared, now: Timestamp) {
    while let Some((at, step)) = shared.faults.due(now) {
        shared.advance_streams(at);
        match step {
            Step::Begin(beginning) => begin(shared, &beginning, at),
            Step::End { id } => {
                end(shared, |active| active.id == id);
            }
        }
    }
}

/// Begins a fault.
pub(super) fn begin(shared: &Shared, beginning: &Beginning, now: Timestamp) {
    let Beginning { fault, lasting, part_of } = beginning;
    tracing::info!(?fault, ?lasting, "fault begins");
    let id = shared.faults.new_id();
    let length = match fault.lasting() {
        Lasting::Instant => return happen(shared, fault, now),
        Lasting::Open => *lasting,
        Lasting::Default(default) => Some(lasting.unwrap_or(default)),
    };
    let length = match fault {
        Fault::NightlyRestart => length.map(|length| length.max(SHORTEST_RESTART)),
        _ => length,
    };
    // A flap is over when no stream that it killed is left; its time is that of the farm's outage.
    let until = length.filter(|_| !matches!(fault, Fault::FarmFlap { .. })).and_then(|length| now.checked_add(length).ok());
    let active = Active {
        id,
        fault: fault.clone(),
        since: now,
        until,
        part_of: *part_of,
        dead: silenced(shared, fault),
        cut_off: cut_off(shared, fault),
    };
    let already = shared.faults.active();
    let lives = !(matches!(fault, Fault::FarmFlap { .. }) && active.dead.is_empty());
    shared.faults.change(|all| all.faults.extend(lives.then_some(active)));
    if let Some(until) = until.filter(|_| lives) {
        shared.faults.plan(until, Step::End { id });
    }
    tell_of(shared, fault, &already, now);
    for (after, part, lasting) in parts(fault, length.unwrap_or_default()) {
        // Parts of a restart end with it; the outage of a flap by itself, since the flap may last for ever.
        let part_of = (!matches!(fault, Fault::FarmFlap { .. })).then_some(id);
        let part = Beginning { fault: part, lasting, part_of };
        if after.is_zero() {
            begin(shared, &part, now);
        } else if let Ok(at) = now.checked_add(after) {
            shared.faults.plan(at, Step::Begin(part));
        }
    }
}

/// What a fault consists of: after how long, what, for how long.
fn parts(fault: &Fault, length: SignedDuration) -> Vec<(SignedDuration, Fault, Option<SignedDuration>)> {
    let seconds = SignedDuration::from_secs;
    let farm = |farm| Fault::FarmBroken { farm };
    match fault {
        Fault::FarmFlap { farm: it } => vec![(SignedDuration::ZERO, farm(*it), Some(length))],
        Fault::NightlyRestart => {
            let ready = length.saturating_sub(ACCEPTS_BEFORE_READY);
            vec![
                (seconds(0), farm(Farm::MarketData), Some(seconds(5))),
                (seconds(10), Fault::ConnectivityLost, None),
                (seconds(20), Fault::ConnectivityLost, None),
                (seconds(30), Fault::ConnectivityLost, None),
                (seconds(35), farm(Farm::MarketData), None),
                (seconds(40), Fault::Refuse, Some(ready.saturating_sub(seconds(40)))),
                (seconds(40), Fault::NeverHandshake, None),
                (seconds(40), Fault::KillSockets { client: None }, None),
            ]
        }
        Fault::WeeklyLogin => vec![(SignedDuration::ZERO, Fault::KillSockets { client: None }, None)],
        _ => Vec::new(),
    }
}

/// The streams that fall silent when a fault begins.
fn silenced(shared: &Shared, fault: &Fault) -> BTreeSet<StreamId> {
    let streams = shared.streams().present();
    let dead = streams.iter().filter(|(client, kind, request)| match fault {
        Fault::FarmFlap { farm } => kind.farm() == *farm && *kind != StreamKind::Scanner,
        Fault::StallSymbol { symbol, client: target, .. } => {
            target.is_none_or(|target| target == client.id) && client.outflow.symbol_of(*request).as_deref() == Some(symbol)
        }
        _ => false,
    });
    dead.map(|(client, _, request)| (client.connection, *request)).collect()
}

/// The connections that are half open from now on.
fn cut_off(shared: &Shared, fault: &Fault) -> BTreeSet<u64> {
    let Fault::HalfOpen { client: target } = fault else { return BTreeSet::new() };
    let hit = shared.clients().into_iter().filter(|client| target.is_none_or(|target| target == client.id));
    hit.map(|client| client.connection).collect()
}

/// What clients learn of the beginning of a fault that lasts.
fn tell_of(shared: &Shared, fault: &Fault, already: &ActiveFaults, now: Timestamp) {
    match fault {
        Fault::ConnectivityLost => {
            tell(shared, (1100, "Connectivity between IB and Trader Workstation has been lost."), now);
        }
        Fault::ServerBroken => {
            let text = "Connectivity between Trader Workstation and server is broken. It will be restored automatically.";
            tell(shared, (2110, text), now);
        }
        Fault::FarmBroken { farm } => tell(shared, farm.notice(Health::Broken), now),
        Fault::FarmConnecting { farm } => tell(shared, farm.notice(Health::Connecting), now),
        Fault::CompetingSession => {
            let text = "No market data during competing live session";
            end_streams(shared, (10197, text), now, |kind, _| kind.farm() == Farm::MarketData);
        }
        Fault::Delisted { symbol } => {
            let text = "No security definition has been found for the request";
            end_streams(shared, (200, text), now, |_, of| of == Some(symbol));
        }
        Fault::NoPermission { symbol, .. } => {
            let text = "Requested market data is not subscribed.";
            end_streams(shared, (354, text), now, |kind, of| kind.farm() == Farm::MarketData && of == Some(symbol));
        }
        Fault::Halted { symbol } if !already.halted(symbol) => {
            if let Some(instrument) = shared.market.by_symbol(symbol) {
                shared.market.halt(instrument, Some(now));
            }
        }
        _ => {}
    }
}

/// A fault that is over at once.
fn happen(shared: &Shared, fault: &Fault, now: Timestamp) {
    let hit = |target: &Option<i32>| {
        let target = *target;
        shared.clients().into_iter().filter(move |client| target.is_none_or(|target| target == client.id))
    };
    match fault {
        Fault::KillSockets { client: None } => shared.faults.kills.send_modify(|kills| *kills += 1),
        Fault::KillSockets { client } => hit(client).for_each(|client| client.cut.notify_one()),
        Fault::RestoredDataLost | Fault::RestoredDataKept => {
            shared.faults.remove(|active| {
                active.part_of.is_none() && matches!(active.fault, Fault::ConnectivityLost | Fault::ServerBroken)
            });
            if *fault == Fault::RestoredDataLost {
                shared.streams().forget_market_data();
                let text = "Connectivity between IB and Trader Workstation has been restored - data lost.";
                tell(shared, (1101, text), now);
            } else {
                tell(shared, RESTORED, now);
            }
        }
        Fault::FarmOk { farm } => {
            shared.faults.remove(|active| {
                matches!(&active.fault, Fault::FarmBroken { farm: it } | Fault::FarmConnecting { farm: it } if it == farm)
            });
            tell(shared, farm.notice(Health::Ok), now);
        }
        Fault::FarmInactive { farm } => tell(shared, farm.notice(Health::Inactive), now),
        Fault::LiveUpdatesFailed => {
            let text = "Failed to request live updates (disconnected).";
            let live = [StreamKind::RealTimeBars, StreamKind::Historical];
            end_streams(shared, (10182, text), now, |kind, _| live.contains(&kind));
        }
        Fault::BustEvent { symbol } => {
            let text = "Bust event occurred, current subscription is deactivated. Please resubscribe real-time bars immediately.";
            end_streams(shared, (10225, text), now, |kind, of| {
                kind == StreamKind::RealTimeBars && (symbol.is_none() || symbol.as_deref() == of)
            });
        }
        Fault::Login => {
            end(shared, |active| active.fault == Fault::WeeklyLogin);
        }
        Fault::TruncatedFrame { client } => hit(client).for_each(|client| outflow::tear(&client, now)),
        Fault::Desync { client, bytes } => hit(client).for_each(|client| outflow::lose(&client, usize::from(*bytes), now)),
        Fault::UnknownMessage { client, count } => hit(client).for_each(|client| outflow::babble(&client, *count)),
        _ => {}
    }
}

/// Ends the faults that are chosen; `false` when there are none.
pub(super) fn end(shared: &Shared, chosen: impl Fn(&Active) -> bool) -> bool {
    let removed = shared.faults.remove(chosen);
    let now = shared.now();
    let left = shared.faults.active();
    let mut restored = false;
    let mut farms: Vec<Farm> = Vec::new();
    for active in &removed {
        match &active.fault {
            // Those who heard of a part have been cut off since.
            _ if active.part_of.is_some() && removed.iter().any(|whole| Some(whole.id) == active.part_of) => {}
            Fault::ConnectivityLost | Fault::ServerBroken => restored = true,
            Fault::FarmBroken { farm } | Fault::FarmConnecting { farm } if !farms.contains(farm) => farms.push(*farm),
            Fault::Halted { symbol } if !left.halted(symbol) => {
                if let Some(instrument) = shared.market.by_symbol(symbol) {
                    shared.market.halt(instrument, None);
                }
            }
            Fault::OutOfOrderTicks { .. } => shared.clients().iter().for_each(|client| outflow::release(client)),
            _ => {}
        }
    }
    if restored && !left.disconnected() {
        tell(shared, RESTORED, now);
    }
    for farm in farms.into_iter().filter(|farm| !left.ails(*farm)) {
        tell(shared, farm.notice(Health::Ok), now);
    }
    !removed.is_empty()
}

/// Ends streams with an error each.
fn end_streams(shared: &Shared, error: (i32, &str), now: Timestamp, ends: impl Fn(StreamKind, Option<&str>) -> bool) {
    let present = shared.streams().present();
    for (client, kind, request) in present {
        if ends(kind, client.outflow.symbol_of(request).as_deref()) && shared.streams().cancel(&client, kind, request) {
            client.error(request, error.0, error.1, now);
        }
    }
}

fn tell(shared: &Shared, (code, text): (i32, impl AsRef<str>), now: Timestamp) {
    for client in shared.clients() {
        client.error(NO_REQUEST, code, text.as_ref(), now);
    }
}
