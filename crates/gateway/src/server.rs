//! Listening, and the handle by which a running gateway is held.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    admin::{self, Admin},
    clock::SimClock,
    config::GatewayConfig,
    connection,
    error::GatewayError,
    faults::{FaultScript, Faults},
    market::Market,
    shared::Shared,
    stats::{GatewayStats, Violation},
    streams,
    tape::Tape,
};

/// How long a shutdown waits for the gateway's tasks.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait before listening again when the port cannot be had.
const LISTEN_RETRY: Duration = Duration::from_millis(50);

/// A simulated gateway; [`Gateway::start`] is all there is to it.
#[derive(Debug)]
pub struct Gateway;

impl Gateway {
    /// Listens, and serves clients what `tape` has shown by `clock`.
    ///
    /// # Errors
    /// [`GatewayError::NotLoopback`], [`GatewayError::Setting`], or [`GatewayError::Listen`] when the address is taken.
    pub async fn start(config: GatewayConfig, tape: Arc<Tape>, clock: Arc<SimClock>) -> Result<GatewayHandle, GatewayError> {
        config.check()?;
        config.trading.check(&tape)?;
        let address = config.listen;
        let listen = |cause| GatewayError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Arc::new(Shared::new(config, Market::new(tape), clock));
        let tasks =
            vec![tokio::spawn(accept(Arc::clone(&shared), listener, address)), tokio::spawn(streams::tick(Arc::clone(&shared)))];
        Ok(GatewayHandle { address, faults: Faults::new(Arc::clone(&shared)), shared, tasks })
    }
}

/// A running gateway. Dropping it stops the gateway; [`GatewayHandle::shutdown`] also waits until it has stopped.
#[derive(Debug)]
pub struct GatewayHandle {
    address: SocketAddr,
    faults: Faults,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl GatewayHandle {
    /// Where clients connect.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// What was counted so far.
    pub fn stats(&self) -> GatewayStats {
        self.shared.stats()
    }

    /// The switches for faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Runs a script of faults by the gateway's clock; see [`Faults::run_script`].
    ///
    /// # Errors
    /// [`GatewayError::Fault`] or [`GatewayError::Setting`]; then nothing of the script is run.
    pub fn run_script(&self, script: &FaultScript) -> Result<(), GatewayError> {
        self.faults.run_script(script)
    }

    /// Opens the admin port and gives its address; port 0 takes a free one.
    ///
    /// # Errors
    /// [`GatewayError::NotLoopback`], or [`GatewayError::Listen`] when the address is taken.
    pub async fn open_admin(&mut self, listen: SocketAddr) -> Result<SocketAddr, GatewayError> {
        let (listener, address) = admin::listen(listen).await?;
        let admin = Admin { shared: Arc::clone(&self.shared), faults: self.faults.clone(), gateway: self.address };
        self.tasks.push(tokio::spawn(admin::serve(admin, listener)));
        Ok(address)
    }

    /// Closes every connection and stops.
    pub async fn shutdown(mut self) {
        self.shared.shutdown.send_replace(true);
        for mut task in self.tasks.drain(..) {
            if timeout(SHUTDOWN_TIMEOUT, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

impl Drop for GatewayHandle {
    fn drop(&mut self) {
        self.shared.shutdown.send_replace(true);
    }
}

/// Accepts connections until shutdown. While connections are refused, nothing listens.
async fn accept(shared: Arc<Shared>, listener: TcpListener, address: SocketAddr) {
    let mut faults = shared.faults.watch();
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    loop {
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            accepted = accepted => match accepted {
                Ok((_, peer)) if connections.len() >= shared.config.limits.connections => {
                    shared.counters.violation(Violation::Connections);
                    tracing::warn!(%peer, "too many connections; closing the new one");
                }
                Ok((stream, peer)) => {
                    let connection = shared.counters.connections.fetch_add(1, Ordering::Relaxed) + 1;
                    tracing::debug!(connection, %peer, "connection accepted");
                    connections.spawn(connection::serve(Arc::clone(&shared), stream, connection));
                }
                // Out of descriptors, or a client that left at once: neither ends the gateway.
                Err(problem) => {
                    tracing::warn!(%problem, "a connection could not be accepted");
                    tokio::time::sleep(LISTEN_RETRY).await;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            changed = faults.changed() => {
                if changed.is_err() {
                    break;
                }
                let refused = faults.borrow_and_update().refused();
                listener = match listener {
                    _ if refused => None,
                    Some(listener) => Some(listener),
                    None => listen_again(address, &shared).await,
                };
            }
            () = shared.until_shutdown() => break,
        }
    }
    // Connections see the shutdown too.
    while connections.join_next().await.is_some() {}
}

/// The listener again, as soon as its port can be had; `None` on shutdown.
async fn listen_again(address: SocketAddr, shared: &Shared) -> Option<TcpListener> {
    while !*shared.shutdown.borrow() {
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(problem) => {
                tracing::warn!(%address, %problem, "cannot listen again yet");
                tokio::time::sleep(LISTEN_RETRY).await;
            }
        }
    }
    None
}
