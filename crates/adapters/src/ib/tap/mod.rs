//! Between the gateway's socket and the library: every frame passes here, and quotes go no further.
//!
//! ```text
//! gateway ──► frames ──► known, in step?  ──► a tick of a tapped request: decode ──► its lane
//!                                         └─► anything else ──► the library, byte for byte
//! gateway ◄── the library's requests, byte for byte
//! ```
//! Why it exists. The library reads each frame with two system calls and hands it over through a channel of its own:
//! measured with the mix of `benches/ticks.rs`, about 400,000 messages a second, where reading in blocks and decoding in
//! place manages several million. And what the library cannot place it drops with a log line; here bytes out of
//! step are seen as what they are, before a wrong price is decoded from them.
//!
//! The library connects to a listener on the loopback interface that takes this one connection and closes. It still makes
//! every request, gets every answer, error and notice, and keeps all state; only ticks of the requests that have a
//! [`Lane`] stay here.

mod decode;
mod fields;
mod frames;
mod lane;

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::{Buf as _, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

pub(crate) use decode::Tapped;
use frames::Frame;
pub(crate) use lane::Lane;

/// Bytes read at once.
const BLOCK: usize = 64 * 1024;
/// The library must come for its connection within this time.
const LIBRARY_WITHIN: Duration = Duration::from_secs(5);
/// Either side that takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// Frames in a row that no version of the protocol knows, after which the stream counts as out of step.
const STRANGERS: u32 = 3;

/// Why nothing passes any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The gateway closed the connection, or it broke.
    Gateway(String),
    /// The library closed the connection.
    Library,
    /// Bytes were lost or damaged: what follows cannot be trusted.
    OutOfStep(String),
}

/// What has passed so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Frames from the gateway.
    pub(crate) frames: u64,
    /// Bytes from the gateway.
    pub(crate) bytes: u64,
    /// Frames with an id that the protocol does not have.
    pub(crate) strangers: u64,
    /// Ticks that did not decode.
    pub(crate) damaged: u64,
}

/// One tapped connection; dropping it cuts the connection.
#[derive(Debug)]
pub(crate) struct Tap {
    local: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    lanes: RwLock<HashMap<i32, Arc<Lane>>>,
    frames: AtomicU64,
    bytes: AtomicU64,
    strangers: AtomicU64,
    damaged: AtomicU64,
    ended: watch::Sender<Option<Ended>>,
}

/// A request's ticks come to its lane until this is dropped.
#[derive(Debug)]
pub(crate) struct Tapping {
    shared: Arc<Shared>,
    request: i32,
    lane: Arc<Lane>,
}

impl Tapping {
    pub(crate) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }
}

impl Drop for Tapping {
    fn drop(&mut self) {
        let mut lanes = self.shared.lanes.write().unwrap_or_else(PoisonError::into_inner);
        // The id may have a new lane by now.
        if lanes.get(&self.request).is_some_and(|lane| Arc::ptr_eq(lane, &self.lane)) {
            lanes.remove(&self.request);
        }
    }
}

impl Tap {
    /// Connects to the gateway and waits for the library at [`Tap::address`].
    ///
    /// # Errors
    /// The gateway cannot be reached, or there is no free port on the loopback interface.
    pub(crate) async fn open(gateway: &str) -> io::Result<Self> {
        let upstream = TcpStream::connect(gateway).await?;
        upstream.set_nodelay(true)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let local = listener.local_addr()?;
        let shared = Arc::new(Shared {
            lanes: RwLock::default(),
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            strangers: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
            ended: watch::Sender::new(None),
        });
        let task = tokio::spawn(pass(Arc::clone(&shared), upstream, listener));
        Ok(Self { local, shared, task })
    }

    /// Where the library is to connect, once.
    pub(crate) fn address(&self) -> SocketAddr {
        self.local
    }

    /// From now on the ticks of `request` come to a lane that holds the last `capacity`.
    pub(crate) fn tap(&self, request: i32, capacity: usize) -> Tapping {
        let lane = Arc::new(Lane::new(capacity));
        self.shared.lanes.write().unwrap_or_else(PoisonError::into_inner).insert(request, Arc::clone(&lane));
        Tapping { shared: Arc::clone(&self.shared), request, lane }
    }

    /// What has passed so far.
    pub(crate) fn passed(&self) -> Passed {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let shared = &self.shared;
        Passed {
            frames: read(&shared.frames),
            bytes: read(&shared.bytes),
            strangers: read(&shared.strangers),
            damaged: read(&shared.damaged),
        }
    }

