//! The wire: frames, message ids and the handshake.
//!
//! A frame is `[u32 length][i32 message id + 200][protobuf body]`, big-endian, both ways. Only the handshake is text.

mod frame;
mod handshake;
mod ids;

pub(crate) use frame::{Frame, FrameError, encode, read_frame};
pub(crate) use handshake::accept;
pub(crate) use ids::{incoming, outgoing};
