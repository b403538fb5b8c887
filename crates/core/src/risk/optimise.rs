//! Minimisation inside a box: [`basin`]'s L-BFGS-B with our gradients, and its Brent for one variable.
//!
//! A fit hands over a function that gives its value and writes its gradient in one pass. Where the function is not
//! defined it gives `+∞`, and the search backs off. Variables should be of order one: say their scale.

use std::{cell::Cell, convert::Infallible};

use basin::{
    BoxBounds, Brent, ConstraintDescription, ConstraintSet, Constraints, CostFunction, Executor, FirstOrderState, Gradient,
    Lbfgs, PointState, Termination,
};

/// Searches that take more steps than this have lost their way.
const MAX_ITERATIONS: u64 = 500;
/// A step that gains less than this, relative to the value, is the last.
const ENOUGH: f64 = 1e-11;
/// The same where only the neighbourhood is wanted.
const ROUGHLY: f64 = 1e-5;
/// How often a search is begun again.
const RESTARTS: usize = 40;
/// A search that gains less than this, relative to the value, has not moved.
const STALLED: f64 = 1e-9;
/// A search begun again that gains less than this creeps.
const CREEPING: f64 = 1e-6;
/// A slope less than this, where variables are of the size of their standard errors, is none.
const FLAT: f64 = 1e-3;

/// The box and the size of the variables in it.
#[derive(Debug, Clone)]
pub(crate) struct Domain {
    /// Smallest values.
    pub(crate) lower: Vec<f64>,
    /// Largest values.
    pub(crate) upper: Vec<f64>,
    /// By how much each variable must change to change the function by about as much as the others do.
    pub(crate) scale: Vec<f64>,
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum<X> {
    /// The best point.
    pub(crate) at: X,
    /// The function there.
    pub(crate) value: f64,
    /// Steps of the search.
    pub(crate) iterations: u64,
    /// Values (and gradients) computed.
    pub(crate) evaluations: u64,
    /// Whether the search ended because nothing better is near.
    pub(crate) converged: bool,
}

struct Scaled<'a, F> {
    function: &'a F,
    lower: Vec<f64>,
    upper: Vec<f64>,
    scale: &'a [f64],
    evaluations: &'a Cell<u64>,
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> Scaled<'_, F> {
    fn evaluate(&self, x: &[f64], gradient: &mut Vec<f64>) -> f64 {
        self.evaluations.set(self.evaluations.get() + 1);
        let at: Vec<f64> = x.iter().zip(self.scale).map(|(x, scale)| x * scale).collect();
        gradient.clear();
        gradient.resize(x.len(), 0.0);
        let value = (self.function)(&at, gradient);
        gradient.iter_mut().zip(self.scale).for_each(|(slope, scale)| *slope *= scale);
        if value.is_finite() && gradient.iter().all(|slope| slope.is_finite()) {
            return value;
        }
        gradient.fill(0.0);
        f64::INFINITY
    }
}

impl<F> Constraints for Scaled<'_, F> {
    type Set = ConstraintSet<BoxBounds<Vec<f64>>>;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new().with_bounds(BoxBounds::new(Some(&self.lower), Some(&self.upper)))
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> CostFunction for Scaled<'_, F> {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Infallible> {
        Ok(self.evaluate(x, &mut Vec::new()))
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> Gradient for Scaled<'_, F> {
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Infallible> {
        let mut gradient = Vec::new();
        self.evaluate(x, &mut gradient);
        Ok(gradient)
    }

    fn cost_and_gradient(&self, x: &Vec<f64>) -> Result<(f64, Vec<f64>), Infallible> {
        let mut gradient = Vec::new();
        let value = self.evaluate(x, &mut gradient);
        Ok((value, gradient))
    }

    fn cost_and_gradient_into(&self, x: &Vec<f64>, gradient: &mut Vec<f64>) -> Result<f64, Infallible> {
        Ok(self.evaluate(x, gradient))
    }
}

