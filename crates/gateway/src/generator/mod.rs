//! A market that never was, for the demonstration and the tests: a year of daily bars, a month of minute bars, and one session day
//! with known stories in it.
//!
//! Same [`MarketSpec`], same bytes, on any number of threads: every listing draws from streams of its own, named by seed, purpose
//! and symbol, and the parts are put together in order of symbol.
//!
//! # What is modelled
//! | fact | how |
//! |---|---|
//! | common movement | each return is a market, a sector and an own part; SPY is the market, QQQ the market with technology |
//! | volatility clusters | GARCH(1,1) on market, sectors and every stock |
//! | fat tails | Student t innovations, 5 degrees of freedom for days, 4 to 6 for minutes |
//! | overnight gaps | a fifth of a day's variance falls between 20:00 and 04:00, an eighth in the pre-market |
//! | busy open and close | volume and variance of a minute follow a U; the 16:00 bar holds the closing auction |
//! | thin extended hours | about 1 % of the volume before the open and 1 % after the close; minutes without trades have no bar |
//! | volume | autocorrelated from day to day, higher on volatile days, overdispersed from minute to minute; whole shares |
//! | calendar | XNYS holidays, half days and daylight saving from [`bellwether::market::Calendar`] |
//!
//! Not modelled: leverage effect, jumps of correlation, order flow, dividends, splits other than the planted ones.
//!
//! Daily bars carry the regular session's prices and, as consolidated daily bars do, the volume of the *whole* day: the post-market's
//! shares are counted in a bar that is dated to the close. Prices are raw: the planted splits are not adjusted for.
//!
//! On the session day ordinary stocks stay within 2.5 % of their close before the open, so that what a gap scan finds is what was
//! planted; [`GeneratedMarket::story`] says what that is.

mod company;
mod days;
mod factors;
mod headlines;
mod history;
mod minute_bar;
mod plan;
mod profile;
mod random;
mod script;
mod session;
mod story;
mod volatility;

use std::{num::NonZero, thread};

use bellwether::market::{Bar, Bars, BarsBuilder, InstrumentKind, Symbol};
use jiff::civil;

use company::{Company, MOST_ORDINARY, funds, ordinary};
use days::{Day, Detail, days};
use factors::Factors;
use history::{Listing, simulate};
use minute_bar::daily_of;
use script::{Scene, Script, scripts};
pub use story::{Story, StoryKind};

use crate::{
    error::GatewayError,
    tape::{Halt, Tape, TapeInstrument},
};

/// Sessions that a breakout has to pass the high of.
const BREAKOUT_SESSIONS: usize = 60;

/// What to generate.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | seed | 1 | everything random | any |
/// | symbols | 60 | stocks; SPY, QQQ and one fund that gaps come on top | 13 to 17,636 |
/// | session | 2026-03-10 | the day with the stories | a trading day from 1999 to 2035 |
/// | history_sessions | 21 | sessions before it that have minute bars | 0 to 2,000 |
///
/// The daily bars of all symbols go back 252 sessions, or `history_sessions` when those are more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketSpec {
    /// Everything random follows from it.
    pub seed: u64,
    /// Number of stocks.
    pub symbols: usize,
    /// The day with the stories.
    pub session: civil::Date,
    /// Sessions before it with minute bars.
    pub history_sessions: usize,
}

impl Default for MarketSpec {
    fn default() -> Self {
        Self { seed: 1, symbols: 60, session: civil::date(2026, 3, 10), history_sessions: 21 }
    }
}

/// A generated market and what was planted in it.
#[derive(Debug)]
pub struct GeneratedMarket {
    /// The market.
    pub tape: Tape,
    /// The stories, in a fixed order.
    pub story: Vec<Story>,
}

