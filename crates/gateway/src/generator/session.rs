//! A planted stock's session day from its [`Plan`].

use bellwether::market::Bar;

use super::{
    company::Company,
    days::Day,
    history::{flat, shares},
    minute_bar::{self, Minute, settle},
    plan::Plan,
    profile::OPEN,
    random::{HeavyTailed, busyness, count, normal, stream},
};

/// How much of its distance from the planned path a price keeps from one minute to the next.
const PERSISTENCE: f64 = 0.85;

/// Draws the minutes with trades. Prices wander about the planned path by an autoregression with the plan's noise:
///
/// ```text
/// x[m] = 0.85 x[m−1] + noise · sqrt(1 − 0.85²) · t_4 / sd(t_4)
/// ```
pub(super) fn play(seed: u64, company: &Company, day: &Day, previous_close: f64, plan: &Plan) -> Vec<Bar> {
    let profile = &day.profile;
    let start = day.trading.pre_open.as_microsecond();
    let mut rng = stream(seed, "session", &company.symbol);
    let tails = HeavyTailed::new(4.0);
    let shock = plan.noise * (1.0 - PERSISTENCE * PERSISTENCE).sqrt();
    let volume = company.daily_volume * (0.12 * normal(&mut rng)).exp();
    let mut bars: Vec<Bar> = Vec::with_capacity(profile.len());
    if let Some(prints) = &plan.prints {
        let print = |(minute, change, shares): &(usize, f64, f64)| {
            settle(flat(start, *minute, previous_close * (1.0 + change), *shares, 1.0), 1.0)
        };
        bars.extend(prints.iter().map(print));
    }
    let mut wander = 0.0;
    for minute in 0..profile.len() {
        let from = plan.level(minute) + wander;
        wander = PERSISTENCE * wander + shock * tails.draw(&mut rng).clamp(-4.0, 4.0);
        let to = plan.level(minute + 1) + wander;
        let expected = volume * profile.volume[minute] * plan.pace(minute) * busyness(&mut rng, 2)
            + plan.surge(minute) * busyness(&mut rng, 3);
        let trades = count(&mut rng, expected / company.trade_size);
        let auction = minute == OPEN || minute == profile.close;
        let unplanned = plan.prints.is_some() && minute < OPEN;
        if unplanned || plan.silent(minute) || (trades == 0.0 && !auction) {
            continue;
        }
        let trades = trades.max(1.0);
        let shares = shares(&mut rng, expected, trades, company.trade_size);
        let last = bars.last().map(|bar| bar.close);
        let bar = match last.filter(|_| minute == profile.close) {
            Some(close) => flat(start, minute, close, shares, trades),
            None => {
                let moment = Minute {
                    open_at: start + minute as i64 * 60_000_000,
                    from: previous_close * from.exp(),
                    to: previous_close * to.exp(),
                    sigma: 0.7 * shock,
                    spread: company.spread_bps / 1e4,
                    trades,
                    volume: shares,
                };
                minute_bar::draw(&moment, &mut rng)
            }
        };
        bars.push(settle(bar, 1.0));
    }
    bars
}