/// Minimises a function of several variables that writes its gradient, from `start`, which must lie in the box.
///
/// A search ends when a step improves the function by less than 1e-11 of itself, which may be a slow step and not the last, or when
/// it gets stuck, as it may beside a corner of the function or where it is not defined. So it is begun again from a step down the slope,
/// until no such step gains anything: then there is nothing better near.
pub(crate) fn minimise(function: impl Fn(&[f64], &mut [f64]) -> f64, start: &[f64], domain: &Domain) -> Minimum<Vec<f64>> {
    let mut best = search(&function, start, domain, ENOUGH);
    for _ in 0..RESTARTS {
        if !best.value.is_finite() {
            best.converged = false;
            break;
        }
        let least = STALLED * best.value.abs().max(1.0);
        let before = best.value;
        let stepped = step_down(&function, &best, domain, least);
        best = best.or(stepped);
        if best.value > before - least {
            best.converged = true;
            break;
        }
        let again = search(&function, &best.at, domain, ENOUGH);
        best = best.or(again);
        // Along a wall that no step crosses the searches creep: close enough is there, too.
        best.converged = before - best.value < CREEPING * before.abs().max(1.0);
    }
    best
}

impl Minimum<Vec<f64>> {
    /// The better of two, with what both cost.
    fn or(self, other: Self) -> Self {
        let (iterations, evaluations) = (self.iterations + other.iterations, self.evaluations + other.evaluations);
        let better = if other.value < self.value { other } else { self };
        Self { iterations, evaluations, ..better }
    }
}

/// A first step down the slope that gains at least so much, from long to short; where there is none, the point itself.
fn step_down(
    function: &impl Fn(&[f64], &mut [f64]) -> f64,
    from: &Minimum<Vec<f64>>,
    domain: &Domain,
    least: f64,
) -> Minimum<Vec<f64>> {
    let mut slopes = vec![0.0; from.at.len()];
    let mut stayed = Minimum { iterations: 0, evaluations: 1, converged: false, ..from.clone() };
    let value = function(&from.at, &mut slopes);
    // By the scale of each variable, without those that the box holds back.
    let mut down: Vec<f64> = slopes.iter().zip(&domain.scale).map(|(slope, scale)| -slope * scale).collect();
    for (at, down) in down.iter_mut().enumerate() {
        if (*down > 0.0 && from.at[at] >= domain.upper[at]) || (*down < 0.0 && from.at[at] <= domain.lower[at]) {
            *down = 0.0;
        }
    }
    let length = down.iter().map(|down| down * down).sum::<f64>().sqrt();
    if !value.is_finite() || !length.is_finite() || length < FLAT {
        return stayed;
    }
    let mut ignored = slopes;
    for shorter in 0..4 {
        let step = 0.1_f64.powi(shorter) / length;
        let there: Vec<f64> = (0..down.len())
            .map(|at| (from.at[at] + step * down[at] * domain.scale[at]).clamp(domain.lower[at], domain.upper[at]))
            .collect();
        let value = function(&there, &mut ignored);
        stayed.evaluations += 1;
        if value <= from.value - least {
            return Minimum { at: there, value, iterations: 1, ..stayed };
        }
    }
    stayed
}

/// Somewhere near a minimum, at a fraction of the cost: to compare valleys with each other.
pub(crate) fn minimise_roughly(
    function: impl Fn(&[f64], &mut [f64]) -> f64,
    start: &[f64],
    domain: &Domain,
) -> Minimum<Vec<f64>> {
    search(&function, start, domain, ROUGHLY)
}

/// One search, until a step gains less than `enough` of the value.
fn search(function: &impl Fn(&[f64], &mut [f64]) -> f64, start: &[f64], domain: &Domain, enough: f64) -> Minimum<Vec<f64>> {
    let divided = |x: &[f64]| -> Vec<f64> { x.iter().zip(&domain.scale).map(|(x, scale)| x / scale).collect() };
    let multiplied = |x: &[f64]| -> Vec<f64> {
        let inside = x.iter().zip(&domain.scale).map(|(x, scale)| x * scale);
        // What division and multiplication round past a bound goes back onto it.
        inside.zip(domain.lower.iter().zip(&domain.upper)).map(|(x, (lower, upper))| x.clamp(*lower, *upper)).collect()
    };
    let evaluations = Cell::new(0);
    let problem = Scaled {
        function,
        lower: divided(&domain.lower),
        upper: divided(&domain.upper),
        scale: &domain.scale,
        evaluations: &evaluations,
    };
    let solver = Lbfgs::new().with_absolute_projected_gradient_tolerance(1e-7).with_relative_cost_reduction_tolerance(enough);
    let outcome = Executor::new(problem, solver, FirstOrderState::new(divided(start))).max_iter(MAX_ITERATIONS).run();
    let evaluations = evaluations.get();
    match outcome {
        Ok(result) => Minimum {
            at: multiplied(result.best_param()),
            value: result.best_cost(),
            iterations: result.iter(),
            evaluations,
            converged: matches!(result.report.termination, Termination::Converged(_)),
        },
        // Only a malformed box is refused.
        Err(_) => Minimum { at: start.to_vec(), value: f64::INFINITY, iterations: 0, evaluations, converged: false },
    }
}

