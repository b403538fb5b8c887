//! One client's connection from handshake to end.
//!
//! Reader and writer run in one task; whichever ends first ends the connection, as do a kill and the shutdown.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpStream, tcp::OwnedReadHalf},
    time::timeout,
};

use crate::{
    client::{Client, NO_REQUEST},
    faults::{Taken, take_in},
    limits::RateVerdict,
    outbox::Outgoing,
    proto::StartApi,
    requests::{Asked, answer, welcome},
    shared::{Shared, held},
    stats::{Counters, Violation},
    wire::{self, FrameError, incoming, read_frame},
};

/// A client must start its session within this time after the handshake.
const START_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that takes nothing for so long is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// Frames written at once.
const BATCH: usize = 512;

/// Serves a connection until it ends.
pub(crate) async fn serve(shared: Arc<Shared>, stream: TcpStream, connection: u64) {
    let mut kills = shared.faults.kills.subscribe();
    tokio::select! {
        () = session(&shared, stream, connection) => {}
        _ = kills.changed() => tracing::info!(connection, "connection killed"),
        () = shared.until_shutdown() => {}
    }
}

async fn session(shared: &Arc<Shared>, mut stream: TcpStream, connection: u64) {
    let mut faults = shared.faults.watch();
    // Waits for the end of a fault have none of their own: the fault lasts until it is lifted or the connection is cut.
    if faults.wait_for(|faults| !faults.never_handshake()).await.is_err() {
        return;
    }
    // Small frames must not wait for one another.
    let _ = stream.set_nodelay(true);
    if let Err(problem) = wire::accept(&mut stream, shared.faults.shown(shared.now())).await {
        tracing::warn!(connection, %problem, "handshake failed");
        return;
    }
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let Some(client_id) = started(shared, &mut reader, connection).await else { return };
    if faults.wait_for(|faults| !faults.no_session()).await.is_err() {
        return;
    }

    let client = Arc::new(Client::new(connection, client_id, shared.config.outbox, &shared.faults));
    let asked = Asked { shared, client: &client, now: shared.now() };
    if !shared.enter(&client) {
        asked.violation(Violation::ClientIdInUse);
        asked.error(NO_REQUEST, 326, "Unable to connect as the client id is already in use. Retry with a unique client id.");
        client.outbox.close();
        write(shared, &client, &mut writer).await;
        return;
    }
    // Leaves also when this task is dropped half-way.
    let presence = Presence { shared, client: &client };
    welcome(&asked);
    let mut cut_off = shared.faults.watch();
    let cut_off = async {
        // The sender lives as long as the gateway.
        let _ = cut_off.wait_for(|faults| faults.cut_off(connection)).await;
    };
    tokio::select! {
        () = read(shared, &client, &mut reader) => {}
        () = write(shared, &client, &mut writer) => {}
        () = client.cut.notified() => tracing::info!(connection, client_id, "connection cut"),
        () = cut_off => {
            tracing::info!(connection, client_id, "connection is half open");
            if faults.wait_for(|faults| !faults.cut_off(connection)).await.is_err() {
                return;
            }
            tracing::info!(connection, client_id, "noticed that the client is gone");
            drop(presence);
            // The peer never learns: its end stays open until it gives up by itself.
            let _ = tokio::io::copy_buf(&mut reader, &mut tokio::io::sink()).await;
        }
    }
    tracing::debug!(connection, client_id, "connection ended");
}

struct Presence<'a> {
    shared: &'a Shared,
    client: &'a Client,
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.shared.leave(self.client);
        Counters::add(&self.shared.counters.quotes_dropped, self.client.outbox.dropped());
    }
}

/// The client id, once the client has started its session.
async fn started(shared: &Shared, reader: &mut BufReader<OwnedReadHalf>, connection: u64) -> Option<i32> {
    let first = timeout(START_TIMEOUT, read_frame(reader)).await;
    let problem = match first {
        Ok(Ok(frame)) if frame.id == incoming::START_API => match frame.decode::<StartApi>() {
            Ok(start) => return Some(start.client_id.unwrap_or_default()),
            Err(problem) => problem.to_string(),
        },
        Ok(Ok(frame)) => format!("message {} came first", frame.id),
        Ok(Err(problem)) => problem.to_string(),
        Err(_) => "nothing came".to_owned(),
    };
    shared.counters.violation(Violation::MalformedFrame);
    tracing::warn!(connection, problem, "session not started");
    None
}

