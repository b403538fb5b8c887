//! What `bellwether risk copula` says: JSON for programs, text for people.

use bellwether::risk::copula::{BivariateFit, EllipticalFit, PairCopula, Rotation, VineFit};
use serde_json::{Value, json};

use crate::cli::output;

/// What a report is about besides the fit.
pub(super) struct Described<'a> {
    /// Names of the columns.
    pub(super) columns: &'a [String],
    /// Whether the parameters were estimated.
    pub(super) fitted: bool,
}

pub(super) fn fit_value(fit: &BivariateFit) -> Value {
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

pub(super) fn pair_value(of: &Described<'_>, fit: &BivariateFit, empirical: f64) -> Value {
    let mut value = fit_value(fit);
    value["columns"] = json!(of.columns);
    value["n"] = json!(fit.rows);
    value["fitted"] = json!(of.fitted);
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
    (!fit.report.at_bound.is_empty()).then(|| format!("{} lies on a bound of its range", fit.report.at_bound.join(", ")))
}

pub(super) fn fit_table() -> comfy_table::Table {
    output::table(&["family", "rotation", "parameters", "log-likelihood", "AIC", "BIC", "tau", "tails low·high"])
}

fn named_parameters(copula: &PairCopula) -> String {
    let names = copula.family().parameter_names();
    names.iter().zip(copula.parameters()).map(|(name, value)| format!("{name} {value:.4}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn fit_row(fit: &BivariateFit) -> Vec<String> {
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

pub(super) fn pair_text(of: &Described<'_>, fit: &BivariateFit, empirical: f64) -> String {
    let tails = fit.copula.tail_dependence();
    let [first, second] = [&of.columns[0], &of.columns[1]];
    let rotation = if fit.rotation == Rotation::R0 { String::new() } else { format!(" turned by {}°", fit.rotation) };
    let how = if !of.fitted { "given parameters" } else { "maximum likelihood" };
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

pub(super) fn elliptical_value(fit: &EllipticalFit) -> Value {
    let matrix = fit.copula.correlation().rows();
    let places = 0..matrix.len();
    let by_pairs = |entry: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
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
        "tau": by_pairs(&|i, j| if i == j { 1.0 } else { std::f64::consts::FRAC_2_PI * matrix[i][j].asin() }),
        // The same in both tails.
        "taildep": by_pairs(&|i, j| fit.copula.tail_dependence(i, j)),
        "shrinkage": fit.copula.correlation().shrinkage(),
        "converged": fit.report.converged,
        "at_bound": fit.report.at_bound,
    })
}

pub(super) fn elliptical_text(of: &Described<'_>, fit: &EllipticalFit) -> String {
    let mut headers = vec!["correlation"];
    headers.extend(of.columns.iter().map(String::as_str));
    let mut table = output::table(&headers);
    for (name, row) in of.columns.iter().zip(fit.copula.correlation().rows()) {
        table.add_row(std::iter::once(name.clone()).chain(row.iter().map(|value| format!("{value:.4}"))));
    }
    let degrees = fit.copula.degrees_of_freedom().map_or_else(String::new, |nu| format!(", {nu:.3} degrees of freedom"));
    let mut lines = vec![
        format!("{} copula of {} columns, {} rows{degrees}", fit.copula.family(), of.columns.len(), fit.rows),
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

pub(super) fn vine_value(of: &Described<'_>, fit: &VineFit) -> Value {
    let structure = fit.copula.structure();
    let tree = |(t, fits): (usize, &Vec<BivariateFit>)| -> Value {
        let pair = |(e, fit): (usize, &BivariateFit)| {
            let mut value = fit_value(fit);
            value["pair"] = json!(structure.label(t, e, of.columns));
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

pub(super) fn vine_text(of: &Described<'_>, fit: &VineFit) -> String {
    let structure = fit.copula.structure();
    let mut table = output::table(&["tree", "pair", "family", "rotation", "parameters", "log-likelihood", "tau"]);
    for (t, fits) in fit.fits.iter().enumerate() {
        for (e, fit) in fits.iter().enumerate() {
            table.add_row([
                (t + 1).to_string(),
                structure.label(t, e, of.columns),
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
