//! What editors are told of polars is what polars is: the same uses compile against the sketch and against the crate.

use std::{path::Path, process::Command};

/// Compiled against polars itself, with this test.
#[allow(dead_code, unused_must_use, unreachable_pub, clippy::all, reason = "written to be compiled, not to be run")]
mod against_polars {
    include!("../../crates/lab/analysis/polars_use.rs");
}

#[test]
fn the_sketch_of_polars_has_the_signatures_of_polars() {
    let analysis = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lab/analysis");
    let folder = bellwether_tests::folder();
    let sketch = folder.path().join("libpolars.rmeta");
    let rustc = |file: &str, more: &[&str]| {
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command.args(["--crate-type", "lib", "--edition", "2024", "--emit", "metadata", "-D", "warnings"]).args(more);
        let output = command.arg(analysis.join(file)).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    };
    rustc("polars.rs", &["--crate-name", "polars", "-o", sketch.to_str().unwrap()]);
    rustc("polars_use.rs", &["--extern", &format!("polars={}", sketch.display()), "-o", "use.rmeta"]);
}
