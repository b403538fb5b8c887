//! Every fault alone: noticed in time where it silences anything, and everything alive again once it is over.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bellwether_adapters::ib::{GapOutcome, HealthChange, HealthEvent, SubscriptionState};
use bellwether_gateway::Fault;
use jiff::SignedDuration;

use super::{
    followers::{Follower, KINDS, Watchlist},
    stage::{Stage, at, days, liquid, tape},
};

const LASTING: SignedDuration = SignedDuration::from_mins(4);
const RECOVERY: SignedDuration = SignedDuration::from_mins(30);
/// A feed that falls silent is noticed within this time of the clock.
const DETECTION: SignedDuration = SignedDuration::from_secs(90);
/// The clock runs on while the machine is busy with something else: so much more is allowed.
const GRAIN: SignedDuration = SignedDuration::from_secs(30);

/// Whether a fault keeps data from arriving without ending anything.
fn silences(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::HalfOpen { .. }
            | Fault::Stall { .. }
            | Fault::StallSymbol { .. }
            | Fault::ConnectivityLost
            | Fault::ServerBroken
            | Fault::FarmFlap { .. }
            | Fault::FarmBroken { .. }
            | Fault::KillSockets { .. }
    )
}

/// Whether an event says that something is wrong.
fn notices(event: &HealthEvent) -> bool {
    match &event.change {
        HealthChange::Disconnected { .. } | HealthChange::ServersLost | HealthChange::Desync { .. } => true,
        HealthChange::Subscription { state, .. } => !matches!(state, SubscriptionState::Live | SubscriptionState::Subscribing),
        HealthChange::Farm { state, .. } => *state == bellwether_adapters::ib::FarmState::Broken,
        HealthChange::GapOpened { .. } => true,
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_alone_is_noticed_and_survived() {
    let symbol = liquid()[0].to_string();
    let mut complaints = Vec::new();
    for fault in Fault::all_examples(&symbol) {
        let day = days()[0];
        let stage = Stage::set(at(day, 9, 40)).await;
        let followers: Vec<Follower> =
            KINDS.iter().map(|kind| Follower::new(&stage.session, &stage.instruments[0], *kind)).collect();
        // What came before a subscription was made is nobody's to account for, and on a busy machine that takes its time.
        let subscribed = stage.clock.now() + SignedDuration::from_mins(1);
        let watchlist = Watchlist::follow(&stage.session, &stage.watched).await;
        stage.wait_for(at(day, 9, 44)).await;
        while followers.iter().any(|follower| follower.events() == 0) || !watchlist.is_whole(&stage.session) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let noticed = Arc::new(Mutex::new(None));
        let listening = tokio::spawn({
            let (mut events, noticed) = (stage.session.health_events(), Arc::clone(&noticed));
            async move {
                while let Ok(event) = events.recv().await {
                    if notices(&event) {
                        noticed.lock().unwrap().get_or_insert(event.at);
                    }
                }
            }
        });
        let faults = stage.gateway.faults();
        let began = stage.clock.now();
        match fault.is_instant() {
            true => faults.inject(&fault).unwrap(),
            false => faults.inject_for(&fault, LASTING).unwrap(),
        }
        stage.wait_for(began + LASTING).await;
        if fault == Fault::WeeklyLogin {
            faults.inject(&Fault::Login).unwrap();
        }
        let well = async {
            let before: Vec<u64> = followers.iter().map(Follower::events).collect();
            let since = stage.clock.now();
            loop {
                let moves = watchlist.still(&stage.session, since).is_empty();
                let alive = followers.iter().zip(&before).all(|(follower, before)| follower.events() > *before);
                let live = stage.session.health().subscriptions.iter().all(|it| it.state == SubscriptionState::Live);
                let open = stage.session.gaps().iter().any(|gap| gap.outcome == GapOutcome::Open);
                if alive && moves && live && !open {
                    return Ok(());
                }
                if stage.clock.now().duration_since(began) > LASTING + RECOVERY {
                    return Err(watchlist.still(&stage.session, since));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let well = well.await;
        let end = stage.clock.now();
        if let Err(still) = well {
            complaints.push(format!("{fault:?}: not well at {end}: {still:?} {:?}", stage.session.health().subscriptions));
        }
        let delay = noticed.lock().unwrap().map(|at| at.duration_since(began));
        println!("{fault:?}: noticed after {delay:?}, well after {:?}", end.duration_since(began));
        if silences(&fault) && delay.is_none_or(|delay| delay > DETECTION + GRAIN) {
            complaints.push(format!("{fault:?}: noticed after {delay:?}"));
        }
        // The present minute may be on its way.
        let until = end - SignedDuration::from_mins(2);
        for follower in &followers {
            let unaccounted = follower.unaccounted(&tape(), at(day, 9, 42).max(subscribed), until);
            if !unaccounted.is_empty() {
                complaints.push(format!("{fault:?}: {} {} unaccounted for", unaccounted.len(), follower.kind.as_str()));
            }
        }
        listening.abort();
        drop(followers);
        stage.close().await;
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
