//! What must hold of any model, and what becomes of unusable data.

use bellwether::risk::garch::{Innovations, Specification, arch_lm, ljung_box};
use proptest::prelude::*;

const GARCH_T: [f64; 5] = [0.05, 0.05, 0.08, 0.9, 6.0];

fn model(text: &str) -> Specification {
    text.parse().unwrap()
}

fn returns(count: usize, seed: u64) -> Vec<f64> {
    model("constant garch t").simulate(&GARCH_T, count, seed).unwrap().returns
}

/// Every volatility with every mean and distribution, with parameters that are allowed.
fn combinations() -> Vec<(Specification, Vec<f64>)> {
    let means: [(&str, &[f64]); 3] = [("zero", &[]), ("constant", &[0.05]), ("ar:2", &[0.05, 0.1, -0.05])];
    let volatilities: [(&str, &[f64]); 10] = [
        ("constant", &[1.2]),
        ("garch", &[0.05, 0.08, 0.9]),
        ("garch:2,2", &[0.05, 0.05, 0.04, 0.5, 0.35]),
        ("gjr", &[0.05, 0.03, 0.1, 0.88]),
        ("egarch", &[0.01, 0.15, -0.1, 0.95]),
        ("egarch:1,2,2", &[0.01, 0.15, -0.1, 0.03, 0.6, 0.3]),
        ("figarch", &[0.1, 0.2, 0.4, 0.45]),
        ("ewma", &[]),
        ("ewma:fit", &[0.95]),
        ("riskmetrics2006", &[]),
    ];
    let distributions: [(&str, &[f64]); 4] = [("normal", &[]), ("t", &[6.0]), ("skewt", &[6.0, -0.2]), ("ged", &[1.4])];
    let mut all = Vec::new();
    for (mean, of_mean) in means {
        for (volatility, of_volatility) in volatilities {
            for (distribution, shape) in distributions {
                let model = model(&format!("{mean} {volatility} {distribution}"));
                all.push((model, [of_mean, of_volatility, shape].concat()));
            }
        }
    }
    all
}

#[test]
fn every_combination_is_evaluated_fitted_forecast_and_drawn() {
    let series = returns(400, 3);
    for (model, parameters) in combinations() {
        let given = model.at(&parameters, &series).unwrap_or_else(|error| panic!("{error}"));
        assert!(given.log_likelihood.is_finite(), "{model}");
        let forecast = given.forecast(5, 1).unwrap();
        assert!(forecast.variance.iter().all(|variance| *variance > 0.0), "{model}: {forecast:?}");
        let tails = [0.01, 0.05].map(|level| given.tail_risk(level).unwrap());
        assert!(tails[0].value_at_risk > tails[1].value_at_risk, "{model}: {tails:?}");
        assert!(tails.iter().all(|tail| tail.expected_shortfall > tail.value_at_risk), "{model}: {tails:?}");
        // What the model expects is what its paths bring on average.
        let paths = given.paths(5, 4_000, Innovations::Distribution, 5).unwrap();
        let simulated: f64 = paths.variances.iter().skip(1).step_by(5).sum::<f64>() / 4_000.0;
        assert!((simulated / forecast.variance[1] - 1.0).abs() < 0.1, "{model}: {simulated} for {:?}", forecast.variance);
    }
}