    /// Why nothing passes any more, as soon as that is so.
    pub(crate) fn ended(&self) -> watch::Receiver<Option<Ended>> {
        self.shared.ended.subscribe()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes both ways until one side ends.
async fn pass(shared: Arc<Shared>, upstream: TcpStream, listener: TcpListener) {
    let library = match timeout(LIBRARY_WITHIN, listener.accept()).await {
        Ok(Ok((library, _))) => library,
        Ok(Err(_)) | Err(_) => {
            shared.ended.send_replace(Some(Ended::Library));
            return;
        }
    };
    drop(listener);
    // Small requests and answers must not wait for one another; without it they are only slower.
    let _ = library.set_nodelay(true);
    let (from_gateway, to_gateway) = upstream.into_split();
    let (from_library, to_library) = library.into_split();
    let ended = tokio::select! {
        ended = inbound(&shared, from_gateway, to_library) => ended,
        ended = outbound(from_library, to_gateway) => ended,
    };
    if let Ended::OutOfStep(detail) = &ended {
        tracing::warn!(detail, "the stream from IB is out of step; the connection is cut");
    }
    shared.ended.send_replace(Some(ended));
}

async fn outbound(mut library: OwnedReadHalf, mut gateway: OwnedWriteHalf) -> Ended {
    let mut block = vec![0; BLOCK];
    loop {
        let read = match library.read(&mut block).await {
            Ok(0) | Err(_) => return Ended::Library,
            Ok(read) => read,
        };
        match timeout(WRITE_WITHIN, gateway.write_all(&block[..read])).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Ended::Gateway(error.to_string()),
            Err(_) => return Ended::Gateway(format!("took nothing for {WRITE_WITHIN:?}")),
        }
    }
}

async fn inbound(shared: &Shared, mut gateway: OwnedReadHalf, mut library: OwnedWriteHalf) -> Ended {
    let mut held = BytesMut::with_capacity(2 * BLOCK);
    let mut forward = Vec::with_capacity(BLOCK);
    let mut stream = Stream::default();
    loop {
        held.reserve(BLOCK);
        match gateway.read_buf(&mut held).await {
            Ok(0) => return Ended::Gateway("it closed the connection".to_owned()),
            Ok(read) => add(&shared.bytes, read as u64),
            Err(error) => return Ended::Gateway(error.to_string()),
        }
        forward.clear();
        let (sorted, consumed) = shared.sort(&mut stream, &held, &mut forward);
        held.advance(consumed);
        if !forward.is_empty() && !matches!(timeout(WRITE_WITHIN, library.write_all(&forward)).await, Ok(Ok(()))) {
            return Ended::Library;
        }
        if let Err(detail) = sorted {
            return Ended::OutOfStep(detail);
        }
    }
}

/// Where in the stream we are.
#[derive(Debug, Default)]
struct Stream {
    /// The first frame, the only one that is text, has passed.
    greeted: bool,
    /// Frames in a row that the protocol does not have.
    strangers: u32,
}

impl Shared {
    /// Takes every complete frame of `held`: ticks of tapped requests to their lanes, the rest to `forward`. Gives how
    /// many bytes were taken, and why the stream is out of step when it is.
    fn sort(&self, stream: &mut Stream, held: &[u8], forward: &mut Vec<u8>) -> (Result<(), String>, usize) {
        let lanes = self.lanes.read().unwrap_or_else(PoisonError::into_inner);
        let mut touched: Vec<&Arc<Lane>> = Vec::new();
        let (mut frames, mut taken) = (0, 0);
        let outcome = loop {
            let frame = match Frame::first_of(&held[taken..]) {
                Ok(Some(frame)) => frame,
                Ok(None) => break Ok(()),
                Err(length) => break Err(format!("a frame of {length} bytes was announced")),
            };
            taken += frame.bytes.len();
            frames += 1;
            if !stream.greeted {
                stream.greeted = true;
            } else if !frame.is_known() {
                add(&self.strangers, 1);
                stream.strangers += 1;
                if stream.strangers >= STRANGERS {
                    break Err(format!("{STRANGERS} messages in a row that the protocol does not have, the last {}", frame.id()));
                }
                continue;
            } else {
                stream.strangers = 0;
                if self.divert(&frame, &lanes, &mut touched) {
                    continue;
                }
            }
            forward.extend_from_slice(frame.bytes);
        };
        add(&self.frames, frames);
        touched.iter().for_each(|lane| lane.wake());
        (outcome, taken)
    }

    /// Puts a tick of a tapped request into its lane; `false` for everything else.
    fn divert<'a>(&self, frame: &Frame<'_>, lanes: &'a HashMap<i32, Arc<Lane>>, touched: &mut Vec<&'a Arc<Lane>>) -> bool {
        if lanes.is_empty() || !decode::is_tick(frame.id()) {
            return false;
        }
        let Some((request, tick)) = decode::tick(frame.id(), frame.body()) else {
            add(&self.damaged, 1);
            // The library says what is wrong with it.
            return false;
        };
        let Some(lane) = lanes.get(&request) else { return false };
        if lane.push(tick) {
            touched.push(lane);
        }
        true
    }
}

fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

#[cfg(test)]
#[path = "tap_tests.rs"]
mod tests;
