//! Random workloads: forecast, then carried out against a gateway over TCP, on a clock that jumps over the time
//! in which nothing can happen.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bellwether::market::{Clock, Instrument, Symbol};
use bellwether_adapters::ib::{
    Ask, BarsOf, BarsRequest, Forecast, IbConfig, IbSession, Item, Phase, Priority, RequestKind, Step, Workload, with_priority,
};
use bellwether_gateway::{Gateway, GatewayConfig, GatewayStats, SimClock, Tape};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use jiff::{SignedDuration, Timestamp};

use crate::wide_market::{today, wide_market, yesterday};

/// Symbols of the market that plans are made on.
const SYMBOLS: usize = 400;
/// Time that a machine with other things to do may be late by, real time. It is what a forecast may be off by besides its
/// tenth: plans that take no longer than their answers do are measured against it.
pub(crate) const ALLOWANCE: Duration = Duration::from_millis(300);
/// Waits longer than this are skipped, seconds of the clock.
const LONG: f64 = 1.5;

/// A market for plans.
pub(crate) struct Ground {
    /// How large plans are, of the full size.
    scale: f64,
    tape: Arc<Tape>,
    instruments: Vec<Instrument>,
}

impl Ground {
    pub(crate) fn new(scale: f64) -> Arc<Self> {
        let (tape, instruments) = wide_market(SYMBOLS);
        Arc::new(Self { scale, tape, instruments })
    }
}

/// What came of one plan.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    pub(crate) forecast: Forecast,
    pub(crate) actual: SignedDuration,
    /// How fast the clock ran where it did not jump.
    pub(crate) rate: f64,
    pub(crate) failed: Vec<String>,
    pub(crate) stats: GatewayStats,
    pub(crate) complaints: u64,
}

impl Outcome {
    pub(crate) fn predicted(&self) -> f64 {
        self.forecast.duration.expect("every plan has an end").as_secs_f64()
    }

    /// Off by so much of what it took.
    pub(crate) fn error(&self) -> f64 {
        (self.predicted() - self.actual.as_secs_f64()).abs() / self.actual.as_secs_f64().max(1e-9)
    }

    /// Off by so much, real time.
    pub(crate) fn real_error(&self) -> Duration {
        Duration::from_secs_f64((self.predicted() - self.actual.as_secs_f64()).abs() / self.rate)
    }

    /// What may be asked, and not how long answers take, decides about its duration.
    pub(crate) fn is_paced(&self) -> bool {
        let took = self.actual.as_secs_f64();
        self.forecast.waiting_for_answers.as_secs_f64() < 0.5 * took && took / self.rate > 4.0 * ALLOWANCE.as_secs_f64()
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In `from..=until`.
    fn within(&mut self, from: usize, until: usize) -> usize {
        from + (self.next() % (until - from + 1) as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.within(0, from.len() - 1)]
    }

    fn chance(&mut self, of_a_hundred: u64) -> bool {
        self.next() % 100 < of_a_hundred
    }
}

/// One request of a plan.
#[derive(Debug, Clone)]
enum Request {
    Contract(Symbol),
    Bars(Instrument, BarsRequest),
    Quote(Instrument),
    Scan(&'static str),
}

impl Request {
    fn step(&self) -> Step {
        match self {
            Self::Contract(_) => Ask::of(RequestKind::Contract).into(),
            Self::Bars(instrument, bars) => bars.ask(instrument).into(),
            Self::Quote(_) => Ask::of(RequestKind::Snapshot).into(),
            Self::Scan(_) => Ask::of(RequestKind::Scanner).into(),
        }
    }

