//! Reading and writing one frame.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

use super::incoming;

/// Added to the id of every message whose body is protobuf.
const PROTOBUF_OFFSET: i32 = 200;
/// Longest length that the four-byte prefix may announce.
const MAX_LENGTH: u32 = 0xFF_FFFF;
/// A frame whose prefix came must be complete within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// One message from a client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    /// Message id without the protobuf offset.
    pub(crate) id: i32,
    /// The body.
    pub(crate) body: Bytes,
}

impl Frame {
    /// The body as `M`.
    pub(crate) fn decode<M: Message + Default>(&self) -> Result<M, FrameError> {
        M::decode(self.body.clone()).map_err(|source| FrameError::Body { id: self.id, source })
    }
}

/// Why a connection cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("the client closed the connection")]
    Closed,
    #[error("reading failed: {0}")]
    Read(#[from] std::io::Error),
    #[error("frame length {0} is outside 4 to {MAX_LENGTH}")]
    Length(u32),
    #[error("message id {0} is not that of a protobuf message")]
    Text(i32),
    #[error("a frame stayed incomplete for {BODY_TIMEOUT:?}")]
    Incomplete,
    #[error("body of message {id} does not decode: {source}")]
    Body { id: i32, source: prost::DecodeError },
}

/// Waits for the next frame. A silent client is waited for without limit; an unfinished frame is not.
///
/// # Errors
/// [`FrameError`] when the connection ended or what came cannot be a frame.
pub(crate) async fn read_frame(reader: &mut (impl AsyncRead + Unpin)) -> Result<Frame, FrameError> {
    let mut prefix = [0_u8; 4];
    match reader.read(&mut prefix[..1]).await? {
        0 => return Err(FrameError::Closed),
        _ => timeout(BODY_TIMEOUT, reader.read_exact(&mut prefix[1..])).await.map_err(|_| FrameError::Incomplete)??,
    };
    let length = u32::from_be_bytes(prefix);
    if !(4..=MAX_LENGTH).contains(&length) {
        return Err(FrameError::Length(length));
    }
    let mut frame = vec![0_u8; length as usize];
    timeout(BODY_TIMEOUT, reader.read_exact(&mut frame)).await.map_err(|_| FrameError::Incomplete)??;
    let id = i32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]);
    let body = Bytes::from(frame).slice(4..);
    match id {
        // Their bodies are text in every version; nothing reads them.
        incoming::VERIFY_AND_AUTHORISE | incoming::VERIFY_AND_AUTHORISE_MESSAGE => Ok(Frame { id, body }),
        ..=PROTOBUF_OFFSET => Err(FrameError::Text(id)),
        _ => Ok(Frame { id: id - PROTOBUF_OFFSET, body }),
    }
}

/// One message as a frame.
pub(crate) fn encode(id: i32, body: &impl Message) -> Bytes {
    let length = 4 + body.encoded_len();
    let mut frame = BytesMut::with_capacity(4 + length);
    // Bodies are built here and stay far below the four-byte limit.
    frame.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    frame.put_i32(id + PROTOBUF_OFFSET);
    // A growing buffer cannot be too short, the one error there is.
    let _ = body.encode(&mut frame);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::NextValidId;

    #[tokio::test]
    async fn a_frame_survives_the_round_trip_and_damage_is_told_apart() {
        let frame = encode(9, &NextValidId { order_id: Some(7) });
        assert_eq!(&frame[..8], [0, 0, 0, 6, 0, 0, 0, 209]);
        let back = read_frame(&mut &frame[..]).await.unwrap();
        assert_eq!(back.id, 9);
        assert_eq!(back.decode::<NextValidId>().unwrap().order_id, Some(7));

        let damaged = |bytes: &'static [u8]| async move { read_frame(&mut &bytes[..]).await.unwrap_err() };
        assert!(matches!(damaged(&[]).await, FrameError::Closed));
        assert!(matches!(damaged(&[0xFF; 8]).await, FrameError::Length(u32::MAX)));
        assert!(matches!(damaged(&[0, 0, 0, 4, 0, 0, 0, 9]).await, FrameError::Text(9)));
        assert!(matches!(damaged(&[0, 0, 0, 9, 0]).await, FrameError::Read(_)));
    }
}
