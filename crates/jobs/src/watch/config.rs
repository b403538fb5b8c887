//! Settings of the watch.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Who is told when live market data fails, and after how long.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `channels` | none | who is told | channels of the file |
/// | `patience` | 90s | trouble that is over sooner is only logged | >= 0s |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchConfig {
    /// Names of channels.
    pub channels: Vec<String>,
    /// How long trouble may last before it is told.
    pub patience: SignedDuration,
}

impl Default for WatchConfig {
    fn default() -> Self {
        Self { channels: Vec::new(), patience: SignedDuration::from_secs(90) }
    }
}
