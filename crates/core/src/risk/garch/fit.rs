//! Fitting by maximum likelihood.

use std::cell::RefCell;

use serde::Serialize;

use super::{
    Distribution, Mean, Specification,
    likelihood::{Arrays, Likelihood},
    standard_errors::standard_errors,
    volatility::{Axis, Recent},
};
use crate::{
    Result,
    risk::{
        FitReport,
        optimise::{Domain, Minimum, minimise, minimise_roughly},
    },
};

/// Fewer returns than this are not fitted: the likelihood is too flat for its maximum to mean anything.
pub const MIN_OBSERVATIONS: usize = 100;
/// The newest returns on which hills are compared.
const WINDOW: usize = 1_000;
/// Hills lower by so much, in logarithms of the likelihood, are left alone: roughly climbed, they are known to less than that.
const FAR_BELOW: f64 = 5.0;
/// What is told to be at its bound where volatilities hardly forget where they began.
pub(super) const INVERTIBILITY: &str = "invertibility";
/// So near to it.
const EDGE_OF_GROWTH: f64 = 2e-3;
/// A fit whose usual volatility is so much smaller than that of the returns has lost its data.
const DEGENERATE: f64 = 1e-3;
/// A return this many robust standard deviations out is worth a note.
const OUTLIER: f64 = 25.0;

/// One parameter of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name, as in [`Specification::parameter_names`].
    pub name: String,
    /// Its value, in the unit of the returns.
    pub value: f64,
    /// Standard error that holds when the distribution is not quite the model's (Bollerslev–Wooldridge); none for a parameter
    /// on the edge of its range, or that was given.
    pub std_err_robust: Option<f64>,
    /// Standard error from the curvature of the likelihood alone.
    pub std_err_classic: Option<f64>,
}

/// A model with parameters, and what it makes of the returns.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// The model.
    pub model: Specification,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Returns with a density: all but those that only serve as regressors.
    pub observations: usize,
    /// Conditional mean of each return, known the day before.
    pub means: Vec<f64>,
    /// Returns less these means.
    pub residuals: Vec<f64>,
    /// Conditional standard deviation of each, in the unit of the returns, known the day before.
    pub volatilities: Vec<f64>,
    /// How the search went; none when the parameters were given.
    pub report: Option<FitReport>,
    pub(super) values: Vec<f64>,
    pub(super) recent: Recent,
    /// Standard error of the logarithm of the next variance, from that of the parameters.
    pub(super) log_variance_error: Option<f64>,
    /// The newest returns, as many as the mean reaches back.
    pub(super) newest: Vec<f64>,
}

impl Fitted {
    /// A parameter's value by its name.
    pub fn parameter(&self, name: &str) -> Option<f64> {
        self.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| parameter.value)
    }

    /// Akaike's criterion: `2 k − 2 ln L`.
    pub fn aic(&self) -> f64 {
        2.0 * self.parameters.len() as f64 - 2.0 * self.log_likelihood
    }

    /// The Bayesian criterion: `k ln n − 2 ln L`.
    pub fn bic(&self) -> f64 {
        (self.observations as f64).ln() * self.parameters.len() as f64 - 2.0 * self.log_likelihood
    }

    /// Residuals over their volatilities: mean zero, variance one, and no memory, if the model is right.
    pub fn standardized_residuals(&self) -> Vec<f64> {
        self.residuals.iter().zip(&self.volatilities).map(|(residual, volatility)| residual / volatility).collect()
    }
}

impl Specification {
    /// Parameters of the largest likelihood of `returns`, which are in time order, without gaps.
    ///
    /// # Errors
    /// [`Error::Fit`](crate::Error::Fit) when a return is not a number, when there are fewer than [`MIN_OBSERVATIONS`] or than
    /// ten a parameter, when they do not vary, or when no maximum is found: there are no numbers of a fit that failed.
    pub fn fit(&self, returns: &[f64]) -> Result<Fitted> {
        let names = self.parameter_names()?;
        let least = MIN_OBSERVATIONS.max(10 * names.len()) + self.mean.lags();
        if returns.len() < least {
            return Err(self.problem(format!("{} returns are too few: {least} at least are needed", returns.len())));
        }
        let likelihood = self.likelihood(returns)?;
        let middle = median(returns);
        let alike = returns.iter().filter(|value| **value == middle).count();
        if 2 * alike > returns.len() {
            return Err(self.problem(format!(
                "{alike} of {} returns are {middle}: the series looks stale or filled, and no law with a density has a likelihood for it",
                returns.len()
            )));
        }
        let found = Search::new(&likelihood).highest(returns)?;
        if !found.converged {
            return Err(self.problem(format!("the search ended after {} evaluations without a maximum", found.evaluations)));
        }
        let values = Search::new(&likelihood).parameters(&found.at);
        let mut report = FitReport {
            converged: true,
            iterations: found.iterations,
            evaluations: found.evaluations,
            at_bound: self.edges(&likelihood, &values),
            notes: self.notes(&likelihood),
        };
        let mut arrays = Arrays::default();
        likelihood.filter(&values, &mut arrays);
        if likelihood.growth(&values, &arrays) > -EDGE_OF_GROWTH {
            report.at_bound.push(INVERTIBILITY.to_owned());
        }
        let mut fitted = self.fitted(&likelihood, values, Some(report))?;
        // A likelihood without bound grows where the variance shrinks onto returns that are all alike.
        let typical = median(&fitted.volatilities);
        if typical < DEGENERATE * likelihood.unit.sqrt() {
            return Err(self.problem(format!(
                "the likelihood has no maximum: it grows as the volatility shrinks onto returns that are all alike (half of the \
                 volatilities are below {typical:.1e})"
            )));
        }
        standard_errors(&likelihood, &mut fitted);
        Ok(fitted)
    }

