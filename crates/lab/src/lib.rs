//! What a notebook sees.
//!
//! The kernel links this crate as one shared object under the name `bellwether`: everything of the library, polars in the
//! one version that the library uses, and what only a notebook needs.

#![deny(missing_docs)]

mod guard;
pub mod prelude;

pub use bellwether::*;
pub use bellwether_notebook::*;
pub use polars;
