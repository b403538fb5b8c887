//! What rust-analyzer reads inside the kernel.
//!
//! The kernel asks rust-analyzer for the types of variables and for completions, and rust-analyzer reads sources. Given the real
//! packages it reads four hundred of them, for nine seconds. Here it gets the library's own and sketches of polars and jiff that have
//! signatures only. The compiler never sees these packages (only rust-analyzer's Cargo has `cfg(rust_analyzer)`), so they can never
//! decide what runs: the two that a cell names, `bellwether` and `polars`, pass on the shared object.

use std::{fs, path::Path};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{inputs, places::Places, toolchain::copy_sources};

/// Set where rust-analyzer calls Cargo, and nowhere else.
pub(super) const CFG: &str = "rust_analyzer";
/// Under this name the compiler finds the shared object.
pub(super) const PREBUILT: &str = "bellwether_prebuilt";
/// Package behind the name `bellwether` in a cell, and its folder.
pub(super) const BELLWETHER: &str = "bellwether-door";
/// The same for `polars`.
pub(super) const POLARS: &str = "polars-door";

/// The library's own packages that a cell can see into: name, folder, and those of them that it uses.
const SOURCES: [(&str, &str, &[&str]); 3] = [
    ("bellwether", "core", &["jiff", "polars"]),
    ("bellwether-notebook", "notebook", &["bellwether", "jiff", "polars"]),
    ("bellwether-lab", "lab", &["bellwether", "bellwether-notebook", "polars"]),
];
/// Other packages whose types are in the library's signatures: each a sketch in `crates/lab/analysis`.
const SKETCHES: [&str; 2] = ["jiff", "polars"];

/// Changes with everything that [`write`] copies.
pub(super) fn digest(places: &Places) -> anyhow::Result<[u8; 32]> {
    let crates = places.checkout.join("crates");
    let mut digest = Sha256::new();
    for folder in SOURCES.iter().map(|(_, folder, _)| crates.join(folder).join("src")).chain([crates.join("lab/analysis")]) {
        inputs::add(&folder, &mut digest)?;
    }
    Ok(digest.finalize().into())
}

/// Writes the packages into `library/analysis`.
pub(super) fn write(places: &Places, library: &Path) -> anyhow::Result<()> {
    let crates = places.checkout.join("crates");
    let analysis = library.join("analysis");
    for (name, folder, uses) in SOURCES {
        package(&analysis.join(name), name, uses)?;
        copy_sources(&crates.join(folder).join("src"), &analysis.join(name).join("src"), &|text| text)?;
    }
    for name in SKETCHES {
        package(&analysis.join(name), name, &[])?;
        let (sources, to) = (crates.join("lab/analysis"), analysis.join(name).join("src"));
        fs::copy(sources.join(format!("{name}.rs")), to.join("lib.rs")).with_context(|| format!("the sketch of {name}"))?;
        if sources.join(name).is_dir() {
            copy_sources(&sources.join(name), &to.join(name), &|text| text)?;
        }
    }
    door(&analysis, BELLWETHER, "bellwether-lab", PREBUILT)?;
    door(&analysis, POLARS, "polars", &format!("{PREBUILT}::polars"))
}

/// A package that is `sources` for rust-analyzer and `object` for the compiler.
fn door(analysis: &Path, name: &str, sources: &str, object: &str) -> anyhow::Result<()> {
    package(&analysis.join(name), name, &[sources])?;
    let sources = sources.replace('-', "_");
    fs::write(
        analysis.join(name).join("src/lib.rs"),
        format!("#[cfg({CFG})]\npub use {sources}::*;\n#[cfg(not({CFG}))]\npub use {object}::*;\n"),
    )?;
    Ok(())
}

fn package(folder: &Path, name: &str, dependencies: &[&str]) -> anyhow::Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let mut manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lints.rust]\n\
         unexpected_cfgs = {{ level = \"warn\", check-cfg = [\"cfg({CFG})\"] }}\n\n[target.\"cfg({CFG})\".dependencies]\n"
    );
    for dependency in dependencies {
        manifest.push_str(&format!("{dependency} = {{ path = \"../{dependency}\" }}\n"));
    }
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(())
}