    /// The model at given parameters, in the order of [`parameter_names`](Self::parameter_names).
    ///
    /// # Errors
    /// [`Error::Fit`](crate::Error::Fit) when the parameters are too few, too many or not allowed, or the returns are unusable.
    pub fn at(&self, parameters: &[f64], returns: &[f64]) -> Result<Fitted> {
        self.check(parameters)?;
        if returns.len() < self.mean.lags() + 2 {
            return Err(self.problem(format!("{} returns are too few", returns.len())));
        }
        let likelihood = self.likelihood(returns)?;
        self.fitted(&likelihood, parameters.to_vec(), None)
    }

    /// Whether these are parameters of this model.
    pub(super) fn check(&self, parameters: &[f64]) -> Result<()> {
        let names = self.parameter_names()?;
        if parameters.len() != names.len() {
            return Err(self.problem(format!("{} parameters for {}: {}", parameters.len(), names.len(), names.join(", "))));
        }
        if let Some(at) = parameters.iter().position(|value| !value.is_finite()) {
            return Err(self.problem(format!("{} is {}", names[at], parameters[at])));
        }
        let process = self.volatility.process()?;
        let (first, count) = (self.mean.names().len(), process.names().len());
        if let Some(complaint) = process.complaint(&parameters[first..first + count]) {
            return Err(self.problem(complaint));
        }
        for (shape, value) in self.distribution.shapes().iter().zip(&parameters[first + count..]) {
            let [low, high] = shape.range;
            if !(low..=high).contains(value) {
                return Err(self.problem(format!("{} is {value}, and must be between {low} and {high}", shape.name)));
            }
        }
        Ok(())
    }

    /// Checks the returns.
    fn likelihood<'a>(&self, returns: &'a [f64]) -> Result<Likelihood<'a>> {
        if let Some(row) = returns.iter().position(|value| !value.is_finite()) {
            return Err(self.problem(format!(
                "return {} of {} is {}: fill or drop it before fitting",
                row + 1,
                returns.len(),
                returns[row]
            )));
        }
        let mean = returns.iter().sum::<f64>() / returns.len() as f64;
        let largest = returns.iter().fold(0.0, |largest: f64, value| largest.max((value - mean).abs()));
        let size = returns.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        // What rounding makes of a constant is not variation; below some 1e-140 squares leave the range of a number.
        if largest <= 1e-12 * size || largest < 1e-140 {
            return Err(self.problem("the returns do not vary: there is no volatility to model"));
        }
        if size > 1e140 {
            return Err(self.problem(format!("a return is as large as {size:e}")));
        }
        Likelihood::new(*self, returns)
    }

    fn fitted(&self, likelihood: &Likelihood<'_>, values: Vec<f64>, report: Option<FitReport>) -> Result<Fitted> {
        let mut arrays = Arrays::default();
        let mut gradient = vec![0.0; values.len()];
        let log_likelihood = likelihood.evaluate(&values, &mut gradient, &mut arrays);
        if !log_likelihood.is_finite() {
            return Err(self.problem("at these parameters a variance is not a positive number"));
        }
        let parameters = self.parameter_names()?.into_iter().zip(&values);
        Ok(Fitted {
            model: *self,
            parameters: parameters
                .map(|(name, value)| Parameter { name, value: *value, std_err_robust: None, std_err_classic: None })
                .collect(),
            log_likelihood,
            observations: likelihood.count(),
            recent: likelihood.recent(&arrays),
            log_variance_error: None,
            newest: likelihood.returns[likelihood.returns.len() - self.mean.lags()..].to_vec(),
            volatilities: arrays.variances.iter().map(|s| s.sqrt()).collect(),
            means: likelihood.returns[self.mean.lags()..].iter().zip(&arrays.residuals).map(|(x, e)| x - e).collect(),
            residuals: arrays.residuals,
            report,
            values,
        })
    }

    /// Names of what ended on the edge of its range.
    fn edges(&self, likelihood: &Likelihood<'_>, values: &[f64]) -> Vec<String> {
        let (_, variance, shape) = likelihood.split(values);
        let mut edges = likelihood.process.edges(variance);
        for (about, value) in self.distribution.shapes().iter().zip(shape) {
            let [low, high] = about.range;
            if value - low < 1e-4 * (1.0 + low.abs()) || high - value < 1e-4 * high {
                edges.push(about.name.to_owned());
            }
        }
        edges
    }

    fn notes(&self, likelihood: &Likelihood<'_>) -> Vec<String> {
        let mut notes = Vec::new();
        let deviation = likelihood.unit.sqrt();
        if !(0.05..50.0).contains(&deviation) {
            notes.push(format!(
                "the returns' standard deviation is {deviation:.3e}; percent returns (100 times the fraction) are customary, \
                 and every number here is in the unit of the returns"
            ));
        }
        notes.extend(outlier(likelihood.returns));
        if self.distribution == Distribution::Ged && self.mean != Mean::Zero {
            notes.push("the density of a GED is peaked: below a nu of 2 there is no standard error of the mean".to_owned());
        }
        notes
    }
}

