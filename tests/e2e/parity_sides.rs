//! The scheduler's side of the parity certificate against the notebook's functions, without a kernel.

use std::{path::Path, sync::Arc};

use bellwether::frames::SnapshotArchive;
use bellwether_jobs::{
    config::{Config, SHIPPED},
    parity::{Compared, compare, scheduler_side},
};
use bellwether_notebook::{
    Market, compute_scheduled, hits_of_report, scheduled_computations, scheduled_scan, scheduled_scans, snapshot_from,
    summary_of_report, write_parity,
};
use bellwether_tests::folder;

#[test]
fn the_schedulers_side_is_the_same_again_and_the_same_as_a_notebooks() {
    let data = folder();
    let place = |name: &str| data.path().join(name);
    // As many symbols as a scale of risk scores needs.
    let snapshot = Arc::new(Market::generated_on(3, 30, "2026-03-10", 3).unwrap().snapshot_at("2026-03-10 09:25").unwrap());
    let archive = SnapshotArchive::new(place("snapshots"));
    let config = Config::parse(SHIPPED, "the schedule", None).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let side = |folder: &Path| runtime.block_on(scheduler_side(&config, &archive, &snapshot, folder)).unwrap();
    assert_eq!(side(&place("once")), Vec::<String>::new());
    assert_eq!(side(&place("again")), Vec::<String>::new());
    let twice = compare(&place("once"), &place("again")).unwrap();
    assert!(twice.len() == 7 && twice.iter().all(Compared::equal), "{twice:#?}");
    let daily = twice.iter().find(|one| one.name == "features-daily").unwrap();
    assert!(daily.rows > 7_000 && daily.columns > 100 && daily.values > 500_000, "{daily:?}");

    let (snapshots, hash) = (place("snapshots").display().to_string(), snapshot.hash().to_string());
    let loaded = snapshot_from(&snapshots, &hash).unwrap();
    let notebook = place("notebook").display().to_string();
    for job in scheduled_scans().unwrap() {
        let report = scheduled_scan(&job).unwrap().run(&loaded).unwrap();
        write_parity(&job, &hits_of_report(&report).unwrap(), &notebook).unwrap();
        write_parity(&format!("{job}-report"), &summary_of_report(&report).unwrap(), &notebook).unwrap();
    }
    let compared = compare(&place("once"), &place("notebook")).unwrap();
    for one in &compared {
        let is_scan = one.name.starts_with("premarket-gap") || one.name.starts_with("intraday-momentum");
        assert_eq!(one.equal(), is_scan, "{one:?}");
    }
    for job in scheduled_computations().unwrap() {
        write_parity(&job, &compute_scheduled(&job, &loaded).unwrap(), &notebook).unwrap();
    }
    let all = compare(&place("once"), &place("notebook")).unwrap();
    assert!(all.len() == 7 && all.iter().all(Compared::equal), "{all:#?}");
    assert!(compared.iter().any(|one| one.name == "premarket-gap" && one.rows > 0 && one.values > 10), "{compared:?}");
    let error = snapshot_from(&snapshots, &"0".repeat(64)).unwrap_err().to_string();
    assert!(error.contains("no such snapshot"), "{error}");
}
