//! One table from or to one file.

use std::{fs::File, path::Path};

use polars::prelude::{CsvReadOptions, DataFrame, ParquetCompression, ParquetReader, ParquetWriter, SerReader};

use crate::error::{Error, Result};

/// Reads a `.parquet` or `.csv` file whole.
///
/// # Errors
/// [`Error::File`] when it is missing, of another kind, or damaged.
pub fn read_table(path: &Path) -> Result<DataFrame> {
    let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    match kind {
        "parquet" => {
            let file = File::open(path).map_err(|error| Error::file(path, error))?;
            ParquetReader::new(file).finish().map_err(|error| Error::file(path, format!("not a readable Parquet file: {error}")))
        }
        "csv" => CsvReadOptions::default()
            .with_has_header(true)
            .with_infer_schema_length(Some(10_000))
            .map_parse_options(|options| options.with_try_parse_dates(true))
            .try_into_reader_with_file_path(Some(path.to_owned()))
            .and_then(|reader| reader.finish())
            .map_err(|error| Error::file(path, format!("not a readable CSV file: {error}"))),
        _ => Err(Error::file(path, "expected a .parquet or .csv file")),
    }
}

/// Writes a table as Parquet, whole or not at all: the bytes go to a file beside it that is synced and then renamed.
///
/// # Errors
/// [`Error::File`], for example when the disk is full; nothing is left behind then.
pub fn write_parquet(path: &Path, frame: &mut DataFrame) -> Result<()> {
    write_whole(path, |file| {
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Snappy)
            .finish(frame)
            .map(|_| ())
            .map_err(std::io::Error::other)
    })
}

/// Runs `write` on a temporary file beside `path`, syncs it and renames it into place.
pub(super) fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // Two writers of the same content must not share a temporary file.
    let temporary = folder.join(format!(".{name}.{}.{:?}.part", std::process::id(), std::thread::current().id()));
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| File::create(&temporary))
        .and_then(|mut file| write(&mut file).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // The failure that matters is the first; a leftover is only litter.
        let _ = std::fs::remove_file(&temporary);
        Error::file(path, format!("cannot be written: {error}"))
    })
}