/// A search for the maximum, in coordinates that make a box.
struct Search<'a> {
    likelihood: &'a Likelihood<'a>,
    axes: Vec<Axis>,
    arrays: RefCell<(Arrays, Vec<f64>)>,
}

impl<'a> Search<'a> {
    fn new(likelihood: &'a Likelihood<'a>) -> Self {
        let model = &likelihood.model;
        let deviation = likelihood.unit.sqrt();
        let mean = likelihood.mean_start.iter().enumerate().map(|(at, start)| match at {
            0 => Axis { lower: start - 10.0 * deviation, upper: start + 10.0 * deviation, scale: 0.03 * deviation },
            _ => Axis { lower: -3.0, upper: 3.0, scale: 0.03 },
        });
        let shapes = model.distribution.shapes().iter().map(|shape| {
            let ends = shape.range.map(|end| to_axis(model.distribution, shape.name, end));
            let scale = if shape.name == "lambda" { 0.04 } else { 0.02 };
            Axis { lower: ends[0].min(ends[1]), upper: ends[0].max(ends[1]), scale }
        });
        let axes = mean.chain(likelihood.process.axes()).chain(shapes).collect();
        Self { likelihood, axes, arrays: RefCell::default() }
    }

    /// Parameters of a point.
    fn parameters(&self, x: &[f64]) -> Vec<f64> {
        let (mean, variance, shape) = self.likelihood.split(x);
        let model = &self.likelihood.model;
        let shapes = model.distribution.shapes().iter().zip(shape);
        let mut all = mean.to_vec();
        all.extend(self.likelihood.process.parameters(variance, self.likelihood.unit));
        all.extend(shapes.map(|(about, x)| from_axis(model.distribution, about.name, *x).clamp(about.range[0], about.range[1])));
        all
    }

    /// Minus the log-likelihood of a point as if the returns had unit variance, and its slopes.
    fn descend(&self, x: &[f64], slopes: &mut [f64]) -> f64 {
        let mut borrowed = self.arrays.borrow_mut();
        let (arrays, gradient) = &mut *borrowed;
        let parameters = self.parameters(x);
        gradient.clear();
        gradient.resize(parameters.len(), 0.0);
        let value = self.likelihood.evaluate(&parameters, gradient, arrays);
        if self.likelihood.growth(&parameters, arrays) >= 0.0 {
            return f64::INFINITY;
        }
        let (by_mean, by_variance, by_shape) = self.likelihood.split(gradient);
        let (_, on_variance, on_shape) = self.likelihood.split(x);
        let by_axes = self.likelihood.process.on_axes(on_variance, self.likelihood.unit, by_variance);
        let distribution = self.likelihood.model.distribution;
        let shapes = distribution.shapes().iter().zip(on_shape).zip(by_shape);
        let on_shapes = shapes.map(|((about, x), by)| match (distribution, about.name) {
            (Distribution::Ged, _) => by * x.exp(),
            (_, "lambda") => *by,
            _ => -by / (x * x),
        });
        let all = by_mean.iter().copied().chain(by_axes).chain(on_shapes);
        slopes.iter_mut().zip(all).for_each(|(slope, by)| *slope = -by);
        -(value + 0.5 * self.likelihood.count() as f64 * self.likelihood.unit.ln())
    }

