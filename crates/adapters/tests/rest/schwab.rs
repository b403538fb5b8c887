//! Schwab: the login, tokens that end, and the two documents of market data.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bellwether::market::{MissingReason, Symbol};
use bellwether_adapters::{
    BarSource, QuoteSource,
    rest::{SchwabConfig, SchwabLogin, SchwabSource},
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::server::{Reply, Request, Server, at, quick, standing};

const LOGIN: &str = "2025-01-06T12:00:00Z";
const NOW: &str = "2025-01-06T15:00:00Z";

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn config(server: &Server, folder: &Path) -> SchwabConfig {
    let token_file = folder.join("schwab-token.json");
    SchwabConfig { base_url: server.url.clone(), token_file, http: quick(), ..SchwabConfig::default() }
}

fn secrets() -> (SecretString, SecretString) {
    (SecretString::from("app-key-0123456789"), SecretString::from("app-secret-9876"))
}

fn source(server: &Server, folder: &Path, now: &str) -> SchwabSource {
    let (id, secret) = secrets();
    SchwabSource::with_secrets(&config(server, folder), id, secret, standing(now)).unwrap()
}

/// A token file of a login at `LOGIN`.
fn write_tokens(folder: &Path, access: &str, expires: &str, refresh: &str) {
    let path = folder.join("schwab-token.json");
    let tokens = json!({ "access_token": access, "access_expires_at": expires, "refresh_token": refresh, "logged_in_at": LOGIN });
    std::fs::write(&path, tokens.to_string()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn stored(folder: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("schwab-token.json")).unwrap()).unwrap()
}

fn granted(access: &str, refresh: &str) -> Reply {
    Reply::json(&json!({
        "expires_in": 1800, "token_type": "Bearer", "scope": "api", "refresh_token": refresh, "access_token": access, "id_token": "x.y.z"
    }))
}

fn unauthorized() -> Reply {
    let body =
        json!({ "errors": [{ "id": "6808262e", "status": "401", "title": "Unauthorized", "detail": "Client not authorized" }] });
    Reply::text(401, &body.to_string())
}

fn candles(request: &Request) -> Value {
    let start: i64 = request.asked("startDate").parse().unwrap();
    let end: i64 = request.asked("endDate").parse().unwrap();
    let candle = |time: i64| json!({ "open": 10.0, "high": 10.5, "low": 9.5, "close": 10.25, "volume": 700, "datetime": time });
    let rows: Vec<Value> = match request.asked("frequencyType") {
        "daily" => {
            // Midnight in Chicago.
            let days = ["2025-01-02T06:00:00Z", "2025-01-03T06:00:00Z", "2025-01-06T06:00:00Z"];
            days.iter().map(|day| at(day).as_millisecond()).filter(|day| (start..=end).contains(day)).map(candle).collect()
        }
        _ => (start..=end).step_by(60_000).map(candle).collect(),
    };
    json!({ "symbol": request.asked("symbol"), "empty": rows.is_empty(), "candles": rows })
}

/// Serves whoever brings the token `good`; grants it for `refresh`.
fn service(good: &'static str, refresh: &'static str) -> impl Fn(usize, &Request) -> Reply + Send + Sync {
    move |_, request| match &*request.path {
        "/v1/oauth/token" => {
            let basic = STANDARD.encode("app-key-0123456789:app-secret-9876");
            assert_eq!((&*request.method, &*request.headers["authorization"]), ("POST", &*format!("Basic {basic}")));
            let form = request.form();
            match (&*form["grant_type"], form.get("refresh_token").map(String::as_str), form.get("code").map(String::as_str)) {
                ("refresh_token", Some(asked), _) if asked == refresh => granted(good, refresh),
                ("authorization_code", _, Some("C0.b2F1@")) => {
                    assert_eq!(form["redirect_uri"], "https://127.0.0.1:8182/");
                    granted(good, refresh)
                }
                _ => {
                    let told =
                        json!({ "error": "invalid_grant", "error_description": format!("refresh token {form:?} is no good") });
                    Reply::text(400, &told.to_string())
                }
            }
        }
        _ if request.headers["authorization"] != format!("Bearer {good}") => unauthorized(),
        "/marketdata/v1/pricehistory" => Reply::json(&candles(request)),
        "/marketdata/v1/quotes" => Reply::json(&json!({
            "AAPL": {
                "assetMainType": "EQUITY", "quoteType": "NBBO", "realtime": true, "ssid": 1, "symbol": "AAPL",
                "quote": { "askPrice": 10.3, "askSize": 4, "bidPrice": 10.2, "bidSize": 2, "lastPrice": 10.25, "totalVolume": 2_236_115,
                    "quoteTime": 1736175480000_i64, "tradeTime": 1736175479000_i64, "securityStatus": "Normal" },
                "reference": { "description": "Apple Inc", "exchange": "Q", "exchangeName": "NASDAQ" }
            },
            "BRK/B": {
                "assetMainType": "EQUITY", "realtime": false, "symbol": "BRK/B",
                "quote": { "askPrice": 0, "bidPrice": 0, "lastPrice": 450.5, "totalVolume": 9, "tradeTime": 1736175479000_i64, "securityStatus": "Halted" }
            },
            "errors": { "invalidSymbols": ["NONE"] }
        })),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_login_buys_tokens_that_only_their_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(service("access-1", "refresh-1")).await;
    let (id, secret) = secrets();
    let login = SchwabLogin::with_secrets(&config(&server, folder.path()), id, secret, standing(LOGIN)).unwrap();
    let url = login.authorize_url();
    assert!(
        url.starts_with(&format!("{}/v1/oauth/authorize?", server.url)) && url.contains("client_id=app-key-0123456789"),
        "{url}"
    );
    assert!(url.contains("redirect_uri=https%3A%2F%2F127.0.0.1%3A8182%2F"), "{url}");
    for (pasted, words) in [
        ("no address", "whole address"),
        ("https://127.0.0.1:8182/?session=1", "code="),
        ("https://127.0.0.1:8182/?error=access_denied", "access_denied"),
        ("https://127.0.0.1:8182/?code=stale&session=1", "login schwab"),
    ] {
        let error = login.finish(pasted).await.unwrap_err();
        assert!(error.to_string().contains(words), "{pasted}: {error}");
    }
    assert!(!folder.path().join("schwab-token.json").exists());
    let until = login.finish(" https://127.0.0.1:8182/?code=C0.b2F1%40&session=abc\n").await.unwrap();
    assert_eq!(until, at("2025-01-13T12:00:00Z"));
    assert_eq!(stored(folder.path())["refresh_token"], "refresh-1");
    let mode = std::fs::metadata(folder.path().join("schwab-token.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let bars = source(&server, folder.path(), "2025-01-06T12:10:00Z")
        .minute_bars(&symbol("AAPL"), at("2025-01-06T12:00:00Z"), at("2025-01-06T12:10:00Z"))
        .await;
    assert_eq!(bars.unwrap().len(), 10);
}

#[tokio::test]
async fn an_access_token_at_its_end_is_renewed_once_for_all_and_the_file_follows() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(service("access-2", "refresh-1")).await;
    write_tokens(folder.path(), "access-1", "2025-01-06T12:30:00Z", "refresh-1");
    let source = source(&server, folder.path(), NOW);
    let symbols: Vec<Symbol> = (0..12).map(|n| symbol(&format!("S{n}"))).collect();
    let (from, until) = (at("2025-01-06T14:30:00Z"), at("2025-01-06T14:40:00Z"));
    let asked = symbols.iter().map(|symbol| source.minute_bars(symbol, from, until));
    for bars in futures::future::join_all(asked).await {
        assert_eq!(bars.unwrap().len(), 10);
    }
    let renewals = server.requests().iter().filter(|asked| asked.path == "/v1/oauth/token").count();
    assert_eq!(renewals, 1);
    let stored = stored(folder.path());
    assert_eq!((&stored["access_token"], &stored["logged_in_at"]), (&json!("access-2"), &json!(LOGIN)), "a renewal is no login");
}

#[tokio::test]
async fn a_token_that_is_turned_down_early_is_renewed_once_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    write_tokens(folder.path(), "access-1", "2025-01-06T15:20:00Z", "refresh-1");
    let server = Server::start(service("access-2", "refresh-1")).await;
    let quotes = source(&server, folder.path(), NOW).quotes(&[symbol("AAPL")]).await;
    assert!(quotes[0].is_ok());
    let paths: Vec<String> = server.requests().iter().map(|asked| asked.path.clone()).collect();
    assert_eq!(paths, ["/marketdata/v1/quotes", "/v1/oauth/token", "/marketdata/v1/quotes"]);

    // A service that turns every token down is not asked for ever.
    let server = Server::start(
        |_, request| if request.path == "/v1/oauth/token" { granted("access-3", "refresh-1") } else { unauthorized() },
    )
    .await;
    write_tokens(folder.path(), "access-1", "2025-01-06T15:20:00Z", "refresh-1");
    let quotes = source(&server, folder.path(), NOW).quotes(&[symbol("AAPL")]).await;
    assert_eq!(quotes[0].as_ref().unwrap_err().reason(), MissingReason::NoPermission);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn whoever_must_log_in_again_is_told_so_and_no_token_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(service("access-2", "refresh-2")).await;
    let bars = async |now: &str| {
        let source = source(&server, folder.path(), now);
        let error = source.daily_bars(&symbol("AAPL"), 2, at(now)).await.unwrap_err();
        assert_eq!(error.reason(), MissingReason::NoPermission, "{error}");
        let told = format!("{error} {error:?} {source:?}");
        for secret in ["refresh-1", "access-1", "app-secret-9876"] {
            assert!(!told.contains(secret), "{told}");
        }
        error.to_string()
    };
    let told = bars(NOW).await;
    assert!(told.contains("no login yet") && told.contains("bellwether login schwab"), "{told}");
    assert_eq!(server.requests().len(), 0);
    // Revoked.
    write_tokens(folder.path(), "access-1", "2025-01-06T12:30:00Z", "refresh-1");
    let told = bars(NOW).await;
    assert!(told.contains("revoked") && told.contains("bellwether login schwab"), "{told}");
    // Seven days old: not even asked.
    let asked = server.requests().len();
    let told = bars("2025-01-13T12:00:00Z").await;
    assert!(told.contains("2025-01-06 12:00 UTC is over") && told.contains("7 days"), "{told}");
    assert_eq!(server.requests().len(), asked);
}

#[tokio::test]
async fn what_another_process_renewed_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let server = Server::start(move |number, request| match &*request.path {
        // While this one asks, another process got there first, and its refresh token replaced ours.
        "/v1/oauth/token" => {
            write_tokens(&path, "access-5", "2025-01-06T15:25:00Z", "refresh-5");
            Reply::text(400, r#"{"error":"invalid_grant","error_description":"replaced"}"#)
        }
        _ => service("access-5", "refresh-5")(number, request),
    })
    .await;
    write_tokens(folder.path(), "access-1", "2025-01-06T12:30:00Z", "refresh-1");
    let bars = source(&server, folder.path(), NOW).daily_bars(&symbol("AAPL"), 2, at(NOW)).await.unwrap();
    assert_eq!(bars.len(), 2);
}

#[tokio::test]
async fn days_are_dated_in_chicago_and_minutes_start_their_bar() {
    let folder = tempfile::tempdir().unwrap();
    write_tokens(folder.path(), "access-1", "2025-01-06T15:25:00Z", "refresh-1");
    let server = Server::start(service("access-1", "refresh-1")).await;
    let source = source(&server, folder.path(), NOW);
    let days = source.daily_bars(&symbol("BRK.B"), 2, at(NOW)).await.unwrap();
    let closes: Vec<i64> = days.iter().map(|bar| bar.close_at).collect();
    assert_eq!(closes, [at("2025-01-02T21:00:00Z").as_microsecond(), at("2025-01-03T21:00:00Z").as_microsecond()]);
    assert_eq!(server.requests()[0].asked("symbol"), "BRK/B");
    let minutes = source.minute_bars(&symbol("AAPL"), at("2024-12-20T00:00:00Z"), at("2025-01-06T00:00:00Z")).await.unwrap();
    assert_eq!(minutes.len(), 17 * 24 * 60, "in two pieces, without a hole or a repetition");
    let empty = Server::start(|_, _| Reply::json(&json!({ "candles": [], "symbol": "AAPL", "empty": true }))).await;
    let (id, secret) = secrets();
    let none = SchwabSource::with_secrets(&config(&empty, folder.path()), id, secret, standing(NOW)).unwrap();
    assert_eq!(none.daily_bars(&symbol("AAPL"), 2, at(NOW)).await.unwrap_err().reason(), MissingReason::NoData);
}

#[tokio::test]
async fn quotes_say_whether_they_are_late_and_one_bad_symbol_costs_itself() {
    let folder = tempfile::tempdir().unwrap();
    write_tokens(folder.path(), "access-1", "2025-01-06T15:25:00Z", "refresh-1");
    let server = Server::start(service("access-1", "refresh-1")).await;
    let quotes = source(&server, folder.path(), NOW).quotes(&[symbol("AAPL"), symbol("BRK.B"), symbol("NONE")]).await;
    let [apple, berkshire] = [0, 1].map(|index| quotes[index].as_ref().unwrap());
    assert_eq!((apple.quote.bid, apple.quote.ask, apple.quote.last, apple.delayed), (Some(10.2), Some(10.3), Some(10.25), false));
    assert_eq!(apple.quote.at, at("2025-01-06T14:58:00Z"));
    assert_eq!((berkshire.quote.bid, berkshire.quote.halted, berkshire.delayed), (None, true, true));
    assert_eq!(quotes[2].as_ref().unwrap_err().reason(), MissingReason::UnknownContract);
    assert_eq!(server.requests()[0].asked("symbols"), "AAPL,BRK/B,NONE");
}

#[tokio::test]
async fn refusals_of_the_market_data_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    write_tokens(folder.path(), "access-1", "2025-01-06T15:25:00Z", "refresh-1");
    let told = |status: &str, title: &str| {
        json!({ "errors": [{ "status": status, "title": title, "detail": "of the service" }] }).to_string()
    };
    for (reply, reason) in [
        (Reply::text(400, &told("400", "Bad Request")), MissingReason::BadData),
        (Reply::text(403, &told("403", "Forbidden")), MissingReason::NoPermission),
        (Reply::text(404, &told("404", "Not Found")), MissingReason::UnknownContract),
        (Reply::text(429, ""), MissingReason::Pacing),
        (Reply::text(500, &told("500", "Internal Server Error")), MissingReason::Disconnected),
        (Reply::text(200, "[]"), MissingReason::BadData),
    ] {
        let server = Server::start(move |_, _| reply.clone()).await;
        let error = source(&server, folder.path(), NOW).daily_bars(&symbol("AAPL"), 2, at(NOW)).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{error}");
    }
}
