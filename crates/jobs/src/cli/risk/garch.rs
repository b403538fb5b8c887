//! `bellwether risk garch`: one volatility model over one column.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, ensure};
use bellwether::risk::garch::{
    Distribution, Fitted, Har, HarFit, Mean, Parameter, Specification, TailRisk, Volatility, arch_lm, ljung_box,
};
use serde_json::{Map, Value, json};

use super::{
    super::output,
    Global,
    parameters::{given, in_order},
    series::read_series,
};

/// Lags of the tests of residuals.
const TEST_LAGS: usize = 10;

/// Arguments of `risk garch`.
#[derive(Debug, clap::Args)]
pub(super) struct GarchArgs {
    /// The returns: Parquet or CSV, in time order
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The column of returns, percent by custom; for `--vol har` of realised variances
    #[arg(long, value_name = "COLUMN", default_value = "ret_pct")]
    column: String,
    /// The mean: zero, constant, ar:P
    #[arg(long, default_value = "constant")]
    mean: Mean,
    /// The volatility: garch, gjr, egarch (each also with orders, as `gjr:1,1,2`), figarch, ewma, ewma:0.97, ewma:fit, riskmetrics2006, har
    #[arg(long, default_value = "garch")]
    vol: String,
    /// The shocks: normal, t, skewt, ged
    #[arg(long, default_value = "t")]
    dist: Distribution,
    /// Evaluate at these parameters instead of fitting, such as `mu=0.05,omega=0.02,alpha[1]=0.08,beta[1]=0.9,nu=6`
    #[arg(long, value_name = "NAME=VALUE,…")]
    params: Option<String>,
    /// Steps ahead of the variance forecast
    #[arg(long, default_value_t = 10)]
    horizon: usize,
    /// Probabilities of the tail risk of the next return
    #[arg(long, value_delimiter = ',', default_values_t = [0.01, 0.025, 0.05])]
    levels: Vec<f64>,
    /// Seed of the paths behind forecasts without a formula
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: &GarchArgs, global: &Global) -> anyhow::Result<ExitCode> {
    let mut columns = read_series(&args.data, std::slice::from_ref(&args.column))?;
    let returns = columns.pop().context("one column")?;
    match args.vol.as_str() {
        "har" => har(args, &returns, global)?,
        _ => garch(args, &returns, global)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn garch(args: &GarchArgs, returns: &[f64], global: &Global) -> anyhow::Result<()> {
    let mut model = Specification { mean: args.mean, volatility: args.vol.parse()?, distribution: args.dist };
    let fitted = match &args.params {
        None => model.fit(returns)?,
        Some(text) => {
            let mut given = given(text)?;
            // A decay that is given is no parameter of a moving average with a fixed one.
            if let (Volatility::Ewma { .. }, Some(at)) =
                (model.volatility, given.iter().position(|(name, _)| name.as_deref() == Some("lam")))
            {
                model.volatility = Volatility::Ewma { decay: Some(given.remove(at).1) };
            }
            model.at(&in_order(&model.parameter_names()?, &given)?, returns)?
        }
    };
    let forecast = fitted.forecast(args.horizon, args.seed)?;
    let tails = args.levels.iter().map(|level| fitted.tail_risk(*level)).collect::<Result<Vec<_>, _>>()?;
    let residuals = fitted.standardized_residuals();
    let squares: Vec<f64> = residuals.iter().map(|z| z * z).collect();
    let tests = [
        ("ljung_box", "autocorrelation of z", ljung_box(&residuals, TEST_LAGS).ok()),
        ("ljung_box_squares", "autocorrelation of z²", ljung_box(&squares, TEST_LAGS).ok()),
        ("arch_lm", "ARCH effects left in z", arch_lm(&residuals, TEST_LAGS).ok()),
    ];
    if global.json {
        let newest = fitted.volatilities.len().saturating_sub(10);
        let mut told = told(&fitted.parameters);
        told.extend(object(json!({
            "model": fitted.model.to_string(),
            "nobs": fitted.observations,
            "loglikelihood": fitted.log_likelihood,
            "aic": fitted.aic(),
            "bic": fitted.bic(),
            "converged": fitted.report.as_ref().map(|report| report.converged),
            "report": fitted.report,
            "cond_vol_last": fitted.volatilities.last(),
            "cond_vol_last10": fitted.volatilities[newest..],
            "mean_forecast": forecast.mean,
            "variance_forecast": forecast.variance,
            "simulated_from": forecast.simulated_from,
            "simulation_error": forecast.simulated_from.map(|_| &forecast.simulation_error),
            "var": by_level(&tails, |tail| tail.value_at_risk),
            "es": by_level(&tails, |tail| tail.expected_shortfall),
            "diagnostics": tests.iter().map(|(name, _, test)| ((*name).to_owned(), json!(test))).collect::<Map<_, _>>(),
        })));
        return output::print_json(&told);
    }
    println!("{}", fitted.model);
    println!("{} returns in `{}` of {}\n", fitted.observations, args.column, args.data.display());
    print_parameters(&fitted.parameters);
    print_fit(&fitted);
    println!("\nvolatility   last {}", number(fitted.volatilities.last().copied().unwrap_or(f64::NAN)));
    println!("expected     {}", steps(&forecast.variance, f64::sqrt));
    if forecast.simulated_from.is_some() {
        let error = forecast.simulation_error.last().copied().unwrap_or(0.0);
        println!(
            "             from the second step on means over simulated paths (seed {}), the last ± {:.1} %",
            args.seed,
            100.0 * error
        );
        if error > 0.05 {
            println!("             so far the paths hardly agree: under shocks with fat tails such a mean may not exist");
        }
    }
    println!();
    let mut table = output::table(&["next return", "VaR", "expected shortfall"]);
    for tail in &tails {
        table.add_row([format!("{} %", tail.level * 100.0), number(tail.value_at_risk), number(tail.expected_shortfall)]);
    }
    println!("{table}\n");
    let mut table = output::table(&["left in the residuals?", "statistic", "p", ""]);
    for (_, what, test) in tests {
        let Some(test) = test else { continue };
        let verdict = if test.p_value < 0.05 { "yes, by this test at 5 %" } else { "no sign" };
        table.add_row([what.to_owned(), format!("{:.2}", test.statistic), format!("{:.3}", test.p_value), verdict.to_owned()]);
    }
    println!("{table}");
    Ok(())
}

fn har(args: &GarchArgs, realised: &[f64], global: &Global) -> anyhow::Result<()> {
    ensure!((1..=2_500).contains(&args.horizon), "setting `horizon` is {}: 1 to 2,500 steps", args.horizon);
    ensure!(args.params.is_none(), "--vol har is fitted by least squares: it takes no --params");
    let fitted: HarFit = Har.fit(realised)?;
    let forecast = fitted.forecast(args.horizon);
    let last = fitted.expected.last().copied().unwrap_or(f64::NAN);
    if global.json {
        let mut told = told(&fitted.parameters);
        told.extend(object(json!({
            "model": "HAR-RV",
            "nobs": fitted.observations,
            "loglikelihood": fitted.log_likelihood,
            "aic": fitted.aic(),
            "bic": fitted.bic(),
            "converged": true,
            "rsquared": fitted.r_squared,
            "ssr": fitted.sum_of_squares,
            "cond_vol_last": last.sqrt(),
            "variance_forecast": forecast,
            // Realised variances say nothing of the law of returns.
            "var": null,
            "es": null,
        })));
        return output::print_json(&told);
    }
    println!("HAR-RV\n{} days in `{}` of {}\n", fitted.observations, args.column, args.data.display());
    print_parameters(&fitted.parameters);
    println!("R² {:.4}   AIC {:.2}   BIC {:.2}", fitted.r_squared, fitted.aic(), fitted.bic());
    println!("\nvolatility   last {}\nexpected     {}", number(last.sqrt()), steps(&forecast, f64::sqrt));
    Ok(())
}

/// Values and standard errors by name.
fn told(parameters: &[Parameter]) -> Map<String, Value> {
    let by_name = |of: fn(&Parameter) -> Option<f64>| -> Value {
        parameters.iter().map(|parameter| (parameter.name.clone(), json!(of(parameter)))).collect::<Map<_, _>>().into()
    };
    let mut told = Map::new();
    told.insert("params".to_owned(), by_name(|parameter| Some(parameter.value)));
    told.insert("std_err_robust".to_owned(), by_name(|parameter| parameter.std_err_robust));
    told.insert("std_err_classic".to_owned(), by_name(|parameter| parameter.std_err_classic));
    told
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(object) = value { object } else { Map::new() }
}

fn by_level(tails: &[TailRisk], of: impl Fn(&TailRisk) -> f64) -> Value {
    tails.iter().map(|tail| (tail.level.to_string(), json!(of(tail)))).collect::<Map<_, _>>().into()
}

fn print_parameters(parameters: &[Parameter]) {
    let mut table = output::table(&["parameter", "value", "robust error", "classic error", "t"]);
    for parameter in parameters {
        let error = |error: Option<f64>| error.map_or("—".to_owned(), number);
        let t = parameter.std_err_robust.map_or("—".to_owned(), |error| format!("{:.2}", parameter.value / error));
        table.add_row([
            parameter.name.clone(),
            number(parameter.value),
            error(parameter.std_err_robust),
            error(parameter.std_err_classic),
            t,
        ]);
    }
    println!("{table}\n");
}

fn print_fit(fitted: &Fitted) {
    println!("log-likelihood {:.3}   AIC {:.2}   BIC {:.2}", fitted.log_likelihood, fitted.aic(), fitted.bic());
    let Some(report) = &fitted.report else { return println!("parameters were given: nothing was fitted") };
    println!("converged after {} evaluations of the likelihood", report.evaluations);
    if !report.at_bound.is_empty() {
        println!("on the edge of what is allowed: {}; no standard error is meant there", report.at_bound.join(", "));
    }
    for note in &report.notes {
        println!("note: {note}");
    }
}

/// Five significant digits.
pub(super) fn number(x: f64) -> String {
    match x.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-4..1e6).contains(&size) => format!("{x:.4e}"),
        size => format!("{x:.*}", (4 - size.log10().floor() as i32).max(0) as usize),
    }
}

/// The first steps, and the last.
fn steps(values: &[f64], of: impl Fn(f64) -> f64) -> String {
    let shown = |step: usize| format!("{} ({})", number(of(values[step])), step + 1);
    let few = (0..values.len().min(5)).map(shown).collect::<Vec<_>>().join("  ");
    if values.len() > 5 { format!("{few}  … {}", shown(values.len() - 1)) } else { few }
}
