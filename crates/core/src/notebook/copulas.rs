//! Copulas: family, parameters, likelihood and tails.

use super::{
    show::Show,
    table::{Field, Table},
    value::{Value, grouped, number},
    view::{View, fact},
};
use crate::risk::copula::{BivariateFit, EllipticalFit, PairCopula, VineFit};

/// `bb1, turned by 90°: theta 1.2, delta 0.5`.
fn described(copula: &PairCopula) -> String {
    let turned = match copula.rotation().degrees() {
        0 => String::new(),
        degrees => format!(" turned by {degrees}°"),
    };
    let names = copula.family().parameter_names();
    let parameters: Vec<String> =
        names.iter().zip(copula.parameters()).map(|(name, value)| format!("{name} {}", number(*value))).collect();
    let colon = if parameters.is_empty() { "" } else { ": " };
    format!("{}{turned}{colon}{}", copula.family(), parameters.join(", "))
}

impl Show for PairCopula {
    fn to_view(&self) -> View {
        View::titled(&described(self))
            .facts(vec![("Kendall's tau", number(self.kendall_tau()))])
            .then(self.tail_dependence().to_view())
    }
}

impl Show for BivariateFit {
    fn to_view(&self) -> View {
        View::titled(&described(&self.copula))
            .facts(vec![
                ("log-likelihood", grouped(self.log_likelihood, 2)),
                ("AIC", grouped(self.aic, 2)),
                ("BIC", grouped(self.bic, 2)),
                ("rows", grouped(self.rows as f64, 0)),
                ("Kendall's tau", number(self.copula.kendall_tau())),
            ])
            .then(self.report.to_view())
            .then(self.copula.tail_dependence().to_view())
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        let tails = self.copula.tail_dependence();
        Some(vec![
            Field::new("copula", "", Value::Text(described(&self.copula))),
            Field::new("log-likelihood", "", Value::Number(self.log_likelihood)),
            Field::new("AIC", "", Value::Number(self.aic)),
            Field::new("BIC", "", Value::Number(self.bic)),
            Field::new("Kendall's tau", "", Value::Number(self.copula.kendall_tau())),
            Field::new("tail dependence", "both low", Value::Number(tails.lower_lower)),
            Field::new("tail dependence", "both high", Value::Number(tails.upper_upper)),
            Field::new("converged", "", Value::Flag(self.report.converged)),
        ])
    }
}

impl Show for EllipticalFit {
    fn to_view(&self) -> View {
        let correlation = self.copula.correlation();
        let row = |(at, values): (usize, &Vec<f64>)| {
            let mut row = vec![Field::new("variable", "", Value::Number(at as f64))];
            row.extend(values.iter().enumerate().map(|(column, rho)| Field::new(&column.to_string(), "", Value::Number(*rho))));
            row
        };
        View::titled(&format!("{} copula of {} variables", self.copula.family(), correlation.size()))
            .facts(vec![
                ("degrees of freedom", fact(self.copula.degrees_of_freedom())),
                ("log-likelihood", grouped(self.log_likelihood, 2)),
                ("AIC", grouped(self.aic, 2)),
                ("BIC", grouped(self.bic, 2)),
                ("rows", grouped(self.rows as f64, 0)),
            ])
            .then(self.report.to_view())
            .heading("Correlations")
            .table(Table::of_rows(correlation.rows().iter().enumerate().map(row).collect()))
    }
}

impl Show for VineFit {
    fn to_view(&self) -> View {
        let structure = self.copula.structure();
        let mut rows = Vec::new();
        for (tree, fits) in self.fits.iter().enumerate() {
            for (column, fit) in fits.iter().enumerate() {
                let mut row = vec![
                    Field::new("tree", "", Value::Number(tree as f64 + 1.0)),
                    Field::new("pair", "", Value::Text(structure.label(tree, column, &[]))),
                ];
                row.extend(fit.to_row().unwrap_or_default());
                rows.push(row);
            }
        }
        let view = View::titled(&format!("Vine of {} variables", structure.size())).facts(vec![
            ("log-likelihood", grouped(self.log_likelihood, 2)),
            ("AIC", grouped(self.aic, 2)),
            ("BIC", grouped(self.bic, 2)),
            ("rows", grouped(self.rows as f64, 0)),
        ]);
        let view =
            if self.converged { view } else { view.problem("A pair's search did not converge: do not trust these numbers.") };
        view.table(Table::of_rows(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::copula::{Family, Rotation, SelectConfig, fit, fit_student, pseudo_observations, select_vine};

    #[test]
    fn fits_show_family_parameters_and_tails() {
        let [u, v] = PairCopula::new(Family::Clayton, Rotation::R180, &[2.0]).unwrap().simulate(500, 3);
        let one = fit(Family::Clayton, Rotation::R180, &u, &v).unwrap();
        let text = one.plain_text();
        for part in ["clayton turned by 180°: theta ", "log-likelihood", "second high", "converged"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(vec![one.clone(), one].html().contains("both high"));
        let columns: Vec<Vec<f64>> = [&u, &v].iter().map(|column| pseudo_observations(column).unwrap()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        assert!(fit_student(&columns, None).unwrap().plain_text().contains("degrees of freedom"));
        assert!(select_vine(&columns, &SelectConfig::default()).unwrap().plain_text().contains("Vine of 2 variables"));
    }
}
