//! Random sequences of faults over a simulated week: in the first trading hour of each day two faults, then everything has to
//! be alive again or reported, and every bar delivered or recorded as lost.

use std::{collections::BTreeMap, fmt, time::Duration};

use bellwether_adapters::ib::{GapOutcome, SubscriptionState};
use bellwether_gateway::{Fault, FaultScript, RandomFaults, Violation};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, civil::Date};

use super::{
    followers::{Follower, KINDS, Watchlist},
    stage::{Stage, at, days, liquid, resident_kib, tape},
};

const FAULTS_A_DAY: usize = 2;
/// After the last fault of a day is over, everything has to be well within this time of the clock.
const RECOVERY: SignedDuration = SignedDuration::from_mins(20);
/// The same in real time, for a machine that is busy.
const RECOVERY_FLOOR: Duration = Duration::from_secs(30);
/// Weeks at a time.
const AT_ONCE: usize = 12;

/// What came of one week, or of many.
#[derive(Debug, Default)]
struct Outcome {
    weeks: usize,
    faults: BTreeMap<String, usize>,
    /// Subscriptions at the end of a day.
    alive: usize,
    reported: usize,
    /// Bars by what became of them.
    delivered: usize,
    backfilled: usize,
    lost: usize,
    reconnects: u64,
    attempts: u64,
    /// What must not be, with the seed that shows it.
    complaints: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.weeks += other.weeks;
        for (kind, count) in other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        self.alive += other.alive;
        self.reported += other.reported;
        self.delivered += other.delivered;
        self.backfilled += other.backfilled;
        self.lost += other.lost;
        self.reconnects += other.reconnects;
        self.attempts += other.attempts;
        self.complaints.extend(other.complaints);
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: usize = self.faults.values().sum();
        writeln!(f, "{} weeks, {faults} faults of {} kinds: {:?}", self.weeks, self.faults.len(), self.faults)?;
        writeln!(f, "subscriptions at the end of a day: {} alive, {} reported", self.alive, self.reported)?;
        writeln!(f, "bars: {} delivered, {} of them afterwards, {} lost", self.delivered, self.backfilled, self.lost)?;
        write!(f, "{} reconnections in {} attempts; {} complaints", self.reconnects, self.attempts, self.complaints.len())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_weeks_end_with_everything_alive_or_reported_and_no_bar_unaccounted_for() {
    let weeks: u64 = std::env::var("BELLWETHER_FAULT_WEEKS").map_or(6, |weeks| weeks.parse().unwrap());
    let first: u64 = std::env::var("BELLWETHER_FAULT_SEED").map_or(1, |seed| seed.parse().unwrap());
    // The market is made before anything is counted.
    drop(tape());
    let handle = tokio::runtime::Handle::current();
    let tasks = handle.metrics().num_alive_tasks();
    let mut all = Outcome::default();
    let mut memory = Vec::new();
    let mut running = stream::iter((first..first + weeks).map(|seed| tokio::spawn(week(seed)))).buffer_unordered(AT_ONCE);
    while let Some(outcome) = running.next().await {
        all.add(outcome.unwrap());
        memory.push(resident_kib() / 1024);
    }
    println!("{all}");
    println!("resident memory after each week, MiB: {memory:?}");
    for complaint in &all.complaints {
        println!("{complaint}");
    }
    assert!(all.complaints.is_empty(), "{} complaints, the first: {}", all.complaints.len(), all.complaints[0]);
    // Whatever still runs a moment after the end would run for ever.
    let gone = async {
        while handle.metrics().num_alive_tasks() > tasks {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let left = tokio::time::timeout(Duration::from_secs(20), gone).await;
    assert!(left.is_ok(), "{} tasks are left of {weeks} weeks", handle.metrics().num_alive_tasks() - tasks);
}

async fn week(seed: u64) -> Outcome {
    let days = days();
    let stage = Stage::set(at(days[0], 9, 29)).await;
    let followers: Vec<Follower> = stage
        .instruments
        .iter()
        .flat_map(|instrument| KINDS.map(|kind| Follower::new(&stage.session, instrument, kind)))
        .collect();
    let watchlist = Watchlist::follow(&stage.session, &stage.watched).await;
    let mut outcome = Outcome { weeks: 1, ..Outcome::default() };
    let mut rough = false;
    // What came before a subscription was made is nobody's to account for.
    while followers.iter().any(|follower| follower.events() == 0) || !watchlist.is_whole(&stage.session) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let subscribed = stage.clock.now() + SignedDuration::from_mins(1);
    for (index, day) in days.iter().enumerate() {
        stage.wait_for(at(*day, 9, 31)).await;
        let choice = RandomFaults {
            from: at(*day, 9, 32),
            until: at(*day, 10, 20),
            count: FAULTS_A_DAY,
            symbols: liquid().iter().map(ToString::to_string).collect(),
        };
        let script = FaultScript::random(seed * 100 + index as u64, &choice).unwrap();
        for fault in &script.faults {
            *outcome.faults.entry(fault.fault.kind()).or_default() += 1;
            rough |= matches!(fault.fault, Fault::WrongPrices { .. } | Fault::Sentinels { .. });
        }
        stage.gateway.run_script(&script).unwrap();
        stage.wait_for(at(*day, 10, 30)).await;
        let place =
            || format!("seed {seed}, {day}, {}", script.faults.iter().map(|it| it.fault.kind()).collect::<Vec<_>>().join(" + "));
        outcome
            .complaints
            .extend(recovered(&stage, &followers, &watchlist).await.into_iter().map(|problem| format!("{}: {problem}", place())));
        for health in stage.session.health().subscriptions {
            match health.state {
                SubscriptionState::Live => outcome.alive += 1,
                _ => outcome.reported += 1,
            }
        }
        for follower in &followers {
            let unaccounted = follower.unaccounted(&tape(), at(*day, 9, 30).max(subscribed), at(*day, 10, 28));
            if !unaccounted.is_empty() {
                let (kind, symbol) = (follower.kind.as_str(), &follower.symbol);
                let (count, runs) = (unaccounted.len(), follower.runs(&unaccounted));
                outcome.complaints.push(format!("{}: {count} {kind} of {symbol} unaccounted for: {runs}", place()));
            }
        }
        if let Some(next) = days.get(index + 1) {
            sleep_through_the_night(&stage, *next, &followers).await;
        }
    }
    for follower in &followers {
        let wrong = follower.wrong(&tape(), rough);
        if let Some(first) = wrong.first() {
            outcome.complaints.push(format!("seed {seed}: {} minute bars are wrong, the first {first}", wrong.len()));
        }
        let told = follower.told.lock().unwrap();
        outcome.delivered += told.bars.len();
        outcome.backfilled += told.backfilled;
        outcome.lost += told.lost.len();
    }
    for it in stage.session.health().subscriptions.iter().filter(|it| it.dropped > 0) {
        outcome.complaints.push(format!("seed {seed}: {} events of {} of {} dropped", it.dropped, it.kind, it.symbol));
    }
    let counters = stage.session.health().counters;
    let stats = stage.gateway.stats();
    outcome.reconnects = counters.reconnects;
    outcome.attempts = counters.connections + counters.failed_attempts;
    if stats.connections > outcome.attempts {
        outcome.complaints.push(format!("seed {seed}: {} connections in {} attempts", stats.connections, outcome.attempts));
    }
    let ours = stats.violations.iter().filter(|(violation, _)| **violation != Violation::ClientIdInUse).collect::<Vec<_>>();
    if !ours.is_empty() {
        outcome.complaints.push(format!("seed {seed}: violations {ours:?}"));
    }
    drop(followers);
    stage.close().await;
    outcome
}

/// Waits until every subscription is alive, or is reported as what it is, and every gap is settled; what is not.
async fn recovered(stage: &Stage, followers: &[Follower], watchlist: &Watchlist) -> Vec<String> {
    let began = (stage.clock.now(), std::time::Instant::now());
    let before: Vec<u64> = followers.iter().map(Follower::events).collect();
    loop {
        let mut problems = Vec::new();
        for (follower, before) in followers.iter().zip(&before) {
            if follower.events() <= *before {
                problems.push(format!("nothing comes of the {} of {}", follower.kind.as_str(), follower.symbol));
            }
        }
        problems.extend(watchlist.still(&stage.session, began.0));
        for health in stage.session.health().subscriptions {
            if health.state != SubscriptionState::Live {
                problems.push(format!("{} of {}: {}", health.kind, health.symbol, health.state));
            }
        }
        for gap in stage.session.gaps().into_iter().filter(|gap| gap.outcome == GapOutcome::Open) {
            problems.push(gap.to_string());
        }
        let patient = stage.clock.now().duration_since(began.0) < RECOVERY || began.1.elapsed() < RECOVERY_FLOOR;
        if problems.is_empty() || !patient {
            return problems;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The clock jumps to the next morning, and waits there until what came in the night is read, as it would have been by then.
async fn sleep_through_the_night(stage: &Stage, next: Date, followers: &[Follower]) {
    let dawn = at(next, 9, 29);
    stage.clock.hold_at(Some(dawn));
    stage.clock.advance_to(dawn);
    let heard = || followers.iter().map(Follower::events).sum::<u64>();
    let began = std::time::Instant::now();
    let mut before = u64::MAX;
    while before != heard() && began.elapsed() < RECOVERY_FLOOR {
        before = heard();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    stage.clock.hold_at(None);
}