    async fn make(self, session: &IbSession) -> Result<(), String> {
        let said = |error: bellwether_adapters::AdapterError| error.to_string();
        match self {
            Self::Contract(symbol) => {
                let mut found = session.qualify(&[symbol]).await;
                found.missing.pop().map_or(Ok(()), |missing| Err(format!("{missing:?}")))
            }
            Self::Bars(instrument, bars) => session.historical_bars(&instrument, &bars).await.map(drop).map_err(said),
            Self::Quote(instrument) => {
                let mut round = session.rotate_quotes(&[instrument]).await;
                round.missing.pop().map_or(Ok(()), |missing| Err(format!("{missing:?}")))
            }
            Self::Scan(code) => session.scan_universe(code, 5).await.map(drop).map_err(said),
        }
    }
}

/// A plan: what was done before, and what is to be done.
struct Plan {
    /// Small bars asked for before, and how long ago the last of them was.
    before: (usize, SignedDuration),
    /// Requests of lower priority that wait when the plan begins.
    crowd: usize,
    parts: Vec<(usize, Vec<Vec<Request>>)>,
}

impl Plan {
    fn random(random: &mut Random, ground: &Ground) -> Self {
        let before = match random.chance(40) {
            true => (random.within(1, 60), SignedDuration::from_secs(random.within(0, 590) as i64)),
            false => (0, SignedDuration::ZERO),
        };
        let crowd = if random.chance(25) { random.within(1, 60) } else { 0 };
        let parts = (0..random.within(1, 3)).map(|_| Self::part(random, ground)).collect();
        Self { before, crowd, parts }
    }

    fn part(random: &mut Random, ground: &Ground) -> (usize, Vec<Vec<Request>>) {
        let at_once = random.within(1, 60);
        let first = random.within(0, SYMBOLS - 1);
        let symbol = |index: usize| ground.instruments[(first + index) % SYMBOLS].clone();
        let some = |random: &mut Random, from: usize, until: usize| {
            let until = ((until as f64 * ground.scale) as usize).max(from);
            random.within(from, until)
        };
        let items: Vec<Vec<Request>> = match random.within(0, 6) {
            // Small bars of many.
            0 => {
                let count = some(random, 20, 260);
                (0..count).map(|i| vec![Request::Bars(symbol(i), bars(random, &[1, 5, 10, 15, 30]))]).collect()
            }
            // Contracts, then a minute's bars and quotes of each.
            1 => {
                let count = some(random, 30, 150);
                (0..count)
                    .map(|i| {
                        let it = symbol(i);
                        vec![
                            Request::Contract(it.symbol.clone()),
                            Request::Bars(it.clone(), bars(random, &[60, 120, 300])),
                            Request::Quote(it),
                        ]
                    })
                    .collect()
            }
            // Quotes alone.
            2 => (0..some(random, 20, 300)).map(|i| vec![Request::Quote(symbol(i))]).collect(),
            // The same again and again.
            3 => {
                let count = some(random, 1, 20);
                (0..count)
                    .map(|i| {
                        let again = Request::Bars(symbol(i), bars(random, &[5, 60, 300]));
                        vec![again; random.within(2, 5)]
                    })
                    .collect()
            }
            // Many of one contract.
            4 => {
                let count = some(random, 10, 120);
                let few = random.within(1, 6);
                (0..count).map(|i| vec![Request::Bars(symbol(i % few), bars(random, &[60, 120, 180, 300, 600]))]).collect()
            }
            // Scans.
            5 => {
                let codes = ["TOP_PERC_GAIN", "TOP_PERC_LOSE", "HIGH_OPEN_GAP", "LOW_OPEN_GAP", "HOT_BY_VOLUME", "MOST_ACTIVE"];
                (0..some(random, 3, 40)).map(|_| vec![Request::Scan(random.pick(&codes))]).collect()
            }
            // Quotes among small bars.
            _ => {
                let quotes = random.within(1, 15);
                let quotes = (0..quotes).map(|i| vec![Request::Quote(symbol(i))]);
                let count = some(random, 5, 90);
                let bars = (0..count).map(|i| vec![Request::Bars(symbol(i), bars(random, &[5, 30]))]);
                quotes.chain(bars.collect::<Vec<_>>()).collect()
            }
        };
        (at_once, items)
    }

