//! What editors are told of polars and jiff is what they are: the same uses compile against the sketch and against the crate.

use std::{path::Path, process::Command};

/// Compiled against polars itself, with this test.
#[allow(dead_code, unused_must_use, unreachable_pub, clippy::all, reason = "written to be compiled, not to be run")]
mod against_polars {
    include!("../../crates/lab/analysis/polars_use.rs");
}

/// The same of jiff.
#[allow(dead_code, unused_must_use, unreachable_pub, clippy::all, reason = "written to be compiled, not to be run")]
mod against_jiff {
    include!("../../crates/lab/analysis/jiff_use.rs");
}

#[test]
fn sketches_have_the_signatures_of_what_they_sketch() {
    let analysis = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lab/analysis");
    let folder = bellwether_tests::folder();
    let rustc = |file: &str, more: &[&str]| {
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.args(["--crate-type", "lib", "--edition", "2024", "--emit", "metadata", "-D", "warnings"]).args(more);
        let output = command.arg(analysis.join(file)).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for name in ["polars", "jiff"] {
        let sketch = folder.path().join(format!("lib{name}.rmeta"));
        rustc(&format!("{name}.rs"), &["--crate-name", name, "-o", sketch.to_str().unwrap()]);
        let found = format!("{name}={}", sketch.display());
        rustc(&format!("{name}_use.rs"), &["--extern", &found, "-o", &format!("{name}_use.rmeta")]);
    }
}

/// Names of the functions that a source declares, those of operators and of std's traits left out.
fn functions(text: &str) -> Vec<String> {
    const LEFT_OUT: [&str; 16] = [
        "clone", "fmt", "default", "from", "deref", "as_ref", "lit", "into_vec", "new", "add", "not", "neg", "sub", "bitand",
        "bitor", "eq",
    ];
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let declared = text.split("fn ").skip(1).filter(|rest| rest.starts_with(char::is_alphabetic)).map(word);
    let listed = text.lines().filter_map(|line| line.trim().strip_prefix("of_nothing!(")).flat_map(|list| list.split(','));
    let all = declared.chain(listed.map(|name| word(name.trim())));
    all.filter(|name| !name.is_empty() && !LEFT_OUT.contains(&name.as_str())).collect()
}

#[test]
fn every_function_of_the_sketch_is_in_use() {
    let analysis = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lab/analysis");
    let read = |file: &str| std::fs::read_to_string(analysis.join(file)).unwrap();
    let used = read("polars_use.rs");
    let files = ["polars.rs", "polars/kinds.rs", "polars/values.rs", "polars/dsl.rs", "polars/lazy.rs"];
    let declared: Vec<String> = files.into_iter().flat_map(|file| functions(&read(file))).collect();
    assert!(declared.len() > 300, "{}", declared.len());
    let forms =
        |name: &str| [format!(".{name}("), format!("::{name}("), format!(".{name}::<"), format!(" {name}("), format!("({name}(")];
    let idle: Vec<&String> = declared.iter().filter(|name| !forms(name).iter().any(|form| used.contains(form))).collect();
    assert!(idle.is_empty(), "not in polars_use.rs: {idle:?}");
}