async fn read(shared: &Shared, client: &Arc<Client>, reader: &mut BufReader<OwnedReadHalf>) {
    loop {
        let problem = match read_frame(reader).await {
            Ok(frame) => {
                Counters::add(&shared.counters.messages_received, 1);
                let asked = Asked { shared, client, now: shared.now() };
                if !within_rate(&asked) {
                    // The writer ends the connection once the reason is written.
                    return std::future::pending().await;
                }
                let answered = take_in(&asked, &frame).and_then(|taken| match taken {
                    Taken::ToBeAnswered => answer(&asked, &frame),
                    Taken::Done => Ok(()),
                });
                match answered {
                    Ok(()) => continue,
                    Err(problem) => problem,
                }
            }
            Err(problem) => problem,
        };
        if !matches!(problem, FrameError::Closed | FrameError::Read(_)) {
            shared.counters.violation(Violation::MalformedFrame);
            tracing::warn!(client = client.id, %problem, "closing the connection");
        }
        return;
    }
}

/// Counts a message; `false` when the client has exceeded the rate for too long and is being disconnected.
fn within_rate(asked: &Asked<'_>) -> bool {
    let now: Timestamp = asked.now;
    let Some(count) = asked.shared.message_rate().count(now) else { return true };
    asked.violation(Violation::MessageRate);
    let limit = asked.shared.config.limits.messages_per_second;
    let verdict = held(&asked.client.strikes).strike(now);
    let exceeded = format!("Max rate of messages per second has been exceeded:max={limit} rec={count} (1)");
    match verdict {
        RateVerdict::Nothing => {}
        RateVerdict::Warning => {
            let text = format!("Warning: Approaching max rate of {limit} messages per second ({count})");
            asked.error(NO_REQUEST, 0, text);
        }
        RateVerdict::Error => asked.error(NO_REQUEST, 100, exceeded),
        RateVerdict::Disconnect => {
            asked.error(NO_REQUEST, 100, exceeded);
            asked.client.outbox.close();
            return false;
        }
    }
    true
}

/// Writes bytes as slowly as a fault demands, and gives how many; the rest may go at once.
async fn drip(shared: &Shared, client: &Client, writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> usize {
    let faults = shared.faults.watch();
    let (mut written, mut allowed, mut last) = (0, 0.0, shared.now());
    while written < bytes.len() {
        let rate = faults.borrow().drip(client.id);
        let Some(rate) = rate else { return written };
        let now = shared.now();
        allowed += f64::from(rate) * now.duration_since(last).as_secs_f64();
        last = now;
        let count = (allowed as usize).min(bytes.len() - written);
        if count == 0 {
            tokio::time::sleep(shared.config.tick).await;
            continue;
        }
        match timeout(WRITE_TIMEOUT, writer.write_all(&bytes[written..written + count])).await {
            Ok(Ok(())) => {
                written += count;
                allowed -= count as f64;
            }
            // The writer meets the same problem with what is left.
            _ => return written,
        }
    }
    written
}

/// Writes what is queued until the outbox closes or the client takes no more.
async fn write(shared: &Shared, client: &Client, writer: &mut (impl AsyncWrite + Unpin)) {
    let mut faults = shared.faults.watch();
    let mut batch = Vec::new();
    loop {
        if faults.wait_for(|faults| !faults.stalled(client.id)).await.is_err() {
            return;
        }
        match client.outbox.next(BATCH).await {
            Outgoing::Frames(frames) => {
                // Too late to be put back: what was taken out before a stall waits here.
                if faults.wait_for(|faults| !faults.stalled(client.id)).await.is_err() {
                    return;
                }
                batch.clear();
                frames.iter().for_each(|frame| batch.extend_from_slice(frame));
                let dripped = drip(shared, client, writer, &batch).await;
                match timeout(WRITE_TIMEOUT, writer.write_all(&batch[dripped..])).await {
                    Ok(Ok(())) => Counters::add(&shared.counters.messages_sent, frames.len()),
                    Ok(Err(problem)) => return tracing::debug!(client = client.id, %problem, "writing failed"),
                    Err(_) => {
                        shared.counters.violation(Violation::SlowClient);
                        return tracing::warn!(client = client.id, "client takes nothing; closing its connection");
                    }
                }
            }
            Outgoing::Overflowed => {
                shared.counters.violation(Violation::SlowClient);
                return tracing::warn!(client = client.id, "client reads too slowly; closing its connection");
            }
            Outgoing::Close => return,
        }
    }
}