#[test]
fn a_fit_is_at_least_as_likely_as_what_simulated_it() {
    for (model, parameters) in combinations().into_iter().filter(|(model, _)| model.mean.to_string() != "ar:2") {
        let level = matches!(model.volatility.to_string().as_str(), "EWMA(0.94)" | "EWMA" | "RiskMetrics 2006");
        // A moving average has no level of its own: what it simulates dies out.
        let series = if level { returns(600, 4) } else { model.simulate(&parameters, 600, 4).unwrap().returns };
        let fitted = model.fit(&series).unwrap_or_else(|error| panic!("{error}"));
        let given = model.at(&parameters, &series).unwrap();
        assert!(
            fitted.log_likelihood >= given.log_likelihood - 1e-6,
            "{model}: {} < {}",
            fitted.log_likelihood,
            given.log_likelihood
        );
        // Higher orders may leave a direction in which the likelihood is flat: then there is no standard error, of either kind.
        let errors = fitted.parameters.iter().filter(|parameter| parameter.std_err_classic.is_some()).count();
        let robust = fitted.parameters.iter().filter(|parameter| parameter.std_err_robust.is_some()).count();
        // Of a mean under shocks with a peak there is none.
        let peaked = if model.distribution.to_string() == "ged" { model.parameter_names().unwrap().len() } else { 0 };
        let bound = peaked + fitted.report.as_ref().unwrap().at_bound.len();
        let orders = model.volatility.to_string().contains(",2)");
        assert!(errors == robust && (orders || errors + bound >= fitted.parameters.len()), "{model}: {:?}", fitted.parameters);
    }
}

