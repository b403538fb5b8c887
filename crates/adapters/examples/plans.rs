//! A thousand random plans, forecast and carried out against the simulated gateway: how far off the forecasts were, and how
//! many limits were violated.
//!
//! ```text
//! cargo run --example plans [plans] [at a time] [first seed] [speed of the clock where it does not jump]
//! ```

#![allow(clippy::unwrap_used, reason = "what an example sets up may panic")]
#![allow(dead_code, reason = "shared with the tests")]

#[path = "../tests/ib/random_plans.rs"]
mod random_plans;
#[path = "../tests/ib/wide_market.rs"]
mod wide_market;

use random_plans::{ALLOWANCE, Ground, Outcome, carry_out_all};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<f64>().expect("a number"));
    let plans = arguments.next().unwrap_or(1_000.0) as u64;
    let at_once = arguments.next().unwrap_or(24.0) as usize;
    let first = arguments.next().unwrap_or(0.0) as u64;
    let rate = arguments.next().unwrap_or(0.25);
    let outcomes = carry_out_all(Ground::new(1.0), first..first + plans, at_once, rate).await;

    let violated: Vec<u64> = outcomes.iter().filter(|it| !it.stats.violations.is_empty()).map(|it| it.seed).collect();
    let violations: u64 = outcomes.iter().flat_map(|it| it.stats.violations.values()).sum();
    let failed: usize = outcomes.iter().map(|it| it.failed.len()).sum();
    let complaints: u64 = outcomes.iter().map(|it| it.complaints).sum();
    let requests: usize = outcomes.iter().flat_map(|it| it.forecast.requests.values()).sum();
    let simulated: f64 = outcomes.iter().map(|it| it.actual.as_secs_f64()).sum();
    println!("{:.1} hours on the clock", simulated / 3_600.0);
    println!("{requests} requests, {violations} violations {violated:?}, {complaints} complaints, {failed} requests failed");

    for it in outcomes.iter().filter(|it| !it.failed.is_empty()).take(5) {
        println!("plan {}: {} failed, the first: {}", it.seed, it.failed.len(), it.failed[0]);
    }
    let paced: Vec<&Outcome> = outcomes.iter().filter(|it| it.is_paced()).collect();
    let others: Vec<&Outcome> = outcomes.iter().filter(|it| !it.is_paced()).collect();
    if outcomes.len() == 1 {
        println!("{:#?}", outcomes[0].forecast);
    }
    tell("decided by pacing", &paced);
    tell("decided by answers", &others);
    println!("allowance besides the tenth: {ALLOWANCE:?} of real time");
    let mut worst: Vec<&Outcome> = outcomes.iter().collect();
    worst.sort_by(|a, b| b.error().total_cmp(&a.error()));
    for it in worst.iter().take(12) {
        let (predicted, actual) = (it.predicted(), it.actual.as_secs_f64());
        let (error, real, bottleneck) = (100.0 * it.error(), it.real_error(), &it.forecast.bottleneck);
        println!(
            "plan {}: {predicted:.1} s predicted, {actual:.1} s taken ({error:.1} % off, {real:.0?} real, rate {:.2}); {bottleneck}",
            it.seed, it.rate
        );
    }
}

fn tell(what: &str, outcomes: &[&Outcome]) {
    if outcomes.is_empty() {
        return;
    }
    let mut errors: Vec<f64> = outcomes.iter().map(|it| it.error()).collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| 100.0 * errors[((errors.len() - 1) as f64 * share) as usize];
    let within = outcomes.iter().filter(|it| it.error() < 0.1).count();
    let kept = outcomes.iter().filter(|it| it.error() < 0.1 || it.real_error() <= ALLOWANCE).count();
    println!(
        "{} plans {what}: error median {:.2} %, 90 % below {:.2} %, 99 % below {:.2} %, worst {:.2} %; {within} within a tenth, {kept} \
         within a tenth or the allowance",
        outcomes.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    );
}
