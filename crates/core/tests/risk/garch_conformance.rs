//! Every fit against what `arch` makes of the same series.
//!
//! The committed fixtures are made by `fixtures/risk/generate_garch.py`; more are read where they lie beside the project.

use std::path::{Path, PathBuf};

use bellwether::{
    frames::read_table,
    risk::garch::{Distribution, Fitted, Har, Mean, Specification, Volatility, arch_lm, ljung_box},
};
use polars::prelude::*;
use serde_json::Value;

/// Numbers of a column, without the empty rows before the first.
fn column(path: &Path, name: &str) -> Vec<f64> {
    let table = read_table(path).unwrap();
    let column = table.column(name).unwrap().cast(&DataType::Float64).unwrap();
    let values = column.f64().unwrap().iter().map(|value| value.unwrap_or(f64::NAN));
    values.skip_while(|value| value.is_nan()).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// `GJR-GARCH(1,1,2)` as `gjr:1,1,2`.
fn volatility(name: &str) -> Volatility {
    if name == "FIGARCH(1,d,1)" {
        return Volatility::Figarch;
    }
    let (family, orders) = name.trim_end_matches(')').split_once('(').unwrap();
    let family = family.to_lowercase();
    format!("{}:{orders}", family.strip_suffix("-garch").unwrap_or(&family)).parse().unwrap()
}

fn model(fit: &Value) -> Specification {
    let mean = match fit["mean"].as_str().unwrap() {
        "AR" => Mean::Autoregressive(2),
        other => other.to_lowercase().parse().unwrap(),
    };
    Specification {
        mean,
        volatility: volatility(fit["model"].as_str().unwrap()),
        distribution: fit["dist"].as_str().unwrap().parse().unwrap(),
    }
}

fn given(model: &Specification, parameters: &Value) -> Vec<f64> {
    model.parameter_names().unwrap().iter().map(|name| parameters[name].as_f64().unwrap()).collect()
}

/// Complaints about one series.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn close(&mut self, what: &str, found: f64, expected: f64, tolerance: f64) {
        if found.is_nan() || (found - expected).abs() > tolerance * expected.abs() {
            self.0.push(format!("{what}: {found}, expected {expected} (off by {:.1e})", (found / expected - 1.0).abs()));
        }
    }

    fn all_close(&mut self, what: &str, found: &[f64], expected: &Value, tolerance: f64) {
        let expected = numbers(expected);
        assert_eq!(found.len(), expected.len(), "{what}");
        for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
            self.close(&format!("{what} {at}"), *found, expected, tolerance);
        }
    }
}

fn last<T>(values: &[T], count: usize) -> &[T] {
    &values[values.len() - count..]
}

fn check_fixed(complaints: &mut Complaints, label: &str, model: Specification, returns: &[f64], fixed: &Value) {
    let found = model.at(&given(&model, &fixed["params"]), returns).unwrap();
    complaints.close(&format!("{label} fixed likelihood"), found.log_likelihood, fixed["loglikelihood"].as_f64().unwrap(), 1e-8);
    complaints.all_close(&format!("{label} fixed first"), &found.volatilities[..10], &fixed["cond_vol_first10"], 1e-7);
    complaints.all_close(&format!("{label} fixed last"), last(&found.volatilities, 10), &fixed["cond_vol_last10"], 1e-7);
    complaints.close(
        &format!("{label} fixed sum"),
        found.volatilities.iter().sum(),
        fixed["cond_vol_sum"].as_f64().unwrap(),
        1e-7,
    );
}

