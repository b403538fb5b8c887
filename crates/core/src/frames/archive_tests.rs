use super::*;
use crate::market::{Bar, BarsBuilder, Instrument, SnapshotInputs, Symbol};

fn snapshot(close: f64) -> Snapshot {
    let symbol = Symbol::new("A").unwrap();
    let open_at = "2025-01-06T14:00:00Z".parse::<Timestamp>().unwrap().as_microsecond();
    let mut builder = BarsBuilder::default();
    let bar = Bar {
        open_at,
        close_at: open_at + 60_000_000,
        open: close,
        high: close,
        low: close,
        close,
        volume: 0.1 + 0.2,
        vwap: Some(close / 3.0),
        trades: None,
    };
    builder.push(&symbol, bar);
    let inputs = SnapshotInputs {
        universe: vec![Instrument::stock(symbol)],
        today: Arc::new(builder.finish().0),
        ..SnapshotInputs::default()
    };
    Snapshot::new("2025-01-06T14:25:00Z".parse().unwrap(), inputs)
}

#[test]
fn what_is_kept_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let archive = SnapshotArchive::new(folder.path());
    let kept = snapshot(1.0 / 3.0);
    let hash = archive.keep(&kept).unwrap();
    assert_eq!(hash, kept.hash());
    let loaded = archive.load(&hash).unwrap();
    assert_eq!(loaded.hash(), hash);
    assert_eq!(loaded.today.series("A").close[0].to_bits(), (1.0_f64 / 3.0).to_bits());
    assert_eq!(archive.keep(&kept).unwrap(), hash, "keeping again changes nothing");
}

#[test]
fn a_damaged_part_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let archive = SnapshotArchive::new(folder.path());
    let hash = archive.keep(&snapshot(1.0)).unwrap();
    let other = snapshot(2.0).manifest().today;
    archive.keep(&snapshot(2.0)).unwrap();
    let mine = archive.bars_path(&snapshot(1.0).manifest().today);
    std::fs::copy(archive.bars_path(&other), &mine).unwrap();
    let error = archive.load(&hash).unwrap_err().to_string();
    assert!(error.contains("content hash"), "{error}");
    std::fs::write(&mine, b"PAR1 not at all").unwrap();
    let error = archive.load(&hash).unwrap_err().to_string();
    assert!(error.contains("not a readable Parquet file"), "{error}");
    std::fs::write(archive.manifest_path(&hash), b"{}").unwrap();
    assert!(matches!(archive.load(&hash), Err(Error::Hash { .. })));
}

#[test]
fn pruning_leaves_what_others_name() {
    let folder = tempfile::tempdir().unwrap();
    let archive = SnapshotArchive::new(folder.path());
    let old = snapshot(1.0);
    let mut new = snapshot(2.0);
    new.as_of = "2025-06-06T14:25:00Z".parse().unwrap();
    let (old_hash, new_hash) = (archive.keep(&old).unwrap(), archive.keep(&new).unwrap());
    // The two share their empty tables; only the old one's own table goes. Files are new, so the cut lies in the future.
    let far: Timestamp = "2100-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(archive.prune("2025-03-01T00:00:00Z".parse().unwrap()).unwrap(), 1, "the manifest; its table is too new to go");
    assert!(archive.load(&old_hash).is_err());
    assert!(archive.load(&new_hash).is_ok());
    assert_eq!(archive.prune(far).unwrap(), 4, "one manifest, two tables of its own kind and the shared empty one");
}

#[test]
fn a_full_or_forbidden_disk_is_named_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, b"").unwrap();
    let error = SnapshotArchive::new(&blocked).keep(&snapshot(1.0)).unwrap_err().to_string();
    assert!(error.contains("cannot be written"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
