//! `bellwether risk copula`: what it finds in a file, and what it says of input that cannot be used.

use std::path::Path;

use bellwether::risk::copula::{CorrelationMatrix, EllipticalCopula};
use bellwether_tests::{Said, folder, run};
use polars::prelude::*;
use serde_json::Value;

/// 400 draws of a t copula: `u_a`, `u_b`, `u_c`; the logarithm of the first as `returns`; a constant, a gap and words.
fn write_data(folder: &Path) {
    let rows = vec![vec![1.0, 0.6, -0.5], vec![0.6, 1.0, -0.4], vec![-0.5, -0.4, 1.0]];
    let drawn = EllipticalCopula::student(CorrelationMatrix::new(rows).unwrap(), 4.0).unwrap().simulate(400, 3);
    let column = |name: &str, values: Vec<f64>| Column::new(name.into(), values);
    let mut gap = drawn[0].clone();
    gap[5] = f64::NAN;
    let returns = drawn[0].iter().map(|u| u.ln()).collect();
    let words = Column::new("words".into(), vec!["a"; 400]);
    let mut columns: Vec<Column> =
        ["u_a", "u_b", "u_c"].into_iter().zip(drawn).map(|(name, values)| column(name, values)).collect();
    columns.extend([column("returns", returns), column("constant", vec![0.5; 400]), column("gap", gap), words]);
    let mut frame = DataFrame::new(400, columns).unwrap();
    ParquetWriter::new(std::fs::File::create(folder.join("data.parquet")).unwrap()).finish(&mut frame).unwrap();
}

fn copula(folder: &Path, columns: &str, more: &[&str]) -> Said {
    let mut args = vec!["risk", "copula", "--data", "data.parquet", "--columns", columns];
    args.extend(more);
    run(folder, &args)
}

fn found(folder: &Path, columns: &str, more: &[&str]) -> Value {
    let mut args = more.to_vec();
    args.push("--json");
    let said = copula(folder, columns, &args);
    assert!(said.ok, "{}", said.err);
    said.json()
}

#[test]
fn a_pair_is_fitted_ranked_and_valued_at_given_parameters() {
    let data = folder();
    write_data(data.path());
    let student = found(data.path(), "u_a,u_b", &["--family", "student"]);
    assert_eq!((student["family"].as_str(), student["rotation"].as_u64()), (Some("student"), Some(0)));
    assert!((student["params"][0].as_f64().unwrap() - 0.6).abs() < 0.1, "{student}");
    for key in ["loglik", "aic", "bic", "tau"] {
        assert!(student[key].is_f64(), "{key} of {student}");
    }
    let tails = &student["taildep"];
    assert!(tails[0][0].as_f64().unwrap() > tails[0][1].as_f64().unwrap(), "{tails}");
    let given = found(data.path(), "u_a,u_b", &["--family", "student", "--params", "nu=4,rho=0.5"]);
    let bare = found(data.path(), "u_a,u_b", &["--family", "student", "--params", "0.5,4"]);
    assert_eq!(given, bare);
    assert!(given["loglik"].as_f64().unwrap() < student["loglik"].as_f64().unwrap());
    let auto = found(data.path(), "u_a,u_c", &[]);
    let ranking = auto["ranking"].as_array().unwrap();
    assert_eq!(ranking[0]["aic"], auto["aic"]);
    assert!(ranking.iter().all(|fit| fit["rotation"] != 180), "only rotations with the data's sign");
    let report = copula(data.path(), "u_a,u_c", &[]);
    assert!(report.ok && report.out.contains("Kendall's tau") && report.out.contains("clayton"), "{}", report.out);
    // Ranks do not know of an increasing function.
    let ranked = |columns| found(data.path(), columns, &["--family", "gumbel", "--ranks"])["loglik"].clone();
    assert_eq!(ranked("returns,u_b"), ranked("u_a,u_b"));
}

#[test]
fn three_columns_make_an_elliptical_copula_or_a_vine() {
    let data = folder();
    write_data(data.path());
    let student = found(data.path(), "u_a,u_b,u_c", &["--family", "student"]);
    assert!(student["params"][0][2].as_f64().unwrap() < -0.3 && student["nu"].as_f64().unwrap() < 10.0, "{student}");
    let fixed = found(data.path(), "u_a,u_b,u_c", &["--family", "student", "--params", "nu=9"]);
    assert!(fixed["loglik"].as_f64().unwrap() <= student["loglik"].as_f64().unwrap());
    let vine = found(data.path(), "u_a,u_b,u_c", &["--family", "vine"]);
    assert_eq!((vine["pairs"].as_array().unwrap().len(), vine["matrix"].as_array().unwrap().len()), (2, 3));
    let path = found(data.path(), "u_a,u_b,u_c", &["--family", "vine", "--structure", "d", "--families", "gaussian"]);
    assert_eq!(path["pairs"][1][0]["pair"], "u_a,u_c | u_b");
    assert!(copula(data.path(), "u_a,u_b,u_c", &[]).out.contains("u_a"));
}

#[test]
fn what_cannot_be_used_is_named() {
    let data = folder();
    write_data(data.path());
    let cases: [(&str, &[&str], &[&str]); 13] = [
        ("returns,u_b", &[], &["returns", "value 1", "--ranks"]),
        ("u_a,nothing", &[], &["nothing", "u_c"]),
        ("u_a,words", &[], &["words", "numbers"]),
        ("u_a,gap", &[], &["gap", "row 6"]),
        ("u_a,constant", &[], &["column 2 is constant"]),
        ("u_a", &[], &["two or more"]),
        ("u_a,u_b", &["--family", "galambos"], &["galambos", "gumbel"]),
        ("u_a,u_b", &["--family", "clayton", "--rotation", "45"], &["45", "270"]),
        ("u_a,u_b", &["--family", "frank", "--rotation", "90"], &["frank", "rotation 90"]),
        ("u_a,u_b", &["--family", "student", "--params", "0.5,1"], &["nu is 1", "2 to 50"]),
        ("u_a,u_b", &["--family", "student", "--params", "0.5"], &["rho, nu", "1 numbers"]),
        ("u_a,u_b,u_c", &["--family", "clayton"], &["clayton", "vine"]),
        ("u_a,u_b,u_c", &["--family", "gaussian", "--params", "0.9,0.9,-0.9"], &["positive definite"]),
    ];
    for (columns, more, words) in cases {
        let said = copula(data.path(), columns, more);
        assert!(!said.ok, "{columns} {more:?} should have failed: {}", said.out);
        for word in words {
            assert!(said.err.contains(word), "`{word}` is not in: {}", said.err);
        }
    }
}
