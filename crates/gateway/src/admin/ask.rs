//! Asking a gateway's admin port.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use crate::error::GatewayError;

/// How long a request may take altogether.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest answer.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// Sends one request to an admin port and gives the answer, without `"ok"`.
///
/// # Errors
/// [`GatewayError::Admin`] when nothing answers, [`GatewayError::NotDone`] when the gateway says why it does not do it.
pub async fn ask(admin: SocketAddr, request: &Value) -> Result<Value, GatewayError> {
    let failed = |problem: String| GatewayError::Admin { address: admin, problem };
    let exchange = async {
        let mut stream = BufReader::new(TcpStream::connect(admin).await?);
        stream.write_all(format!("{request}\n").as_bytes()).await?;
        let mut line = String::new();
        (&mut stream).take(MOST_BYTES).read_line(&mut line).await?;
        serde_json::from_str::<Value>(&line).map_err(io::Error::from)
    };
    let answer = match timeout(TIMEOUT, exchange).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(problem)) => return Err(failed(problem.to_string())),
        Err(_) => return Err(failed(format!("no answer within {TIMEOUT:?}"))),
    };
    match answer {
        Value::Object(mut fields) if fields.get("ok") == Some(&Value::Bool(true)) => {
            fields.remove("ok");
            Ok(Value::Object(fields))
        }
        other => match other["error"].as_str() {
            Some(problem) => Err(GatewayError::NotDone { problem: problem.to_owned() }),
            None => Err(failed("what answers is no admin port".to_owned())),
        },
    }
}
