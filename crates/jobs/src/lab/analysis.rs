//! What rust-analyzer reads inside the kernel.
//!
//! The kernel asks rust-analyzer for the types of variables and for completions, and rust-analyzer reads sources. Given the real packages it
//! reads four hundred, for nine seconds. Here it gets three: the library's own sources, this crate's, and a sketch of
//! polars that has signatures only. To the compiler the same packages are empty shells that pass on the shared object
//! (`cfg(rust_analyzer)` tells them apart), so the sketch can never decide what runs.

use std::path::Path;

use anyhow::Context as _;

use super::{places::Places, toolchain::copy_sources};

/// Under this name the compiler finds the shared object.
pub(super) const PREBUILT: &str = "bellwether_prebuilt";

/// Writes the packages into `library/analysis`.
pub(super) fn write(places: &Places, library: &Path) -> anyhow::Result<()> {
    let crates = places.checkout.join("crates");
    let analysis = library.join("analysis");
    package(&analysis.join("polars"), "polars", &[])?;
    let sketch = crates.join("lab/analysis/polars.rs");
    let sketch = std::fs::read_to_string(&sketch).with_context(|| format!("{} cannot be read", sketch.display()))?;
    std::fs::write(analysis.join("polars/src/sketch.rs"), sketch)?;
    std::fs::write(
        analysis.join("polars/src/lib.rs"),
        format!(
            "#[cfg(not(rust_analyzer))]\npub use {PREBUILT}::polars::*;\n#[cfg(rust_analyzer)]\nmod sketch;\n#[cfg(rust_analyzer)]\npub use sketch::*;\n"
        ),
    )?;
    shell(&crates.join("core/src"), &analysis.join("core"), "bellwether", &["polars"])?;
    shell(&crates.join("lab/src"), &analysis.join("lab"), "bellwether-lab", &["polars", "bellwether"])?;
    Ok(())
}

/// A package of a crate's own sources for rust-analyzer, and of nothing but the shared object for the compiler.
fn shell(sources: &Path, folder: &Path, name: &str, dependencies: &[&str]) -> anyhow::Result<()> {
    package(folder, name, dependencies)?;
    copy_sources(sources, &folder.join("src"))?;
    let root = folder.join("src/lib.rs");
    let text = std::fs::read_to_string(&root)?;
    std::fs::write(&root, for_analysis(&text))?;
    Ok(())
}

/// The crate root with each of its items hidden from the compiler. Roots hold one-line `mod` and `use` items, and
/// functions only for their own documentation's sake.
fn for_analysis(root: &str) -> String {
    let mut text = format!("#[cfg(not(rust_analyzer))]\npub use {PREBUILT}::*;\n");
    for line in root.lines().filter(|line| line.ends_with(';')) {
        if ["pub mod ", "mod ", "pub use "].iter().any(|item| line.starts_with(item)) {
            text.push_str("#[cfg(rust_analyzer)]\n");
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn package(folder: &Path, name: &str, dependencies: &[&str]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder.join("src"))?;
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lints.rust]\n\
         unexpected_cfgs = {{ level = \"warn\", check-cfg = [\"cfg(rust_analyzer)\"] }}\n\n[dependencies]\n"
    );
    for dependency in dependencies {
        let folder = if *dependency == "bellwether" { "core" } else { dependency };
        manifest.push_str(&format!("{dependency} = {{ path = \"../{folder}\" }}\n"));
    }
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_a_root_are_for_rust_analyzer_only() {
        let root = "//! Docs;\n#![deny(missing_docs)]\n\npub mod market;\n#[cfg(test)]\nmod test_data;\npub use error::{Error, Result};\n";
        assert_eq!(
            for_analysis(root),
            "#[cfg(not(rust_analyzer))]\npub use bellwether_prebuilt::*;\n#[cfg(rust_analyzer)]\npub mod market;\n\
             #[cfg(rust_analyzer)]\nmod test_data;\n#[cfg(rust_analyzer)]\npub use error::{Error, Result};\n"
        );
    }
}
