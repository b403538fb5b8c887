//! One connection, in a bounded number of attempts, with an error that says what is wrong.

use std::time::Duration;

use ibapi::{Client, Error, subscriptions::NoticeStream};
use tokio::time::timeout;

use super::{
    backoff::random,
    config::IbConfig,
    tap::{Ended, Tap},
};
use crate::error::{AdapterError, Result};

/// First and longest pause between two attempts of a first connection, real time.
const PAUSE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// Frames kept for a reader that is slow, of each request.
const CHANNEL_CAPACITY: usize = 4_096;

/// A connection whose handshake is complete.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) notices: NoticeStream,
    pub(super) tap: Tap,
    /// Attempts that failed before.
    pub(super) failed_attempts: u32,
}

/// Connects in a bounded number of attempts; between them waits twice as long each time, up to a limit, and a little at
/// random.
pub(super) async fn connect(config: &IbConfig) -> Result<Connected> {
    let mut attempt = 1;
    loop {
        let error = match once(config, attempt).await {
            Ok(connected) => return Ok(connected),
            Err(error) => error,
        };
        if attempt >= config.connect_attempts || !error.is_retryable() {
            return Err(error);
        }
        let pause = PAUSE.0.saturating_mul(1 << (attempt - 1).min(10)).min(PAUSE.1).mul_f64(0.75 + random() / 2.0);
        tracing::warn!(attempt, %error, ?pause, "connecting again");
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

/// One attempt, the `attempts`-th.
pub(super) async fn once(config: &IbConfig, attempts: u32) -> Result<Connected> {
    let address = config.address();
    let no_handshake = |detail: String| AdapterError::NoHandshake { address: address.clone(), attempts, detail };
    let unreachable =
        |detail: String| AdapterError::Unreachable { address: address.clone(), port: config.port, attempts, detail };
    let tap = match timeout(config.connect_timeout, Tap::open(&address)).await {
        Ok(Ok(tap)) => tap,
        Ok(Err(error)) => return Err(unreachable(error.to_string())),
        Err(_) => return Err(unreachable(format!("no answer within {:?}", config.connect_timeout))),
    };
    let connecting = Client::builder()
        .address(tap.address().to_string())
        .client_id(config.client_id)
        .max_reconnect_attempts(0)
        .channel_capacity(CHANNEL_CAPACITY)
        .connect_with_notice_stream();
    match timeout(config.connect_timeout, connecting).await {
        Ok(Ok((client, notices))) => Ok(Connected { client, notices, tap, failed_attempts: attempts - 1 }),
        Ok(Err(Error::ClientIdInUse { client_id })) => Err(AdapterError::ClientIdInUse { address, client_id }),
        Ok(Err(error)) => Err(no_handshake(match &*tap.ended().borrow() {
            // The library only sees that the connection ended.
            Some(Ended::Gateway(why) | Ended::OutOfStep(why)) => why.clone(),
            Some(Ended::Library) | None => error.to_string(),
        })),
        Err(_) => Err(no_handshake(format!("nothing was said within {:?}", config.connect_timeout))),
    }
}
