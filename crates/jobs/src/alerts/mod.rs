//! What is told, to whom, and how.
//!
//! ```text
//! ScanReport + Snapshot ─ content ─► AlertContent ─(outbox row, JSON)─► outbox ─► Channel::deliver
//!                                                                                   ├─ email    ─► SMTP, or .eml files
//!                                                                                   └─ webhook  ─► Slack blocks, or signed JSON
//! ```
//! A channel renders and sends, once; it keeps no state. Whether and when to try again is the outbox's business: a
//! [`DeliveryError`] says whether it makes sense, [`backoff()`] says when. Every message carries the alert's id, so that a
//! receiver can tell a repetition from news. Nothing here reads a clock.

mod aligned;
mod backoff;
mod config;
mod content;
mod deliver;
mod email;
mod figures;
mod generic;
mod mail_folder;
mod outbox;
mod retry_after;
mod scan_content;
mod slack;
mod smtp;
mod webhook;

pub use backoff::{MOST_ATTEMPTS, backoff};
pub use config::{ChannelConfig, ChannelError};
pub use content::{AlertContent, Cell, Column, Fact, Note, Occasion, Picture, Row, Tone};
pub use deliver::{Channel, Delivered, DeliveryError};
pub use generic::{generic_body, signature};
pub use outbox::Outbox;
pub use slack::slack_body;

#[cfg(test)]
mod rendering_tests;
