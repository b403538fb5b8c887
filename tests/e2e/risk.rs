//! `bellwether risk`: numbers for programs, reports for people, and what it says of input that cannot be used.

use std::path::{Path, PathBuf};

use bellwether_tests::{Said, folder, run};
use polars::prelude::*;
use serde_json::Value;

/// A fixture that arch was asked about, too.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/core/tests/fixtures/risk").join(name)
}

fn reference() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("calm.json")).unwrap()).unwrap()
}

fn risk(args: &[&str]) -> Said {
    let data = folder();
    run(data.path(), &[&["risk"], args].concat())
}

fn json(said: &Said) -> Value {
    assert!(said.ok, "{}", said.err);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

fn close(found: &Value, expected: &Value, tolerance: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= tolerance * expected.abs(), "{found}, expected {expected}");
}

/// The fit of the reference with this model.
fn fit(model: &str, mean: &str, dist: &str) -> Value {
    let reference = reference();
    let fits = reference["fits"].as_array().unwrap();
    fits.iter().find(|fit| fit["model"] == model && fit["mean"] == mean && fit["dist"] == dist).unwrap().clone()
}

#[test]
fn a_fit_is_told_to_programs_as_arch_has_it() {
    let data = fixture("calm.input.parquet");
    let data = data.to_str().unwrap();
    let found = json(&risk(&["garch", "--data", data, "--column", "ret_pct", "--vol", "gjr", "--dist", "skewt", "--json"]));
    let expected = fit("GJR-GARCH(1,1,1)", "Constant", "skewt");
    for key in ["params", "std_err_robust", "std_err_classic"] {
        let told = found[key].as_object().unwrap();
        let expected = expected[key].as_object().unwrap();
        assert_eq!(told.keys().collect::<std::collections::BTreeSet<_>>(), expected.keys().collect(), "{key}");
    }
    for key in ["loglikelihood", "aic", "bic"] {
        close(&found[key], &expected[key], 1e-6);
    }
    assert_eq!((&found["converged"], &found["nobs"]), (&Value::Bool(true), &expected["nobs"]));
    close(&found["cond_vol_last"], &expected["cond_vol_last10"][9], 1e-3);
    assert_eq!(found["variance_forecast"].as_array().unwrap().len(), 10);
    close(&found["variance_forecast"][9], &expected["forecast_variance_h1_10"][9], 1e-3);
    close(&found["var"]["0.01"], &expected["risk_next_day"]["0.01"]["VaR"], 1e-3);
    close(&found["es"]["0.05"], &expected["risk_next_day"]["0.05"]["ES"], 1e-3);
}

#[test]
fn given_parameters_are_evaluated_not_fitted() {
    let data = fixture("calm.input.parquet");
    let data = data.to_str().unwrap();
    let expected = fit("GARCH(1,1)", "Constant", "t");
    let fixed = &expected["fixed"];
    let given: Vec<String> = fixed["params"].as_object().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let found = json(&risk(&["garch", "--data", data, "--params", &given.join(","), "--json"]));
    close(&found["loglikelihood"], &fixed["loglikelihood"], 1e-8);
    close(&found["cond_vol_last"], &fixed["cond_vol_last10"][9], 1e-7);
    assert_eq!((&found["converged"], &found["std_err_robust"]["mu"]), (&Value::Null, &Value::Null));
    let averaged = json(&risk(&[
        "garch", "--data", data, "--vol", "ewma", "--mean", "zero", "--dist", "normal", "--params", "lam=0.97", "--json",
    ]));
    close(&averaged["loglikelihood"], &reference()["ewma_arch"]["0.97"]["loglikelihood"], 1e-8);
}

#[test]
fn realised_variances_have_their_autoregression() {
    let data = fixture("calm.realised.parquet");
    let found = json(&risk(&["garch", "--data", data.to_str().unwrap(), "--column", "rv", "--vol", "har", "--json"]));
    let expected = &reference()["har"];
    for name in ["const", "d", "w", "m"] {
        close(&found["params"][name], &expected["params"][name], 1e-7);
        close(&found["std_err_robust"][name], &expected["std_err_hac22"][name], 1e-6);
    }
    close(&found["variance_forecast"][0], &expected["forecast_next"], 1e-7);
}

#[test]
fn people_read_a_report() {
    let data = fixture("leaning.input.parquet");
    let said = risk(&["garch", "--data", data.to_str().unwrap(), "--vol", "egarch"]);
    assert!(said.ok, "{}", said.err);
    for word in ["EGARCH(1,1,1)", "robust error", "gamma[1]", "converged", "expected shortfall", "left in the residuals"] {
        assert!(said.out.contains(word), "{word} is missing in {}", said.out);
    }
}

