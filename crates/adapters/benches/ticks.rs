//! From the socket to the ring buffers: messages a second, beside `ib_async`'s where Python has it.
//!
//! `cargo bench -p bellwether-adapters --bench ticks`; `BELLWETHER_PEER_PYTHON` names a Python with `ib_async` 2.1.0, and the
//! runs of both are interleaved then. The mix is that of `ib_async_peer.py`: half prices, 30 % sizes, 8 % generic,
//! 6 % string, 6 % single bids and offers, of 100 symbols. Ours come over TCP from a thread of this process, theirs from memory.
//!
//! Then the cost of 100 symbols that stream at 4 Hz, as IB does, in processor time of the whole process.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use bellwether::market::{Clock, Instrument, Symbol};
use bellwether_adapters::ib::{IbConfig, IbSession, Subscription, SubscriptionHandle, SubscriptionKind, TickKind};
use jiff::Timestamp;

const MESSAGES: usize = 1_000_000;
const SYMBOLS: usize = 100;
/// Feeds of single bids and offers that an account with 100 lines may have.
const BY_TICK: usize = 3;
const RUNS: usize = 5;
/// The peer takes so many messages in one run.
const PEER_RUNS: usize = 3;
const QUIET_SECONDS: u64 = 10;

#[derive(Debug)]
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    fn wall_until(&self, instant: Timestamp) -> Duration {
        Duration::try_from(instant.duration_since(self.now())).unwrap_or_default()
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// One frame: a message id and fields that were written by [`int`], [`double`] and [`text`].
fn frame(out: &mut Vec<u8>, id: i32, body: &[u8]) {
    out.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    out.extend_from_slice(&(id + 200).to_be_bytes());
    out.extend_from_slice(body);
}

fn int(body: &mut Vec<u8>, field: u8, value: u64) {
    body.push(field << 3);
    varint(body, value);
}

fn double(body: &mut Vec<u8>, field: u8, value: f64) {
    body.push(field << 3 | 1);
    body.extend_from_slice(&value.to_le_bytes());
}

fn text(body: &mut Vec<u8>, field: u8, value: &str) {
    body.push(field << 3 | 2);
    varint(body, value.len() as u64);
    body.extend_from_slice(value.as_bytes());
}

fn int_field(body: &[u8], wanted: u8) -> u64 {
    // Request ids are the first field of every request that is served here.
    assert_eq!(body[0], wanted << 3);
    let mut value = 0;
    for (index, byte) in body[1..].iter().enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return value;
        }
    }
    value
}

/// What the server thread is told.
enum Order {
    Burst(Vec<u8>),
    /// 100 quotes at 4 Hz for so long.
    Stream(Duration),
}

struct Server {
    port: u16,
    orders: mpsc::Sender<Order>,
    began: mpsc::Receiver<Instant>,
    requests: mpsc::Receiver<(i32, u64)>,
}

/// Shakes hands, answers what a session asks at its start, and plays.
fn serve() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (orders, ordered) = mpsc::channel();
    let (beginning, began) = mpsc::channel();
    let (asking, requests) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        let mut prefix = [0; 4];
        socket.read_exact(&mut prefix).unwrap();
        read(&mut socket);
        let greeting = b"226\x0020260310 10:00:00 US/Eastern\0";
        socket.write_all(&u32::try_from(greeting.len()).unwrap().to_be_bytes()).unwrap();
        socket.write_all(greeting).unwrap();
        let mut writer = socket.try_clone().unwrap();
        std::thread::spawn(move || {
            for order in ordered {
                beginning.send(Instant::now()).unwrap();
                match order {
                    Order::Burst(bytes) => writer.write_all(&bytes).unwrap(),
                    Order::Stream(lasting) => stream(&mut writer, lasting),
                }
            }
        });
        loop {
            let Some(message) = read(&mut socket) else { return };
            let id = i32::from_be_bytes(message[..4].try_into().unwrap()) - 200;
            let mut answer = Vec::new();
            let mut body = Vec::new();
            match id {
                71 => {
                    int(&mut body, 1, 1);
                    frame(&mut answer, 9, &body);
                    body.clear();
                    text(&mut body, 1, "DU0");
                    frame(&mut answer, 15, &body);
                }
                49 => {
                    int(&mut body, 1, u64::try_from(Timestamp::now().as_second()).unwrap());
                    frame(&mut answer, 49, &body);
                }
                // No contract is known: trading hours are those of the exchange then.
                9 => {
                    int(&mut body, 1, int_field(&message[4..], 1));
                    frame(&mut answer, 52, &body);
                }
                // Quotes, and single ticks: a first word, so that they count as alive.
                1 | 97 => {
                    let request = int_field(&message[4..], 1);
                    asking.send((id, request)).unwrap();
                    if id == 1 {
                        int(&mut body, 1, request);
                        int(&mut body, 2, 1);
                        frame(&mut answer, 58, &body);
                    }
                }
                _ => {}
            }
            socket.write_all(&answer).unwrap();
        }
    });
    Server { port, orders, began, requests }
}

