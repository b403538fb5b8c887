//! Everything that can go wrong, by name.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::Farm;

/// What can be made to go wrong.
///
/// A fault is at once over, or it lasts: until its time is up (by the gateway's clock), until it is lifted, or until all
/// faults are cleared. What can be aimed at one client (`client`, its id; all clients when absent), at one symbol, or at one
/// farm has a field for it. In TOML and JSON a fault is a table with the key `kind` and its fields.
///
/// | `kind` | lasts | what happens |
/// |---|---|---|
/// | `refuse` | yes | nothing listens; present connections stay |
/// | `never_handshake` | yes | connections are accepted and not answered before it ends |
/// | `kill_sockets` | no | connections are cut without a word |
/// | `half_open` | 2 min | present connections stay open, nothing is read or written, the client id stays in use until the gateway notices, at the end |
/// | `stall` | yes | nothing is written to clients; it arrives afterwards, older quotes excepted |
/// | `stall_symbol` | yes | the present subscriptions of a symbol fall silent without notice; if `persistent`, new ones too |
/// | `slow_drip` | yes | so many bytes a second, by the gateway's clock |
/// | `connectivity_lost` | yes | 1100, nothing streams; 1102 at its end |
/// | `restored_data_lost` | no | 1101, every stream of quotes and bars is forgotten |
/// | `restored_data_kept` | no | 1102, streams go on |
/// | `server_broken` | yes | 2110, nothing streams; 1102 at its end |
/// | `farm_broken` | yes | 2103, 2105 or 2157, the farm's data does not arrive; 2104, 2106 or 2158 at its end |
/// | `farm_ok` | no | 2104, 2106 or 2158; ends what ails the farm |
/// | `farm_inactive` | no | 2108 or 2107, a notice only |
/// | `farm_connecting` | yes | 2119, as when broken |
/// | `farm_flap` | 5 s | broken, then OK, but the streams that there were stay dead until they are asked for again |
/// | `live_updates_failed` | no | 10182 ends real-time bars and history that is kept up to date |
/// | `competing_session` | yes | 10197 ends market data; requests for it are refused, history with 162 |
/// | `bust_event` | no | 10225 ends real-time bars |
/// | `nightly_restart` | 3 min | 2103, 2104, 1100 again and again, 2103, sockets cut, refused, accepted before it is ready, back; orders stay |
/// | `weekly_login` | yes | sockets cut; connections shake hands and get no session until `login` |
/// | `login` | no | ends `weekly_login` |
/// | `truncated_frame` | no | half a frame, then the socket closes |
/// | `desync` | no | bytes are missing in the middle of the stream: all framing after it is off |
/// | `unknown_message` | no | so many messages with ids that nobody knows |
/// | `sentinels` | yes | prices and sizes of a symbol alternate with NaN, 1.8e308, -1, 0, 2147483647 and 9223372036854775807 |
/// | `wrong_prices` | yes | prices of a symbol are off by a factor |
/// | `clock_jump` | yes | server time and time stamps are off |
/// | `duplicate_ticks` | yes | live data comes twice |
/// | `out_of_order_ticks` | yes | of live data, each second message comes before the first |
/// | `halted` | yes | the halted tick, then no quote or trade of a symbol |
/// | `delisted` | yes | streams of a symbol end with 200, as does every request for it |
/// | `ambiguous` | yes | two contracts fit a symbol; requests that leave it open get 200 |
/// | `no_permission` | yes | streams of a symbol end; requests get 354, 10089 or 10168, 420 for real-time bars, 162 for history |
/// | `symbol_error` | yes | every request for a symbol is answered with this error |
/// | `orders_rejected` | yes | every order is rejected with 201 |
/// | `account_summary_hang` | yes | open orders are not answered to a client that has cancelled an account summary |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the table above says what each is and what its fields are")]
pub enum Fault {
    Refuse,
    NeverHandshake,
    KillSockets {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    HalfOpen {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    Stall {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    StallSymbol {
        symbol: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        persistent: bool,
    },
    SlowDrip {
        bytes_per_second: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    ConnectivityLost,
    RestoredDataLost,
    RestoredDataKept,
    ServerBroken,
    FarmBroken {
        farm: Farm,
    },
    FarmOk {
        farm: Farm,
    },
    FarmInactive {
        farm: Farm,
    },
    FarmConnecting {
        farm: Farm,
    },
    FarmFlap {
        farm: Farm,
    },
    LiveUpdatesFailed,
    CompetingSession,
    BustEvent {
        /// All symbols when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        symbol: Option<String>,
    },
    NightlyRestart,
    WeeklyLogin,
    Login,
    TruncatedFrame {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    Desync {
        /// How many bytes are lost; with four, lengths are taken for ids and the other way round.
        #[serde(default = "four")]
        bytes: u8,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    UnknownMessage {
        count: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<i32>,
    },
    Sentinels {
        symbol: String,
    },
    WrongPrices {
        symbol: String,
        factor: f64,
    },
    ClockJump {
        #[serde(serialize_with = "jiff::fmt::serde::duration::friendly::compact::required")]
        by: SignedDuration,
    },
    DuplicateTicks {
        /// All symbols when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        symbol: Option<String>,
    },
    OutOfOrderTicks {
        /// All symbols when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        symbol: Option<String>,
    },
    Halted {
        symbol: String,
    },
    Delisted {
        symbol: String,
    },
    Ambiguous {
        symbol: String,
    },
    NoPermission {
        symbol: String,
        /// 354 not subscribed, 10089 an additional subscription is needed, 10168 delayed data is not enabled either.
        #[serde(default = "not_subscribed")]
        code: i32,
    },
    SymbolError {
        symbol: String,
        code: i32,
        text: String,
    },
    OrdersRejected,
    AccountSummaryHang,
}

fn four() -> u8 {
    4
}

fn not_subscribed() -> i32 {
    354
}

/// How long a fault lasts when nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasting {
    /// It is over when it has begun.
    Instant,
    /// Until it is taken back.
    Open,
    /// For so long.
    Default(SignedDuration),
}

/// Most messages that one `unknown_message` may send.
const MOST_UNKNOWN: u16 = 1_000;
/// The shortest `nightly_restart`: what leads up to the cut takes its time.
pub(super) const SHORTEST_RESTART: SignedDuration = SignedDuration::from_secs(60);

impl Fault {
    pub(super) fn lasting(&self) -> Lasting {
        match self {
            Self::KillSockets { .. }
            | Self::RestoredDataLost
            | Self::RestoredDataKept
            | Self::FarmOk { .. }
            | Self::FarmInactive { .. }
            | Self::LiveUpdatesFailed
            | Self::BustEvent { .. }
            | Self::Login
            | Self::TruncatedFrame { .. }
            | Self::Desync { .. }
            | Self::UnknownMessage { .. } => Lasting::Instant,
            Self::HalfOpen { .. } => Lasting::Default(SignedDuration::from_mins(2)),
            Self::FarmFlap { .. } => Lasting::Default(SignedDuration::from_secs(5)),
            Self::NightlyRestart => Lasting::Default(SignedDuration::from_mins(3)),
            _ => Lasting::Open,
        }
    }

    /// Whether the fault is over when it has begun, so that it takes no duration.
    pub fn is_instant(&self) -> bool {
        self.lasting() == Lasting::Instant
    }

    /// Whether the kind is all that there is to say.
    pub(super) fn has_no_fields(&self) -> bool {
        matches!(
            self,
            Self::Refuse
                | Self::NeverHandshake
                | Self::ConnectivityLost
                | Self::RestoredDataLost
                | Self::RestoredDataKept
                | Self::ServerBroken
                | Self::LiveUpdatesFailed
                | Self::CompetingSession
                | Self::NightlyRestart
                | Self::WeeklyLogin
                | Self::Login
                | Self::OrdersRejected
                | Self::AccountSummaryHang
        )
    }

    /// The symbol that the fault is aimed at, if it is aimed at one.
    pub fn symbol(&self) -> Option<&str> {
        match self {
            Self::StallSymbol { symbol, .. }
            | Self::Sentinels { symbol }
            | Self::WrongPrices { symbol, .. }
            | Self::Halted { symbol }
            | Self::Delisted { symbol }
            | Self::Ambiguous { symbol }
            | Self::NoPermission { symbol, .. }
            | Self::SymbolError { symbol, .. } => Some(symbol),
            Self::BustEvent { symbol } | Self::DuplicateTicks { symbol } | Self::OutOfOrderTicks { symbol } => symbol.as_deref(),
            _ => None,
        }
    }

    /// What is wrong with the fault's numbers, if anything is.
    pub(super) fn problem(&self, lasting: Option<SignedDuration>) -> Option<String> {
        if let Some(lasting) = lasting {
            if self.is_instant() {
                return Some("it is over at once and takes no duration (`for`)".to_owned());
            }
            if !lasting.is_positive() {
                return Some(format!("a duration (`for`) of {lasting:#} is not above 0"));
            }
        }
        match self {
            Self::SlowDrip { bytes_per_second: 0, .. } => Some("bytes_per_second is 0: use `stall`".to_owned()),
            Self::UnknownMessage { count, .. } if !(1..=MOST_UNKNOWN).contains(count) => {
                Some(format!("count is {count}, not 1 to {MOST_UNKNOWN}"))
            }
            Self::Desync { bytes, .. } if !(1..=16).contains(bytes) => Some(format!("bytes is {bytes}, not 1 to 16")),
            Self::WrongPrices { factor, .. } if !factor.is_finite() || *factor <= 0.0 => {
                Some(format!("factor is {factor}, not a number above 0"))
            }
            Self::ClockJump { by } if by.abs() > SignedDuration::from_hours(24 * 366) => {
                Some(format!("by is {by:#}: a year is the most"))
            }
            Self::NoPermission { code, .. } if ![354, 10089, 10168].contains(code) => {
                Some(format!("code is {code}, not 354, 10089 or 10168"))
            }
            _ => None,
        }
    }

    /// One example of each kind, aimed at `symbol` where a kind is aimed at one.
    pub fn all_examples(symbol: &str) -> Vec<Self> {
        let symbol = || symbol.to_owned();
        let farms = [Farm::MarketData, Farm::Historical, Farm::SecurityDefinition];
        let mut examples = vec![
            Self::Refuse,
            Self::NeverHandshake,
            Self::KillSockets { client: None },
            Self::HalfOpen { client: None },
            Self::Stall { client: None },
            Self::StallSymbol { symbol: symbol(), client: None, persistent: false },
            Self::SlowDrip { bytes_per_second: 200, client: None },
            Self::ConnectivityLost,
            Self::RestoredDataLost,
            Self::RestoredDataKept,
            Self::ServerBroken,
            Self::FarmFlap { farm: Farm::MarketData },
            Self::LiveUpdatesFailed,
            Self::CompetingSession,
            Self::BustEvent { symbol: None },
            Self::NightlyRestart,
            Self::WeeklyLogin,
            Self::Login,
            Self::TruncatedFrame { client: None },
            Self::Desync { bytes: four(), client: None },
            Self::UnknownMessage { count: 20, client: None },
            Self::Sentinels { symbol: symbol() },
            Self::WrongPrices { symbol: symbol(), factor: 3.0 },
            Self::ClockJump { by: SignedDuration::from_mins(7) },
            Self::ClockJump { by: SignedDuration::from_mins(-7) },
            Self::DuplicateTicks { symbol: None },
            Self::OutOfOrderTicks { symbol: None },
            Self::Halted { symbol: symbol() },
            Self::Delisted { symbol: symbol() },
            Self::Ambiguous { symbol: symbol() },
            Self::SymbolError { symbol: symbol(), code: 321, text: "Error validating request".to_owned() },
            Self::OrdersRejected,
            Self::AccountSummaryHang,
        ];
        examples.extend([354, 10089, 10168].map(|code| Self::NoPermission { symbol: symbol(), code }));
        examples.extend(farms.map(|farm| Self::FarmBroken { farm }));
        examples.extend(farms.map(|farm| Self::FarmOk { farm }));
        examples.extend(farms.map(|farm| Self::FarmInactive { farm }));
        examples.extend(farms.map(|farm| Self::FarmConnecting { farm }));
        examples
    }

    /// The name by which scripts call the fault's kind.
    pub fn kind(&self) -> String {
        // Every variant is written as a table with its kind.
        toml::Value::try_from(self)
            .ok()
            .and_then(|value| value.get("kind")?.as_str().map(str::to_owned))
            .unwrap_or_else(|| "unknown".to_owned())
    }
}