/// Of 200 series drawn from a model, 95 % intervals should hold the parameter about 95 times in a hundred.
#[test]
fn intervals_cover_the_parameters_that_were_simulated() {
    let cases: [(&str, &[f64]); 3] = [
        ("constant garch t", &[0.05, 0.05, 0.1, 0.85, 6.0]),
        ("constant gjr normal", &[0.05, 0.05, 0.05, 0.1, 0.85]),
        ("constant egarch t", &[0.05, 0.01, 0.15, -0.1, 0.95, 7.0]),
    ];
    for (name, parameters) in cases {
        let model = model(name);
        let names = model.parameter_names().unwrap();
        let mut inside = vec![0_usize; names.len()];
        let mut fits = 0;
        for seed in 0..200 {
            let series = model.simulate(parameters, 2_000, 1_000 + seed).unwrap().returns;
            let fitted = model.fit(&series).unwrap();
            fits += 1;
            for (count, (parameter, truth)) in inside.iter_mut().zip(fitted.parameters.iter().zip(parameters)) {
                let error = parameter.std_err_classic.unwrap_or(f64::INFINITY);
                *count += usize::from((parameter.value - truth).abs() <= 1.96 * error);
            }
        }
        for (name_of, count) in names.iter().zip(&inside) {
            let share = *count as f64 / f64::from(fits);
            println!("{name} {name_of}: {share}");
            assert!((0.90..=0.99).contains(&share), "{name} {name_of}: {share}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn only_the_unit_follows_the_scale(exponent in -8.0_f64..6.0, seed in 0_u64..50) {
        let series = returns(500, seed);
        let scale = 10_f64.powf(exponent);
        let scaled: Vec<f64> = series.iter().map(|value| value * scale).collect();
        for name in ["constant garch t", "zero gjr skewt", "constant egarch normal"] {
            let (plain, other) = (model(name).fit(&series).unwrap(), model(name).fit(&scaled).unwrap());
            let expected = plain.log_likelihood - series.len() as f64 * scale.ln();
            prop_assert!((other.log_likelihood - expected).abs() < 1e-5 * expected.abs(), "{} {} {}", name, other.log_likelihood, expected);
            let (a, b) = (plain.volatilities[499] * scale, other.volatilities[499]);
            prop_assert!((a / b - 1.0).abs() < 2e-3, "{name}: {a} {b}");
        }
    }

    #[test]
    fn nothing_later_changes_a_number(cut in 200_usize..600, seed in 0_u64..50) {
        let series = returns(600, seed);
        let mut other = series[..cut].to_vec();
        other.extend(series[cut..].iter().map(|value| value * 10.0 + 3.0));
        let model = model("zero gjr t");
        let parameters = [0.05, 0.03, 0.1, 0.88, 6.0];
        let (a, b) = (model.at(&parameters, &series).unwrap(), model.at(&parameters, &other).unwrap());
        prop_assert_eq!(&a.volatilities[..cut], &b.volatilities[..cut]);
    }
}

#[test]
fn unusable_returns_are_named() {
    let model = Specification::default();
    let refused = |series: &[f64]| model.fit(series).unwrap_err().to_string();
    let mut broken = returns(500, 1);
    broken[41] = f64::NAN;
    assert!(refused(&broken).contains("return 42 of 500 is NaN"), "{}", refused(&broken));
    broken[41] = f64::INFINITY;
    assert!(refused(&broken).contains("return 42 of 500 is inf"));
    assert!(refused(&returns(60, 1)).contains("60 returns are too few: 100 at least"), "{}", refused(&returns(60, 1)));
    assert!(refused(&vec![0.1; 500]).contains("do not vary"), "rounding is not variation");
    assert!(refused(&vec![0.0; 500]).contains("do not vary"));
    assert!(refused(&[]).contains("too few"));
    assert!(
        refused(&vec![1e200; 500].iter().enumerate().map(|(i, x)| x * (i as f64)).collect::<Vec<_>>()).contains("as large as")
    );
}

#[test]
fn odd_returns_are_fitted_with_a_note() {
    let tiny: Vec<f64> = returns(500, 1).iter().map(|value| value * 1e-8).collect();
    let fitted = Specification::default().fit(&tiny).unwrap();
    assert!(fitted.report.unwrap().notes[0].contains("standard deviation"));
    let mut split = returns(500, 1);
    split[200] = -90.0;
    let fitted = Specification::default().fit(&split).unwrap();
    assert!(fitted.report.unwrap().notes[0].contains("return 201 is -90.0000"));
    let stale: Vec<f64> = returns(900, 1).iter().enumerate().map(|(at, value)| if at % 3 == 0 { *value } else { 0.0 }).collect();
    let refused = Specification::default().fit(&stale).unwrap_err().to_string();
    assert!(refused.contains("600 of 900 returns are 0: the series looks stale"), "{refused}");
}

#[test]
fn parameters_that_are_not_allowed_are_named() {
    let series = returns(200, 1);
    let refused = |name: &str, parameters: &[f64]| model(name).at(parameters, &series).unwrap_err().to_string();
    assert!(refused("constant garch t", &[0.0; 4]).contains("4 parameters for 5: mu, omega, alpha[1], beta[1], nu"));
    assert!(refused("constant garch t", &[0.0, 0.1, -0.1, 0.9, 6.0]).contains("must not be negative"));
    assert!(refused("constant garch t", &[0.0, 0.1, 0.1, 0.8, 2.0]).contains("nu is 2"));
    assert!(refused("constant egarch normal", &[0.0, 0.1, 0.1, 0.0, 1.0]).contains("less than 1"));
    assert!(refused("zero figarch normal", &[0.1, 0.4, 0.5, 0.2]).contains("phi <= (1 - d)/2"));
    assert!("constant garch cauchy".parse::<Specification>().unwrap_err().to_string().contains("normal, t, skewt, ged"));
    assert!("constant garch:0,1 t".parse::<Specification>().is_err());
    assert!("constant arch t".parse::<Specification>().is_err());
}

#[test]
fn the_same_seed_draws_the_same() {
    let fitted = Specification::default().fit(&returns(500, 1)).unwrap();
    let draw = |seed| fitted.paths(5, 100, Innovations::Bootstrap, seed).unwrap();
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}

#[test]
fn tests_of_residuals_find_what_is_there() {
    let noise = model("zero constant normal").simulate(&[1.0], 2_000, 1).unwrap().returns;
    let clustered = model("zero garch normal").simulate(&[0.05, 0.2, 0.75], 2_000, 1).unwrap().returns;
    let trending = model("ar:1 constant normal").simulate(&[0.0, 0.2, 1.0], 2_000, 1).unwrap().returns;
    assert!(ljung_box(&noise, 10).unwrap().p_value > 0.05 && arch_lm(&noise, 10).unwrap().p_value > 0.05);
    assert!(arch_lm(&clustered, 10).unwrap().p_value < 1e-6);
    assert!(ljung_box(&trending, 10).unwrap().p_value < 1e-6);
    assert!(ljung_box(&noise, 0).is_err() && ljung_box(&[1.0; 50], 5).is_err());
}
