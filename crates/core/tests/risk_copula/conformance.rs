//! Functions and fits against pyvinecopulib's and SciPy's.
//!
//! The committed fixtures are made by `fixtures/risk/generate_copula.py`; larger ones of the same layout are read where they lie
//! beside the project.

use std::path::{Path, PathBuf};

use bellwether::{
    frames::read_table,
    risk::copula::{
        Family, PairCopula, Rotation, SelectConfig, VineFit, VineStructure, fit, fit_gaussian, fit_student, fit_vine,
        kendall_tau, pseudo_observations, select, select_vine,
    },
};
use polars::prelude::DataFrame;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/risk")
}

/// The reference folder beside the project, or `None` with a printed reason.
fn reference() -> Option<PathBuf> {
    let shared = std::env::var("BELLWETHER_SHARED_DATA")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = shared.with_file_name("reference").join("copula");
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn column(frame: &DataFrame, name: &str) -> Vec<f64> {
    frame.column(name).unwrap().f64().unwrap().iter().map(Option::unwrap).collect()
}

/// The pseudo-observations of `about`'s columns, which are also made again from the series.
fn uniforms(frame: &DataFrame, about: &Value) -> Vec<Vec<f64>> {
    let names = about["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    names
        .map(|name| {
            let (given, own) = (column(frame, &format!("u_{name}")), pseudo_observations(&column(frame, name)).unwrap());
            assert!(given.iter().zip(&own).all(|(a, b)| (a - b).abs() < 1e-15), "ranks of {name}");
            given
        })
        .collect()
}

fn slices(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

fn family_of(entry: &Value) -> (Family, Rotation) {
    let rotation = u16::try_from(entry["rotation"].as_u64().unwrap()).unwrap();
    (entry["family"].as_str().unwrap().parse().unwrap(), Rotation::from_degrees(rotation).unwrap())
}

/// `C(u, v)` as the peer has it: that of a t copula it interpolates between whole degrees of freedom, which is off where there are few.
fn peer_cdf(copula: &PairCopula, u: &[f64], v: &[f64]) -> Vec<f64> {
    let [rho, degrees] = *copula.parameters() else { return copula.cdf(u, v).unwrap() };
    if copula.family() != Family::StudentT {
        return copula.cdf(u, v).unwrap();
    }
    let at = |whole: f64| PairCopula::new(Family::StudentT, Rotation::R0, &[rho, whole]).unwrap().cdf(u, v).unwrap();
    let weight = degrees - degrees.floor();
    let exact = copula.cdf(u, v).unwrap();
    let between: Vec<f64> =
        at(degrees.floor()).iter().zip(at(degrees.ceil())).map(|(low, high)| (1.0 - weight) * low + weight * high).collect();
    assert!(exact.iter().zip(&between).all(|(a, b)| (a - b).abs() < 1e-3));
    between
}

/// Every function of every entry; number of numbers compared.
fn check_values(path: &Path) -> usize {
    let all = json(path);
    let grid: Vec<Vec<f64>> = all["grid"].as_array().unwrap().iter().map(numbers).collect();
    let (u, v): (Vec<f64>, Vec<f64>) = grid.iter().map(|point| (point[0], point[1])).unzip();
    let mut compared = 0;
    for entry in all["values"].as_array().unwrap() {
        let (family, rotation) = family_of(entry);
        let parameters = numbers(&entry["params"]);
        let copula = PairCopula::new(family, rotation, &parameters).unwrap();
        let tails: Vec<f64> = entry["taildep_2x2"].as_array().unwrap().iter().flat_map(numbers).collect();
        let tau_tolerance = if matches!(family, Family::Joe | Family::Bb7) { 1e-4 } else { 1e-6 };
        // Relative, and what the peer's own rounding or search leaves of very small numbers: it computes h at a rotation as
        // the difference to 1, and inverses by bisection.
        let checks = [
            ("density", copula.density(&u, &v).unwrap(), numbers(&entry["pdf"]), [1e-8, 0.0]),
            ("cdf", peer_cdf(&copula, &u, &v), numbers(&entry["cdf"]), [1e-8, 1e-12]),
            ("h1", copula.h1(&u, &v).unwrap(), numbers(&entry["h1_P_U2_le_u2_given_U1"]), [1e-8, 1e-12]),
            ("h2", copula.h2(&u, &v).unwrap(), numbers(&entry["h2_P_U1_le_u1_given_U2"]), [1e-8, 1e-12]),
            ("h1 inverse", copula.h1_inverse(&u, &v).unwrap(), numbers(&entry["hinv1"]), [1e-6, 1e-8]),
            ("tau", vec![copula.kendall_tau()], vec![entry["tau"].as_f64().unwrap()], [0.0, tau_tolerance]),
            ("tails", copula.tail_dependence().matrix().concat(), tails, [0.0, 1e-6]),
        ];
        for (what, found, expected, [relative, floor]) in checks {
            assert_eq!(found.len(), expected.len());
            for (row, (a, b)) in found.iter().zip(&expected).enumerate() {
                let at = format!("{what} of {family} {rotation} {parameters:?} at {:?}", grid.get(row));
                assert!((a - b).abs() <= relative * b.abs() + floor, "{at}: {a:e}, expected {b:e}");
                compared += 1;
            }
        }
    }
    compared
}

/// Every fit of a pair; how many there were.
fn check_pair(frame: &DataFrame, about: &Value) -> usize {
    let columns = uniforms(frame, about);
    let [u, v] = [&columns[0], &columns[1]];
    let tau = about["kendall_tau_b"][0][1].as_f64().unwrap();
    assert!((kendall_tau(u, v) - tau).abs() < 1e-12);
    let fits = about["fits"].as_array().unwrap();
    for entry in fits {
        let (family, rotation) = family_of(entry);
        let found = fit(family, rotation, u, v).unwrap();
        let expected = entry["loglik_polished"].as_f64().unwrap();
        // Turned against the data, likelihoods are 0 but for what rounding makes of parameters at their bound.
        let against = family.is_rotatable() && (tau < 0.0) != matches!(rotation, Rotation::R90 | Rotation::R270);
        let slack = if against { 0.05 } else { 1e-5 * expected.abs() };
        let what = format!("{family} {rotation} of {}", about["columns"]);
        assert!(found.report.converged, "{what}: {:?}", found.report);
        assert!(found.log_likelihood >= expected - slack, "{what}: {} below {expected}", found.log_likelihood);
        let same = (found.log_likelihood - expected).abs() <= 1e-6 * expected.abs();
        if same && entry["at_bound"] == Value::Bool(false) && !against {
            for (index, (a, b)) in found.parameters.iter().zip(numbers(&entry["params_polished"])).enumerate() {
                let tolerance = match (family, index) {
                    (Family::StudentT, 1) => 1e-2,
                    (Family::StudentT | Family::Bb1 | Family::Bb7, _) => 1e-3,
                    _ => 1e-4,
                };
                assert!((a - b).abs() <= tolerance * b.abs(), "{what}: parameter {index} is {a}, expected {b}");
            }
        }
    }
    if let Some(best) = about.get("selected_by_aic_of_gaussian_student_clayton_gumbel_frank") {
        let families = ["gaussian", "student", "clayton", "gumbel", "frank"].map(|name| name.parse().unwrap());
        let found = select(u, v, &SelectConfig { families: families.to_vec(), ..SelectConfig::default() }).unwrap();
        assert_eq!((found.family, found.rotation), family_of(best));
    }
    fits.len()
}

fn near(what: &str, found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{what}: {found}, expected {expected}");
}

/// Elliptical copulas and vines of several columns.
fn check_several(frame: &DataFrame, about: &Value) {
    let columns = uniforms(frame, about);
    let columns = slices(&columns);
    let gaussian = fit_gaussian(&columns).unwrap();
    let expected = &about["gaussian_copula_at_normal_score_correlation"];
    near("Gaussian", gaussian.log_likelihood, expected["loglik"].as_f64().unwrap(), 1e-9);
    let student = fit_student(&columns, None).unwrap();
    let expected = &about["t_copula_P_from_tau_nu_by_ML"];
    near("t", student.log_likelihood, expected["loglik"].as_f64().unwrap(), 1e-9);
    near("nu", student.copula.degrees_of_freedom().unwrap(), expected["nu"].as_f64().unwrap(), 1e-4);
    for (row, expected) in student.copula.correlation().rows().iter().zip(expected["P"].as_array().unwrap()) {
        assert!(row.iter().zip(numbers(expected)).all(|(a, b)| (a - b).abs() < 1e-12));
    }
    for (degrees, expected) in expected["loglik_at_nu"].as_object().unwrap() {
        let found = fit_student(&columns, Some(degrees.parse().unwrap())).unwrap();
        near(degrees, found.log_likelihood, expected.as_f64().unwrap(), 1e-9);
    }
    let order: Vec<usize> = (0..columns.len()).collect();
    for (letter, structure) in [("d", VineStructure::d_vine(&order).unwrap()), ("c", VineStructure::c_vine(&order).unwrap())] {
        for family in [Family::Gaussian, Family::StudentT] {
            let expected = &about["vine"][format!("{letter}vine_order_1..d_all_{family}")];
            let config = SelectConfig { families: vec![family], ..SelectConfig::default() };
            let found = fit_vine(&columns, structure.clone(), &config).unwrap();
            near(letter, found.log_likelihood, expected["loglik"].as_f64().unwrap(), 1e-5);
            assert_eq!(serde_json::json!(found.copula.structure().matrix()), expected["matrix"]);
            check_consistent(&found, &columns);
        }
    }
    let compared = ["indep", "gaussian", "student", "clayton", "gumbel", "frank"].map(|name| name.parse().unwrap());
    let found = select_vine(&columns, &SelectConfig { families: compared.to_vec(), ..SelectConfig::default() }).unwrap();
    let expected = about["vine"]["selected_structure_AIC"]["loglik"].as_f64().unwrap();
    assert!(found.log_likelihood >= expected - 0.005 * expected.abs(), "{} below {expected}", found.log_likelihood);
    check_consistent(&found, &columns);
}

/// The vine's likelihood is what its fit says.
fn check_consistent(fit: &VineFit, columns: &[&[f64]]) {
    near("likelihood computed again", fit.copula.log_likelihood(columns).unwrap(), fit.log_likelihood, 1e-9);
}

#[test]
fn functions_of_the_fixtures_conform() {
    assert_eq!(check_values(&fixtures().join("copula_values.json")), 61 * (5 * 25 + 5));
}

#[test]
fn fits_of_the_fixtures_conform() {
    let frame = read_table(&fixtures().join("copula.input.parquet")).unwrap();
    let pairs = json(&fixtures().join("copula_pairs.json"));
    let counts: Vec<usize> = pairs.as_array().unwrap().iter().map(|about| check_pair(&frame, about)).collect();
    assert_eq!(counts, [23, 23]);
    check_several(&frame, &json(&fixtures().join("copula_several.json")));
}

#[test]
fn functions_of_the_reference_conform() {
    let Some(folder) = reference() else { return };
    assert_eq!(check_values(&folder.join("fixed_parameter_values.json")), 55 * (5 * 49 + 5));
}

#[test]
fn fits_of_the_reference_conform() {
    let Some(folder) = reference() else { return };
    for name in ["pair_spy_bac", "pair_sp500_vix", "pair_sp500_wti"] {
        let frame = read_table(&folder.join(format!("{name}.input.parquet"))).unwrap();
        assert_eq!(check_pair(&frame, &json(&folder.join(format!("{name}.json")))), 23);
    }
}

#[test]
fn several_columns_of_the_reference_conform() {
    let Some(folder) = reference() else { return };
    for name in ["triple_spy_bac_aapl", "five_spy_bac_aapl_goog_aig"] {
        let frame = read_table(&folder.join(format!("{name}.input.parquet"))).unwrap();
        check_several(&frame, &json(&folder.join(format!("{name}.json"))));
    }
}
