//! Support for the end-to-end stories: the built program, folders, and real market data where it is there.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

/// The program `bellwether`, as `cargo test` built it beside these tests.
///
/// # Panics
/// When it is not there: run `cargo test` for the whole workspace.
pub fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("the path of this test");
    let folder = tests.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let program = folder.join("bellwether");
    assert!(program.is_file(), "{} is not built: run `cargo test` at the root of the workspace", program.display());
    program
}

/// A new empty folder that the embedded database's account may enter.
///
/// # Panics
/// When it cannot be made.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("bellwether-").tempdir_in("/tmp").expect("a folder in /tmp");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).expect("permissions of the folder");
    folder
}

/// The program with a data folder and nothing else of the caller's surroundings.
pub fn bellwether(data_dir: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("--data-dir").arg(data_dir).arg("--allow-download").current_dir(data_dir);
    command.env_remove("DATABASE_URL").env_remove("BELLWETHER_LOG").env("NO_COLOR", "1");
    command
}

/// What a finished program printed.
#[derive(Debug)]
pub struct Said {
    /// Exit status 0.
    pub ok: bool,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {} / {}", self.out, self.err))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { ok: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// Runs the program with `args` to its end.
///
/// # Panics
/// When it cannot be started.
pub fn run(data_dir: &Path, args: &[&str]) -> Said {
    bellwether(data_dir).args(args).output().expect("the program starts").into()
}

/// The folder of real market data, or `None` with a printed reason; under `CI=true` its absence is a failure.
///
/// # Panics
/// Under `CI=true`, when it is not there.
pub fn shared_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("BELLWETHER_SHARED").map_or(beside, PathBuf::from).join("data");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing, and CI must have it", folder.display());
    eprintln!("skipped: {} is not there (set BELLWETHER_SHARED)", folder.display());
    None
}

/// A recorded folder of January 2025: 99 large caps, the extreme movers of that month, and daily bars of everything.
///
/// # Panics
/// When the data cannot be read.
pub fn january_2025() -> Option<&'static Path> {
    static FOLDER: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(|| {
        let shared = shared_data()?;
        let folder = folder();
        let read = |name: &str| bellwether::frames::read_table(&shared.join(name)).expect(name);
        let columns = ["symbol", "ts", "open", "high", "low", "close", "volume"];
        let large = read("us_minute_2025_01/bars.parquet").select(columns).expect("columns");
        let small = read("us_gappers_minute/bars.parquet").select(columns).expect("columns");
        let mut bars = large.vstack(&small).expect("same columns");
        bellwether::frames::write_parquet(&folder.path().join("bars.parquet"), &mut bars).expect("bars.parquet");
        std::fs::copy(shared.join("us_daily_2023_2025/all_symbols_2024-10_2025-01.parquet"), folder.path().join("daily.parquet"))
            .expect("daily.parquet");
        Some(folder)
    });
    FOLDER.as_ref().map(tempfile::TempDir::path)
}
