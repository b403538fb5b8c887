//! The admin port: faults, status and clock from outside, on loopback only.
//!
//! A request is one line of JSON, as is its answer. `"ok"` says whether it was done, `"error"` why not.
//!
//! ```text
//! {"do":"inject","fault":{"kind":"stall","client":7},"for":"30s"}     "for" and "after" may be left out
//! {"do":"lift","fault":{"kind":"stall","client":7}}
//! {"do":"script","toml":"[[fault]]\nafter = \"5m\"\nkind = \"stall\"\nfor = \"30s\"\n"}
//! {"do":"clear"}
//! {"do":"status"}
//! {"do":"clock","rate":60.0}                                          0 stops the clock
//! {"do":"clock","advance_to":"2026-03-10T09:31:00"}                   New York time, or an instant with a zone
//! {"do":"clock","advance_by":"5m"}
//! {"do":"clock","hold":"2026-03-10T09:31:00"}                         it waits there
//! {"do":"clock","release":true}                                       it waits no more
//! ```
//! Lines are at most 64 KiB; a connection that is silent for a minute, or sends what is no request, is closed, so that a
//! web page that finds the port cannot smuggle a request into what it sends.

mod answer;
mod ask;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

pub use ask::ask;

use crate::{error::GatewayError, faults::Faults, shared::Shared};

/// Longest line.
const MOST_BYTES: u64 = 64 * 1024;
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long an answer may take to be taken.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections at a time.
const MOST_CONNECTIONS: usize = 8;

/// What requests are answered from.
#[derive(Debug, Clone)]
pub(crate) struct Admin {
    pub(crate) shared: Arc<Shared>,
    pub(crate) faults: Faults,
    /// Where clients of the gateway connect.
    pub(crate) gateway: SocketAddr,
}

/// Listens on an address of the loopback interface.
///
/// # Errors
/// [`GatewayError::NotLoopback`], or [`GatewayError::Listen`] when the address is taken.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), GatewayError> {
    if !address.ip().is_loopback() {
        return Err(GatewayError::NotLoopback { address });
    }
    let failed = |cause| GatewayError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Answers until shutdown.
pub(crate) async fn serve(admin: Admin, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(_) if connections.len() >= MOST_CONNECTIONS => {
                    tracing::warn!(MOST_CONNECTIONS, "too many admin connections; closing the new one");
                }
                Ok((stream, _)) => {
                    connections.spawn(talk(admin.clone(), stream));
                }
                Err(problem) => {
                    tracing::warn!(%problem, "an admin connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            () = admin.shared.until_shutdown() => return,
        }
    }
}

async fn talk(admin: Admin, mut stream: TcpStream) {
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut reader).take(MOST_BYTES);
        match timeout(SILENCE, bounded.read_until(b'\n', &mut line)).await {
            Ok(Ok(count)) if count > 0 => {}
            _ => return,
        }
        let (answer, goes_on) = match line.last() {
            Some(b'\n') => answer::answer(&admin, &line),
            _ => (answer::failure(format!("a line has {MOST_BYTES} bytes at most and ends with a line feed")), false),
        };
        let mut text = answer.to_string();
        text.push('\n');
        if !matches!(timeout(WRITE_TIMEOUT, writer.write_all(text.as_bytes())).await, Ok(Ok(()))) || !goes_on {
            return;
        }
    }
}
