//! Bytes that no client library would send.

use std::time::Duration;

use bellwether_gateway::Violation;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::bench::{Bench, PATIENCE};

async fn connect(bench: &Bench, client_id: u8) -> TcpStream {
    let mut socket = TcpStream::connect(bench.gateway.addr()).await.unwrap();
    socket.write_all(b"API\0\0\0\0\x09v213..225").await.unwrap();
    let length = socket.read_u32().await.unwrap();
    let mut answer = vec![0; length as usize];
    socket.read_exact(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"225\0"), "{answer:?}");
    socket.write_all(&[0, 0, 0, 6, 0, 0, 1, 15, 8, client_id]).await.unwrap();
    assert_eq!(next_id(&mut socket).await.0, 209);
    socket
}

/// Message id and body of the next frame.
async fn next_id(socket: &mut TcpStream) -> (i32, Vec<u8>) {
    let frame = async {
        let length = socket.read_u32().await.unwrap();
        let id = socket.read_i32().await.unwrap();
        let mut body = vec![0; length as usize - 4];
        socket.read_exact(&mut body).await.unwrap();
        (id, body)
    };
    timeout(PATIENCE, frame).await.unwrap()
}

async fn closes(mut socket: TcpStream) -> bool {
    let mut rest = Vec::new();
    timeout(Duration::from_secs(2), socket.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test]
async fn a_malformed_frame_ends_its_own_connection_only() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let damaged: [&[u8]; 4] = [
        &[0xFF; 16],                                 // a length of four gigabytes
        &[0, 0, 0, 0],                               // a length of nothing
        &[0, 0, 0, 6, 0, 0, 0, 49, b'1', 0],         // a text message
        &[0, 0, 0, 8, 0, 0, 0, 201, 0x0A, 99, 1, 1], // a body that ends too soon
    ];
    for (index, bytes) in damaged.into_iter().enumerate() {
        let mut socket = connect(&bench, 20 + index as u8).await;
        socket.write_all(bytes).await.unwrap();
        assert!(closes(socket).await, "{bytes:?}");
        assert!(client.server_time().await.is_ok());
    }
    assert_eq!(bench.gateway.stats().violations[&Violation::MalformedFrame], 4);
}

#[tokio::test]
async fn an_unknown_message_is_answered_and_the_session_goes_on() {
    let bench = Bench::at("10:00").await;
    let mut socket = connect(&bench, 3).await;
    // Message 9999, then a request for the time.
    socket.write_all(&[0, 0, 0, 4, 0, 0, 39, 215]).await.unwrap();
    socket.write_all(&[0, 0, 0, 4, 0, 0, 0, 249]).await.unwrap();
    let mut refused = false;
    loop {
        let (id, body) = next_id(&mut socket).await;
        refused |= id == 204 && body.windows(8).any(|text| text == b"Unknown ");
        if id == 249 {
            break;
        }
    }
    assert!(refused);
}

#[tokio::test]
async fn what_is_no_greeting_is_dropped() {
    let bench = Bench::at("10:00").await;
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"API\0\0\0\0\x09v100..178"] {
        let mut socket = TcpStream::connect(bench.gateway.addr()).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        assert!(closes(socket).await);
    }
}
