//! What a notebook computes is what the scheduler computes, and a difference of a few bits is found and named.

use std::{path::Path, process::Command};

use bellwether_jobs::parity::SHIPPED_CELLS;
use bellwether_tests::{Said, bellwether, folder, program};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{LAB, checkout};

/// `bellwether parity` in a folder of its own, whose lab is prepared.
fn parity(data: &std::path::Path, args: &[&str]) -> Said {
    assert!(!LAB.library.is_empty());
    bellwether(data).args(["parity", "--json", "--checkout"]).arg(checkout()).args(args).output().unwrap().into()
}

fn differences(certificate: &Value) -> Vec<&Value> {
    let frames = certificate["frames"].as_array().unwrap();
    frames.iter().flat_map(|frame| frame["differences"].as_array().unwrap()).collect()
}

#[test]
fn a_notebook_computes_the_schedulers_numbers() {
    let data = folder();
    let out = data.path().join("certificate.md");
    let said = parity(data.path(), &["--out", out.to_str().unwrap()]);
    assert!(said.ok, "{} {}", said.out, said.err);
    let certificate = said.json();
    assert_eq!(certificate["equal"], true);
    let sha256 = |path: &Path| -> String {
        Sha256::digest(std::fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let object = LAB.jupyter_path.ancestors().nth(3).unwrap().join("library").join(&LAB.library).join("libbellwether_lab.so");
    for (side, path) in [("scheduler", program()), ("notebook", object)] {
        let objects = certificate[side]["objects"].as_array().unwrap();
        assert_eq!(objects.len(), 1, "{objects:?}");
        assert_eq!(objects[0]["sha256"], sha256(&path), "{}", path.display());
    }
    let names: Vec<&str> =
        certificate["frames"].as_array().unwrap().iter().map(|frame| frame["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "features-30-minutes",
            "features-daily",
            "intraday-momentum",
            "intraday-momentum-report",
            "premarket-gap",
            "premarket-gap-report",
            "risk-profiles",
        ]
    );
    let values = |frame: &Value| frame["values"].as_u64().unwrap();
    let compared: Vec<u64> = certificate["frames"].as_array().unwrap().iter().map(values).collect();
    assert!(compared.iter().all(|values| *values > 0) && compared.iter().sum::<u64>() > 4_000_000, "{compared:?}");
    let text = std::fs::read_to_string(out).unwrap();
    assert!(text.contains("**identical: 7 frames") && text.contains("code of libbellwether_lab.so "), "{text}");
}

/// One column is off in the sixteenth digit, one scan has another setting, and one frame is not handed over.
#[test]
fn what_is_not_the_same_is_named() {
    let data = folder();
    let broken = SHIPPED_CELLS
        .replace(
            "    write_parity(&job, &computed, &parity)?;",
            "    let computed: DataFrame = match job.as_str() {\n\
                 \"features-daily\" => computed.lazy().with_column(col(\"rsi_14\") * lit(1.0 + 1e-15)).collect()?,\n\
                 _ => computed,\n\
             };\n\
             if job != \"risk-profiles\" { write_parity(&job, &computed, &parity)?; }",
        )
        .replace(
            "let report = scheduled_scan(&job)?.run(&snapshot)?;",
            "let mut scan = scheduled_scan(&job)?;\n\
             if let Scan::Gap(config) = &mut scan { config.min_gap_pct *= 2.0; }\n\
             let report = scan.run(&snapshot)?;",
        );
    assert_eq!(broken.matches("risk-profiles").count() + broken.matches("min_gap_pct").count(), 2);
    let cells = data.path().join("broken.rs");
    std::fs::write(&cells, broken).unwrap();
    let said = parity(data.path(), &["--cells", cells.to_str().unwrap(), "--seed", "8", "--as-of", "2026-03-10T10:30"]);
    assert!(!said.ok);
    let certificate = said.json();
    assert_eq!(
        (&certificate["equal"], certificate["failed_cells"].as_array().unwrap().len()),
        (&Value::from(false), 0),
        "{certificate}"
    );
    let found = differences(&certificate);
    let of = |frame: &str| found.iter().filter(|one| one["frame"] == frame).copied().collect::<Vec<_>>();
    let daily = of("features-daily");
    assert_eq!(daily.len(), 1, "{daily:?}");
    assert_eq!(daily[0]["column"], "rsi_14");
    let value = |side: &str| daily[0][side].as_str().unwrap().parse::<f64>().unwrap();
    let ratio = value("notebook") / value("scheduler");
    assert!(ratio != 1.0 && (ratio - 1.0).abs() < 1e-14, "{daily:?}");
    assert!(!of("premarket-gap-report").is_empty(), "{found:?}");
    let risk = of("risk-profiles");
    assert_eq!(risk[0]["problem"], "was not handed over by the notebook");
    for same in ["features-30-minutes", "intraday-momentum", "intraday-momentum-report"] {
        assert!(of(same).is_empty(), "{same}: {found:?}");
    }
}

#[test]
fn a_cell_that_fails_is_told() {
    let data = folder();
    let cells = data.path().join("one.rs");
    std::fs::write(&cells, "// %% not what is meant\nlet snapshot: Snapshot = snapshot_from(&snapshots, \"00\")?;\n").unwrap();
    let said: Said =
        bellwether(data.path()).args(["parity", "--cells", "one.rs", "--checkout"]).arg(checkout()).output().unwrap().into();
    assert!(!said.ok);
    assert!(said.out.contains("cell 1 failed") && said.out.contains("NOT identical"), "{} {}", said.out, said.err);
}

/// Needs no kernel: a lab that was never prepared.
#[test]
fn without_a_lab_the_way_to_one_is_told() {
    let data = folder();
    let said: Said = Command::new(bellwether_tests::program())
        .args(["parity", "--checkout"])
        .arg(checkout())
        .current_dir(data.path())
        .env("BELLWETHER_LAB_DIR", data.path().join("lab"))
        .output()
        .unwrap()
        .into();
    assert!(!said.ok && said.err.contains("is not ready") && said.err.contains("run `bellwether lab --prepare`"), "{}", said.err);
}
