//! aiosmtpd as a child process, and Python's mail parser.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    sync::OnceCell,
};

/// A mail server that ends with its value.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    folder: tempfile::TempDir,
    _process: Child,
}

impl MailServer {
    /// Starts one; `options` are those of `smtp_server.py`.
    pub(crate) async fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tls = certificate().await;
        let mut process = Command::new(python().await)
            .arg(script("smtp_server.py"))
            .arg(folder.path())
            .args(options)
            .args([Path::new("--cert"), &tls.certificate, Path::new("--key"), &tls.key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await.expect("the mail server did not start");
        let log = || std::fs::read_to_string(folder.path().join("log")).unwrap();
        let port = line.unwrap().unwrap_or_else(|| panic!("the mail server ended at once: {}", log())).parse().unwrap();
        Self { port, folder, _process: process }
    }

    /// A file that the server keeps of what it was sent.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A certificate for `localhost` that nobody vouches for.
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Made once per run of the tests.
pub(crate) async fn certificate() -> &'static Certificate {
    static MADE: OnceCell<Certificate> = OnceCell::const_new();
    MADE.get_or_init(|| async {
        let folder = tools().join(format!("certificate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = Certificate { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
        openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
        openssl
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&made.key)
            .arg("-out")
            .arg(&made.certificate);
        done(&mut openssl, "openssl makes the mail server's certificate; install it").await;
        made
    })
    .await
}

/// What Python's mail parser finds in a mail.
pub(crate) async fn read_mail(path: &Path) -> serde_json::Value {
    let mut reader = Command::new(python().await);
    reader.arg(script("read_mail.py")).arg(path);
    serde_json::from_slice(&done(&mut reader, "reading the mail").await.stdout).unwrap()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/delivery").join(name)
}

fn tools() -> PathBuf {
    // target/tmp of this build.
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("test-tools")
}

/// The interpreter of an environment with what `tests/requirements.txt` names; made once, kept between runs.
async fn python() -> &'static Path {
    static MADE: OnceCell<PathBuf> = OnceCell::const_new();
    MADE.get_or_init(|| async {
        let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/requirements.txt");
        let wanted = std::fs::read(&requirements).unwrap();
        let environment = tools().join("mail-server");
        let (python, ready) = (environment.join("bin/python"), environment.join("requirements.txt"));
        if std::fs::read(&ready).is_ok_and(|installed| installed == wanted) {
            return python;
        }
        let missing = "the mail server of these tests runs on Python 3 (Debian: apt-get install python3 python3-venv)";
        done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), missing).await;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
        done(&mut install, "the mail server of these tests comes from PyPI, which must be reachable once").await;
        std::fs::write(ready, wanted).unwrap();
        python
    })
    .await
}

async fn done(command: &mut Command, what_is_missing: &str) -> Output {
    let output = command.output().await.unwrap_or_else(|error| panic!("{what_is_missing}: {error}"));
    assert!(output.status.success(), "{what_is_missing}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