fn write(path: &Path, mut frame: DataFrame) {
    ParquetWriter::new(std::fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
}

/// Returns of the fixture, changed.
fn changed(change: impl Fn(&mut Vec<f64>)) -> (tempfile::TempDir, String) {
    let file = std::fs::File::open(fixture("calm.input.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let mut values: Vec<f64> = frame.column("ret_pct").unwrap().f64().unwrap().iter().flatten().skip(1).collect();
    values.retain(|value| !value.is_nan());
    change(&mut values);
    let data = folder();
    let path = data.path().join("returns.parquet");
    write(&path, DataFrame::new(values.len(), vec![Column::new("ret_pct".into(), values)]).unwrap());
    let path = path.to_str().unwrap().to_owned();
    (data, path)
}

#[test]
fn what_cannot_be_fitted_is_named_and_gives_no_numbers() {
    let refused = |change: &dyn Fn(&mut Vec<f64>), word: &str| {
        let (_kept, path) = changed(|values| change(values));
        let said = risk(&["garch", "--data", &path, "--json"]);
        assert!(!said.ok && said.err.contains(word), "{word}: {}", said.err);
        if !said.out.is_empty() {
            let told: Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!((&told["converged"], &told["params"]), (&Value::Bool(false), &Value::Null));
        }
    };
    refused(&|values| values.truncate(50), "50 returns are too few");
    refused(&|values| values[700] = f64::NAN, "column `ret_pct` is NaN in row 701");
    refused(&|values| values.fill(0.25), "do not vary");
    let data = fixture("calm.input.parquet");
    let data = data.to_str().unwrap();
    let usage = |args: &[&str], word: &str| {
        let said = risk(&[&["garch", "--data", data], args].concat());
        assert!(!said.ok && said.err.contains(word), "{word}: {}", said.err);
    };
    usage(&["--column", "price"], "there is no column `price`; columns of numbers are: ret_pct");
    usage(&["--vol", "arch"], "unknown volatility model `arch`");
    usage(&["--dist", "cauchy"], "normal, t, skewt, ged");
    usage(&["--params", "mu=0.1"], "`omega` is missing");
    usage(&["--params", "mu=0.1,omega=x"], "`x` of omega is not a number");
    usage(&["--params", "theta=1"], "there is no `theta`");
    usage(&["--params", "mu=0,omega=0.1,alpha=-0.1,beta=0.9,nu=6"], "must not be negative");
    usage(&["--horizon", "0"], "`horizon` is 0");
    usage(&["--levels", "0.99"], "`level` is 0.99");
    let said = risk(&["garch", "--data", "nowhere.parquet"]);
    assert!(!said.ok && said.err.contains("nowhere.parquet"), "{}", said.err);
}

#[test]
fn rows_out_of_order_are_refused() {
    let data = folder();
    let path = data.path().join("returns.parquet");
    let days: Vec<i32> = (0..200).map(|day| if day == 120 { 5 } else { day }).collect();
    let days = Int32Chunked::from_vec("date".into(), days).into_date().into_series().into_column();
    let returns: Vec<f64> = (0..200).map(|day| f64::from(day % 7) - 3.0).collect();
    write(&path, DataFrame::new(200, vec![days, Column::new("ret_pct".into(), returns)]).unwrap());
    let said = risk(&["garch", "--data", path.to_str().unwrap()]);
    assert!(!said.ok && said.err.contains("`date` of row 121 is not after that of row 120"), "{}", said.err);
}

/// Daily bars made of the fixture's returns: SPY, QQQ and two stocks, one of them young.
fn bars(path: &Path) {
    let file = std::fs::File::open(fixture("leaning.input.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let returns: Vec<f64> =
        frame.column("ret_pct").unwrap().f64().unwrap().iter().flatten().filter(|value| !value.is_nan()).collect();
    let (mut symbols, mut days, mut closes) = (Vec::new(), Vec::new(), Vec::new());
    for (name, shift, mix, count) in
        [("SPY", 0, 1.0, 900), ("QQQ", 1_000, 0.9, 900), ("AAA", 1_500, 0.5, 900), ("NEW", 700, 0.5, 40)]
    {
        let mut close = 100.0;
        for day in 0..count {
            close *= 1.0 + (mix * returns[day] + (1.0 - mix) * returns[day + shift]) / 100.0;
            symbols.push(name);
            days.push(14_000 + day as i32);
            closes.push(close);
        }
    }
    let rows = symbols.len();
    let column =
        |name: &str, factor: f64| Column::new(name.into(), closes.iter().map(|close| close * factor).collect::<Vec<_>>());
    let frame = DataFrame::new(
        rows,
        vec![
            Column::new("symbol".into(), symbols),
            Int32Chunked::from_vec("date".into(), days).into_date().into_series().into_column(),
            column("open", 1.0),
            column("high", 1.01),
            column("low", 0.99),
            column("close", 1.0),
            Column::new("volume".into(), vec![1e6; rows]),
        ],
    )
    .unwrap();
    write(path, frame);
}

#[test]
fn stocks_are_profiled_against_benchmarks() {
    let data = folder();
    let path = data.path().join("bars.parquet");
    bars(&path);
    let path = path.to_str().unwrap();
    let found = json(&risk(&["profile", "--bars", path, "--benchmarks", "SPY,QQQ", "--json"]));
    let profiles = found["profiles"].as_array().unwrap();
    assert_eq!(profiles.iter().map(|profile| profile["symbol"].as_str().unwrap()).collect::<Vec<_>>(), ["AAA", "QQQ", "SPY"]);
    for key in [
        "forecast_volatility",
        "forecast_interval",
        "annualized_vol",
        "current_vol",
        "vol_regime",
        "correlation_spy",
        "correlation_qqq",
        "tail_dependence_lower",
        "tail_dependence_upper",
        "diversification_benefit",
        "risk_score",
    ] {
        assert!(!profiles[0][key].is_null(), "{key}: {}", profiles[0]);
    }
    assert_eq!(found["unprofiled"][0]["symbol"], "NEW");
    assert!(found["unprofiled"][0]["problem"].as_str().unwrap().contains("too few"));

    let early = json(&risk(&["profile", "--bars", path, "--symbols", "AAA", "--as-of", "2010-01-04", "--json"]));
    assert_eq!(early["profiles"].as_array().unwrap().len(), 1);
    assert_ne!(early["profiles"][0]["forecast_volatility"], profiles[0]["forecast_volatility"]);
    // A bar of a day is known at its end: at noon the day before is the newest.
    let known = |at: &str| json(&risk(&["profile", "--bars", path, "--as-of", at, "--json"]))["profiles"][0]["known_at"].clone();
    assert_eq!(known("2010-01-05T12:00"), known("2010-01-04"));
    assert_eq!((known("2010-01-05 12:00"), known("2010-01-05T16:00")), (known("2010-01-04"), known("2010-01-05")));
    assert_ne!(known("2010-01-05"), known("2010-01-04"));
    let report = risk(&["profile", "--bars", path]);
    for word in ["ρ SPY", "regime", "default scale", "NEW: no profile"] {
        assert!(report.out.contains(word), "{word} is missing in {}", report.out);
    }
    for (args, word) in [
        (["--benchmarks", "IWM"], "benchmark IWM has no bar"),
        (["--symbols", "ZZZ"], "holds no bar of ZZZ"),
        (["--as-of", "soon"], "--as-of soon: a day such as"),
        (["--benchmarks", "SPY,SPY"], "benchmark SPY is named twice"),
        (["--as-of", "1999-01-01"], "has no bar known by"),
    ] {
        let said = risk(&[&["profile", "--bars", path], &args[..]].concat());
        assert!(!said.ok && said.err.contains(word), "{word}: {}", said.err);
    }
}

#[test]
fn positions_have_a_tail_and_forecasts_of_it_a_back_test() {
    let data = folder();
    let path = data.path().join("two.parquet");
    let column = |name: &str| {
        let frame = ParquetReader::new(std::fs::File::open(fixture(name)).unwrap()).finish().unwrap();
        frame
            .column("ret_pct")
            .unwrap()
            .f64()
            .unwrap()
            .iter()
            .flatten()
            .filter(|value| !value.is_nan())
            .take(1_500)
            .collect::<Vec<f64>>()
    };
    let columns =
        vec![Column::new("a".into(), column("calm.input.parquet")), Column::new("b".into(), column("leaning.input.parquet"))];
    write(&path, DataFrame::new(1_500, columns).unwrap());
    let path = path.to_str().unwrap();
    let mut losses = Vec::new();
    for method in ["parametric", "historical", "filtered", "copula"] {
        let found =
            json(&risk(&["tail", "--data", path, "--columns", "a,b", "--values", "100,-50", "--method", method, "--json"]));
        assert!(found["es"].as_f64().unwrap() > found["var"].as_f64().unwrap(), "{found}");
        assert_eq!(found["alone"][1]["value"], -50.0);
        losses.push(found["var"].as_f64().unwrap());
    }
    assert!(losses.iter().all(|loss| (0.4..2.5).contains(&(loss / losses[1]))), "{losses:?}");
    let report = risk(&["tail", "--data", path, "--columns", "a,b"]);
    assert!(report.out.contains("held together they lose"), "{}", report.out);
    let tested = risk(&["tail", "--data", path, "--columns", "a", "--backtest", "1000", "--level", "0.05"]);
    for word in ["500 days forecast one by one", "25.0 expected", "Kupiec", "Acerbi–Székely 2"] {
        assert!(tested.out.contains(word), "{word} is missing in {} {}", tested.out, tested.err);
    }
    let said = risk(&["tail", "--data", path, "--columns", "a,b", "--values", "1"]);
    assert!(!said.ok && said.err.contains("--values: 1 for 2 columns"), "{}", said.err);
}
