//! What cells start with: `use bellwether::prelude::*;`.

pub use bellwether::prelude::*;
pub use bellwether_notebook::prelude::*;
