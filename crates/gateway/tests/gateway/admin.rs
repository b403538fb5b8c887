use std::{net::SocketAddr, time::Duration};

use bellwether_gateway::{Fault, GatewayError, ask};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use crate::bench::{Bench, PATIENCE, eventually, instant};

async fn open(bench: &mut Bench) -> SocketAddr {
    bench.gateway.open_admin("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

async fn refused(admin: SocketAddr, request: Value) -> String {
    match ask(admin, &request).await {
        Err(GatewayError::NotDone { problem }) => problem,
        other => panic!("{request}: {other:?}"),
    }
}

#[tokio::test]
async fn faults_are_injected_lifted_and_cleared_from_outside() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    let stall = json!({"kind": "stall", "client": 7});
    let answer = ask(admin, &json!({"do": "inject", "fault": stall, "for": "30s"})).await.unwrap();
    assert_eq!(answer["faults"][0]["fault"], stall);
    assert_eq!(answer["faults"][0]["until"], json!(instant("10:00:30")));
    assert_eq!(bench.gateway.faults().active()[0].fault, Fault::Stall { client: Some(7) });
    ask(admin, &json!({"do": "lift", "fault": stall})).await.unwrap();
    assert_eq!(bench.gateway.faults().active(), []);
    assert!(refused(admin, json!({"do": "lift", "fault": stall})).await.contains("no fault stall"));

    let script = "[[fault]]\nafter = \"1m\"\nkind = \"refuse\"\nfor = \"30s\"\n";
    assert_eq!(ask(admin, &json!({"do": "script", "toml": script})).await.unwrap()["planned"], 1);
    let login = json!({"do": "inject", "fault": {"kind": "login"}, "after": "5m"});
    assert_eq!(ask(admin, &login).await.unwrap()["planned"], 2);
    assert_eq!(ask(admin, &json!({"do": "clear"})).await.unwrap(), json!({"faults": [], "planned": 0}));
}

#[tokio::test]
async fn the_clock_is_set_from_outside_and_never_back() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    let clock = async |request: Value| ask(admin, &request).await.unwrap()["clock"].clone();
    let shown = clock(json!({"do": "clock", "advance_to": "2026-01-05T10:30:00"})).await;
    assert_eq!((&shown["now"], &shown["new_york"]), (&json!(instant("10:30")), &json!("2026-01-05 10:30:00")));
    assert_eq!(clock(json!({"do": "clock", "advance_by": "90s"})).await["now"], json!(instant("10:31:30")));
    for past in ["advance_to", "hold"] {
        let problem = refused(admin, json!({"do": "clock", past: "2026-01-05T15:00:00Z"})).await;
        assert!(problem.contains("which is past") && problem.contains("10:31:30"), "{problem}");
    }
    let held = clock(json!({"do": "clock", "hold": "2026-01-05T10:35:00", "rate": 10000.0})).await;
    assert_eq!((&held["rate"], &held["hold"]), (&json!(10_000.0), &json!(instant("10:35"))));
    eventually("the clock waits", || bench.clock.now() == instant("10:35")).await;
    assert_eq!(clock(json!({"do": "clock", "release": true, "rate": 0.0})).await["hold"], Value::Null);
    assert!(refused(admin, json!({"do": "clock", "rate": -1.0})).await.contains("0 to 10000"));
    assert!(refused(admin, json!({"do": "clock", "advance_by": "-1s"})).await.contains("does not go back"));
    assert!(refused(admin, json!({"do": "clock", "hold": "noon"})).await.contains("`hold` is \"noon\""));
}

#[tokio::test]
async fn the_status_says_what_there_is() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    let _client = bench.client(7).await;
    let _refused = bench.try_client(7).await;
    let status = ask(admin, &json!({"do": "status"})).await.unwrap();
    assert_eq!(status["clients"], json!([{"id": 7, "connection": 1}]));
    assert_eq!(status["stats"]["violations"], json!({"client_id_in_use": 1}));
    assert_eq!((&status["clock"]["new_york"], &status["faults"]), (&json!("2026-01-05 10:00:00"), &json!([])));
    assert_eq!(status["address"], json!(bench.gateway.addr().to_string()));
}

#[tokio::test]
async fn what_is_wrong_is_said_and_the_connection_goes_on() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    for (request, words) in [
        (json!({"do": "dance"}), "unknown variant `dance`"),
        (json!({"do": "clear", "all": true}), "unknown field `all`"),
        (json!({"do": "inject", "fault": {"kind": "stall", "clients": 7}}), "unknown field `clients`"),
        (json!({"do": "inject", "fault": {"kind": "refuse", "client": 7}}), "unknown field `client`"),
        (json!({"do": "inject", "fault": {"kind": "stall"}, "for": "soon"}), "`for` is \"soon\""),
        (json!({"do": "inject", "fault": {"kind": "login"}, "for": "1s"}), "no duration"),
        (json!({"do": "inject", "fault": {"kind": "stall"}, "after": "-1s"}), "below 0"),
        (json!({"do": "inject", "fault": {"kind": "halted", "symbol": "NOPE"}}), "not in the market"),
        (json!({"do": "inject", "fault": {"kind": "farm_brocken", "farm": "usfarm"}}), "Did you mean farm_broken?"),
        (json!({"do": "script", "toml": "[[fault]]\nkind = \"stall\"\n"}), "line 2"),
        (json!([1, 2]), "invalid"),
    ] {
        let problem = refused(admin, request.clone()).await;
        assert!(problem.contains(words), "{request}: {problem}");
    }
    let mut stream = BufReader::new(TcpStream::connect(admin).await.unwrap());
    for _ in 0..2 {
        stream.write_all(b"{\"do\":\"dance\"}\n").await.unwrap();
        let mut line = String::new();
        timeout(PATIENCE, stream.read_line(&mut line)).await.unwrap().unwrap();
        assert!(line.starts_with("{\"error\":"), "{line}");
    }
}

#[tokio::test]
async fn what_is_no_request_closes_the_connection() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    // A web page that posts a request in the body of its own: the first line ends it.
    let smuggled = b"POST / HTTP/1.1\r\n\r\n{\"do\":\"inject\",\"fault\":{\"kind\":\"refuse\"}}\n".to_vec();
    let endless = vec![b' '; 70 * 1024];
    for bytes in [smuggled, endless] {
        let mut stream = TcpStream::connect(admin).await.unwrap();
        // The gateway may close before all is written.
        let _ = stream.write_all(&bytes).await;
        let mut rest = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("it closes");
    }
    assert_eq!(bench.gateway.faults().active(), []);
    let not_loopback = bench.gateway.open_admin("0.0.0.0:0".parse().unwrap()).await;
    assert!(matches!(not_loopback, Err(GatewayError::NotLoopback { .. })));
}

#[tokio::test]
async fn so_many_connections_and_no_more() {
    let mut bench = Bench::at("10:00").await;
    let admin = open(&mut bench).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(TcpStream::connect(admin).await.unwrap());
    }
    let mut ninth = TcpStream::connect(admin).await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, ninth.read_to_end(&mut rest)).await.unwrap().unwrap();
    drop(open);
    for _ in 0..500 {
        if ask(admin, &json!({"do": "status"})).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no connection is free again");
}
