//! A client that shows every frame as it comes.

use std::time::Duration;

use prost::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::bench::{Bench, PATIENCE};

pub(crate) const TICK_PRICE: i32 = 1;
pub(crate) const ERROR: i32 = 4;
pub(crate) const TICK_GENERIC: i32 = 45;
pub(crate) const TIME: i32 = 49;
pub(crate) const REAL_TIME_BAR: i32 = 50;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Named {
    #[prost(int32, optional, tag = "1")]
    pub(crate) con_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) symbol: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) sec_type: Option<String>,
    #[prost(string, optional, tag = "8")]
    pub(crate) exchange: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(crate) primary_exchange: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(crate) currency: Option<String>,
}

/// What requests for market data, contract details and orders have in common.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct About {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Named>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct BarsAbout {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub(crate) contract: Option<Named>,
    #[prost(string, optional, tag = "4")]
    pub(crate) what_to_show: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Id {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ErrorSeen {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) time_ms: Option<i64>,
    #[prost(int32, optional, tag = "3")]
    pub(crate) code: Option<i32>,
    #[prost(string, optional, tag = "4")]
    pub(crate) text: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TickSeen {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) tick: Option<i32>,
    #[prost(double, optional, tag = "3")]
    pub(crate) value: Option<f64>,
    #[prost(string, optional, tag = "4")]
    pub(crate) size: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct BarSeen {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) time: Option<i64>,
    #[prost(double, optional, tag = "3")]
    pub(crate) open: Option<f64>,
    #[prost(double, optional, tag = "6")]
    pub(crate) close: Option<f64>,
}

pub(crate) fn named(symbol: &str) -> Named {
    let text = |text: &str| Some(text.to_owned());
    Named { symbol: text(symbol), sec_type: text("STK"), exchange: text("SMART"), currency: text("USD"), ..Named::default() }
}

/// One frame: message id and body.
pub(crate) type Seen = (i32, Vec<u8>);

pub(crate) fn read<M: Message + Default>(seen: &Seen) -> M {
    M::decode(&seen.1[..]).unwrap()
}

pub(crate) struct RawClient {
    pub(crate) socket: TcpStream,
}

impl RawClient {
    /// Connected, with a session.
    pub(crate) async fn connect(bench: &Bench, client_id: i32) -> Self {
        let mut client = Self::greet(bench, client_id).await;
        assert_eq!(client.frame().await.unwrap().0, 9);
        // The last of what a new session is told.
        client.until(|seen| seen.0 == ERROR && read::<ErrorSeen>(seen).code == Some(2158)).await;
        client
    }

    /// The handshake is done and the session asked for.
    pub(crate) async fn greet(bench: &Bench, client_id: i32) -> Self {
        let mut socket = TcpStream::connect(bench.gateway.addr()).await.unwrap();
        socket.write_all(b"API\0\0\0\0\x09v213..225").await.unwrap();
        let length = timeout(PATIENCE, socket.read_u32()).await.unwrap().unwrap();
        let mut answer = vec![0; length as usize];
        socket.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"225\0"), "{answer:?}");
        let mut client = Self { socket };
        client.send(71, &Id { id: Some(client_id) }).await;
        client
    }

    pub(crate) async fn send(&mut self, id: i32, body: &impl Message) {
        let body = body.encode_to_vec();
        let mut frame = (body.len() as u32 + 4).to_be_bytes().to_vec();
        frame.extend_from_slice(&(id + 200).to_be_bytes());
        frame.extend_from_slice(&body);
        self.socket.write_all(&frame).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, request: i32, symbol: &str) {
        self.send(1, &About { id: Some(request), contract: Some(named(symbol)) }).await;
    }

    pub(crate) async fn subscribe_bars(&mut self, request: i32, symbol: &str) {
        let what_to_show = Some("TRADES".to_owned());
        self.send(50, &BarsAbout { id: Some(request), contract: Some(named(symbol)), what_to_show }).await;
    }

    /// The next frame; an error when the connection ended.
    pub(crate) async fn frame(&mut self) -> std::io::Result<Seen> {
        let frame = async {
            let length = self.socket.read_u32().await?;
            let id = self.socket.read_i32().await? - 200;
            let mut body = vec![0; length as usize - 4];
            self.socket.read_exact(&mut body).await?;
            Ok((id, body))
        };
        timeout(PATIENCE, frame).await.expect("a frame in time")
    }

    /// Frames up to the one that is waited for, with it.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let mut seen = Vec::new();
        loop {
            let frame = self.frame().await.unwrap();
            let last = wanted(&frame);
            seen.push(frame);
            if last {
                return seen;
            }
        }
    }

    /// All that was queued before now: a request for the time is answered after it.
    pub(crate) async fn so_far(&mut self) -> Vec<Seen> {
        self.send(TIME, &Id::default()).await;
        self.until(|seen| seen.0 == TIME).await
    }

    /// Frames until a price of `request` comes.
    pub(crate) async fn until_price(&mut self, request: i32) -> Vec<Seen> {
        self.until(|seen| seen.0 == TICK_PRICE && read::<TickSeen>(seen).id == Some(request)).await
    }

    /// Whether nothing comes for a moment, not even the end.
    pub(crate) async fn is_silent(&mut self) -> bool {
        timeout(Duration::from_millis(200), self.socket.read_u8()).await.is_err()
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let end = timeout(PATIENCE, self.socket.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the connection stays open");
        rest
    }
}

/// Codes of the errors and notices among frames.
pub(crate) fn codes(seen: &[Seen]) -> Vec<i32> {
    let errors = seen.iter().filter(|seen| seen.0 == ERROR);
    errors.map(|seen| read::<ErrorSeen>(seen).code.unwrap_or_default()).collect()
}

/// Frames about a request, other than errors.
pub(crate) fn about(seen: &[Seen], request: i32) -> Vec<Seen> {
    seen.iter().filter(|seen| seen.0 != ERROR && read::<Id>(seen).id == Some(request)).cloned().collect()
}
