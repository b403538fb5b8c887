//! The way out: failures in passing, answers without end, questions asked twice, keys that services quote back.

use std::time::Duration;

use bellwether::market::{MissingReason, Symbol};
use bellwether_adapters::{
    BarSource,
    rest::{AlphaVantageConfig, AlphaVantageSource, HttpConfig, YahooConfig, YahooSource},
};
use secrecy::SecretString;

use crate::{
    server::{Reply, Request, Server, at, quick, standing},
    yahoo::{PRE_OPEN, minutes},
};

const UNTIL: &str = "2025-01-06T10:00:00Z";

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn yahoo(server: &Server, http: HttpConfig) -> YahooSource {
    YahooSource::open(&YahooConfig { base_url: server.url.clone(), http, ..YahooConfig::default() }).unwrap()
}

async fn hour(source: &YahooSource) -> bellwether_adapters::Result<usize> {
    Ok(source.minute_bars(&symbol("AAPL"), at(PRE_OPEN), at(UNTIL)).await?.len())
}

fn after(failures: usize, bad: Reply) -> impl Fn(usize, &Request) -> Reply + Send + Sync {
    move |number, request| if number < failures { bad.clone() } else { Reply::json(&minutes(request, 10.0)) }
}

#[tokio::test]
async fn failures_in_passing_are_tried_again_and_no_more_than_allowed() {
    let short = HttpConfig { timeout: Duration::from_millis(300), ..quick() };
    let passing = [
        Reply::text(500, "oops"),
        Reply::text(503, "busy"),
        Reply::text(408, ""),
        Reply::Whole(429, "retry-after: 0\r\n".to_owned(), String::new()),
        Reply::Truncated(r#"{"chart":{"result":"#.to_owned()),
        Reply::Dropped,
        Reply::Hang,
    ];
    for bad in passing {
        // A loaded machine may miss a short timeout once more than the server hangs; never by two.
        let server = Server::start(after(1, bad.clone())).await;
        let http = if matches!(bad, Reply::Hang) { HttpConfig { attempts: 5, ..short.clone() } } else { quick() };
        assert_eq!(hour(&yahoo(&server, http)).await.unwrap(), 60, "{bad:?}");
        assert!(server.requests().len() >= 2, "{bad:?}");
    }
    for (bad, reason) in [
        (Reply::text(500, "oops"), MissingReason::Disconnected),
        (Reply::text(429, ""), MissingReason::Pacing),
        (Reply::Truncated("{".to_owned()), MissingReason::Disconnected),
        (Reply::Hang, MissingReason::Timeout),
    ] {
        let server = Server::start(after(usize::MAX, bad.clone())).await;
        let http = if matches!(bad, Reply::Hang) { short.clone() } else { quick() };
        let error = hour(&yahoo(&server, http)).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{error}");
        assert!(error.is_retryable(), "{error}");
        assert_eq!(server.requests().len(), 3, "{bad:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_for_good_is_asked_once() {
    for bad in [Reply::text(400, "no"), Reply::text(200, "{}"), Reply::text(404, "gone")] {
        let server = Server::start(after(usize::MAX, bad)).await;
        assert!(!hour(&yahoo(&server, quick())).await.unwrap_err().is_retryable());
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_service_that_wants_to_be_left_alone_is() {
    let server = Server::start(after(1, Reply::Whole(429, "retry-after: 900\r\n".to_owned(), "slow down".to_owned()))).await;
    let source = yahoo(&server, quick());
    assert_eq!(hour(&source).await.unwrap_err().reason(), MissingReason::Pacing);
    let error = hour(&source).await.unwrap_err();
    assert_eq!(error.reason(), MissingReason::Pacing);
    assert!(error.to_string().contains("asked again in"), "{error}");
    assert_eq!(server.requests().len(), 1, "it would answer now, but is not asked");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let server = Server::start(after(usize::MAX, Reply::Endless)).await;
    let small = HttpConfig { longest_answer_mb: 1, timeout: Duration::from_secs(60), ..quick() };
    let error = hour(&yahoo(&server, small)).await.unwrap_err();
    assert_eq!(error.reason(), MissingReason::BadData);
    assert!(error.to_string().contains("at most 1048576"), "{error}");
}

#[tokio::test]
async fn the_same_question_at_the_same_time_is_asked_once() {
    let server = Server::start(|_, request| Reply::json(&minutes(request, 10.0))).await;
    let source = yahoo(&server, quick());
    let mut asked: Vec<_> = (0..10).map(|_| Box::pin(hour(&source))).collect();
    // All have asked before any is answered.
    for asked in &mut asked {
        assert!(futures::poll!(asked.as_mut()).is_pending());
    }
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer.unwrap(), 60);
    }
    assert_eq!(server.requests().len(), 1);
    hour(&source).await.unwrap();
    assert_eq!(server.requests().len(), 2, "an answer is shared, not kept");
}

#[tokio::test]
async fn whoever_gives_up_does_not_cost_the_others_their_answer() {
    let server = Server::start(|_, request| Reply::json(&minutes(request, 10.0))).await;
    let source = yahoo(&server, quick());
    let (mut first, second) = (Box::pin(hour(&source)), hour(&source));
    assert!(futures::poll!(first.as_mut()).is_pending());
    let mut second = Box::pin(second);
    assert!(futures::poll!(second.as_mut()).is_pending());
    drop(first);
    assert_eq!(second.await.unwrap(), 60);
}

#[tokio::test]
async fn limits_are_kept_by_not_asking() {
    let server = Server::start(|_, request| Reply::json(&minutes(request, 10.0))).await;
    let two = HttpConfig { per_minute: Some(2), longest_wait: Duration::ZERO, ..quick() };
    let source = yahoo(&server, two);
    for _ in 0..2 {
        hour(&source).await.unwrap();
    }
    let error = hour(&source).await.unwrap_err();
    assert_eq!(error.reason(), MissingReason::Pacing);
    assert!(error.to_string().contains("s away"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn nobody_at_home_is_a_lost_connection() {
    let url = { Server::start(|_, _| Reply::Hang).await.url.clone() };
    let config = YahooConfig { base_url: url, http: quick(), ..YahooConfig::default() };
    // The server is gone with its test's end; the port answers nobody.
    tokio::task::yield_now().await;
    let source = YahooSource::open(&config).unwrap();
    let error = hour(&source).await.unwrap_err();
    assert_eq!(error.reason(), MissingReason::Disconnected, "{error}");
}

#[tokio::test]
async fn keys_are_told_to_nobody() {
    const KEY: &str = "K3Y-THAT-NOBODY-SEES";
    let quoted = |key: &str| format!(r#"{{"Information":"We have detected your API key as {key} and it is unwell."}}"#);
    for reply in
        [Reply::text(200, &quoted(KEY)), Reply::text(500, &quoted(KEY)), Reply::text(400, KEY), Reply::Dropped, Reply::Hang]
    {
        let server = Server::start(move |_, _| reply.clone()).await;
        let http = HttpConfig { timeout: Duration::from_millis(200), ..quick() };
        let config = AlphaVantageConfig { base_url: server.url.clone(), http, ..AlphaVantageConfig::default() };
        let source = AlphaVantageSource::with_key(&config, SecretString::from(KEY), standing(UNTIL)).unwrap();
        let error = source.daily_bars(&symbol("IBM"), 5, at(UNTIL)).await.unwrap_err();
        let told = format!("{error} {error:?} {source:?}");
        assert!(!told.contains(KEY), "{told}");
        assert_eq!(server.requests()[0].asked("apikey"), KEY, "but the service has it");
    }
}
