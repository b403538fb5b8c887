//! Risk: fitted models with what tells whether to believe them, tails, profiles and sizes.

use super::{
    show::Show,
    table::{Field, Table},
    value::{Value, grouped, number},
    view::{View, fact},
};
use crate::risk::{
    FitReport,
    copula::TailDependence,
    garch::{Fitted, Forecast, HarFit, Parameter, TailRisk, TestResult, arch_lm, ljung_box},
    profile::{Profile, Profiles, VolatilityRegime},
    sizing::{Cap, Size},
    tail::{PortfolioRisk, backtest::Backtest},
};

/// Lags of the tests of residuals.
const LAGS: usize = 10;

fn words(text: impl ToString) -> Value {
    Value::Text(text.to_string())
}

impl Show for FitReport {
    fn to_view(&self) -> View {
        let steps = format!("{} steps, {} evaluations", grouped(self.iterations as f64, 0), grouped(self.evaluations as f64, 0));
        let mut view = if self.converged {
            View::default().note(&format!("The search converged ({steps})."))
        } else {
            View::default().problem(&format!("The search did not converge ({steps}): do not trust these numbers."))
        };
        if !self.at_bound.is_empty() {
            let names = self.at_bound.join(", ");
            view = view.problem(&format!("On the edge of what is allowed: {names}; their standard errors mean nothing."));
        }
        self.notes.iter().fold(view, |view, note| view.note(note))
    }
}

impl Show for Parameter {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(self.to_row().into_iter().collect()))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        let ratio = self.std_err_robust.filter(|error| *error > 0.0).map(|error| self.value / error);
        Some(vec![
            Field::new("parameter", "", words(&self.name)),
            Field::new("value", "", Value::Number(self.value)),
            Field::new("std. error", "robust", Value::number(self.std_err_robust)),
            Field::new("std. error", "classic", Value::number(self.std_err_classic)),
            Field::new("value / error", "robust", Value::number(ratio)),
        ])
    }
}

impl Show for TestResult {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(self.to_row().into_iter().collect()))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(vec![
            Field::new("statistic", "", Value::Number(self.statistic)),
            Field::new("degrees of freedom", "", Value::Number(self.degrees_of_freedom as f64)),
            Field::new("p-value", "", Value::Number(self.p_value)),
        ])
    }
}

/// Tests as rows under their names; one that cannot be made is left out.
fn tests(tests: Vec<(&str, &str, Option<TestResult>)>) -> Table {
    let row = |(name, finds, test): (&str, &str, Option<TestResult>)| {
        let mut row = vec![Field::new("test", "", words(name)), Field::new("a small p-value tells of", "", words(finds))];
        row.extend(test?.to_row()?);
        Some(row)
    };
    Table::of_rows(tests.into_iter().filter_map(row).collect())
}

impl Show for Fitted {
    fn to_view(&self) -> View {
        let view = View::titled(&self.model.to_string()).facts(vec![
            ("log-likelihood", grouped(self.log_likelihood, 2)),
            ("AIC", grouped(self.aic(), 2)),
            ("BIC", grouped(self.bic(), 2)),
            ("observations", grouped(self.observations as f64, 0)),
            ("volatility of the last return", fact(self.volatilities.last().copied())),
            ("of the next", fact(self.forecast(1, 1).ok().map(|ahead| ahead.variance[0].sqrt()))),
        ]);
        let view = match &self.report {
            Some(report) => view.then(report.to_view()),
            None => view.note("The parameters were given, not fitted."),
        };
        let residuals = self.standardized_residuals();
        let squares: Vec<f64> = residuals.iter().map(|z| z * z).collect();
        view.table(Table::of_rows(self.parameters.iter().filter_map(Show::to_row).collect()))
            .heading(&format!("What is left in the residuals ({LAGS} lags)"))
            .table(tests(vec![
                ("Ljung–Box", "returns that the mean missed", ljung_box(&residuals, LAGS).ok()),
                ("Ljung–Box of squares", "volatility that the model missed", ljung_box(&squares, LAGS).ok()),
                ("ARCH-LM", "volatility that the model missed", arch_lm(&residuals, LAGS).ok()),
            ]))
    }
}

/// Step by step.
impl Show for Forecast {
    fn to_view(&self) -> View {
        let row = |(at, (mean, variance)): (usize, (&f64, &f64))| {
            vec![
                Field::new("step", "ahead", Value::Number(at as f64 + 1.0)),
                Field::new("mean", "", Value::Number(*mean)),
                Field::new("volatility", "", Value::Number(variance.sqrt())),
                Field::new("variance", "", Value::Number(*variance)),
                Field::new("simulated", "", Value::Flag(self.simulated_from.is_some_and(|from| at + 1 >= from))),
            ]
        };
        let rows = self.mean.iter().zip(&self.variance).enumerate().map(row).collect();
        View::titled("Forecast").table(Table::of_rows(rows)).note("In the unit of the returns.")
    }
}