    fn workload(&self, seed: u64) -> Workload {
        let phases = self.parts.iter().enumerate().map(|(index, (at_once, items))| {
            let items = items.iter().enumerate().map(|(item, requests)| Item {
                name: format!("{index}.{item}"),
                steps: requests.iter().map(Request::step).collect(),
            });
            Phase { name: index.to_string(), at_once: *at_once, items: items.collect() }
        });
        Workload { name: format!("plan {seed}"), phases: phases.collect() }
    }
}

/// Bars of a few minutes somewhere in what the market has.
fn bars(random: &mut Random, lengths: &[u32]) -> BarsRequest {
    let of = random.pick(&[BarsOf::Trades, BarsOf::Trades, BarsOf::Trades, BarsOf::Midpoint, BarsOf::Bid, BarsOf::BidAsk]);
    let end = yesterday(10, 30).as_second() + random.within(0, 5_000) as i64;
    let end = Timestamp::from_second(end).expect("within the calendar");
    let bar_seconds = random.pick(lengths);
    let seconds = if bar_seconds < 60 { 300 } else { 1_800 };
    BarsRequest { bar_seconds, of, regular_only: random.chance(50), seconds, end }
}

/// Who is at work: items that make their requests, one at a time each.
#[derive(Debug, Default)]
struct AtWork {
    /// Items of the part under way that are not done, and how many of them are at work at most.
    left: AtomicUsize,
    at_once: AtomicUsize,
    /// Requests of lower priority that wait besides.
    crowd: AtomicUsize,
}

impl AtWork {
    fn count(&self) -> usize {
        let part = self.left.load(Ordering::SeqCst).min(self.at_once.load(Ordering::SeqCst));
        part + self.crowd.load(Ordering::SeqCst)
    }
}

/// Jumps over the time in which nothing can happen because everyone at work waits for a turn. Answers take on the clock
/// what they take in earnest, times the clock's rate.
async fn skip_waits(clock: Arc<SimClock>, session: Arc<IbSession>, at_work: Arc<AtWork>) {
    loop {
        let pacing = session.pacing();
        let all_wait = pacing.unanswered == 0 && pacing.waiting.values().sum::<usize>() == at_work.count();
        if let Some(wait) = pacing.next_turn_in.filter(|wait| all_wait && wait.as_secs_f64() > LONG) {
            clock.advance_to(clock.now() + wait);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Makes the plan of this seed, forecasts it and carries it out; the clock runs at `rate` whenever there is work.
pub(crate) async fn carry_out(ground: &Ground, seed: u64, rate: f64) -> Outcome {
    let mut random = Random(seed);
    let plan = Plan::random(&mut random, ground);
    let workload = plan.workload(seed);
    let clock = SimClock::new(today(9, 45), rate);
    let gateway =
        Gateway::start(GatewayConfig::default(), Arc::clone(&ground.tape), Arc::clone(&clock)).await.expect("a gateway");
    let config = IbConfig { port: gateway.addr().port(), ..IbConfig::default() };
    let session = Arc::new(IbSession::connect(config, Arc::clone(&clock) as Arc<dyn Clock>).await.expect("a session"));
    let at_work = Arc::new(AtWork::default());
    let skipping = tokio::spawn(skip_waits(Arc::clone(&clock), Arc::clone(&session), Arc::clone(&at_work)));

    learn(&session, &at_work, ground, &workload).await;
    let (used, ago) = plan.before;
    let earlier = (0..used).map(|i| Request::Bars(ground.instruments[SYMBOLS - 1 - i].clone(), bars(&mut random, &[5])));
    run(&session, &at_work, 60, earlier.map(|request| vec![request]).collect()).await;
    clock.advance_to(clock.now() + ago);
    let asked_before = asked(&session);
    at_work.crowd.store(plan.crowd, Ordering::SeqCst);
    let crowd: Vec<_> = (0..plan.crowd)
        .map(|i| {
            let (session, at_work, instrument) = (Arc::clone(&session), Arc::clone(&at_work), ground.instruments[i].clone());
            let request = Request::Bars(instrument, bars(&mut random, &[60]));
            tokio::spawn(async move {
                let made = with_priority(Priority::Ingest, request.make(&session)).await;
                at_work.crowd.fetch_sub(1, Ordering::SeqCst);
                made
            })
        })
        .collect();

    // What has not come to the door yet is nothing that a forecast could know of.
    while asked(&session) < asked_before + plan.crowd as u64 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    let work = async {
        let mut failed = Vec::new();
        for (at_once, items) in plan.parts {
            failed.extend(run(&session, &at_work, at_once, items).await);
        }
        failed
    };
    let (failed, forecast, actual) = session.forecast_and_do(&workload, None, work).await;
    for task in crowd {
        task.await.expect("no panic").expect("bars");
    }
    skipping.abort();
    let complaints = session.pacing().complaints;
    session.shutdown().await;
    let stats = gateway.stats();
    gateway.shutdown().await;
    Outcome { seed, forecast, actual, rate, failed, stats, complaints }
}

/// Requests that were sent or wait for their turn.
fn asked(session: &IbSession) -> u64 {
    let pacing = session.pacing();
    pacing.sent.values().sum::<u64>() + pacing.waiting.values().sum::<usize>() as u64
}

/// Lets the session see how long answers take at this speed.
async fn learn(session: &IbSession, at_work: &AtWork, ground: &Ground, workload: &Workload) {
    let kinds: std::collections::BTreeSet<RequestKind> =
        workload.phases.iter().flat_map(|phase| &phase.items).flat_map(|item| &item.steps).map(|step| step.ask.kind()).collect();
    for kind in kinds {
        let mut random = Random(7);
        let requests = (0..9).map(|i| {
            let it = ground.instruments[SYMBOLS - 100 - i].clone();
            match kind {
                RequestKind::Contract => Request::Contract(it.symbol),
                RequestKind::Bars => Request::Bars(it, bars(&mut random, &[60])),
                RequestKind::SmallBars | RequestKind::RealTimeBars => Request::Bars(it, bars(&mut random, &[5])),
                RequestKind::Scanner => Request::Scan("TOP_PERC_GAIN"),
                _ => Request::Quote(it),
            }
        });
        run(session, at_work, 3, requests.map(|request| vec![request]).collect()).await;
    }
}

/// Makes the requests of each item one after the other, of so many items at once; what failed.
async fn run(session: &IbSession, at_work: &AtWork, at_once: usize, items: Vec<Vec<Request>>) -> Vec<String> {
    at_work.at_once.store(at_once, Ordering::SeqCst);
    at_work.left.store(items.len(), Ordering::SeqCst);
    let items: Vec<BoxFuture<'_, Vec<String>>> = items
        .into_iter()
        .map(|requests| {
            async move {
                let mut failed = Vec::new();
                for request in requests {
                    failed.extend(request.make(session).await.err());
                }
                at_work.left.fetch_sub(1, Ordering::SeqCst);
                failed
            }
            .boxed()
        })
        .collect();
    stream::iter(items).buffer_unordered(at_once).collect::<Vec<_>>().await.concat()
}

/// Carries out many plans, so many at a time.
pub(crate) async fn carry_out_all(ground: Arc<Ground>, seeds: std::ops::Range<u64>, at_once: usize, rate: f64) -> Vec<Outcome> {
    let began = Instant::now();
    let mut outcomes: Vec<Outcome> = stream::iter(seeds)
        .map(|seed| {
            let ground = Arc::clone(&ground);
            async move { tokio::spawn(async move { carry_out(&ground, seed, rate).await }).await.expect("no panic") }
        })
        .buffer_unordered(at_once)
        .collect()
        .await;
    outcomes.sort_by_key(|outcome| outcome.seed);
    println!("{} plans in {:?}", outcomes.len(), began.elapsed());
    outcomes
}
