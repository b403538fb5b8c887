//! Standard errors: from the curvature of the likelihood, and from how the observations' scores spread.

use super::{
    Distribution, Fitted, density,
    fit::INVERTIBILITY,
    likelihood::{Arrays, Likelihood},
    linear::{Matrix, gram, inverse, product},
};

/// Steps of differences, of a parameter's typical size.
const STEP: f64 = 1e-6;
/// How far beside the mean the curvature is taken, in standard deviations. The likelihood of an EGARCH has a corner wherever a
/// residual is zero, and a maximum likes to sit in one: across the corner there is no curvature, only a jump of the slope.
const ASIDE: f64 = 2e-5;

/// Writes the standard errors of the parameters that are not on an edge.
///
/// ```text
/// classic: (−H)⁻¹        robust: H⁻¹ (n cov(scores)) H⁻¹
/// ```
///
/// Also the error of the next variance's logarithm, `√(g′ V g)` with the slopes `g` of it and the robust covariances `V`.
///
/// `H` comes from differences of the analytic gradient, and the same evaluations give how each variance changes with each
/// parameter, hence the scores. Where `H` has no inverse there are no standard errors.
///
/// # References
/// Bollerslev & Wooldridge (1992), *Quasi-maximum likelihood estimation*, Econometric Reviews 11.
pub(super) fn standard_errors(likelihood: &Likelihood<'_>, fitted: &mut Fitted) {
    let mut values = fitted.values.clone();
    if likelihood.counts[0] > 0 {
        values[0] += ASIDE * likelihood.unit.sqrt();
    }
    let edges = fitted.report.as_ref().map_or(&[][..], |report| &report.at_bound);
    if edges.iter().any(|edge| edge == INVERTIBILITY) {
        return;
    }
    let free: Vec<usize> = (0..values.len()).filter(|at| !edges.contains(&fitted.parameters[*at].name)).collect();
    let (mut base, mut moved) = (Arrays::default(), Arrays::default());
    let mut gradient = vec![0.0; values.len()];
    likelihood.evaluate(&values, &mut gradient, &mut base);
    let (_, _, shape) = likelihood.split(&values);
    likelihood.density(&values, &mut vec![0.0; shape.len()], &mut base);

    let sizes = sizes(likelihood, &values);
    let next = |values: &[f64], arrays: &Arrays| {
        let (_, variance, _) = likelihood.split(values);
        likelihood.process.next(variance, &likelihood.recent(arrays)).ln()
    };
    let log_next = next(&values, &base);
    let mut next_slopes = Vec::new();
    let mut curvature: Matrix = Vec::new();
    let mut scores: Vec<Vec<f64>> = Vec::new();
    for at in &free {
        let step = STEP * sizes[*at];
        let mut there = values.clone();
        there[*at] += step;
        let mut slopes = vec![0.0; values.len()];
        likelihood.evaluate(&there, &mut slopes, &mut moved);
        curvature.push(free.iter().map(|other| -(slopes[*other] - gradient[*other]) / step).collect());
        next_slopes.push((next(&there, &moved) - log_next) / step);
        scores.push(match at.checked_sub(likelihood.counts[0] + likelihood.counts[1]) {
            Some(shape) => shape_score(likelihood, &values, shape, &base),
            None => (0..base.residuals.len())
                .map(|t| {
                    (base.by_variance[t] * (moved.variances[t] - base.variances[t])
                        + base.by_residual[t] * (moved.residuals[t] - base.residuals[t]))
                        / step
                })
                .collect(),
        });
    }
    let n = scores.first().map_or(0, Vec::len) as f64;
    for score in &mut scores {
        let mean = score.iter().sum::<f64>() / n;
        score.iter_mut().for_each(|value| *value -= mean);
    }
    let symmetric: Matrix =
        (0..free.len()).map(|i| (0..free.len()).map(|j| (curvature[i][j] + curvature[j][i]) / 2.0).collect()).collect();
    // Where the likelihood is not curved downwards in every direction, no spread follows from its curvature.
    let Some(classic) = inverse(&symmetric).filter(|classic| (0..free.len()).all(|i| classic[i][i] > 0.0)) else { return };
    let mut spread = gram(&scores);
    spread.iter_mut().flatten().for_each(|value| *value *= n / (n - 1.0));
    let robust = product(&product(&classic, &spread), &classic);
    let spread: f64 =
        next_slopes.iter().zip(&robust).map(|(a, row)| a * row.iter().zip(&next_slopes).map(|(b, c)| b * c).sum::<f64>()).sum();
    let root = |value: f64| (value > 0.0 && value.is_finite()).then(|| value.sqrt());
    fitted.log_variance_error = root(spread);
    // Below two the density of a GED has no second derivative at zero: what a difference finds there is its own step.
    let peaked = likelihood.model.distribution == Distribution::Ged && shape.first().is_some_and(|nu| *nu < 2.0);
    let told = |at: usize| !(peaked && at < likelihood.counts[0]);
    for (i, at) in free.iter().enumerate().filter(|(_, at)| told(**at)) {
        fitted.parameters[*at].std_err_classic = root(classic[i][i]);
        fitted.parameters[*at].std_err_robust = root(robust[i][i]);
    }
}

/// By about how much each parameter may be changed to see its effect.
fn sizes(likelihood: &Likelihood<'_>, values: &[f64]) -> Vec<f64> {
    let (mean, variance, shape) = likelihood.split(values);
    let deviation = likelihood.unit.sqrt();
    let mean = mean.iter().enumerate().map(|(at, _)| if at == 0 { deviation } else { 0.1 });
    let shapes = likelihood.model.distribution.shapes().iter().zip(shape);
    let shapes = shapes.map(|(about, value)| if about.name == "lambda" { 0.1 } else { *value });
    mean.chain(likelihood.process.sizes(variance, likelihood.unit)).chain(shapes).collect()
}

/// Slopes of each observation's log-density by a shape parameter.
fn shape_score(likelihood: &Likelihood<'_>, values: &[f64], shape: usize, base: &Arrays) -> Vec<f64> {
    let (_, _, shapes) = likelihood.split(values);
    let step = 1e-5 * shapes[shape].abs().max(0.1);
    let at = |by: f64| {
        let mut moved = shapes.to_vec();
        moved[shape] += by;
        density::log_densities(likelihood.model.distribution, &moved, &base.residuals, &base.variances)
    };
    at(step).iter().zip(at(-step)).map(|(above, below)| (above - below) / (2.0 * step)).collect()
}
