//! The binary `bellwether`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bellwether_jobs::main()
}
