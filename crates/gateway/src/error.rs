//! Why a gateway could not be built or started.

use std::net::SocketAddr;

/// What can go wrong outside a client's connection; within one, failures are answered on the wire.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The address is not on the loopback interface.
    #[error("the simulated gateway listens on loopback only, not on {address}: use 127.0.0.1 or ::1")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}{}", if cause.kind() == std::io::ErrorKind::AddrInUse { "; choose another port" } else { "" })]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        cause: std::io::Error,
    },
    /// The parts of a tape contradict one another.
    #[error("tape: {problem}")]
    Tape {
        /// What is wrong, and where.
        problem: String,
    },
    /// A setting is outside its range.
    #[error("gateway setting `{name}`: {problem}")]
    Setting {
        /// Name of the setting.
        name: &'static str,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// A fault cannot be injected.
    #[error("fault `{kind}`: {problem}")]
    Fault {
        /// The kind, as scripts call it.
        kind: String,
        /// What is wrong.
        problem: String,
    },
    /// A script of faults cannot be read.
    #[error("script of faults, line {line}: {problem}")]
    Script {
        /// The line that is wrong.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// An admin port cannot be asked.
    #[error("no answer from an admin port at {address}: {problem}")]
    Admin {
        /// The admin port.
        address: SocketAddr,
        /// Why not.
        problem: String,
    },
    /// A gateway did not do what its admin port was asked.
    #[error("{problem}")]
    NotDone {
        /// Why not.
        problem: String,
    },
    /// The calendar or the bars could not be read.
    #[error(transparent)]
    Market(#[from] bellwether::Error),
}