impl Show for HarFit {
    fn to_view(&self) -> View {
        View::titled("Heterogeneous autoregression of realised variance")
            .facts(vec![
                ("R²", number(self.r_squared)),
                ("log-likelihood", grouped(self.log_likelihood, 2)),
                ("AIC", grouped(self.aic(), 2)),
                ("days", grouped(self.observations as f64, 0)),
            ])
            .table(Table::of_rows(self.parameters.iter().filter_map(Show::to_row).collect()))
    }
}

impl Show for TailDependence {
    fn to_view(&self) -> View {
        let row = |name: &str, [low, high]: [f64; 2]| {
            vec![
                Field::new("first", "", words(name)),
                Field::new("second low", "", Value::Number(low)),
                Field::new("second high", "", Value::Number(high)),
            ]
        };
        let [low, high] = self.matrix();
        View::titled("Tail dependence").table(Table::of_rows(vec![row("low", low), row("high", high)]))
    }
}

fn tail(tail: &TailRisk) -> Vec<Field> {
    vec![
        Field::new("level", "%", Value::Number(100.0 * tail.level)),
        Field::new("value at risk", "loss", Value::Number(tail.value_at_risk)),
        Field::new("expected shortfall", "loss", Value::Number(tail.expected_shortfall)),
    ]
}

impl Show for TailRisk {
    fn to_view(&self) -> View {
        View::default()
            .table(Table::of_rows(vec![tail(self)]))
            .note("A positive number is a loss, in the unit of the returns or values.")
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(tail(self))
    }
}

impl Show for PortfolioRisk {
    fn to_view(&self) -> View {
        let named = |name: String, of: &TailRisk| {
            let mut row = vec![Field::new("position", "", words(name))];
            row.extend(tail(of));
            row
        };
        let mut rows = vec![named("all together".to_owned(), &self.together)];
        rows.extend(self.names.iter().zip(&self.alone).map(|(name, of)| named(format!("{name} alone"), of)));
        View::titled("Tail of a portfolio")
            .facts(vec![(
                "taken off the expected shortfall by diversification",
                self.diversification.map_or("–".into(), |x| format!("{:.1} %", 100.0 * x)),
            )])
            .table(Table::of_rows(rows))
            .note("Positive numbers are losses, in the unit of value times return.")
    }
}

impl Show for Backtest {
    fn to_view(&self) -> View {
        let view = View::titled("Back-test of value at risk and expected shortfall").facts(vec![
            ("days", grouped(self.days.len() as f64, 0)),
            ("beyond the value at risk", grouped(self.exceedances as f64, 0)),
        ]);
        let view = match self.failed_fits {
            0 => view,
            fits => view.problem(&format!("{fits} fits failed; their days use the parameters before.")),
        };
        let sizes = &self.acerbi_szekely;
        let size = |name: &str, z: Option<f64>, p: Option<f64>| {
            vec![
                Field::new("Acerbi–Székely", "", words(name)),
                Field::new("statistic", "", Value::number(z)),
                Field::new("p-value", "", Value::number(p)),
            ]
        };
        view.table(tests(vec![
            ("Kupiec", "a wrong number of exceedances", Some(self.kupiec)),
            ("Christoffersen", "a wrong number, or exceedances in clusters", Some(self.christoffersen)),
        ]))
        .table(Table::of_rows(vec![
            size("Z1: size of the losses beyond", sizes.z1, sizes.z1_p_value),
            size("Z2: size and number", Some(sizes.z2), Some(sizes.z2_p_value)),
        ]))
    }
}

fn profile(profile: &Profile) -> Vec<Field> {
    let regime = match profile.vol_regime {
        VolatilityRegime::High => "high",
        VolatilityRegime::Normal => "normal",
    };
    let mut row = vec![
        Field::new("symbol", "", words(&profile.symbol)),
        Field::new("risk score", "1 to 10", Value::number(profile.risk_score.map(f64::from))),
        Field::new("forecast volatility", "% a day", Value::Number(profile.forecast_volatility)),
        Field::new("low", "% a day", Value::Number(profile.forecast_interval[0])),
        Field::new("high", "% a day", Value::Number(profile.forecast_interval[1])),
        Field::new("annualised", "% a year", Value::Number(profile.annualized_vol)),
        Field::new("volatility now", "% a day", Value::Number(profile.current_vol)),
        Field::new("regime", "", words(regime)),
    ];
    row.extend(
        (1..)
            .zip(&profile.correlations)
            .map(|(at, rho)| Field::new("correlation", &format!("benchmark {at}"), Value::Number(*rho))),
    );
    row.extend([
        Field::new("tail dependence", "losses", Value::Number(profile.tail_dependence_lower)),
        Field::new("diversification", "", Value::Number(profile.diversification_benefit)),
        Field::new("known at", "New York, ET", Value::Time(profile.known_at)),
        Field::new("notes", "", Value::text(&profile.notes.join("; "))),
    ]);
    row
}