fn read(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut prefix = [0; 4];
    socket.read_exact(&mut prefix).ok()?;
    let mut message = vec![0; u32::from_be_bytes(prefix) as usize];
    socket.read_exact(&mut message).ok()?;
    Some(message)
}

/// A small generator: the mix does not have to be random, only mixed.
struct Mix(u64);

impl Mix {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// The stream of `MESSAGES`.
fn burst(quotes: &[u64], by_tick: &[u64]) -> Vec<u8> {
    let mut mix = Mix(7);
    let mut prices: Vec<f64> = (0..SYMBOLS).map(|_| 100.0 + mix.below(5_000) as f64 / 100.0).collect();
    let mut out = Vec::with_capacity(48 * MESSAGES);
    let mut body = Vec::new();
    let mut inner = Vec::new();
    for count in 0..MESSAGES {
        let symbol = count % SYMBOLS;
        prices[symbol] = ((prices[symbol] + (mix.below(3) as f64 - 1.0) / 100.0) * 100.0).round() / 100.0;
        let (price, size) = (prices[symbol], (100 + count % 900).to_string());
        body.clear();
        int(&mut body, 1, quotes[symbol]);
        let id = match mix.below(100) {
            0..50 => {
                int(&mut body, 2, [1, 2, 4][mix.below(3) as usize]);
                double(&mut body, 3, price);
                text(&mut body, 4, &size);
                int(&mut body, 5, 1);
                1
            }
            50..80 => {
                int(&mut body, 2, [0, 3, 5, 8][mix.below(4) as usize]);
                text(&mut body, 3, &size);
                2
            }
            80..88 => {
                int(&mut body, 2, 49);
                double(&mut body, 3, 0.0);
                45
            }
            88..94 => {
                int(&mut body, 2, 45);
                text(&mut body, 3, &(1_700_000_000 + count).to_string());
                46
            }
            _ => {
                body.clear();
                int(&mut body, 1, by_tick[count % by_tick.len()]);
                int(&mut body, 2, 3);
                inner.clear();
                int(&mut inner, 1, 1_700_000_000 + count as u64);
                double(&mut inner, 3, 100.0 + (count % 7) as f64 / 100.0);
                double(&mut inner, 4, 100.1 + (count % 7) as f64 / 100.0);
                text(&mut inner, 5, "300");
                text(&mut inner, 6, "500");
                body.push(4 << 3 | 2);
                varint(&mut body, inner.len() as u64);
                body.extend_from_slice(&inner);
                99
            }
        };
        frame(&mut out, id, &body);
    }
    out
}

/// 100 symbols, four times a second, a bid with its size each.
fn stream(writer: &mut TcpStream, lasting: Duration) {
    let began = Instant::now();
    let mut count = 0_u64;
    while began.elapsed() < lasting {
        let mut out = Vec::new();
        for request in QUOTE_IDS.get().unwrap() {
            let mut body = Vec::new();
            int(&mut body, 1, *request);
            int(&mut body, 2, 1);
            double(&mut body, 3, 100.0 + (count % 5) as f64 / 100.0);
            text(&mut body, 4, "300");
            frame(&mut out, 1, &body);
            count += 1;
        }
        writer.write_all(&out).unwrap();
        std::thread::sleep(Duration::from_millis(250));
    }
}

static QUOTE_IDS: std::sync::OnceLock<Vec<u64>> = std::sync::OnceLock::new();

fn instrument(number: usize) -> Instrument {
    let symbol: Symbol = format!("S{number}").parse().unwrap();
    Instrument { contract_id: Some(i32::try_from(number).unwrap() + 1), ..Instrument::stock(symbol) }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Processor time of this process so far, its threads included.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Ticks taken in so far, and those that came too fast.
fn received(session: &IbSession) -> (u64, u64) {
    let counters = session.health().counters;
    (counters.ticks_received, counters.ticks_dropped)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let server = serve();
    let config = IbConfig { port: server.port, market_data_lines: SYMBOLS + 20, ..IbConfig::default() };
    let session = IbSession::connect(config, Arc::new(SystemClock)).await.unwrap();
    let follow = |number: usize, kind| session.subscribe(Subscription { instrument: instrument(number), kind });
    let mut handles: Vec<SubscriptionHandle> = (0..SYMBOLS).map(|number| follow(number, SubscriptionKind::Quotes)).collect();
    handles.extend((0..BY_TICK).map(|number| follow(number, SubscriptionKind::TickByTick(TickKind::BidAsk))));
    let (mut quotes, mut by_tick) = (Vec::new(), Vec::new());
    while quotes.len() + by_tick.len() < SYMBOLS + BY_TICK {
        let asked = tokio::task::block_in_place(|| server.requests.recv_timeout(Duration::from_secs(60)));
        let Ok((id, request)) = asked else {
            panic!("{} quotes and {} single ticks were asked for", quotes.len(), by_tick.len())
        };
        if id == 1 { quotes.push(request) } else { by_tick.push(request) }
    }
    QUOTE_IDS.set(quotes.clone()).unwrap();
    let bytes = burst(&quotes, &by_tick);
    let python = std::env::var("BELLWETHER_PEER_PYTHON").ok();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let before = received(&session);
        server.orders.send(Order::Burst(bytes.clone())).unwrap();
        let began = tokio::task::block_in_place(|| server.began.recv().unwrap());
        let dropped = loop {
            let now = received(&session);
            let (taken, dropped) = (now.0 - before.0, now.1 - before.1);
            if taken + dropped >= MESSAGES as u64 {
                break dropped;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{taken} taken and {dropped} dropped of {MESSAGES}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        if dropped > 0 {
            println!("{dropped} of {MESSAGES} came faster than they were taken in");
        }
        ours.push(MESSAGES as f64 / began.elapsed().as_secs_f64());
        if let Some(python) = &python {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/ib_async_peer.py");
            let output = Command::new(python).args([script, &PEER_RUNS.to_string()]).output().unwrap();
            let rates: Vec<f64> = String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().unwrap()).collect();
            assert!(!rates.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            theirs.push(median(rates));
        }
    }
    println!("socket to ring buffers: {:.0} messages a second (median of {RUNS})", median(ours.clone()));
    match theirs.is_empty() {
        true => println!("ib_async: not measured; name a Python that has it in BELLWETHER_PEER_PYTHON"),
        false => {
            let (ours, theirs) = (median(ours), median(theirs));
            println!("ib_async, memory to tickers: {theirs:.0} messages a second; ratio {:.1}", ours / theirs);
        }
    }
    let before = processor_time();
    let lasting = Duration::from_secs(QUIET_SECONDS);
    server.orders.send(Order::Stream(lasting)).unwrap();
    tokio::time::sleep(lasting).await;
    let share = (processor_time() - before).as_secs_f64() / lasting.as_secs_f64();
    println!("100 symbols at 4 Hz: {:.1} % of one core, the sending thread included", 100.0 * share);
    session.shutdown().await;
}
