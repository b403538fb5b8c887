//! `bellwether risk copula`: how columns of a file depend on each other.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use bellwether::{
    frames::read_table,
    risk::copula::{
        BivariateFit, CorrelationMatrix, Criterion, EllipticalCopula, EllipticalFit, Family, PairCopula, Rotation, SelectConfig,
        VineFit, VineStructure, at_parameters, elliptical_at, fit, fit_gaussian, fit_student, fit_vine, kendall_matrix,
        kendall_tau, pseudo_observations, rank_families, select_vine,
    },
};
use polars::prelude::{DataFrame, DataType};
use serde_json::{Value, json};

use crate::cli::{Global, output};

/// Arguments of `risk copula`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CopulaArgs {
    /// The data: Parquet or CSV
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Two columns or more, of probabilities, or of anything with `--ranks`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', num_args = 1..)]
    columns: Vec<String>,
    /// auto, gaussian, student, clayton, gumbel, frank, joe, bb1, bb7 or indep; of three columns and more gaussian, student or vine
    #[arg(long, value_name = "FAMILY", default_value = "auto")]
    family: String,
    /// Degrees by which the family is turned: 0, 90, 180 or 270
    #[arg(long, value_name = "DEGREES")]
    rotation: Option<u16>,
    /// Fit nothing: the likelihood at these parameters, such as `rho=0.5,nu=4` or `0.5,4`; of several columns `nu=4` alone too
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    params: Option<String>,
    /// Take each column's ranks, divided by n + 1, instead of its values
    #[arg(long)]
    ranks: bool,
    /// What `auto` and `vine` choose from [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    families: Vec<Family>,
    /// What decides between families
    #[arg(long, value_name = "CRITERION", value_enum, default_value = "aic")]
    criterion: Deciding,
    /// The vine's structure: found from the data, a star or a path in the order of the columns
    #[arg(long, value_name = "KIND", value_enum, default_value = "r")]
    structure: Structure,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Deciding {
    /// Akaike's criterion
    Aic,
    /// Schwarz's criterion
    Bic,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Structure {
    /// A regular vine, spanning what depends most
    R,
    /// A C-vine around the last of the columns
    C,
    /// A D-vine along the columns
    D,
}

pub(super) fn run(args: &CopulaArgs, global: &Global) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(args.columns.len() > 1, "--columns names {} column; a copula joins two or more", args.columns.len());
    let columns = read(args)?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let (value, text) = match columns[..] {
        [u, v] if args.family != "vine" => pair(args, u, v)?,
        _ => several(args, &columns)?,
    };
    match global.json {
        true => output::print_json(&value)?,
        false => println!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The columns as probabilities.
fn read(args: &CopulaArgs) -> anyhow::Result<Vec<Vec<f64>>> {
    let frame = read_table(&args.data)?;
    let place = args.data.display();
    for (index, name) in args.columns.iter().enumerate() {
        anyhow::ensure!(!args.columns[..index].contains(name), "--columns names `{name}` twice");
    }
    args.columns
        .iter()
        .map(|name| {
            let values = numbers(&frame, name).with_context(|| format!("{place}: column `{name}`"))?;
            if args.ranks {
                return pseudo_observations(&values).with_context(|| format!("{place}: column `{name}`"));
            }
            if let Some(row) = values.iter().position(|value| !(*value > 0.0 && *value < 1.0)) {
                anyhow::bail!(
                    "{place}: column `{name}`: row {row} is {}, not a probability strictly between 0 and 1; \
                     with --ranks the columns' ranks are taken instead",
                    values[row]
                );
            }
            Ok(values)
        })
        .collect()
}

fn numbers(frame: &DataFrame, name: &str) -> anyhow::Result<Vec<f64>> {
    let known = || frame.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let column = frame.column(name).ok().with_context(|| format!("is not there; the file has {}", known()))?;
    anyhow::ensure!(column.dtype().is_primitive_numeric(), "holds {} instead of numbers", column.dtype());
    let column = column.cast(&DataType::Float64)?;
    let values: Vec<f64> = column.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    if let Some(row) = values.iter().position(|value| !value.is_finite()) {
        anyhow::bail!("row {row} is missing or not finite; leave such rows out of the file");
    }
    Ok(values)
}

impl CopulaArgs {
    fn config(&self) -> SelectConfig {
        let families = if self.families.is_empty() { Family::ALL.to_vec() } else { self.families.clone() };
        let criterion = match self.criterion {
            Deciding::Aic => Criterion::Aic,
            Deciding::Bic => Criterion::Bic,
        };
        SelectConfig { families, criterion }
    }
}

/// The numbers of `--params`, in the order of `names`; without names as they are.
fn parameters(text: &str, names: &[&str]) -> anyhow::Result<Vec<f64>> {
    let mut found: Vec<(Option<&str>, f64)> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (name, number) = part.split_once('=').map_or((None, part), |(name, number)| (Some(name.trim()), number.trim()));
        let number: f64 = number.parse().with_context(|| format!("--params: `{number}` is not a number"))?;
        if let Some(name) = name.filter(|name| !names.contains(name)) {
            anyhow::bail!("--params: there is no `{name}`; the parameters are {}", names.join(", "));
        }
        found.push((name, number));
    }
    if found.iter().all(|(name, _)| name.is_none()) {
        return Ok(found.into_iter().map(|(_, number)| number).collect());
    }
    names
        .iter()
        .map(|wanted| {
            let mut given = found.iter().filter(|(name, _)| *name == Some(*wanted));
            let (_, number) =
                given.next().with_context(|| format!("--params: `{wanted}` is missing; give {}", names.join(", ")))?;
            anyhow::ensure!(given.next().is_none(), "--params: `{wanted}` is given twice");
            Ok(*number)
        })
        .collect()
}

/// Two columns.
fn pair(args: &CopulaArgs, u: &[f64], v: &[f64]) -> anyhow::Result<(Value, String)> {
    let auto = args.family == "auto";
    anyhow::ensure!(
        !auto || args.rotation.is_none(),
        "--rotation needs a --family; `auto` tries the rotations that fit the data"
    );
    anyhow::ensure!(!auto || args.params.is_none(), "--params needs a --family");
    let empirical = kendall_tau(u, v);
    if auto {
        let ranking = rank_families(u, v, &args.config())?;
        let best = ranking.first().context("no family was compared")?;
        let mut value = pair_value(args, best, empirical);
        value["ranking"] = ranking.iter().map(fit_value).collect();
        let mut table = fit_table();
        for fit in &ranking {
            table.add_row(fit_row(fit));
        }
        return Ok((value, format!("{table}\n\n{}", pair_text(args, best, empirical))));
    }
    let family: Family = args.family.parse()?;
    let rotation = Rotation::from_degrees(args.rotation.unwrap_or(0))?;
    let found = match &args.params {
        Some(text) => at_parameters(family, rotation, &parameters(text, family.parameter_names())?, u, v)?,
        None => fit(family, rotation, u, v)?,
    };
    Ok((pair_value(args, &found, empirical), pair_text(args, &found, empirical)))
}

fn fit_value(fit: &BivariateFit) -> Value {
    json!({
        "family": fit.family,
        "rotation": fit.rotation,
        "params": fit.parameters,
        "param_names": fit.family.parameter_names(),
        "loglik": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "tau": fit.copula.kendall_tau(),
        "taildep": fit.copula.tail_dependence().matrix(),
        "converged": fit.report.converged,
        "iterations": fit.report.iterations,
        "at_bound": fit.report.at_bound,
    })
}

fn pair_value(args: &CopulaArgs, fit: &BivariateFit, empirical: f64) -> Value {
    let mut value = fit_value(fit);
    value["columns"] = json!(args.columns);
    value["n"] = json!(fit.rows);
    value["fitted"] = json!(args.params.is_none());
    value["kendall_tau_b"] = json!(empirical);
    value["taildep_named"] = json!(fit.copula.tail_dependence());
    value["note"] = json!(note(fit, empirical));
    value
}

/// What a person should know about a fit before using it.
fn note(fit: &BivariateFit, empirical: f64) -> Option<String> {
    if !fit.report.converged {
        return Some("the search did not converge; do not rely on these parameters".to_owned());
    }
    let against = fit.family.is_rotatable() && (empirical < 0.0) != matches!(fit.rotation, Rotation::R90 | Rotation::R270);
    if against {
        let rotations = if empirical < 0.0 { "90 or 270" } else { "0 or 180" };
        return Some(format!("Kendall's tau of the data is {empirical:.3}: --rotation {rotations} would fit its sign"));
    }
    fit.report.at_bound.then(|| "a parameter lies on a bound of its range".to_owned())
}

fn fit_table() -> comfy_table::Table {
    output::table(&["family", "rotation", "parameters", "log-likelihood", "AIC", "BIC", "tau", "tails low·high"])
}

fn named_parameters(copula: &PairCopula) -> String {
    let names = copula.family().parameter_names();
    names.iter().zip(copula.parameters()).map(|(name, value)| format!("{name} {value:.4}")).collect::<Vec<_>>().join(", ")
}

fn fit_row(fit: &BivariateFit) -> Vec<String> {
    let [[low, _], [_, high]] = fit.copula.tail_dependence().matrix();
    vec![
        fit.family.to_string(),
        fit.rotation.to_string(),
        named_parameters(&fit.copula),
        format!("{:.3}", fit.log_likelihood),
        format!("{:.2}", fit.aic),
        format!("{:.2}", fit.bic),
        format!("{:.4}", fit.copula.kendall_tau()),
        format!("{low:.3}·{high:.3}"),
    ]
}

fn pair_text(args: &CopulaArgs, fit: &BivariateFit, empirical: f64) -> String {
    let tails = fit.copula.tail_dependence();
    let [first, second] = [&args.columns[0], &args.columns[1]];
    let rotation = if fit.rotation == Rotation::R0 { String::new() } else { format!(" turned by {}°", fit.rotation) };
    let how = if args.params.is_some() { "given parameters" } else { "maximum likelihood" };
    let mut lines = vec![
        format!("{}{rotation} copula of {first} and {second}, {} rows, {how}", fit.family, fit.rows),
        format!("  {}", named_parameters(&fit.copula)),
        format!("  log-likelihood {:.4}   AIC {:.3}   BIC {:.3}", fit.log_likelihood, fit.aic, fit.bic),
        format!("  Kendall's tau {:.4}, of the data {empirical:.4}", fit.copula.kendall_tau()),
        format!("  tail dependence: both low {:.4}, both high {:.4}", tails.lower_lower, tails.upper_upper),
        format!("    {first} low and {second} high {:.4}, the other way {:.4}", tails.lower_upper, tails.upper_lower),
    ];
    lines.extend(note(fit, empirical).map(|note| format!("  note: {note}")));
    lines.join("\n")
}

/// Three columns and more.
fn several(args: &CopulaArgs, columns: &[&[f64]]) -> anyhow::Result<(Value, String)> {
    anyhow::ensure!(args.rotation.is_none(), "--rotation is for two columns; a vine finds its pairs' rotations itself");
    let (mut value, text) = match args.family.as_str() {
        "auto" | "vine" => {
            anyhow::ensure!(args.params.is_none(), "--params is not for vines");
            let order: Vec<usize> = (0..columns.len()).collect();
            let config = args.config();
            let found = match args.structure {
                Structure::R => select_vine(columns, &config)?,
                Structure::C => fit_vine(columns, VineStructure::c_vine(&order)?, &config)?,
                Structure::D => fit_vine(columns, VineStructure::d_vine(&order)?, &config)?,
            };
            (vine_value(args, &found), vine_text(args, &found))
        }
        name => {
            let found = match name.parse()? {
                Family::Gaussian => gaussian(args, columns)?,
                Family::StudentT => student(args, columns)?,
                family => anyhow::bail!("{family} joins two columns; of {} use vine, student or gaussian", columns.len()),
            };
            (elliptical_value(&found), elliptical_text(args, &found))
        }
    };
    value["columns"] = json!(args.columns);
    value["kendall_tau_b"] = json!(kendall_matrix(columns)?);
    Ok((value, text))
}

/// The matrix whose entries above the diagonal are listed row by row.
fn correlation(size: usize, entries: &[f64]) -> anyhow::Result<CorrelationMatrix> {
    let mut rows = vec![vec![1.0; size]; size];
    let mut entries = entries.iter();
    for i in 0..size {
        for j in i + 1..size {
            let value = *entries.next().context("--params: too few correlations")?;
            (rows[i][j], rows[j][i]) = (value, value);
        }
    }
    Ok(CorrelationMatrix::new(rows)?)
}

fn gaussian(args: &CopulaArgs, columns: &[&[f64]]) -> anyhow::Result<EllipticalFit> {
    let Some(text) = &args.params else { return Ok(fit_gaussian(columns)?) };
    let (numbers, size) = (parameters(text, &[])?, columns.len());
    let pairs = size * (size - 1) / 2;
    anyhow::ensure!(numbers.len() == pairs, "--params: {} numbers; give the {pairs} correlations of the pairs", numbers.len());
    Ok(elliptical_at(EllipticalCopula::gaussian(correlation(size, &numbers)?), columns)?)
}

fn student(args: &CopulaArgs, columns: &[&[f64]]) -> anyhow::Result<EllipticalFit> {
    let Some(text) = &args.params else { return Ok(fit_student(columns, None)?) };
    let (numbers, size) = (parameters(text, &["nu"])?, columns.len());
    let pairs = size * (size - 1) / 2;
    match numbers.split_last() {
        Some((nu, [])) => Ok(fit_student(columns, Some(*nu))?),
        Some((nu, entries)) if entries.len() == pairs => {
            Ok(elliptical_at(EllipticalCopula::student(correlation(size, entries)?, *nu)?, columns)?)
        }
        _ => anyhow::bail!("--params: {} numbers; give nu alone, or the {pairs} correlations of the pairs and nu", numbers.len()),
    }
}

fn elliptical_value(fit: &EllipticalFit) -> Value {
    let matrix = fit.copula.correlation().rows();
    let places = 0..matrix.len();
    let of = |entry: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
        places.clone().map(|i| places.clone().map(|j| entry(i, j)).collect()).collect()
    };
    json!({
        "family": fit.copula.family(),
        "rotation": 0,
        "params": matrix,
        "P": matrix,
        "nu": fit.copula.degrees_of_freedom(),
        "loglik": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "n": fit.rows,
        "tau": of(&|i, j| if i == j { 1.0 } else { std::f64::consts::FRAC_2_PI * matrix[i][j].asin() }),
        // The same in both tails.
        "taildep": of(&|i, j| fit.copula.tail_dependence(i, j)),
        "shrinkage": fit.copula.correlation().shrinkage(),
        "converged": fit.report.converged,
        "at_bound": fit.report.at_bound,
    })
}