/// What follows from parameters is compared where they agree.
fn check_consequences(complaints: &mut Complaints, label: &str, found: &Fitted, expected: &Value) {
    complaints.all_close(&format!("{label} volatility"), last(&found.volatilities, 10), &expected["cond_vol_last10"], 1e-3);
    let forecast = found.forecast(10, 1).unwrap();
    match expected.get("forecast_variance_h1_10") {
        Some(variances) => complaints.all_close(&format!("{label} forecast"), &forecast.variance, variances, 1e-3),
        None => {
            let simulated = &expected["forecast_variance_h1_10_simulated_50k"];
            complaints.all_close(&format!("{label} simulated forecast"), &forecast.variance, simulated, 0.03);
            let analytic = expected["forecast_variance_h1_analytic"][0].as_f64().unwrap();
            complaints.close(&format!("{label} forecast of one step"), forecast.variance[0], analytic, 1e-3);
        }
    }
    for (level, risk) in expected["risk_next_day"].as_object().unwrap() {
        let tail = found.tail_risk(level.parse().unwrap()).unwrap();
        complaints.close(&format!("{label} VaR {level}"), tail.value_at_risk, risk["VaR"].as_f64().unwrap(), 1e-3);
        complaints.close(&format!("{label} ES {level}"), tail.expected_shortfall, risk["ES"].as_f64().unwrap(), 1e-3);
    }
}

/// Whether the likelihood has a corner at every mean at which a residual is zero: its top is a ridge of corners, nearly flat.
fn on_a_ridge(model: &Specification) -> bool {
    matches!(model.volatility, Volatility::Egarch { .. }) && model.mean != Mean::Zero
}

/// Whether the maximum sits in a corner: there the peer's numerical curvature is that of the corner.
fn in_a_corner(found: &Fitted) -> bool {
    on_a_ridge(&found.model)
        && found.residuals.iter().zip(&found.volatilities).any(|(residual, volatility)| residual.abs() < 1e-4 * volatility)
}

fn check_fit(complaints: &mut Complaints, label: &str, model: Specification, returns: &[f64], expected: &Value) {
    let found = match model.fit(returns) {
        Ok(found) => found,
        Err(error) => return complaints.0.push(format!("{label}: {error}")),
    };
    let report = found.report.as_ref().unwrap();
    let (value, reference_value) = (found.log_likelihood, expected["loglikelihood"].as_f64().unwrap());
    if value < reference_value - 1e-6 * reference_value.abs() {
        complaints.0.push(format!("{label}: likelihood {value} below {reference_value}; {report:?}"));
    }
    if (value - reference_value).abs() > 1e-6 * reference_value.abs() || !report.at_bound.is_empty() {
        return;
    }
    let (ridge, corner) = (on_a_ridge(&model), in_a_corner(&found));
    for parameter in &found.parameters {
        let (name, reference) = (&parameter.name, expected["params"][&parameter.name].as_f64().unwrap());
        let shape = name == "nu" || name == "eta";
        let allowed = if shape { 1e-2 * reference } else { f64::max(1e-3 * reference.abs(), 1e-4) };
        let of_mean = name == "mu" || name == "Const" || name.starts_with("y[");
        if ridge && of_mean && value >= reference_value {
            continue; // Ours is the higher point of the ridge.
        }
        if (parameter.value - reference).abs() > allowed {
            complaints.0.push(format!("{label} {name}: {}, expected {reference}", parameter.value));
        }
        // The density of a peaked generalised error has no second derivative at zero: the peer's is that of its step.
        if corner || (of_mean && model.distribution == Distribution::Ged) {
            continue;
        }
        for (kind, error) in [("robust", parameter.std_err_robust), ("classic", parameter.std_err_classic)] {
            let reference = expected[format!("std_err_{kind}")][name].as_f64().unwrap();
            complaints.close(&format!("{label} {name} {kind} error"), error.unwrap_or(f64::NAN), reference, 0.02);
        }
    }
    check_consequences(complaints, label, &found, expected);
}

fn check_averages(complaints: &mut Complaints, returns: &[f64], reference: &Value) {
    let of = |volatility: &str| Specification {
        mean: Mean::Zero,
        volatility: volatility.parse().unwrap(),
        distribution: "normal".parse().unwrap(),
    };
    let mut compare = |label: &str, volatility: &str, expected: &Value| {
        let found = of(volatility).at(&[], returns).unwrap();
        complaints.close(&format!("{label} likelihood"), found.log_likelihood, expected["loglikelihood"].as_f64().unwrap(), 1e-8);
        complaints.all_close(&format!("{label} first"), &found.volatilities[..5], &expected["cond_vol_first5"], 1e-8);
        complaints.all_close(&format!("{label} last"), last(&found.volatilities, 10), &expected["cond_vol_last10"], 1e-8);
        let next = found.forecast(1, 0).unwrap().variance[0];
        complaints.close(&format!("{label} next"), next, expected["forecast_var_h1"].as_f64().unwrap(), 1e-8);
    };
    for (decay, expected) in reference["ewma_arch"].as_object().unwrap() {
        compare(&format!("EWMA {decay}"), &format!("ewma:{decay}"), expected);
    }
    compare("RiskMetrics 2006", "riskmetrics2006", &reference["riskmetrics2006_arch"]);
}

