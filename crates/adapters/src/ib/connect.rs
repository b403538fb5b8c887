//! One connection, in a bounded number of attempts, with an error that says what is wrong.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use ibapi::{Client, Error, subscriptions::NoticeStream};
use tokio::{net::TcpStream, time::timeout};

use super::config::IbConfig;
use crate::error::{AdapterError, Result};

/// First and longest pause between two attempts.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// How long to see whether anything listens at all.
const PROBE: Duration = Duration::from_secs(2);

/// Whether a client id in use may become free by itself: the gateway takes a while to notice that our last socket died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientId {
    /// It is someone else's.
    Foreign,
    /// It may still be our own.
    OurLast,
}

/// Connects; between attempts waits twice as long each time, up to a limit, and a little at random.
pub(super) async fn connect(config: &IbConfig, client_id: ClientId) -> Result<(Client, NoticeStream)> {
    let mut attempt = 1;
    loop {
        let error = match once(config, attempt).await {
            Ok(connected) => return Ok(connected),
            Err(error) => error,
        };
        let worth_it =
            error.is_retryable() || (client_id == ClientId::OurLast && matches!(error, AdapterError::ClientIdInUse { .. }));
        if attempt >= config.connect_attempts || !worth_it {
            return Err(error);
        }
        let pause = PAUSE.0.saturating_mul(1 << (attempt - 1).min(10)).min(PAUSE.1).mul_f64(jitter());
        tracing::warn!(attempt, %error, ?pause, "connecting again");
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

async fn once(config: &IbConfig, attempts: u32) -> Result<(Client, NoticeStream)> {
    let address = config.address();
    let connecting = Client::builder()
        .address(address.clone())
        .client_id(config.client_id)
        .max_reconnect_attempts(0)
        .channel_capacity(4_096)
        .connect_with_notice_stream();
    let no_handshake = |detail: String| AdapterError::NoHandshake { address: address.clone(), attempts, detail };
    let unreachable =
        |detail: String| AdapterError::Unreachable { address: address.clone(), port: config.port, attempts, detail };
    match timeout(config.connect_timeout, connecting).await {
        Ok(Ok(connected)) => Ok(connected),
        Ok(Err(Error::ClientIdInUse { client_id })) => Err(AdapterError::ClientIdInUse { address, client_id }),
        Ok(Err(error)) if !answers(&address).await => Err(unreachable(error.to_string())),
        Ok(Err(error)) => Err(no_handshake(error.to_string())),
        Err(_) if !answers(&address).await => Err(unreachable(format!("no answer within {:?}", config.connect_timeout))),
        Err(_) => Err(no_handshake(format!("nothing was said within {:?}", config.connect_timeout))),
    }
}

/// Whether anything accepts connections there.
async fn answers(address: &str) -> bool {
    matches!(timeout(PROBE, TcpStream::connect(address)).await, Ok(Ok(_)))
}

/// Between 0.75 and 1.25, so that several programs do not all come back at once.
fn jitter() -> f64 {
    // The standard library seeds its hashers at random: enough for this.
    0.75 + RandomState::new().hash_one(()) as f64 / u64::MAX as f64 / 2.0
}
