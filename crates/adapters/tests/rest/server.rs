//! A web server that answers as a test tells it to, well or badly, and keeps what it was asked.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use bellwether::market::Clock;
use bellwether_adapters::rest::HttpConfig;
use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn asked(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Fields of a posted form.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        fields(&self.body)
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Status, further header lines, body.
    Whole(u16, String, String),
    /// A body that ends before its length.
    Truncated(String),
    /// Nothing, ever.
    Hang,
    /// A body without end.
    Endless,
    /// The connection is closed without a word.
    Dropped,
}

impl Reply {
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::Whole(200, "content-type: application/json\r\n".to_owned(), value.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self::Whole(status, String::new(), body.to_owned())
    }
}

type Play = dyn Fn(usize, &Request) -> Reply + Send + Sync;

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Server {
    /// Answers each request with what `play` makes of its number, from 0, and itself.
    pub(crate) async fn start(play: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, play): (_, Arc<Play>) = (Arc::clone(&requests), Arc::new(play));
        let serving = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                tokio::spawn(serve(stream, Arc::clone(&kept), Arc::clone(&play)));
            }
        });
        Self { url, requests, serving }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, kept: Arc<Mutex<Vec<Request>>>, play: Arc<Play>) {
    let Some(request) = read(&mut stream).await else { return };
    let number = {
        let mut kept = kept.lock().unwrap();
        kept.push(request.clone());
        kept.len() - 1
    };
    // Whoever asked may have gone: that is no failure of the server.
    let write = async |stream: &mut TcpStream, text: &str| stream.write_all(text.as_bytes()).await.is_ok();
    match play(number, &request) {
        Reply::Whole(status, headers, body) => {
            let head = format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
            write(&mut stream, &(head + &body)).await;
        }
        Reply::Truncated(body) => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len() + 100);
            write(&mut stream, &(head + &body)).await;
        }
        Reply::Hang => std::future::pending().await,
        Reply::Endless => {
            write(&mut stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            let chunk = "x".repeat(1 << 16);
            while write(&mut stream, &chunk).await {}
        }
        Reply::Dropped => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let mut first = lines.next()?.split(' ');
            let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
            let headers: BTreeMap<String, String> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                let (path, query) = target.split_once('?').unwrap_or((&target, ""));
                let query = fields(query);
                return Some(Request { method, path: path.to_owned(), query, headers, body: body.to_owned() });
            }
        }
        let mut buffer = [0; 8192];
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}

fn fields(encoded: &str) -> BTreeMap<String, String> {
    let pairs = encoded.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, more)) = rest.split_first() {
        rest = more;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (hex, more) = rest.split_at(2);
                rest = more;
                u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap()
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// A clock that stands still.
#[derive(Debug)]
pub(crate) struct Standing(pub(crate) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
    fn wall_until(&self, _: Timestamp) -> Duration {
        Duration::ZERO
    }
}

pub(crate) fn standing(at: &str) -> Arc<dyn Clock> {
    Arc::new(Standing(at.parse().unwrap()))
}

/// Settings under which a test does not wait long.
pub(crate) fn quick() -> HttpConfig {
    HttpConfig {
        per_minute: Some(10_000),
        per_day: Some(100_000),
        first_pause: Some(Duration::from_millis(1)),
        ..HttpConfig::default()
    }
}

/// An instant.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Writes lines of text.
pub(crate) fn lines(head: &str, rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().fold(format!("{head}\n"), |mut text, row| {
        writeln!(text, "{row}").unwrap();
        text
    })
}
