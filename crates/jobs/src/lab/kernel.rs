//! The Rust kernel, pinned, from Cargo's registry.

use std::{path::PathBuf, time::Duration};

use super::{external, places::Places, progress::Progress, toolchain::Toolchain};

/// The version whose protocol between kernel and cell `bellwether-lab` knows.
const VERSION: &str = "0.22.0";

fn folder(places: &Places) -> PathBuf {
    places.cache.join("kernel").join(VERSION)
}

pub(super) fn program(places: &Places) -> PathBuf {
    folder(places).join("bin/evcxr_jupyter")
}

/// Installs the kernel unless it is there. Cargo keeps what it compiled, so an attempt that was killed goes on.
pub(super) fn install(places: &Places, tools: &Toolchain, progress: &dyn Progress) -> anyhow::Result<String> {
    if program(places).is_file() {
        return Ok(format!("evcxr_jupyter {VERSION} there"));
    }
    let build = places.cache.join("build/kernel");
    let mut command = tools.cargo_command();
    command
        .args(["install", "--locked", "evcxr_jupyter", "--version", VERSION, "--root"])
        .arg(folder(places))
        .arg("--target-dir")
        .arg(&build)
        // Only what the registry's lock file and release profile say.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    external::run(command, &places.log("kernel"), Duration::from_secs(60 * 60), progress)?;
    std::fs::remove_dir_all(&build)?;
    Ok(format!("evcxr_jupyter {VERSION} built"))
}