fn elliptical_text(args: &CopulaArgs, fit: &EllipticalFit) -> String {
    let mut headers = vec!["correlation"];
    headers.extend(args.columns.iter().map(String::as_str));
    let mut table = output::table(&headers);
    for (name, row) in args.columns.iter().zip(fit.copula.correlation().rows()) {
        table.add_row(std::iter::once(name.clone()).chain(row.iter().map(|value| format!("{value:.4}"))));
    }
    let degrees = fit.copula.degrees_of_freedom().map_or_else(String::new, |nu| format!(", {nu:.3} degrees of freedom"));
    let mut lines = vec![
        format!("{} copula of {} columns, {} rows{degrees}", fit.copula.family(), args.columns.len(), fit.rows),
        table.to_string(),
        format!("  log-likelihood {:.4}   AIC {:.3}   BIC {:.3}", fit.log_likelihood, fit.aic, fit.bic),
    ];
    if fit.copula.correlation().shrinkage() > 0.0 {
        let percent = 100.0 * fit.copula.correlation().shrinkage();
        lines.push(format!("  note: the pairs' correlations do not fit together and were pulled {percent:.2} % towards 0"));
    }
    if !fit.report.converged {
        lines.push("  note: the search did not converge; do not rely on the degrees of freedom".to_owned());
    }
    lines.join("\n")
}

