//! Bodies of the messages that the gateway reads and writes, by field number.
//!
//! Field numbers are facts of the wire protocol; a field that the gateway neither reads nor sets is left out, since
//! protobuf readers skip what they do not know. Every scalar is optional on this wire: absent means "default".

mod account;
mod advisors;
mod contract;
mod depth;
mod history;
mod market_data;
mod news;
mod orders;
mod scanner;
mod session;
mod ticks;

pub(crate) use account::*;
pub(crate) use advisors::*;
pub(crate) use contract::*;
pub(crate) use depth::*;
pub(crate) use history::*;
pub(crate) use market_data::*;
pub(crate) use news::*;
pub(crate) use orders::*;
pub(crate) use scanner::*;
pub(crate) use session::*;
pub(crate) use ticks::*;
