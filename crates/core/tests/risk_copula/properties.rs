//! What holds for any copula, at any parameters.

use bellwether::risk::copula::{
    CorrelationMatrix, EllipticalCopula, Family, PairCopula, Rotation, SelectConfig, fit, kendall_tau, rank_families, select,
    select_vine,
};
use proptest::prelude::*;

/// A copula with parameters where both dependence and independence are well away.
fn copula() -> impl Strategy<Value = PairCopula> {
    (0..Family::ALL.len(), 0..4_usize, 0.1..0.75_f64, 0.0..1.0_f64).prop_map(|(family, turn, strength, other)| {
        let family = Family::ALL[family];
        let rotation = family.rotations()[turn % family.rotations().len()];
        let parameters = match family {
            Family::Independence => vec![],
            Family::Gaussian => vec![if turn < 2 { strength } else { -strength }],
            Family::StudentT => vec![if turn < 2 { strength } else { -strength }, 2.0 + 40.0 * other],
            Family::Clayton => vec![2.0 * strength / (1.0 - strength)],
            Family::Gumbel | Family::Joe => vec![1.0 / (1.0 - strength)],
            Family::Frank => vec![if turn < 2 { 12.0 } else { -12.0 } * strength],
            Family::Bb1 => vec![2.0 * strength, 1.0 + 2.0 * other],
            Family::Bb7 => vec![1.0 + 3.0 * strength, 0.1 + 3.0 * other],
            _ => unreachable!("a family without a strategy"),
        };
        PairCopula::new(family, rotation, &parameters).unwrap()
    })
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn h_functions_are_undone_by_their_inverses(c in copula(), u in 0.001..0.999_f64, p in 0.001..0.999_f64) {
        let v = c.h1_inverse(&[u], &[p]).unwrap()[0];
        let back = c.h1(&[u], &[v]).unwrap()[0];
        prop_assert!(near(back, p, 1e-9), "{c:?}: {back}, not {p}");
        let w = c.h2_inverse(&[p], &[u]).unwrap()[0];
        let back = c.h2(&[w], &[u]).unwrap()[0];
        prop_assert!(near(back, p, 1e-9), "{c:?}: {back}, not {p}");
    }

    #[test]
    fn h_and_density_are_derivatives_of_the_distribution(c in copula(), u in 0.05..0.95_f64, v in 0.05..0.95_f64) {
        let step = 1e-5;
        let by_u = |f: &dyn Fn(f64) -> f64| (f(u + step) - f(u - step)) / (2.0 * step);
        let by_v = |f: &dyn Fn(f64) -> f64| (f(v + step) - f(v - step)) / (2.0 * step);
        let (h1, h2) = (c.h1(&[u], &[v]).unwrap()[0], c.h2(&[u], &[v]).unwrap()[0]);
        let numeric = by_u(&|u| c.cdf(&[u], &[v]).unwrap()[0]);
        prop_assert!(near(numeric, h1, 1e-5), "{c:?}: ∂C/∂u is {numeric}, h1 {h1}");
        let numeric = by_v(&|v| c.cdf(&[u], &[v]).unwrap()[0]);
        prop_assert!(near(numeric, h2, 1e-5), "{c:?}: ∂C/∂v is {numeric}, h2 {h2}");
        let (density, numeric) = (c.density(&[u], &[v]).unwrap()[0], by_v(&|v| c.h1(&[u], &[v]).unwrap()[0]));
        prop_assert!(near(numeric, density, 1e-4), "{c:?}: ∂h1/∂v is {numeric}, density {density}");
    }

    #[test]
    fn a_distribution_lies_between_its_bounds(c in copula(), u in 0.0..1.0_f64, v in 0.0..1.0_f64) {
        let found = c.cdf(&[u], &[v]).unwrap()[0];
        prop_assert!(found >= (u + v - 1.0).max(0.0) - 1e-9 && found <= u.min(v) + 1e-9, "{c:?}: C({u}, {v}) = {found}");
        prop_assert!(c.density(&[u], &[v]).unwrap()[0] >= 0.0);
        let [h1, h2] = [c.h1(&[u], &[v]).unwrap()[0], c.h2(&[u], &[v]).unwrap()[0]];
        prop_assert!((0.0..=1.0).contains(&h1) && (0.0..=1.0).contains(&h2));
    }

    #[test]
    fn exchanging_the_variables_exchanges_everything(c in copula(), u in 0.01..0.99_f64, v in 0.01..0.99_f64) {
        let other = c.exchanged();
        let value = |found: bellwether::Result<Vec<f64>>| found.unwrap()[0];
        prop_assert!(near(value(c.density(&[u], &[v])), value(other.density(&[v], &[u])), 1e-9));
        prop_assert!(near(value(c.cdf(&[u], &[v])), value(other.cdf(&[v], &[u])), 1e-9));
        prop_assert_eq!(value(c.h1(&[u], &[v])), value(other.h2(&[v], &[u])));
        let (there, back) = (c.tail_dependence(), other.tail_dependence());
        prop_assert_eq!((there.lower_upper, there.upper_lower), (back.upper_lower, back.lower_upper));
        prop_assert_eq!(c.kendall_tau(), other.kendall_tau());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn draws_have_the_tau_and_are_fitted_at_least_as_well_as_by_the_truth(c in copula(), seed in 0..1_000_u64) {
        let [u, v] = c.simulate(1_500, seed);
        let tau = kendall_tau(&u, &v);
        prop_assert!((tau - c.kendall_tau()).abs() < 0.07, "{c:?}: tau of the draws is {tau}, of the copula {}", c.kendall_tau());
        let found = fit(c.family(), c.rotation(), &u, &v).unwrap();
        let truth = c.log_likelihood(&u, &v).unwrap();
        prop_assert!(found.report.converged && found.log_likelihood >= truth - 1e-6, "{c:?}: {found:?}, truth {truth}");
        for (index, (a, b)) in found.parameters.iter().zip(c.parameters()).enumerate() {
            // Many degrees of freedom are told from more only by far longer series.
            let degrees = c.family() == Family::StudentT && index == 1;
            let tolerance = match degrees {
                true if *b > 8.0 => f64::INFINITY,
                true => 0.6 * b,
                false => 0.15 * b.abs() + 0.2,
            };
            prop_assert!((a - b).abs() < tolerance, "{c:?}: parameter {index} is {a}");
        }
    }

    #[test]
    fn a_rotation_is_a_reflection_of_the_data(strength in 1.2..4.0_f64, seed in 0..1_000_u64) {
        let [u, v] = PairCopula::new(Family::Gumbel, Rotation::R0, &[strength]).unwrap().simulate(300, seed);
        let turned = |column: &[f64]| column.iter().map(|p| 1.0 - p).collect::<Vec<f64>>();
        let straight = fit(Family::Gumbel, Rotation::R0, &u, &v).unwrap();
        for (rotation, a, b) in [
            (Rotation::R90, turned(&u), v.clone()),
            (Rotation::R180, turned(&u), turned(&v)),
            (Rotation::R270, u.clone(), turned(&v)),
        ] {
            let found = fit(Family::Gumbel, rotation, &a, &b).unwrap();
            prop_assert!(near(found.parameters[0], straight.parameters[0], 1e-6), "{rotation}");
            prop_assert!(near(found.log_likelihood, straight.log_likelihood, 1e-9), "{rotation}");
        }
    }
}

#[test]
fn densities_integrate_to_one() {
    let nodes: Vec<f64> = (0..200).map(|i| (f64::from(i) + 0.5) / 200.0).collect();
    for (family, rotation, parameters) in [
        (Family::Gaussian, Rotation::R0, vec![-0.5]),
        (Family::StudentT, Rotation::R0, vec![0.3, 5.0]),
        (Family::Clayton, Rotation::R90, vec![0.8]),
        (Family::Gumbel, Rotation::R180, vec![1.4]),
        (Family::Frank, Rotation::R0, vec![-4.0]),
        (Family::Joe, Rotation::R270, vec![1.4]),
        (Family::Bb1, Rotation::R0, vec![0.3, 1.2]),
        (Family::Bb7, Rotation::R180, vec![1.2, 0.4]),
    ] {
        let copula = PairCopula::new(family, rotation, &parameters).unwrap();
        let sum: f64 = nodes.iter().map(|&u| copula.density(&vec![u; 200], &nodes).unwrap().iter().sum::<f64>()).sum();
        assert!((sum / 40_000.0 - 1.0).abs() < 0.01, "{family} {rotation}: {}", sum / 40_000.0);
    }
}

#[test]
fn functions_stay_finite_in_the_corners_and_at_the_bounds_of_parameters() {
    let edge = [0.0, 1e-12, 1e-10, 1e-5, 0.5, 1.0 - 1e-5, 1.0 - 1e-10, 1.0];
    let (u, v): (Vec<f64>, Vec<f64>) = edge.iter().flat_map(|&u| edge.map(|v| (u, v))).unzip();
    for family in Family::ALL {
        for &rotation in family.rotations() {
            for which in 0..4 {
                let parameters: Vec<f64> = family
                    .bounds()
                    .iter()
                    .enumerate()
                    .map(|(index, [low, high])| {
                        let bound = if which >> index & 1 == 0 { *low } else { *high };
                        if family.parameter_names()[index] == "rho" { 0.999 * bound } else { bound }
                    })
                    .collect();
                let copula = PairCopula::new(family, rotation, &parameters).unwrap();
                let what = format!("{family} {rotation} {parameters:?}");
                assert!(copula.log_density(&u, &v).unwrap().iter().all(|x| !x.is_nan() && *x < f64::INFINITY), "{what}");
                for values in [copula.h1(&u, &v), copula.h2(&u, &v), copula.cdf(&u, &v), copula.h1_inverse(&u, &v)] {
                    assert!(values.unwrap().iter().all(|p| (0.0..=1.0).contains(p)), "{what}");
                }
                assert!((-1.0..=1.0).contains(&copula.kendall_tau()), "{what}: {}", copula.kendall_tau());
                assert!(copula.tail_dependence().matrix().concat().iter().all(|p| (0.0..=1.0).contains(p)), "{what}");
            }
        }
    }
}

#[test]
fn near_the_ends_of_the_parameters_too_a_fit_is_no_worse_than_the_truth() {
    for (family, sets) in [
        (Family::Gaussian, vec![vec![0.999], vec![0.01]]),
        (Family::StudentT, vec![vec![0.995, 2.1], vec![-0.99, 45.0], vec![0.0, 2.0], vec![0.3, 50.0]]),
        (Family::Clayton, vec![vec![0.05], vec![25.0]]),
        (Family::Gumbel, vec![vec![1.02], vec![40.0]]),
        (Family::Frank, vec![vec![0.05], vec![-33.0]]),
        (Family::Joe, vec![vec![1.02], vec![28.0]]),
        (Family::Bb1, vec![vec![0.05, 1.05], vec![5.0, 5.0], vec![6.9, 1.1], vec![0.1, 6.5]]),
        (Family::Bb7, vec![vec![1.05, 0.05], vec![5.5, 20.0], vec![1.1, 15.0], vec![5.8, 0.1]]),
    ] {
        for parameters in sets {
            for &rotation in family.rotations() {
                let copula = PairCopula::new(family, rotation, &parameters).unwrap();
                let [u, v] = copula.simulate(300, 1);
                let (found, truth) = (fit(family, rotation, &u, &v).unwrap(), copula.log_likelihood(&u, &v).unwrap());
                assert!(found.report.converged && found.log_likelihood >= truth - 1e-6, "{copula:?}: {found:?}, truth {truth}");
            }
        }
    }
}

#[test]
fn perfect_dependence_ends_at_a_bound_and_says_so() {
    let u: Vec<f64> = (1..=200).map(|i| f64::from(i) / 201.0).collect();
    let falling: Vec<f64> = u.iter().rev().copied().collect();
    for (v, sign) in [(&u, 1.0), (&falling, -1.0)] {
        for found in rank_families(&u, v, &SelectConfig::default()).unwrap() {
            assert!(found.log_likelihood.is_finite() && found.parameters.iter().all(|p| p.is_finite()), "{found:?}");
            assert!(found.family == Family::Independence || found.copula.kendall_tau() * sign > 0.0, "{found:?}");
        }
        assert!(select(&u, v, &SelectConfig::default()).unwrap().log_likelihood > 400.0);
    }
}

#[test]
fn a_vine_of_columns_that_repeat_each_other_stays_finite() {
    let [u, v] = PairCopula::new(Family::Clayton, Rotation::R0, &[1.5]).unwrap().simulate(200, 3);
    let turned: Vec<f64> = u.iter().map(|p| 1.0 - p).collect();
    let found = select_vine(&[&u, &v, &u, &turned], &SelectConfig::default()).unwrap();
    assert!(found.log_likelihood.is_finite() && found.log_likelihood > 1_000.0, "{}", found.log_likelihood);
    assert!(found.fits.iter().flatten().flat_map(|fit| &fit.parameters).all(|p| p.is_finite()));
    assert!(found.copula.simulate(50, 1).iter().flatten().all(|p| *p > 0.0 && *p < 1.0));
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let u: Vec<f64> = (1..=50).map(|i| f64::from(i) / 51.0).collect();
    let mut gap = u.clone();
    gap[7] = f64::NAN;
    let problem = |found: bellwether::Result<_>| -> String {
        let found: bellwether::Result<bellwether::risk::copula::BivariateFit> = found;
        found.unwrap_err().to_string()
    };
    assert!(problem(fit(Family::Clayton, Rotation::R0, &u, &gap)).contains("row 7 of column 2 is NaN"));
    assert!(problem(fit(Family::Clayton, Rotation::R0, &u, &[0.5; 50])).contains("column 2 is constant"));
    assert!(problem(fit(Family::Clayton, Rotation::R0, &u[..4], &u[..4])).contains("4 rows"));
    assert!(problem(fit(Family::Gaussian, Rotation::R90, &u, &u)).contains("rotation 90 makes no sense"));
    assert!(problem(select(&u, &u, &SelectConfig { families: vec![], ..SelectConfig::default() })).contains("families"));
    let none = PairCopula::new(Family::Frank, Rotation::R0, &[36.0]).unwrap_err().to_string();
    assert!(none.contains("theta is 36") && none.contains("-35 to 35"), "{none}");
    assert!(PairCopula::independence().cdf(&[0.5], &[1.5]).unwrap_err().to_string().contains("1.5"));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let rows: Vec<Vec<f64>> =
        (0..5).map(|i| (0..5).map(|j| if i == j { 1.0 } else { 0.7 - 0.1 * f64::from(i32::abs(i - j)) }).collect()).collect();
    let copula = EllipticalCopula::student(CorrelationMatrix::new(rows).unwrap(), 4.0).unwrap();
    let columns = copula.simulate(300, 9);
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let said = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let fit = select_vine(&columns, &SelectConfig::default()).unwrap();
            format!("{:?} {:?} {:?}", fit.fits, fit.copula.structure(), fit.copula.simulate(20, 1))
        })
    };
    assert_eq!(said(1), said(3));
}