impl Show for Profile {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(vec![profile(self)]))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(profile(self))
    }
}

impl Show for Profiles {
    fn to_view(&self) -> View {
        let benchmarks: Vec<String> = self.benchmarks.iter().map(ToString::to_string).collect();
        let scale = if self.calibrated { "deciles of these stocks" } else { "the default scale: fewer than 30 stocks" };
        let view = View::titled("Risk profiles").facts(vec![
            ("as of", super::view::instant(self.as_of)),
            ("benchmarks", benchmarks.join(", ")),
            ("scores on", scale.to_owned()),
        ]);
        let mut rows: Vec<Vec<Field>> = self.profiles.iter().map(profile).collect();
        for field in rows.iter_mut().flatten().filter(|field| field.name == "correlation") {
            let at = field.unit.strip_prefix("benchmark ").and_then(|at| at.parse::<usize>().ok());
            if let Some(benchmark) = at.and_then(|at| benchmarks.get(at - 1)) {
                field.unit.clone_from(benchmark);
            }
        }
        let view = view.table(Table::of_rows(rows));
        if self.unprofiled.is_empty() {
            return view;
        }
        let row = |(symbol, problem): (String, &String)| {
            vec![Field::new("symbol", "", words(symbol)), Field::new("problem", "", words(problem))]
        };
        let rows = self.unprofiled.iter().map(|stock| row((stock.symbol.to_string(), &stock.problem))).collect();
        view.heading("Without a profile").table(Table::of_rows(rows))
    }
}

fn size(size: &Size) -> Vec<Field> {
    let cap = size.capped_by.map(|cap| match cap {
        Cap::Risk => "the limit of risk",
        Cap::Position => "the limit of the position",
    });
    vec![
        Field::new("shares", "", Value::Number(size.shares)),
        Field::new("weight", "% of equity", Value::Number(100.0 * size.weight)),
        Field::new("at risk", "% of equity", Value::Number(100.0 * size.at_risk)),
        Field::new("cut by", "", Value::text(cap.unwrap_or_default())),
    ]
}

impl Show for Size {
    fn to_view(&self) -> View {
        View::default().table(Table::of_rows(vec![size(self)]))
    }

    fn to_row(&self) -> Option<Vec<Field>> {
        Some(size(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::garch::Specification;

    #[test]
    fn a_fit_shows_what_tells_whether_to_believe_it() {
        let model: Specification = "constant garch t".parse().unwrap();
        let returns = model.simulate(&[0.05, 0.05, 0.08, 0.9, 6.0], 1_200, 7).unwrap().returns;
        let fitted = model.fit(&returns).unwrap();
        let text = fitted.plain_text();
        for part in
            ["omega", "beta[1]", "log-likelihood", "std. error (robust)", "converged", "Ljung–Box of squares", "ARCH-LM", "1,200"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        let given = model.at(&[0.05, 0.05, 0.08, 0.9, 6.0], &returns).unwrap();
        assert!(given.plain_text().contains("given, not fitted"));
    }

    #[test]
    fn a_search_that_failed_cannot_be_overlooked() {
        let report = FitReport {
            converged: false,
            iterations: 12_000,
            evaluations: 5,
            at_bound: vec!["alpha[1] + beta[1]".into()],
            notes: vec!["scale <1".into()],
        };
        let html = report.html();
        assert!(html.contains("class=\"bad\">The search did not converge (12,000 steps"), "{html}");
        assert!(html.contains("edge of what is allowed: alpha[1] + beta[1]") && html.contains("scale &lt;1"), "{html}");
    }

    #[test]
    fn tails_and_sizes_have_units() {
        let tail = TailRisk { level: 0.01, value_at_risk: 2.25, expected_shortfall: 3.5 };
        let portfolio = PortfolioRisk {
            together: tail,
            names: vec!["SPY".to_owned(), "QQQ".to_owned()],
            alone: vec![tail, tail],
            diversification: Some(0.25),
        };
        let text = portfolio.plain_text();
        assert!(text.contains("25.0 %") && text.contains("QQQ alone") && text.contains("value at risk (loss)"), "{text}");
        let size = Size { shares: -1_500.0, weight: 0.25, at_risk: 0.012, capped_by: Some(Cap::Risk) };
        let text = size.plain_text();
        assert!(text.contains("−1,500") && text.contains("25") && text.contains("the limit of risk"), "{text}");
    }
}
