//! Scripts drawn at random, the same for the same seed.

use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::{Farm, Fault, FaultScript, ScriptedFault, When};
use crate::error::GatewayError;

/// What a random script is drawn from.
///
/// | Name | Purpose | Range |
/// |---|---|---|
/// | `from`, `until` | nothing begins before or lasts beyond | ten minutes apart or more |
/// | `count` | faults | 1 to 10000 |
/// | `symbols` | those that faults of single symbols are aimed at; none of these faults without any | |
#[derive(Debug, Clone, PartialEq)]
pub struct RandomFaults {
    /// No fault begins before.
    pub from: Timestamp,
    /// No fault lasts beyond.
    pub until: Timestamp,
    /// How many faults.
    pub count: usize,
    /// Symbols at which faults are aimed.
    pub symbols: Vec<String>,
}

/// Shortest and longest time of a fault that lasts, seconds.
const SECONDS: (f64, f64) = (5.0, 600.0);
/// Shortest window, minutes: the longest fault fits.
const SHORTEST: i64 = 10;

impl FaultScript {
    /// A random script: the same for the same seed and the same choice.
    ///
    /// Every fault that lasts has an end within the window, so that the gateway is healthy after it; only streams killed by
    /// a flap or ended by an error have to be asked for again.
    ///
    /// ```text
    /// begin     uniform over the window, whole seconds
    /// duration  log-uniform from 5 s to 10 min; a restart takes 1 min at least
    /// family    sockets 20 %, servers 20 %, farms 20 %, streams 20 %, data 10 %, requests 10 %; each kind in it alike
    /// ```
    /// # Errors
    /// [`GatewayError::Setting`] when the choice is outside its ranges.
    pub fn random(seed: u64, choice: &RandomFaults) -> Result<Self, GatewayError> {
        let setting = |name, problem: &str| Err(GatewayError::Setting { name, problem: problem.to_owned() });
        let window = choice.until.duration_since(choice.from).as_secs();
        if window < SHORTEST * 60 {
            return setting("until", "must be ten minutes or more after `from`");
        }
        if !(1..=10_000).contains(&choice.count) {
            return setting("count", "must be between 1 and 10000");
        }
        let mut rng = StdRng::seed_from_u64(seed);
        let mut faults: Vec<(i64, Fault, Option<i64>)> = (0..choice.count)
            .map(|_| {
                let fault = draw(&mut rng, &choice.symbols);
                let lasting = (!fault.is_instant()).then(|| {
                    let (shortest, longest) = SECONDS;
                    let drawn = (shortest * (longest / shortest).powf(rng.random::<f64>())).round() as i64;
                    if fault == Fault::NightlyRestart { drawn.max(60) } else { drawn }
                });
                let latest = window - lasting.unwrap_or(0);
                (rng.random_range(0..=latest), fault, lasting)
            })
            .collect();
        // Stable: faults at the same second stay in the order in which they were drawn.
        faults.sort_by_key(|(begin, ..)| *begin);
        let scripted = |(begin, fault, lasting): (i64, Fault, Option<i64>)| ScriptedFault {
            when: When::At(choice.from.saturating_add(begin.seconds()).unwrap_or(choice.until)),
            fault,
            lasting: lasting.map(SignedDuration::from_secs),
        };
        Ok(Self { faults: faults.into_iter().map(scripted).collect() })
    }
}

