//! Cells: what they may leave out, how they fail, and what must not disturb them.

use std::{fs, os::unix::fs::PermissionsExt as _};

use bellwether_jobs::lab::Outcome;
use bellwether_tests::folder;

use crate::{LAB, session, sessions};

fn fine(outcome: &Outcome) {
    assert_eq!(outcome.status, "ok", "{outcome:?}");
}

#[test]
fn a_let_needs_no_type() {
    let outcomes = session(&[
        "use bellwether::prelude::*;",
        "let words = vec![String::from(\"AAPL\")];",
        "let lengths = words.iter().map(|word| word.len()).collect::<Vec<_>>();",
        "let symbol = Symbol::new(\"AAPL\")?;",
        "let model = \"constant garch t\".parse::<bellwether::risk::garch::Specification>()?;",
        "use polars::prelude::*;",
        "let frame = df!(\"ret_pct\" => [1.5, -2.0, 0.5])?;",
        "let losses = frame.clone().lazy().filter(col(\"ret_pct\").lt(lit(0.0))).collect()?;",
        "println!(\"{} {} {} {}\", lengths[0], symbol, losses.height(), model);",
    ]);
    outcomes.iter().for_each(fine);
    let last = outcomes.last().unwrap();
    assert!(last.stdout.starts_with("4 AAPL 1 "), "{last:?}");
}

#[test]
fn a_cell_that_fails_is_failed_and_the_variables_stay() {
    let outcomes = session(&[
        "use bellwether::prelude::*;",
        "let kept = vec![1.0, 2.0, 3.0];",
        "let symbol = Symbol::new(\"not a symbol\")?;",
        "println!(\"kept {}\", kept.len());",
        "println!(\"before\"); panic!(\"on purpose\");",
        "println!(\"kept {}\", kept.len());",
        "let wrong: i32 = \"text\";",
        "kept[3]",
        "println!(\"kept {}\", kept.len());",
    ]);
    for (at, outcome) in outcomes.iter().enumerate() {
        let fails = [2, 4, 6, 7].contains(&at);
        assert_eq!(outcome.status, if fails { "error" } else { "ok" }, "cell {at}: {outcome:?}");
    }
    assert!(outcomes[2].stderr.contains("`not a symbol` is not a ticker symbol"), "{:?}", outcomes[2]);
    assert!(outcomes[2].stderr.contains("variables of earlier cells are kept"), "{:?}", outcomes[2]);
    assert!(outcomes[4].stdout.contains("before") && outcomes[4].stderr.contains("panicked: on purpose"), "{:?}", outcomes[4]);
    assert!(outcomes[6].error.contains("mismatched types"), "{:?}", outcomes[6]);
    for at in [3, 5, 8] {
        assert_eq!(outcomes[at].stdout.trim(), "kept 3", "cell {at}");
    }
}

/// The kernel's own lines stand at the beginning of theirs, whatever a cell printed before.
#[test]
fn a_line_without_an_end_hides_nothing() {
    let outcomes = session(&[
        "use bellwether::prelude::*;",
        "let kept = 7;",
        "print!(\"loading \"); let number: i32 = \"text\".parse()?;",
        "println!(\"kept {kept}\");",
        "use std::io::Write as _; print!(\"flushed\"); std::io::stdout().flush()?;",
        "print!(\"shown \"); 1.5 + 1.0",
        "println!(\"kept {kept}\");",
    ]);
    for (at, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.status, if at == 2 { "error" } else { "ok" }, "cell {at}: {outcome:?}");
    }
    assert!(outcomes[2].stdout.contains("loading") && outcomes[2].stderr.contains("invalid digit"), "{:?}", outcomes[2]);
    assert_eq!(outcomes[4].stdout.trim(), "flushed");
    assert!(!outcomes[5].text.is_empty(), "{:?}", outcomes[5]);
    assert_eq!((outcomes[3].stdout.trim(), outcomes[6].stdout.trim()), ("kept 7", "kept 7"));
}

#[test]
fn a_variable_that_went_with_a_failed_cell_is_explained() {
    let outcomes = session(&[
        "use bellwether::prelude::*;",
        "let lost = vec![String::from(\"a\")];",
        "let taken = lost; let number: i32 = \"text\".parse()?;",
        "println!(\"anything\");",
        "println!(\"afresh\");",
    ]);
    assert_eq!(outcomes[2].status, "error");
    assert_eq!(outcomes[3].status, "error");
    assert!(outcomes[3].stderr.contains("Variable 'lost' has gone missing"), "{:?}", outcomes[3]);
    assert!(outcomes[3].stderr.contains("run the cells from the top"), "{:?}", outcomes[3]);
    assert_eq!(outcomes[4].stdout.trim(), "afresh", "{:?}", outcomes[4]);
}

#[test]
fn two_kernels_at_once_run_their_own_cells() {
    let cells = |own: &str| {
        let mut cells = vec!["use bellwether::prelude::*;".to_owned(), format!("let own = String::from(\"{own}\");")];
        cells.extend((0..12).map(|at| format!("println!(\"{own} {at} {{own}}\");")));
        cells
    };
    let outcomes = sessions(&LAB.jupyter_path, &[cells("left"), cells("right")]);
    for (own, outcomes) in ["left", "right"].into_iter().zip(&outcomes) {
        outcomes.iter().for_each(fine);
        for (at, outcome) in outcomes[2..].iter().enumerate() {
            assert_eq!(outcome.stdout.trim(), format!("{own} {at} {own}"));
        }
    }
}

/// What a rebuild does to a kernel that runs: its library stays, and the file that names the newest one changes.
#[test]
fn a_rebuild_is_told_and_changes_nothing_in_a_kernel_that_runs() {
    let place = folder();
    let newest = place.path().join("newest");
    fs::write(&newest, &LAB.library).unwrap();
    let script = fs::read_to_string(LAB.jupyter_path.parent().unwrap().join("kernel")).unwrap();
    let own: Vec<String> = script
        .lines()
        .map(|line| match line.starts_with("export BELLWETHER_LAB_NEWEST=") {
            true => format!("export BELLWETHER_LAB_NEWEST='{}'", newest.display()),
            false => line.to_owned(),
        })
        .collect();
    let launcher = place.path().join("kernel");
    fs::write(&launcher, own.join("\n") + "\n").unwrap();
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).unwrap();
    let spec = place.path().join("kernels/bellwether");
    fs::create_dir_all(&spec).unwrap();
    let description = serde_json::json!({ "argv": [launcher, "{connection_file}"], "display_name": "own", "language": "rust" });
    fs::write(spec.join("kernel.json"), description.to_string()).unwrap();

    let rebuild = format!("std::fs::write(\"{}\", \"another\")?;", newest.display());
    let cells = ["use bellwether::prelude::*;", "let kept = 7;", &rebuild, "println!(\"{kept}\");"];
    let outcomes = sessions(place.path(), &[cells.map(str::to_owned).to_vec()]).remove(0);
    outcomes.iter().for_each(fine);
    assert!(!outcomes[1].stderr.contains("rebuilt"), "{:?}", outcomes[1]);
    assert!(outcomes[2].stderr.contains("restart the kernel"), "{:?}", outcomes[2]);
    assert_eq!((outcomes[3].stdout.trim(), outcomes[3].stderr.as_str()), ("7", ""), "told once");
}
