//! A webhook receiver on loopback: takes what Slack would get, and keeps it as files.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Most bytes of a request that are read.
const LARGEST: usize = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Capture {
    address: SocketAddr,
    count: Arc<AtomicUsize>,
    server: tokio::task::JoinHandle<()>,
}

impl Capture {
    /// Listens on a free port; bodies go to `folder` as `001.json`, `002.json` …
    pub(super) async fn start(folder: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let count: Arc<AtomicUsize> = Arc::default();
        let counted = Arc::clone(&count);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counted, folder) = (Arc::clone(&counted), folder.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(body)) = tokio::time::timeout(Duration::from_secs(10), receive(stream)).await {
                        let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
                        if let Err(error) = tokio::fs::write(folder.join(format!("{number:03}.json")), body).await {
                            tracing::warn!(%error, "a captured webhook could not be written");
                        }
                    }
                });
            }
        });
        Ok(Self { address, count, server })
    }

    /// Where to post to.
    pub(super) fn url(&self) -> String {
        format!("http://{}/services/demo", self.address)
    }

    /// How many have come.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Reads one request with a known length and answers as Slack does.
async fn receive(mut stream: TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let body_at = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if bytes.len() > LARGEST || stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..body_at]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|value| value.trim().parse::<usize>().ok())
        .filter(|length| *length <= LARGEST)
        .ok_or(std::io::ErrorKind::InvalidData)?;
    while bytes.len() < body_at + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await?;
    Ok(String::from_utf8_lossy(&bytes[body_at..body_at + length]).into_owned())
}