struct OneVariable<F> {
    function: F,
    lower: f64,
    upper: f64,
}

impl<F> Constraints for OneVariable<F> {
    type Set = ConstraintSet<BoxBounds<f64>>;

    fn constraints(&self) -> <Self::Set as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new().with_bounds(BoxBounds::new(Some(&self.lower), Some(&self.upper)))
    }
}

impl<F: Fn(f64) -> f64> CostFunction for OneVariable<F> {
    type Param = f64;
    type Output = f64;
    type Error = Infallible;

    fn cost(&self, x: &f64) -> Result<f64, Infallible> {
        let value = (self.function)(*x);
        Ok(if value.is_nan() { f64::INFINITY } else { value })
    }
}

/// Minimises a function of one variable between two bounds, which is assumed to fall and then rise; `tolerance` is relative, of the variable.
pub(crate) fn minimise_scalar(function: impl Fn(f64) -> f64, [lower, upper]: [f64; 2], tolerance: f64) -> Minimum<f64> {
    let solver = Brent::new().with_relative_position_tolerance(tolerance);
    let start = PointState::new(lower + 0.381_966 * (upper - lower));
    match Executor::new(OneVariable { function, lower, upper }, solver, start).max_iter(MAX_ITERATIONS).run() {
        Ok(result) => Minimum {
            at: *result.best_param(),
            value: result.best_cost(),
            iterations: result.iter(),
            evaluations: result.cost_evals(),
            converged: matches!(result.report.termination, Termination::Converged(_)),
        },
        Err(_) => Minimum { at: f64::NAN, value: f64::INFINITY, iterations: 0, evaluations: 0, converged: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let rosenbrock = |x: &[f64], gradient: &mut [f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            gradient.copy_from_slice(&[-2.0 * a - 400.0 * x[0] * b, 200.0 * b]);
            a * a + 100.0 * b * b
        };
        let domain = Domain { lower: vec![-5.0; 2], upper: vec![5.0; 2], scale: vec![1.0, 2.0] };
        let found = minimise(rosenbrock, &[-1.2, 1.0], &domain);
        assert!(found.converged, "{found:?}");
        assert!(found.at.iter().all(|x| (x - 1.0).abs() < 1e-6), "{found:?}");
    }

    #[test]
    fn a_minimum_outside_the_box_ends_on_its_side() {
        let domain = Domain { lower: vec![0.1, -1.0], upper: vec![2.0, 1.0], scale: vec![0.3, 1.0] };
        let bowl = |x: &[f64], gradient: &mut [f64]| {
            gradient.copy_from_slice(&[2.0 * (x[0] + 1.0), 2.0 * (x[1] - 0.5)]);
            (x[0] + 1.0).powi(2) + (x[1] - 0.5).powi(2)
        };
        let found = minimise(bowl, &[1.0, 0.0], &domain);
        assert_eq!(found.at[0], 0.1, "exactly on the bound");
        assert!(found.converged && (found.at[1] - 0.5).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn where_the_function_is_not_defined_the_search_backs_off() {
        let domain = Domain { lower: vec![-9.0], upper: vec![9.0], scale: vec![1.0] };
        let found = minimise(
            |x, gradient| {
                gradient[0] = 1.0 - 1.0 / x[0];
                x[0] - x[0].ln()
            },
            &[8.0],
            &domain,
        );
        assert!((found.at[0] - 1.0).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn one_variable_is_found_by_values_alone() {
        let found = minimise_scalar(|x| (x - 0.3).powi(2), [-1.0, 1.0], 1e-8);
        assert!(found.converged && (found.at - 0.3).abs() < 1e-7, "{found:?}");
    }
}
