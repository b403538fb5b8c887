//! Tests of forecasts of the tail.

use bellwether::risk::{
    garch::Specification,
    tail::backtest::{RollingConfig, acerbi_szekely, christoffersen, christoffersen_independence, kupiec, rolling},
};

fn model(text: &str) -> Specification {
    text.parse().unwrap()
}

/// So many days, with exceedances at every `step`th.
fn every(days: usize, step: usize) -> Vec<bool> {
    (1..=days).map(|day| day % step == 0).collect()
}

#[test]
fn kupiec_counts() {
    let exact = kupiec(&every(1_000, 100), 0.01).unwrap();
    assert!(exact.statistic.abs() < 1e-12 && (exact.p_value - 1.0).abs() < 1e-6, "{exact:?}");
    // 2 (980 ln(0.98 / 0.99) + 20 ln 2) = 7.827, beyond the 1 % point of one degree of freedom (6.635).
    let twice = kupiec(&every(1_000, 50), 0.01).unwrap();
    assert!((twice.statistic - 7.827).abs() < 1e-3 && (0.005..0.006).contains(&twice.p_value), "{twice:?}");
    // None at all: 2 · 1000 · −ln(0.99) = 20.1.
    let none = kupiec(&vec![false; 1_000], 0.01).unwrap();
    assert!((none.statistic - 20.1007).abs() < 1e-3, "{none:?}");
    assert!(kupiec(&[], 0.01).is_err() && kupiec(&[true], 1.0).is_err());
}

#[test]
fn christoffersen_finds_exceedances_that_follow_each_other() {
    let spread = every(1_000, 50);
    let mut clustered = vec![false; 1_000];
    (0..20).for_each(|day| clustered[400 + day] = true);
    assert!(christoffersen_independence(&spread).unwrap().p_value > 0.2);
    assert!(christoffersen_independence(&clustered).unwrap().p_value < 1e-6);
    let (both, count) = (christoffersen(&clustered, 0.02).unwrap(), kupiec(&clustered, 0.02).unwrap());
    assert!(count.p_value > 0.9 && both.p_value < 1e-6 && both.degrees_of_freedom == 2);
    assert!(christoffersen(&[true], 0.02).is_err());
}

#[test]
fn forecasts_of_the_right_model_pass_and_of_a_wrong_one_fail() {
    let returns = model("constant garch t").simulate(&[0.05, 0.02, 0.1, 0.88, 4.0], 2_500, 3).unwrap().returns;
    let config = RollingConfig { window: 800, every: 100, ..RollingConfig::default() };
    let right = rolling(&model("constant garch t"), &returns, &config).unwrap();
    assert_eq!((right.days.len(), right.failed_fits), (1_700, 0));
    assert!(right.kupiec.p_value > 0.01 && right.christoffersen.p_value > 0.01, "{:?} {:?}", right.kupiec, right.christoffersen);
    assert!(right.acerbi_szekely.z2_p_value > 0.01, "{:?}", right.acerbi_szekely);
    let wrong = rolling(&model("constant constant normal"), &returns, &config).unwrap();
    assert!(wrong.acerbi_szekely.z1_p_value.unwrap() < 0.01, "losses beyond are larger: {:?}", wrong.acerbi_szekely);
    assert!(wrong.acerbi_szekely.z2 < right.acerbi_szekely.z2);
}

#[test]
fn a_days_forecast_knows_only_the_days_before() {
    let returns = model("constant garch t").simulate(&[0.05, 0.02, 0.1, 0.88, 6.0], 600, 3).unwrap().returns;
    let config = RollingConfig { window: 500, every: 10, ..RollingConfig::default() };
    let all = rolling(&Specification::default(), &returns, &config).unwrap();
    let mut other = returns.clone();
    other[560..].iter_mut().for_each(|value| *value *= -5.0);
    let changed = rolling(&Specification::default(), &other, &config).unwrap();
    assert_eq!(all.days[..60], changed.days[..60]);
    let (a, b) = (all.days[60], changed.days[60]);
    assert_eq!((a.value_at_risk, a.expected_shortfall), (b.value_at_risk, b.expected_shortfall), "forecast before the change");
    assert_ne!(all.days[70], changed.days[70]);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let returns = model("constant garch t").simulate(&[0.05, 0.02, 0.1, 0.88, 6.0], 300, 3).unwrap().returns;
    let with = |config: RollingConfig| rolling(&Specification::default(), &returns, &config).map(|_| ());
    assert!(with(RollingConfig { window: 300, ..RollingConfig::default() }).is_err(), "no day left");
    assert!(with(RollingConfig { window: 200, every: 0, ..RollingConfig::default() }).is_err());
    assert!(with(RollingConfig { window: 50, ..RollingConfig::default() }).unwrap_err().to_string().contains("too few"));
    assert!(acerbi_szekely(&[], "t".parse().unwrap(), 0.01, 1).is_err());
}
