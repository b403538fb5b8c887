//! `bellwether risk copula`: how columns of a file depend on each other.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use bellwether::risk::{
    copula::{
        CorrelationMatrix, Criterion, EllipticalCopula, EllipticalFit, Family, Rotation, SelectConfig, VineStructure,
        at_parameters, elliptical_at, fit, fit_gaussian, fit_student, fit_vine, kendall_matrix, kendall_tau, pseudo_observations,
        rank_families, select_vine,
    },
    garch::Specification,
};
use serde_json::{Value, json};

use super::copula_report::{
    Described, elliptical_text, elliptical_value, fit_row, fit_table, fit_value, pair_text, pair_value, vine_text, vine_value,
};
use super::{
    parameters::{given, in_order},
    series::read_series,
};
use crate::cli::{Global, output};

/// Arguments of `risk copula`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CopulaArgs {
    /// The data: Parquet or CSV
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Two columns or more, of probabilities, or of anything with `--ranks`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', num_args = 1.., required = true)]
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
    /// Take each column as returns: the ranks of its standardised residuals of a GARCH(1,1) with t shocks
    #[arg(long, conflicts_with = "ranks")]
    garch: bool,
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
    for (index, name) in args.columns.iter().enumerate() {
        anyhow::ensure!(!args.columns[..index].contains(name), "--columns names `{name}` twice");
    }
    let place = |name: &str| format!("{}: column `{name}`", args.data.display());
    let mut columns = read_series(&args.data, &args.columns)?;
    for (name, values) in args.columns.iter().zip(&mut columns) {
        if args.garch {
            *values = Specification::default().fit(values).with_context(|| place(name))?.standardized_residuals();
        }
        if args.ranks || args.garch {
            *values = pseudo_observations(values).with_context(|| place(name))?;
        }
        if let Some(row) = values.iter().position(|value| !(*value > 0.0 && *value < 1.0)) {
            anyhow::bail!(
                "{}: value {} is {}, not a probability strictly between 0 and 1; with --ranks the columns' ranks are taken instead",
                place(name),
                row + 1,
                values[row]
            );
        }
    }
    Ok(columns)
}

impl CopulaArgs {
    fn described(&self) -> Described<'_> {
        Described { columns: &self.columns, fitted: self.params.is_none() }
    }

    fn config(&self) -> SelectConfig {
        let families = if self.families.is_empty() { Family::ALL.to_vec() } else { self.families.clone() };
        let criterion = match self.criterion {
            Deciding::Aic => Criterion::Aic,
            Deciding::Bic => Criterion::Bic,
        };
        SelectConfig { families, criterion }
    }
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
        let mut value = pair_value(&args.described(), best, empirical);
        value["ranking"] = ranking.iter().map(fit_value).collect();
        let mut table = fit_table();
        for fit in &ranking {
            table.add_row(fit_row(fit));
        }
        return Ok((value, format!("{table}\n\n{}", pair_text(&args.described(), best, empirical))));
    }
    let family: Family = args.family.parse()?;
    let rotation = Rotation::from_degrees(args.rotation.unwrap_or(0))?;
    let found = match &args.params {
        Some(text) => at_parameters(family, rotation, &in_order(family.parameter_names(), &given(text)?)?, u, v)?,
        None => fit(family, rotation, u, v)?,
    };
    Ok((pair_value(&args.described(), &found, empirical), pair_text(&args.described(), &found, empirical)))
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
            (vine_value(&args.described(), &found), vine_text(&args.described(), &found))
        }
        name => {
            let found = match name.parse()? {
                Family::Gaussian => gaussian(args, columns)?,
                Family::StudentT => student(args, columns)?,
                family => anyhow::bail!("{family} joins two columns; of {} use vine, student or gaussian", columns.len()),
            };
            (elliptical_value(&found), elliptical_text(&args.described(), &found))
        }
    };
    value["columns"] = json!(args.columns);
    value["kendall_tau_b"] = json!(kendall_matrix(columns)?);
    Ok((value, text))
}

/// The matrix whose entries above the diagonal, as many as there are pairs, are listed row by row.
fn correlation(size: usize, entries: &[f64]) -> anyhow::Result<CorrelationMatrix> {
    // Entries of the rows before: those of row i are size − 1 − i.
    let first = |i: usize| i * (2 * size - i - 1) / 2;
    let entry = |i: usize, j: usize| if i == j { 1.0 } else { entries[first(i.min(j)) + i.abs_diff(j) - 1] };
    let rows = (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect();
    Ok(CorrelationMatrix::new(rows)?)
}

/// Names of the correlations of so many columns, in the same order: `rho12`, `rho13` …
fn correlation_names(size: usize) -> Vec<String> {
    (1..=size).flat_map(|i| (i + 1..=size).map(move |j| format!("rho{i}{j}"))).collect()
}

fn gaussian(args: &CopulaArgs, columns: &[&[f64]]) -> anyhow::Result<EllipticalFit> {
    let Some(text) = &args.params else { return Ok(fit_gaussian(columns)?) };
    let entries = in_order(&correlation_names(columns.len()), &given(text)?)?;
    Ok(elliptical_at(EllipticalCopula::gaussian(correlation(columns.len(), &entries)?), columns)?)
}

/// With `nu` alone the correlations are fitted.
fn student(args: &CopulaArgs, columns: &[&[f64]]) -> anyhow::Result<EllipticalFit> {
    let Some(text) = &args.params else { return Ok(fit_student(columns, None)?) };
    let given = given(text)?;
    if given.len() == 1 {
        return Ok(fit_student(columns, Some(in_order(&["nu"], &given)?[0]))?);
    }
    let mut entries = in_order(&[correlation_names(columns.len()), vec!["nu".to_owned()]].concat(), &given)?;
    let nu = entries.pop().context("nu is the last")?;
    Ok(elliptical_at(EllipticalCopula::student(correlation(columns.len(), &entries)?, nu)?, columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_are_listed_row_by_row() {
        let matrix = correlation(4, &[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]).unwrap();
        assert_eq!(matrix.rows()[1], [0.1, 1.0, 0.4, 0.5]);
        assert_eq!(matrix.rows()[3], [0.3, 0.5, 0.6, 1.0]);
    }
}