fn vine_value(args: &CopulaArgs, fit: &VineFit) -> Value {
    let structure = fit.copula.structure();
    let tree = |(t, fits): (usize, &Vec<BivariateFit>)| -> Value {
        let pair = |(e, fit): (usize, &BivariateFit)| {
            let mut value = fit_value(fit);
            value["pair"] = json!(structure.label(t, e, &args.columns));
            value
        };
        fits.iter().enumerate().map(pair).collect()
    };
    let order: Vec<usize> = structure.order().iter().map(|variable| variable + 1).collect();
    json!({
        "family": "vine",
        "rotation": 0,
        "params": fit.fits.iter().map(|tree| tree.iter().map(|fit| &fit.parameters).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "loglik": fit.log_likelihood,
        "aic": fit.aic,
        "bic": fit.bic,
        "npars": fit.copula.parameter_count(),
        "n": fit.rows,
        "tau": fit.fits.iter().map(|tree| tree.iter().map(|fit| fit.copula.kendall_tau()).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "taildep": fit.fits.iter().map(|tree| tree.iter().map(|fit| fit.copula.tail_dependence().matrix()).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "order": order,
        "matrix": structure.matrix(),
        "pairs": fit.fits.iter().enumerate().map(tree).collect::<Vec<_>>(),
        "converged": fit.converged,
    })
}

fn vine_text(args: &CopulaArgs, fit: &VineFit) -> String {
    let structure = fit.copula.structure();
    let mut table = output::table(&["tree", "pair", "family", "rotation", "parameters", "log-likelihood", "tau"]);
    for (t, fits) in fit.fits.iter().enumerate() {
        for (e, fit) in fits.iter().enumerate() {
            table.add_row([
                (t + 1).to_string(),
                structure.label(t, e, &args.columns),
                fit.family.to_string(),
                fit.rotation.to_string(),
                named_parameters(&fit.copula),
                format!("{:.3}", fit.log_likelihood),
                format!("{:.4}", fit.copula.kendall_tau()),
            ]);
        }
    }
    let mut lines = vec![
        format!("vine of {} columns, {} rows, {} parameters", structure.size(), fit.rows, fit.copula.parameter_count()),
        table.to_string(),
        format!("  log-likelihood {:.4}   AIC {:.3}   BIC {:.3}", fit.log_likelihood, fit.aic, fit.bic),
    ];
    if !fit.converged {
        lines.push("  note: a pair's search did not converge".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_by_name_or_place() {
        let names = ["rho", "nu"];
        assert_eq!(parameters("nu=4, rho=-0.5", &names).unwrap(), [-0.5, 4.0]);
        assert_eq!(parameters("-0.5,4", &names).unwrap(), [-0.5, 4.0]);
        let problem = |text: &str| parameters(text, &names).unwrap_err().to_string();
        assert!(problem("rho=0.5").contains("`nu` is missing"));
        assert!(problem("rho=0.5,df=4").contains("no `df`"));
        assert!(problem("rho=half,nu=4").contains("`half` is not a number"));
        assert!(problem("rho=0.5,rho=0.4,nu=4").contains("twice"));
    }
}
