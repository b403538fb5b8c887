//! What can go wrong before the first request, and the orderly end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bellwether::market::{Clock, MissingReason};
use bellwether_adapters::{
    AdapterError,
    ib::{IbConfig, IbSession},
};

use crate::market::{Simulated, at};

async fn refused(config: IbConfig, simulated: &Simulated) -> AdapterError {
    IbSession::connect(config, Arc::clone(&simulated.clock) as Arc<dyn Clock>).await.unwrap_err()
}

#[tokio::test]
async fn three_ways_not_to_connect_are_three_errors() {
    let simulated = Simulated::start(at(9, 0), 1.0).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let quick = IbConfig { connect_attempts: 2, connect_timeout: Duration::from_millis(300), ..simulated.config() };

    let error = refused(IbConfig { port: closed, ..quick.clone() }, &simulated).await;
    assert!(matches!(&error, AdapterError::Unreachable { attempts: 2, .. }), "{error:?}");
    assert!(error.is_retryable());
    assert!(error.to_string().contains(&closed.to_string()), "{error}");

    simulated.gateway.faults().never_handshake(true);
    let error = refused(quick.clone(), &simulated).await;
    assert!(matches!(&error, AdapterError::NoHandshake { attempts: 2, .. }), "{error:?}");
    simulated.gateway.faults().never_handshake(false);

    let first = simulated.session().await;
    let began = Instant::now();
    let error = refused(IbConfig { connect_attempts: 50, ..quick }, &simulated).await;
    assert!(matches!(&error, AdapterError::ClientIdInUse { client_id: 17, .. }), "{error:?}");
    assert!(!error.is_retryable());
    assert_eq!(error.reason(), MissingReason::Disconnected);
    assert!(began.elapsed() < Duration::from_secs(5), "it was tried again");
    first.shutdown().await;
}

#[tokio::test]
async fn a_gateway_that_comes_up_late_is_waited_for() {
    let simulated = Simulated::start(at(9, 0), 1.0).await;
    simulated.gateway.faults().refuse_connections(true);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let connecting = IbSession::connect(simulated.config(), Arc::clone(&simulated.clock) as Arc<dyn Clock>);
    let (session, ()) = tokio::join!(connecting, async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        simulated.gateway.faults().refuse_connections(false);
    });
    simulated.end(session.unwrap()).await;
}

#[tokio::test]
async fn the_end_is_quick_and_final() {
    let simulated = Simulated::start(at(9, 0), 1.0).await;
    let session = simulated.session().await;
    let time = session.server_time().await.unwrap();
    assert!(time.duration_since(at(9, 0)).as_secs().abs() <= 5, "{time}");
    let began = Instant::now();
    session.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(matches!(session.server_time().await.unwrap_err(), AdapterError::Disconnected { .. }));
}