    /// The highest point: of each hill that the newest returns show, the search that ends highest goes on over all returns.
    fn highest(&self, returns: &[f64]) -> Result<Minimum<Vec<f64>>> {
        let model = self.likelihood.model;
        // A window must be long beside what the process remembers.
        let enough = WINDOW.max(self.likelihood.process.memory().saturating_mul(5)).saturating_add(model.mean.lags());
        let newest = &returns[returns.len().saturating_sub(enough)..];
        let window = Likelihood { mean_start: self.likelihood.mean_start.clone(), ..Likelihood::new(model, newest)? };
        let trial = Search { axes: self.axes.clone(), ..Search::new(&window) };
        let shapes: Vec<f64> =
            model.distribution.shapes().iter().map(|shape| to_axis(model.distribution, shape.name, shape.start)).collect();
        let mut arrays = Arrays::default();
        let mut value = |start: &Vec<f64>| {
            let value = -window.density(&trial.parameters(start), &mut vec![0.0; shapes.len()], &mut arrays);
            if value.is_nan() { f64::INFINITY } else { value }
        };
        let mut hills: Vec<Minimum<Vec<f64>>> = Vec::new();
        let mut spent = [0, 0];
        for group in self.likelihood.process.starts() {
            let starts = group.into_iter().map(|start| [self.likelihood.mean_start.clone(), start, shapes.clone()].concat());
            let best = starts.map(|start| (value(&start), start)).min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, start)) = best {
                let hill = minimise_roughly(|x, slopes| trial.descend(x, slopes), &start, &trial.domain());
                spent = [spent[0] + hill.iterations, spent[1] + hill.evaluations];
                hills.push(hill);
            }
        }
        // Which is the highest over all returns may be another than over the newest.
        if window.count() < self.likelihood.count() {
            let mut slopes = vec![0.0; self.axes.len()];
            hills.iter_mut().for_each(|hill| hill.value = self.descend(&hill.at, &mut slopes));
        }
        hills.sort_by(|a, b| a.value.total_cmp(&b.value));
        let mut best: Option<Minimum<Vec<f64>>> = None;
        for hill in hills {
            let known = best.as_ref().filter(|best| best.converged);
            // A hill that is far below what is reached, or on whose side it stands, is not climbed.
            if known.is_some_and(|best| hill.value > best.value + FAR_BELOW || self.near(&hill.at, &best.at)) {
                continue;
            }
            let found = self.climb(&hill.at);
            spent = [spent[0] + found.iterations, spent[1] + found.evaluations];
            if best.as_ref().is_none_or(|best| (found.converged, -found.value) > (best.converged, -best.value)) {
                best = Some(found);
            }
        }
        let best = best.ok_or_else(|| model.problem("there is nowhere to begin"))?;
        Ok(Minimum { iterations: spent[0], evaluations: spent[1], ..best })
    }

    /// Whether two points differ by less than the standard errors that are usual.
    fn near(&self, a: &[f64], b: &[f64]) -> bool {
        let domain = self.domain();
        a.iter().zip(b).zip(&domain.scale).all(|((a, b), scale)| (a - b).abs() < *scale)
    }

    fn climb(&self, start: &[f64]) -> Minimum<Vec<f64>> {
        minimise(|x, slopes| self.descend(x, slopes), start, &self.domain())
    }

    fn domain(&self) -> Domain {
        let narrower = (1_000.0 / self.likelihood.count() as f64).sqrt();
        Domain {
            lower: self.axes.iter().map(|axis| axis.lower).collect(),
            upper: self.axes.iter().map(|axis| axis.upper).collect(),
            scale: self.axes.iter().map(|axis| axis.scale * narrower).collect(),
        }
    }
}

/// The coordinate of a shape: degrees of freedom as their reciprocal, in which the likelihood is round; the tail exponent as its logarithm.
fn to_axis(distribution: Distribution, name: &str, value: f64) -> f64 {
    match (distribution, name) {
        (Distribution::Ged, _) => value.ln(),
        (_, "lambda") => value,
        _ => 1.0 / value,
    }
}

fn from_axis(distribution: Distribution, name: &str, x: f64) -> f64 {
    match (distribution, name) {
        (Distribution::Ged, _) => x.exp(),
        (_, "lambda") => x,
        _ => 1.0 / x,
    }
}

/// The value in the middle.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    let middle = sorted.len() / 2;
    *sorted.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// What is to be said of a return so large that it looks like an error of the data.
pub(in crate::risk) fn outlier(returns: &[f64]) -> Option<String> {
    let robust = median(&returns.iter().map(|value| value.abs()).collect::<Vec<_>>()) / 0.6745;
    let row = returns.iter().position(|value| robust > 0.0 && value.abs() > OUTLIER * robust)?;
    Some(format!(
        "return {} is {:.4}, {:.0} robust standard deviations: check it for an unadjusted split or a bad print",
        row + 1,
        returns[row],
        returns[row].abs() / robust
    ))
}
