//! Where one frame ends and the next begins.

use ibapi::IncomingMessages;

/// Added to the id of every message whose body is protobuf.
const PROTOBUF_OFFSET: i32 = 200;
/// Length prefix and id.
const HEAD: usize = 8;
/// Lengths that a frame may announce.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=0xFF_FFFF;

/// One frame, its length prefix included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame that `held` begins with, once it is complete.
    ///
    /// # Errors
    /// The length announced, when no frame has it.
    pub(super) fn first_of(held: &'a [u8]) -> Result<Option<Self>, usize> {
        let Some((prefix, rest)) = held.split_first_chunk() else { return Ok(None) };
        let length = u32::from_be_bytes(*prefix) as usize;
        if !LENGTHS.contains(&length) {
            return Err(length);
        }
        Ok((rest.len() >= length).then(|| Self { bytes: &held[..4 + length] }))
    }

    /// The message id, without what marks a protobuf body.
    pub(super) fn id(&self) -> i32 {
        let id = self.bytes[4..].first_chunk().copied().unwrap_or_default();
        i32::from_be_bytes(id) - PROTOBUF_OFFSET
    }

    /// Whether the protocol has such a message.
    pub(super) fn is_known(&self) -> bool {
        self.id() > 0 && IncomingMessages::from(self.id()) != IncomingMessages::NotValid
    }

    /// The protobuf body.
    pub(super) fn body(&self) -> &'a [u8] {
        &self.bytes[HEAD..]
    }
}
