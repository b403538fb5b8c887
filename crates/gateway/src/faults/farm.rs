//! The data farms and what the gateway says of their health.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The data farms of which the gateway reports the health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Farm {
    /// Quotes, single ticks, depth and five-second bars of US stocks, `usfarm`: 2103, 2104.
    #[serde(rename = "usfarm", alias = "market_data")]
    MarketData,
    /// Historical bars, `ushmds`: 2105, 2106.
    #[serde(rename = "ushmds", alias = "hmds", alias = "historical")]
    Historical,
    /// Contract details, `secdefil`: 2157, 2158. While it is broken, requests for them go unanswered.
    #[serde(rename = "secdefil", alias = "secdef", alias = "security_definition")]
    SecurityDefinition,
    /// A market data farm that has nothing of this gateway's market, `cashfarm`.
    #[serde(rename = "cashfarm")]
    Cash,
    /// Another one, `eufarm`.
    #[serde(rename = "eufarm")]
    Europe,
}

/// What is said of a farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    Broken,
    Ok,
    Inactive,
    Connecting,
}

impl Farm {
    /// The farms that this gateway's data comes from.
    pub(super) const OWN: [Self; 3] = [Self::MarketData, Self::Historical, Self::SecurityDefinition];

    fn name(self) -> &'static str {
        match self {
            Self::MarketData => "usfarm",
            Self::Historical => "ushmds",
            Self::SecurityDefinition => "secdefil",
            Self::Cash => "cashfarm",
            Self::Europe => "eufarm",
        }
    }

    /// Code and words of a notice. Only market data and history can be inactive; to the farm of definitions that means OK.
    pub(super) fn notice(self, health: Health) -> (i32, String) {
        let (ok, inactive, what) = match self {
            Self::MarketData | Self::Cash | Self::Europe => (2104, 2108, "Market data farm"),
            Self::Historical => (2106, 2107, "HMDS data farm"),
            Self::SecurityDefinition => (2158, 2158, "Sec-def data farm"),
        };
        match health {
            Health::Broken => (ok - 1, format!("{what} connection is broken:{self}")),
            Health::Inactive if inactive != ok => {
                (inactive, format!("{what} connection is inactive but should be available upon demand.{self}"))
            }
            Health::Ok | Health::Inactive => (ok, format!("{what} connection is OK:{self}")),
            Health::Connecting => (2119, format!("{what} is connecting:{self}")),
        }
    }
}

impl fmt::Display for Farm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_farm_has_its_codes() {
        let codes = |farm: Farm| [Health::Broken, Health::Ok, Health::Inactive, Health::Connecting].map(|it| farm.notice(it).0);
        assert_eq!(codes(Farm::MarketData), [2103, 2104, 2108, 2119]);
        assert_eq!(codes(Farm::Historical), [2105, 2106, 2107, 2119]);
        assert_eq!(codes(Farm::SecurityDefinition), [2157, 2158, 2158, 2119]);
        assert_eq!(Farm::Europe.notice(Health::Broken).1, "Market data farm connection is broken:eufarm");
    }
}