/// Generates a market.
///
/// # Errors
/// [`GatewayError::Setting`] for a setting outside its range or a session that is not a trading day.
pub fn generate(spec: &MarketSpec) -> Result<GeneratedMarket, GatewayError> {
    let scripts = scripts();
    let planted = scripts.iter().filter(|script| script.company.kind == InstrumentKind::Stock).count();
    if !(planted..=planted + MOST_ORDINARY).contains(&spec.symbols) {
        return Err(GatewayError::Setting {
            name: "symbols",
            problem: format!("is {}, must be {planted} (the planted stories) to {}", spec.symbols, planted + MOST_ORDINARY),
        });
    }
    if spec.history_sessions > 2_000 {
        return Err(GatewayError::Setting {
            name: "history_sessions",
            problem: format!("is {}, must be 0 to 2000", spec.history_sessions),
        });
    }
    let days = days(spec)?;
    let factors = Factors::generate(spec.seed, &days);
    let ordinary = (0..spec.symbols - planted).map(|index| ordinary(spec.seed, index));
    let mut roles: Vec<Role> = scripts.into_iter().map(Role::Planted).collect();
    roles.extend(funds().into_iter().chain(ordinary).map(Role::Ordinary));
    let listings = simulate_all(spec.seed, &roles, &days, &factors);
    assemble(spec, &roles, listings, &days)
}

/// What a listing is there for.
enum Role {
    Planted(Script),
    Ordinary(Company),
}

impl Role {
    fn company(&self) -> &Company {
        match self {
            Self::Planted(script) => &script.company,
            Self::Ordinary(company) => company,
        }
    }
}

/// Simulates every role on the threads there are; the answer is in the order of `roles`.
fn simulate_all(seed: u64, roles: &[Role], days: &[Day], factors: &Factors) -> Vec<Listing> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(roles.len()).max(1);
    let part = roles.len().div_ceil(workers);
    let mut listings: Vec<Listing> = std::iter::repeat_with(Listing::default).take(roles.len()).collect();
    thread::scope(|scope| {
        for (roles, listings) in roles.chunks(part).zip(listings.chunks_mut(part)) {
            scope.spawn(move || {
                for (role, listing) in roles.iter().zip(listings) {
                    *listing = simulate_one(seed, role, days, factors);
                }
            });
        }
    });
    listings
}

fn simulate_one(seed: u64, role: &Role, days: &[Day], factors: &Factors) -> Listing {
    let anchor = days.len().saturating_sub(2);
    let (script, session, before) = match (role, days.split_last()) {
        (Role::Planted(script), Some((session, before))) => (script, session, before),
        _ => return simulate(seed, role.company(), days, factors, anchor),
    };
    let mut listing = simulate(seed, &script.company, before, factors, anchor);
    let high = listing.daily.iter().rev().take(BREAKOUT_SESSIONS).map(|bar| bar.high).fold(0.0, f64::max);
    let previous_close = listing.daily.last().map_or(script.company.price, |bar| bar.close);
    let plan = (script.plan)(&Scene { previous_close, high, close: session.profile.close });
    let minutes = session::play(seed, &script.company, session, previous_close, &plan);
    listing.daily.extend(daily_of(&minutes, session.trading.open.as_microsecond(), session.trading.close.as_microsecond()));
    listing.minutes.extend(minutes);
    listing
}

fn assemble(spec: &MarketSpec, roles: &[Role], listings: Vec<Listing>, days: &[Day]) -> Result<GeneratedMarket, GatewayError> {
    let (mut minutes, mut daily) = (BarsBuilder::default(), BarsBuilder::default());
    let (mut instruments, mut news, mut halts, mut story) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let with_minutes = days.partition_point(|day| day.detail == Detail::Daily);
    for (index, (role, listing)) in roles.iter().zip(listings).enumerate() {
        let company = role.company();
        let symbol = Symbol::new(&company.symbol)?;
        match (role, days.last()) {
            (Role::Planted(script), Some(session)) => {
                news.extend(headlines::planted(script, &symbol, session));
                halts.extend(script.halt.map(|(from, until)| Halt {
                    symbol: symbol.clone(),
                    from: headlines::after(session, from * 60),
                    until: headlines::after(session, until * 60),
                }));
                story.push(tell(script, &symbol, &listing, session));
            }
            _ if company.kind == InstrumentKind::Stock => {
                news.extend(headlines::routine(spec.seed, company, &symbol, &days[with_minutes..]));
            }
            _ => {}
        }
        instruments.push(instrument(company, symbol.clone(), index));
        minutes.extend(&symbol, listing.minutes);
        daily.extend(&symbol, listing.daily);
    }
    let tape = Tape::new(instruments, clean(minutes)?, clean(daily)?, news, halts)?;
    Ok(GeneratedMarket { tape, story })
}