fn draw(rng: &mut StdRng, symbols: &[String]) -> Fault {
    let families: [Vec<Fault>; 6] = {
        let symbol = symbols.choose(rng).cloned();
        let factor = *[0.01, 0.1, 0.4, 1.7, 3.0, 10.0, 100.0].choose(rng).unwrap_or(&3.0);
        let by = SignedDuration::from_secs(rng.random_range(-3_600..=3_600));
        let farm =
            *[Farm::MarketData, Farm::Historical, Farm::SecurityDefinition, Farm::Europe].choose(rng).unwrap_or(&Farm::Cash);
        let code = *[354, 10089, 10168].choose(rng).unwrap_or(&354);
        let bytes_per_second = rng.random_range(100..=20_000);
        let client = None;
        let of_symbol = |make: &dyn Fn(String) -> Fault| symbol.clone().map(make).into_iter();
        [
            vec![
                Fault::Refuse,
                Fault::NeverHandshake,
                Fault::KillSockets { client },
                Fault::HalfOpen { client },
                Fault::TruncatedFrame { client },
                Fault::Desync { bytes: rng.random_range(1..=8), client },
            ],
            vec![
                Fault::ConnectivityLost,
                Fault::RestoredDataLost,
                Fault::RestoredDataKept,
                Fault::ServerBroken,
                Fault::NightlyRestart,
                Fault::WeeklyLogin,
            ],
            vec![
                Fault::FarmBroken { farm },
                Fault::FarmConnecting { farm },
                Fault::FarmInactive { farm },
                Fault::FarmOk { farm },
                Fault::FarmFlap { farm },
            ],
            [Fault::Stall { client }, Fault::SlowDrip { bytes_per_second, client }]
                .into_iter()
                .chain([Fault::LiveUpdatesFailed, Fault::CompetingSession, Fault::BustEvent { symbol: None }])
                .chain(of_symbol(&|symbol| Fault::StallSymbol { symbol, client, persistent: false }))
                .chain(of_symbol(&|symbol| Fault::Halted { symbol }))
                .collect(),
            [
                Fault::UnknownMessage { count: rng.random_range(1..=50), client },
                Fault::ClockJump { by },
                Fault::DuplicateTicks { symbol: None },
                Fault::OutOfOrderTicks { symbol: None },
            ]
            .into_iter()
            .chain(of_symbol(&|symbol| Fault::Sentinels { symbol }))
            .chain(of_symbol(&|symbol| Fault::WrongPrices { symbol, factor }))
            .collect(),
            [Fault::OrdersRejected, Fault::AccountSummaryHang]
                .into_iter()
                .chain(of_symbol(&|symbol| Fault::Delisted { symbol }))
                .chain(of_symbol(&|symbol| Fault::Ambiguous { symbol }))
                .chain(of_symbol(&|symbol| Fault::NoPermission { symbol, code }))
                .collect(),
        ]
    };
    // Out of ten, as documented.
    let family = match rng.random_range(0..10) {
        0 | 1 => 0,
        2 | 3 => 1,
        4 | 5 => 2,
        6 | 7 => 3,
        8 => 4,
        _ => 5,
    };
    // No family is empty.
    families[family].choose(rng).cloned().unwrap_or(Fault::KillSockets { client: None })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn choice(minutes: i64, count: usize) -> RandomFaults {
        let from: Timestamp = "2026-03-09T08:00:00Z".parse().unwrap();
        RandomFaults { from, until: from + minutes.minutes(), count, symbols: vec!["AAPL".to_owned(), "MSFT".to_owned()] }
    }

    proptest! {
        #[test]
        fn every_fault_is_valid_and_ends_in_the_window(seed: u64, minutes in 10_i64..10_000, count in 1_usize..60) {
            let choice = choice(minutes, count);
            let script = FaultScript::random(seed, &choice).unwrap();
            prop_assert_eq!(script.faults.len(), count);
            for scripted in &script.faults {
                let When::At(at) = scripted.when else { panic!("relative") };
                prop_assert_eq!(scripted.fault.problem(scripted.lasting), None);
                prop_assert_eq!(scripted.fault.is_instant(), scripted.lasting.is_none());
                prop_assert!(choice.from <= at);
                prop_assert!(at + scripted.lasting.unwrap_or_default() <= choice.until);
            }
            // A script that failed can be kept and run again.
            let kept: FaultScript = script.to_string().parse().unwrap();
            prop_assert_eq!(&kept, &script);
            prop_assert_eq!(FaultScript::random(seed, &choice).unwrap(), script);
        }
    }

    #[test]
    fn all_families_are_drawn_as_often_as_documented() {
        let script = FaultScript::random(1, &choice(10_000, 10_000)).unwrap();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for scripted in &script.faults {
            *kinds.entry(scripted.fault.kind()).or_default() += 1;
        }
        let share = |names: &[&str]| names.iter().map(|name| kinds[*name]).sum::<usize>() as f64 / 10_000.0;
        for (names, expected) in [
            (&["refuse", "never_handshake", "kill_sockets", "half_open", "truncated_frame", "desync"][..], 0.2),
            (&["farm_broken", "farm_connecting", "farm_inactive", "farm_ok", "farm_flap"], 0.2),
            (&["orders_rejected", "account_summary_hang", "delisted", "ambiguous", "no_permission"], 0.1),
        ] {
            // Five standard deviations of a share of ten thousand.
            assert!((share(names) - expected).abs() < 0.02, "{names:?}: {}", share(names));
        }
    }

    #[test]
    fn a_choice_outside_its_ranges_is_refused() {
        assert!(FaultScript::random(1, &choice(9, 1)).is_err());
        assert!(FaultScript::random(1, &choice(10, 0)).is_err());
        let nobody = RandomFaults { symbols: Vec::new(), ..choice(60, 500) };
        assert!(FaultScript::random(1, &nobody).unwrap().faults.iter().all(|scripted| scripted.fault.symbol().is_none()));
    }
}
