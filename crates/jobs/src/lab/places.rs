//! Where the lab lives.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};

use super::progress::Progress;

/// How long a preparation waits for another one.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// The checkout that is prepared, and the user's cache.
#[derive(Debug, Clone)]
pub struct Places {
    /// The checkout of Bellwether.
    pub checkout: PathBuf,
    /// The lab's folder in the user's cache, shared by all checkouts.
    pub cache: PathBuf,
}

impl Places {
    /// The checkout named, else the one around the current folder, else the one this program was built from; and the cache:
    /// `$BELLWETHER_LAB_DIR`, else `bellwether/lab` in `$XDG_CACHE_HOME` or `~/.cache`.
    ///
    /// # Errors
    /// When there is no checkout, or no home folder.
    pub fn find(checkout: Option<&Path>) -> anyhow::Result<Self> {
        let checkout = match checkout {
            Some(named) => {
                ensure!(
                    is_checkout(named),
                    "{} is not a checkout of Bellwether: crates/lab/Cargo.toml is not in it",
                    named.display()
                );
                named.to_owned()
            }
            None => {
                let here = std::env::current_dir().context("the current folder cannot be read")?;
                let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
                here.ancestors().map(Path::to_owned).chain([built_from]).find(|folder| is_checkout(folder)).context(
                    "the lab builds the library from its sources, and there is no checkout of Bellwether around the current folder: \
                     change into one, or name it with --checkout DIR",
                )?
            }
        };
        let checkout = checkout.canonicalize().with_context(|| format!("the checkout {} cannot be read", checkout.display()))?;
        let cache = match std::env::var_os("BELLWETHER_LAB_DIR").filter(|folder| !folder.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => user_cache()?.join("bellwether/lab"),
        };
        std::fs::create_dir_all(&cache).with_context(|| {
            format!("the lab's folder {} cannot be made; choose another with BELLWETHER_LAB_DIR", cache.display())
        })?;
        let cache = cache.canonicalize()?;
        for (what, folder) in [("checkout", &checkout), ("lab's folder", &cache)] {
            if folder.to_str().is_none_or(|text| text.contains(['\n', '"', '\\', '\x1f'])) {
                bail!("the path of the {what}, {}, has characters that Jupyter or Cargo cannot carry", folder.display());
            }
        }
        Ok(Self { checkout, cache })
    }

    /// What belongs to this checkout alone: which library its kernels use.
    pub(super) fn of_checkout(&self) -> PathBuf {
        let digest = Sha256::digest(self.checkout.as_os_str().as_encoded_bytes());
        self.cache.join("checkouts").join(short_hex(&digest))
    }

    /// The file that names the newest library of this checkout.
    pub(super) fn newest(&self) -> PathBuf {
        self.of_checkout().join("newest")
    }

    /// The file with the digest of what that library was made from.
    pub(super) fn inputs(&self) -> PathBuf {
        self.of_checkout().join("inputs")
    }

    /// Folder for `JUPYTER_PATH`.
    pub fn jupyter_path(&self) -> PathBuf {
        self.of_checkout().join("jupyter")
    }

    /// File for what a program says.
    pub fn log(&self, name: &str) -> PathBuf {
        self.cache.join("log").join(format!("{name}.log"))
    }

    pub(super) fn library(&self, id: &str) -> PathBuf {
        self.cache.join("library").join(id)
    }

    /// One preparation at a time. The lock goes with this process and those that it starts: what an installer that was left alone still
    /// writes, nobody else begins to write.
    pub(super) fn lock(&self, progress: &dyn Progress) -> anyhow::Result<Turn> {
        let path = self.cache.join("lock");
        let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let began = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    rustix::io::fcntl_setfd(&file, rustix::io::FdFlags::empty())?;
                    return Ok(Turn(file));
                }
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
                    if !told {
                        progress.begin("waiting for another preparation");
                        told = true;
                    }
                    std::thread::sleep(Duration::from_millis(200));
                }
                Err(TryLockError::WouldBlock) => {
                    bail!("another preparation has held {} for an hour: is it stuck?", path.display())
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("{} cannot be locked", path.display()));
                }
            }
        }
    }
}

/// The right to prepare.
pub(super) struct Turn(File);

impl Drop for Turn {
    fn drop(&mut self) {
        // For children too: a compiler's server may outlive the preparation that started it. It cannot fail on a lock that is held.
        let _ = self.0.unlock();
    }
}

fn is_checkout(folder: &Path) -> bool {
    folder.join("crates/lab/Cargo.toml").is_file()
}

fn user_cache() -> anyhow::Result<PathBuf> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    from("XDG_CACHE_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| from("HOME").map(|home| home.join(".cache")))
        .context("neither HOME nor XDG_CACHE_HOME is set: say with BELLWETHER_LAB_DIR where the lab may live")
}

/// The first eight bytes of a digest: enough to tell folders apart.
pub(super) fn short_hex(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
