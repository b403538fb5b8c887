//! Value at risk and expected shortfall of positions.

use bellwether::risk::{
    garch::Specification,
    tail::{Method, PortfolioRisk, Position, TailConfig, tail_risk},
};

fn draw(model: &str, parameters: &[f64], count: usize, seed: u64) -> Vec<f64> {
    model.parse::<Specification>().unwrap().simulate(parameters, count, seed).unwrap().returns
}

fn normal(count: usize, seed: u64) -> Vec<f64> {
    draw("constant constant normal", &[0.1, 4.0], count, seed)
}

fn measure(held: &[(f64, &[f64])], config: TailConfig) -> PortfolioRisk {
    let names = ["A", "B", "C"];
    let positions: Vec<Position<'_>> =
        held.iter().zip(names).map(|((value, returns), name)| Position { name, value: *value, returns }).collect();
    tail_risk(&positions, &config).unwrap()
}

fn by(method: Method) -> TailConfig {
    TailConfig { method, level: 0.025, ..TailConfig::default() }
}

const ALL: [fn() -> Method; 5] = [
    || Method::Parametric("normal".parse().unwrap()),
    || Method::Parametric("t".parse().unwrap()),
    || Method::Historical,
    || Method::Filtered(Specification::default()),
    || Method::Copula(Specification::default()),
];

#[test]
fn all_methods_agree_where_returns_are_normal_and_independent() {
    let (a, b) = (normal(3_000, 1), normal(3_000, 2));
    // Two positions of standard deviation 2 and mean 0.1 each.
    let (mean, deviation) = (0.2, 8.0_f64.sqrt());
    let (var, es) = (1.959_964 * deviation - mean, 2.337_803 * deviation - mean);
    for method in ALL {
        let found = measure(&[(1.0, &a), (1.0, &b)], by(method()));
        assert!((found.together.value_at_risk / var - 1.0).abs() < 0.08, "{:?}: {found:?} for {var}", method());
        assert!((found.together.expected_shortfall / es - 1.0).abs() < 0.08, "{:?}: {found:?} for {es}", method());
        assert!((found.diversification.unwrap() - (1.0 - 0.5_f64.sqrt())).abs() < 0.06, "{:?}: {found:?}", method());
    }
}

#[test]
fn losses_scale_with_what_is_held_and_hedges_cancel() {
    let (a, b) = (normal(1_500, 1), normal(1_500, 2));
    for method in ALL {
        let one = measure(&[(1.0, &a), (2.0, &b)], by(method()));
        let ten = measure(&[(10.0, &a), (20.0, &b)], by(method()));
        assert!((ten.together.value_at_risk / one.together.value_at_risk - 10.0).abs() < 1e-3, "{:?}", method());
        let exchanged = measure(&[(2.0, &b), (1.0, &a)], by(method()));
        let same = (exchanged.alone[1].value_at_risk / one.alone[0].value_at_risk - 1.0).abs();
        // Draws of a copula go to the positions in their order.
        assert!(same < if matches!(method(), Method::Copula(_)) { 0.05 } else { 1e-9 }, "{:?}: {same}", method());
        let twice = measure(&[(1.0, &a), (1.0, &a)], by(method()));
        // A correlation of one is no copula's: it is pulled a little below.
        let slack = if matches!(method(), Method::Copula(_)) { 0.02 } else { 2e-3 };
        assert!(twice.diversification.unwrap().abs() < slack, "{:?}: {twice:?}", method());
    }
    for method in [Method::Historical, Method::Filtered(Specification::default())] {
        let hedged = measure(&[(1.0, &a), (-1.0, &a)], by(method));
        assert!(hedged.together.expected_shortfall.abs() < 1e-9, "{method:?}: {hedged:?}");
    }
}

#[test]
fn after_a_storm_the_filtered_tail_is_wider_than_the_historical() {
    let mut returns = normal(1_500, 1);
    returns.extend(normal(60, 2).iter().map(|value| 3.0 * value));
    let of = |method| measure(&[(1.0, &returns)], by(method)).together.value_at_risk;
    assert!(of(Method::Filtered(Specification::default())) > 1.5 * of(Method::Historical));
}

#[test]
fn a_t_copula_sees_joint_crashes() {
    let market = draw("constant constant t", &[0.0, 1.0, 3.0], 2_000, 5);
    let own = draw("constant constant t", &[0.0, 1.0, 3.0], 2_000, 6);
    let mixed: Vec<f64> = market.iter().zip(&own).map(|(market, own)| 0.8 * market + 0.6 * own).collect();
    let found =
        measure(&[(1.0, &market), (1.0, &mixed)], TailConfig { level: 0.01, ..by(Method::Copula(Specification::default())) });
    assert!(found.diversification.unwrap() < 0.15, "{found:?}");
    assert_eq!(
        found,
        measure(&[(1.0, &market), (1.0, &mixed)], TailConfig { level: 0.01, ..by(Method::Copula(Specification::default())) })
    );
}

#[test]
fn longer_horizons_lose_more() {
    let a = normal(1_000, 1);
    for method in ALL {
        let of = |horizon| measure(&[(1.0, &a)], TailConfig { horizon, ..by(method()) }).together.expected_shortfall;
        let ratio = of(10) / of(1);
        assert!((2.2..4.0).contains(&ratio), "{:?}: {ratio}, about the root of ten", method());
    }
}

#[test]
fn what_cannot_be_measured_is_named() {
    let (a, b) = (normal(500, 1), normal(499, 2));
    let refused = |held: &[(&str, f64, &[f64])], config: TailConfig| {
        let positions: Vec<_> = held.iter().map(|(name, value, returns)| Position { name, value: *value, returns }).collect();
        tail_risk(&positions, &config).unwrap_err().to_string()
    };
    let config = TailConfig::default();
    assert!(refused(&[], config).contains("no position"));
    assert!(refused(&[("A", 1.0, &a), ("B", 1.0, &b)], config).contains("B: 499 returns where A has 500"));
    assert!(refused(&[("A", f64::NAN, &a)], config).contains("value is NaN"));
    assert!(refused(&[("A", 1.0, &[f64::NAN; 300])], config).contains("return 1 is NaN"));
    assert!(refused(&[("A", 1.0, &a[..50])], config).contains("too few"));
    assert!(refused(&[("A", 1.0, &[0.5; 300])], config).contains("do not vary"));
    assert!(refused(&[("A", 1.0, &a)], TailConfig { level: 0.0, ..config }).contains("`level` is 0"));
    assert!(refused(&[("A", 1.0, &a)], TailConfig { horizon: 0, ..config }).contains("`horizon` is 0"));
    assert!(refused(&[("A", 1.0, &a)], TailConfig { level: 0.99, ..config }).contains("`level` is 0.99"));
    let huge = TailConfig { paths: 10_000_000, horizon: 250, ..config };
    assert!(refused(&[("A", 1.0, &a)], huge).contains("at most 50 million draws"));
}
