//! Who may import whom inside `crates/core`, and that core reads no clock and opens no socket.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Each module of core with what it may use. `error` is open to all.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("market", &[]),
    ("indicators", &["market"]),
    ("charts", &["market", "indicators"]),
    ("scanners", &["market", "indicators"]),
    ("features", &["market", "indicators", "charts", "news", "risk"]),
    ("risk", &["market", "indicators"]),
    ("frames", &["market"]),
    ("notebook", &["market", "indicators", "charts", "scanners", "features", "risk", "frames"]),
    ("prelude", &["market", "indicators", "charts", "scanners", "features", "risk", "frames", "notebook"]),
    ("error", &[]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Modules named after `crate::` anywhere in the code of a text, groups included; comments may lead anywhere.
fn imported(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = code.join("\n");
    let mut modules = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut named = false;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => named = false,
                    c if depth == 0 && !named && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {
                        if !word.is_empty() {
                            modules.insert(std::mem::take(&mut word));
                            named = true;
                        }
                    }
                }
                if matches!(c, ',' | '{') && !word.is_empty() {
                    modules.insert(std::mem::take(&mut word));
                }
            }
            modules.extend((!word.is_empty()).then_some(word));
        } else {
            modules.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    modules
}

#[test]
fn core_modules_import_only_what_the_architecture_allows() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/core/src");
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    for path in sources(&core) {
        let inside = path.strip_prefix(&core).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "lib" | "test_data") {
            continue;
        }
        let may = allowed.get(module.as_str()).unwrap_or_else(|| panic!("module `{module}` is not in the architecture's list"));
        for used in imported(&std::fs::read_to_string(&path).unwrap()) {
            let open = used == module
                || matches!(used.as_str(), "error" | "Error" | "Result" | "test_data")
                || may.contains(&used.as_str());
            if !open {
                wrong.push(format!("{} uses {used}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_reader_of_imports_sees_groups() {
    let text = "use crate::{\n    error::Result,\n    market::{Bar, Series},\n    scanners,\n};\n//! Next: [`risk`](crate::risk).\nuse crate::charts::candles;";
    let expected = ["charts", "error", "market", "scanners"].map(str::to_owned);
    assert_eq!(imported(text), BTreeSet::from(expected));
}

#[test]
fn core_knows_no_clock_no_socket_and_no_database() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/core/Cargo.toml")).unwrap();
    let dependencies = manifest.split_once("[dependencies]").expect("a list of dependencies").1;
    for banned in ["tokio", "reqwest", "postgres", "ibapi", "lettre", "async"] {
        assert!(!dependencies.contains(banned), "core depends on {banned}");
    }
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/core/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for banned in ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "TcpStream", "thread_rng", "rand::rng"]
        {
            assert!(!text.contains(banned), "{} uses {banned}", path.display());
        }
    }
}
