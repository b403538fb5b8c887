//! The only text on this wire: `API\0`, the client's version range, and the answer with ours.

use std::time::Duration;

use jiff::Timestamp;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// The newest server version spoken here.
pub(crate) const NEWEST: i32 = 226;
/// Below this version bodies are not all protobuf.
const OLDEST: i32 = 213;
/// Longest version text accepted.
const MAX_TEXT: u32 = 1024;
/// The client must finish its half within this time.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a connection did not become a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("the client did not finish the handshake within {TIMEOUT:?}")]
    Timeout,
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("the client did not begin with `API`")]
    Prefix,
    #[error("`{0}` is not a range of versions")]
    Range(String),
    #[error("the client speaks {0} at most; protobuf bodies need {OLDEST}")]
    TooOld(i32),
}

/// Reads the client's greeting, answers it, and gives the version agreed on.
///
/// # Errors
/// [`HandshakeError`] when the greeting is late, malformed or too old.
pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, now: Timestamp) -> Result<i32, HandshakeError> {
    timeout(TIMEOUT, exchange(stream, now)).await.map_err(|_| HandshakeError::Timeout)?
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, now: Timestamp) -> Result<i32, HandshakeError> {
    let mut prefix = [0_u8; 4];
    stream.read_exact(&mut prefix).await?;
    if &prefix != b"API\0" {
        return Err(HandshakeError::Prefix);
    }
    let length = stream.read_u32().await?;
    if length > MAX_TEXT {
        return Err(HandshakeError::Range(format!("a text of {length} bytes")));
    }
    let mut text = vec![0_u8; length as usize];
    stream.read_exact(&mut text).await?;
    let version = agree(&String::from_utf8_lossy(&text))?;

    let local = now.to_zoned(bellwether::market::new_york());
    let answer = format!("{version}\0{}\0", local.strftime("%Y%m%d %H:%M:%S US/Eastern"));
    let mut frame = u32::try_from(answer.len()).unwrap_or_default().to_be_bytes().to_vec();
    frame.extend_from_slice(answer.as_bytes());
    // In one piece: IB's Python client takes what its first read gives for the whole answer.
    stream.write_all(&frame).await?;
    stream.flush().await?;
    Ok(version)
}

/// `v213..226`, or `v213`, with options after a space.
fn agree(text: &str) -> Result<i32, HandshakeError> {
    let range = || HandshakeError::Range(text.chars().take(60).collect());
    let versions = text.split(' ').next().and_then(|first| first.strip_prefix('v')).ok_or_else(range)?;
    let newest = versions.rsplit("..").next().unwrap_or(versions);
    let newest: i32 = newest.parse().map_err(|_| range())?;
    match newest.min(NEWEST) {
        version if version < OLDEST => Err(HandshakeError::TooOld(newest)),
        version => Ok(version),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };

    use tokio::io::ReadBuf;

    use super::*;

    /// A client that has said its greeting, and keeps every write to it apart.
    struct Client {
        greeting: &'static [u8],
        heard: Vec<Vec<u8>>,
    }

    impl AsyncRead for Client {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.greeting).poll_read(cx, buf)
        }
    }

    impl AsyncWrite for Client {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            self.heard.push(buf.to_vec());
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_answer_is_one_write() {
        let mut client = Client { greeting: b"API\0\0\0\0\x09v213..226", heard: Vec::new() };
        let now = "2026-01-05T15:00:00Z".parse().unwrap();
        assert_eq!(accept(&mut client, now).await.unwrap(), 226);
        assert_eq!(client.heard, [b"\0\0\0\x21226\x0020260105 10:00:00 US/Eastern\0".to_vec()]);
    }

    #[test]
    fn the_version_is_the_lower_of_both_maxima() {
        assert_eq!(agree("v213..226").unwrap(), 226);
        assert_eq!(agree("v100..225 +PACEAPI").unwrap(), 225);
        assert_eq!(agree("v213..999").unwrap(), 226);
        assert_eq!(agree("v220").unwrap(), 220);
        assert!(matches!(agree("v157..178"), Err(HandshakeError::TooOld(178))));
        assert!(matches!(agree("213"), Err(HandshakeError::Range(_))));
        assert!(matches!(agree("v213..x"), Err(HandshakeError::Range(_))));
    }
}