fn check_har(complaints: &mut Complaints, realised: &[f64], expected: &Value) {
    let found = Har.fit(realised).unwrap();
    assert_eq!(found.observations as f64, expected["nobs"].as_f64().unwrap());
    for parameter in &found.parameters {
        let name = &parameter.name;
        complaints.close(&format!("HAR {name}"), parameter.value, expected["params"][name].as_f64().unwrap(), 1e-7);
        let error = expected["std_err_hac22"][name].as_f64().unwrap();
        complaints.close(&format!("HAR {name} error"), parameter.std_err_robust.unwrap(), error, 1e-6);
    }
    complaints.close("HAR ssr", found.sum_of_squares, expected["ssr"].as_f64().unwrap(), 1e-7);
    complaints.close("HAR R²", found.r_squared, expected["rsquared"].as_f64().unwrap(), 1e-7);
    complaints.close("HAR next", found.forecast(1)[0], expected["forecast_next"].as_f64().unwrap(), 1e-7);
}

fn check_residual_tests(complaints: &mut Complaints, returns: &[f64], expected: &Value) {
    for (name, found) in [("ljung_box", ljung_box(returns, 10)), ("arch_lm", arch_lm(returns, 10))] {
        let (found, expected) = (found.unwrap(), numbers(&expected[name]));
        complaints.close(name, found.statistic, expected[0], 1e-9);
        // Tiny probabilities lose digits in one minus one.
        if (found.p_value - expected[1]).abs() > 1e-9 {
            complaints.0.push(format!("{name}: probability {}, expected {}", found.p_value, expected[1]));
        }
    }
}

/// Compares one series; gives the number of fits.
fn check(folder: &Path, series: &str) -> usize {
    let returns = column(&folder.join(format!("{series}.input.parquet")), "ret_pct");
    let reference: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{series}.json"))).unwrap()).unwrap();
    assert_eq!(returns.len() as f64, reference["nobs"].as_f64().unwrap());
    let mut complaints = Complaints::default();
    let fits = reference["fits"].as_array().unwrap();
    for fit in fits {
        let model = model(fit);
        let label = format!("{series} {model}");
        check_fixed(&mut complaints, &label, model, &returns, &fit["fixed"]);
        check_fit(&mut complaints, &label, model, &returns, fit);
    }
    check_averages(&mut complaints, &returns, &reference);
    if reference.get("residual_tests").is_some() {
        check_residual_tests(&mut complaints, &returns, &reference["residual_tests"]);
    }
    let realised = folder.join(format!("{series}.realised.parquet"));
    if realised.exists() {
        check_har(&mut complaints, &column(&realised, "rv"), &reference["har"]);
    }
    assert!(complaints.0.is_empty(), "{} complaints:\n{}", complaints.0.len(), complaints.0.join("\n"));
    fits.len()
}

#[test]
fn generated_series_agree_with_arch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/risk");
    assert_eq!(check(&folder, "calm") + check(&folder, "leaning"), 62);
}

#[test]
fn real_series_agree_with_arch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/volatility");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("there is no {}: the real series are not compared", folder.display());
        return;
    };
    let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let names = files.iter().filter_map(|path| path.file_name()?.to_str()?.strip_suffix(".json").map(str::to_owned));
    let mut failures = Vec::new();
    for name in names {
        if let Err(failure) = std::panic::catch_unwind(|| check(&folder, &name)) {
            failures.push(failure.downcast_ref::<String>().cloned().unwrap_or_default());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