/// The contract ids of SPY and QQQ are the real ones; the others are out of the range that was in use when this was written.
fn instrument(company: &Company, symbol: Symbol, index: usize) -> TapeInstrument {
    let contract_id = match company.symbol.as_str() {
        "SPY" => 756_733,
        "QQQ" => 320_227_571,
        _ => 1_900_000_000 + i32::try_from(index).unwrap_or(0) * 37,
    };
    TapeInstrument {
        symbol,
        contract_id,
        name: company.name.clone(),
        kind: company.kind,
        primary_exchange: company.exchange.to_owned(),
        spread_bps: company.spread_bps,
        subscribed: company.subscribed,
        float_shares: company.float_shares,
    }
}

/// The bars of a builder, all of which must be good.
fn clean(builder: BarsBuilder) -> Result<Bars, GatewayError> {
    let (bars, faults) = builder.finish();
    match faults.first() {
        None => Ok(bars),
        Some(fault) => Err(GatewayError::Tape { problem: format!("generated bars of {}: {}", fault.symbol, fault.problem) }),
    }
}

/// Puts a story in words, with the numbers that came out.
fn tell(script: &Script, symbol: &Symbol, listing: &Listing, session: &Day) -> Story {
    let scan = headlines::after(session, plan::at(9, 25) * 60).as_microsecond();
    let start = session.trading.pre_open.as_microsecond();
    let before = |bar: &&Bar| bar.open_at >= start && bar.close_at <= scan;
    let premarket_volume: f64 = listing.minutes.iter().filter(before).map(|bar| bar.volume).sum();
    let last = listing.minutes.iter().rfind(before).map(|bar| bar.close);
    let sessions = &listing.daily;
    let previous_close = sessions.iter().rev().find(|bar| bar.close_at <= start).map(|bar| bar.close);
    let gap_at_0925 = last.zip(previous_close).map(|(last, close)| last / close - 1.0);
    let shown = gap_at_0925.map_or("no trade before the open".to_owned(), |gap| {
        format!("{:+.1} % at 09:25 on {premarket_volume:.0} shares", 100.0 * gap)
    });
    let text = format!("{symbol} ({}): {}; {shown}", script.company.name, script.about);
    Story { symbol: symbol.clone(), kind: script.kind, text, gap_at_0925, premarket_volume }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_change_nothing() {
        let spec = MarketSpec { symbols: 20, history_sessions: 2, ..MarketSpec::default() };
        let days = days(&spec).unwrap();
        let factors = Factors::generate(spec.seed, &days);
        let mut roles: Vec<Role> = scripts().into_iter().map(Role::Planted).collect();
        roles.extend((0..7).map(|index| Role::Ordinary(ordinary(spec.seed, index))));
        let together = simulate_all(spec.seed, &roles, &days, &factors);
        for (role, listing) in roles.iter().zip(together) {
            let alone = simulate_one(spec.seed, role, &days, &factors);
            assert_eq!((alone.minutes, alone.daily), (listing.minutes, listing.daily), "{}", role.company().symbol);
        }
    }

    #[test]
    fn tickers_do_not_repeat() {
        let scripts = scripts();
        let mut tickers: Vec<String> = scripts.iter().map(|script| script.company.symbol.clone()).collect();
        tickers.extend(funds().map(|fund| fund.symbol));
        tickers.extend((0..MOST_ORDINARY).map(|index| ordinary(1, index).symbol));
        let count = tickers.len();
        tickers.sort();
        tickers.dedup();
        assert_eq!(tickers.len(), count);
    }
}
