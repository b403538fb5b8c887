//! What Jupyter starts.
//!
//! The kernel's description names a small script, and the script the library: Jupyter reads descriptions once, but runs the script at
//! every start and restart of a kernel, which therefore always gets the newest library.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use anyhow::Context as _;

use super::{
    analysis, kept, kernel, library,
    places::Places,
    toolchain::{self, Toolchain},
};

/// Variable of a kernel that names the library it started with.
pub const LIBRARY: &str = "BELLWETHER_LAB_LIBRARY";
/// Variable of a kernel with the file that names the newest library of its checkout.
pub const NEWEST: &str = "BELLWETHER_LAB_NEWEST";
/// Variable of a kernel with the file that it holds locked while it runs on its library.
pub const IN_USE: &str = "BELLWETHER_LAB_IN_USE";
/// The kernel's name for Jupyter, and for people.
pub(super) const NAME: &str = "bellwether";
const DISPLAY_NAME: &str = "Bellwether (Rust)";

/// Writes the configuration of a library, the script and the kernel's description.
pub(super) fn install(places: &Places, tools: &Toolchain, id: &str, inputs: &str) -> anyhow::Result<String> {
    let own = places.of_checkout();
    let spec = places.jupyter_path().join("kernels").join(NAME);
    std::fs::create_dir_all(&spec)?;
    configure(&places.library(id))?;
    let script = own.join("kernel");
    replace(&script, &launch_script(places, tools, id))?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))?;
    replace(&places.inputs(), inputs)?;
    replace(&places.newest(), id)?;
    replace(&own.join(kept::CHECKOUT), &places.checkout.display().to_string())?;
    let description = serde_json::json!({
        "argv": [script, "{connection_file}"],
        "display_name": DISPLAY_NAME,
        "language": "rust",
        "interrupt_mode": "message",
    });
    replace(&spec.join("kernel.json"), &serde_json::to_string_pretty(&description)?)?;
    Ok(format!("\u{201c}{DISPLAY_NAME}\u{201d}"))
}

/// The kernel's own start-up file, with the first cell in it: apart it would be compiled apart.
fn configure(library: &Path) -> anyhow::Result<()> {
    let config = library.join("config");
    std::fs::create_dir_all(&config)?;
    let folder = library.display();
    // Cargo splits these flags at the character 0x1f, so that paths may have spaces.
    let flags = [
        "-Cprefer-dynamic".to_owned(),
        "--extern".to_owned(),
        format!("{}={folder}/{}", analysis::PREBUILT, library::OBJECT),
        format!("-Ldependency={folder}"),
        // Loaded with the first cell whatever that uses: the library is what reports cells that fail.
        "-Clink-arg=-Wl,--no-as-needed".to_owned(),
        format!("-Clink-arg={folder}/{}", library::OBJECT),
    ]
    .join("\u{1f}");
    replace(
        &config.join("init.evcxr"),
        &format!(
            ":opt 0\n:build_env CARGO_ENCODED_RUSTFLAGS={flags}\n\
             :dep bellwether = {{ package = \"{bellwether}\", path = \"{folder}/analysis/{bellwether}\" }}\n\
             :dep polars = {{ package = \"{polars}\", path = \"{folder}/analysis/{polars}\" }}\n\
             use bellwether::prelude::*;\n",
            bellwether = analysis::BELLWETHER,
            polars = analysis::POLARS,
        ),
    )
}

fn launch_script(places: &Places, tools: &Toolchain, id: &str) -> String {
    let library = places.library(id);
    let mut lines = vec![
        "#!/bin/sh".to_owned(),
        "# Starts the kernel with one library. Written by `bellwether lab`; changes are lost.".to_owned(),
        // Kernels that share a folder run each other's code.
        "unset EVCXR_TMPDIR RUSTFLAGS RUSTC_WRAPPER CARGO_TARGET_DIR CARGO_BUILD_TARGET".to_owned(),
    ];
    let mut set = |name: &str, value: String| lines.push(format!("export {name}={}", quoted(&value)));
    set("EVCXR_CONFIG_DIR", library.join("config").display().to_string());
    set("CARGO", tools.cargo().display().to_string());
    set("RUSTC", tools.rustc().display().to_string());
    set("RUST_SRC_PATH", toolchain::std_copy(places, tools).display().to_string());
    set(LIBRARY, id.to_owned());
    set(NEWEST, places.newest().display().to_string());
    set(IN_USE, library.join(kept::MARK).display().to_string());
    // For rust-analyzer's calls of Cargo: what cells are built with has its own.
    set("RUSTFLAGS", format!("--cfg {}", analysis::CFG));
    if let Some(name) = &tools.rustup_name {
        set("RUSTUP_TOOLCHAIN", name.clone());
    }
    let libraries = quoted(&format!("{}:{}", library.display(), tools.libraries().display()));
    lines.push(format!("export LD_LIBRARY_PATH={libraries}\"${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\""));
    lines.push(format!("exec {} --control_file \"$1\"", quoted(&kernel::program(places).display().to_string())));
    lines.push(String::new());
    lines.join("\n")
}

/// For a shell: in single quotes, which hide everything but themselves.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes a file as a whole or not at all.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let unfinished = path.with_extension("unfinished");
    std::fs::write(&unfinished, text)
        .and_then(|()| std::fs::rename(&unfinished, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}
