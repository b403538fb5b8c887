//! Alerts brought to real receivers on loopback: a mail server (aiosmtpd), a web server (a few lines of TCP), a folder.
//!
//! The mail server is Python; it is installed from `tests/requirements.txt` into `target/test-tools` on the first run.

#![allow(clippy::unwrap_used, reason = "clippy sees tests here, but not what helps them")]

#[path = "delivery/mail_server.rs"]
mod mail_server;
#[path = "delivery/web_server.rs"]
mod web_server;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use bellwether_jobs::alerts::{
    AlertContent, Cell, Channel, ChannelConfig, Column, Delivered, DeliveryError, Picture, Row, Tone, backoff, signature,
};
use jiff::{SignedDuration, Timestamp};
use mail_server::{MailServer, read_mail};
use uuid::Uuid;
use web_server::{SILENCE, WebServer};

const ID: Uuid = Uuid::from_u128(0x0199_c0de_0000_7000_8000_0000_0000_00aa);
/// One pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn made_at() -> Timestamp {
    "2026-03-12T13:25:00Z".parse().unwrap()
}

fn content() -> AlertContent {
    let cell = |text: &str, tone| Cell { text: text.to_owned(), value: Some(23.1), tone };
    let row = Row {
        rank: 1,
        symbol: "PLTR".to_owned(),
        name: "Palantir Technologies".to_owned(),
        trend: None,
        headline: Some("Zürich – “größer” & <better>".to_owned()),
        cells: vec![cell("+23.1 %", Tone::Up)],
        numbers: serde_json::Map::from_iter([("gap_pct".to_owned(), serde_json::json!(23.1))]),
    };
    AlertContent {
        subject: "1 gapper 09:25 ET: PLTR +23.1 %, −17.0 % and a subject that is longer than one line of a header may be"
            .to_owned(),
        columns: vec![Column { key: "gap_pct".to_owned(), label: "Gap".to_owned() }],
        rows: vec![row],
        found: 1,
        pictures: vec![Picture { symbol: "PLTR".to_owned(), description: "PLTR today".to_owned(), png: PNG.to_owned() }],
        ..AlertContent::of_failure("premarket-gap", made_at(), "none")
    }
}

fn channel(toml: &str) -> Channel {
    let config: ChannelConfig = toml::from_str(toml).unwrap();
    Channel::open(&config, Path::new("/nowhere")).unwrap()
}

async fn deliver(channel: &Channel) -> Result<Delivered, DeliveryError> {
    // A test that hangs says less than one that fails.
    tokio::time::timeout(Duration::from_secs(60), channel.deliver(ID, &content(), made_at())).await.unwrap()
}

fn mail(port: u16, more: &str) -> Channel {
    channel(&format!(
        "kind = 'email'\nfrom = 'Bellwether <b@example.com>'\nto = ['desk@example.com', 'Risk <risk@example.com>']\n\
         transport = 'smtp'\nhost = 'localhost'\nport = {port}\n{more}"
    ))
}

const PLAIN: &str = "security = 'none'\n";

#[tokio::test]
async fn a_mail_arrives_and_reads_as_it_was_meant() {
    let server = MailServer::start(&[]).await;
    let delivered = deliver(&mail(server.port, PLAIN)).await.unwrap();
    assert!(delivered.detail.contains("250 2.0.0 taken"), "{}", delivered.detail);
    let kept = server.kept("001.eml");
    assert_eq!(
        std::fs::read_to_string(kept.with_extension("eml.envelope")).unwrap(),
        "b@example.com\ndesk@example.com\nrisk@example.com"
    );

    let read = read_mail(&kept).await;
    let header = |name: &str| {
        let named = read["headers"].as_array().unwrap().iter().find(|header| header[0] == name);
        named.unwrap_or_else(|| panic!("no {name} in {read}"))[1].as_str().unwrap().to_owned()
    };
    assert_eq!(header("Subject"), content().subject);
    assert_eq!(header("Message-ID"), format!("<{ID}@bellwether>"));
    assert_eq!(header("From"), "Bellwether <b@example.com>");
    assert_eq!(header("To"), "desk@example.com, Risk <risk@example.com>");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("Date").starts_with("Thu, 12 Mar 2026 13:25:00"), "{}", header("Date"));
    let parts = read["parts"].as_array().unwrap();
    let kinds: Vec<&str> = parts.iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
    assert!(parts.iter().all(|part| part["defects"].as_array().unwrap().is_empty()), "{read}");
    assert!(parts[1]["text"].as_str().unwrap().contains("Zürich – “größer” & <better>"));
    assert!(parts[3]["text"].as_str().unwrap().contains("Zürich – “größer” &#38; &#60;better&#62;"));
    let id = parts[4]["id"].as_str().unwrap().trim_matches(['<', '>']);
    assert!(parts[3]["text"].as_str().unwrap().contains(&format!("src=\"cid:{id}\"")));
    assert_eq!(parts[4]["bytes"], 70);
}

#[tokio::test]
async fn encrypted_and_logged_in() {
    let tls = mail_server::certificate().await;
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), "hunter2\n").unwrap();
    let login = format!("username = 'bellwether'\npassword_file = '{}'\n", password.path().display());
    let trusted = format!("ca_file = '{}'\n", tls.certificate.display());

    let starttls = MailServer::start(&["--starttls", "--login"]).await;
    deliver(&mail(starttls.port, &format!("security = 'starttls'\n{trusted}{login}"))).await.unwrap();
    assert!(starttls.kept("001.eml").exists());

    let wrapped = MailServer::start(&["--tls", "--login"]).await;
    deliver(&mail(wrapped.port, &format!("security = 'tls'\n{trusted}{login}"))).await.unwrap();
    assert!(wrapped.kept("001.eml").exists());

    // A certificate that nobody vouches for is refused, and the alert with it.
    let error = deliver(&mail(starttls.port, &format!("security = 'starttls'\n{login}"))).await.unwrap_err();
    assert!(error.retryable && error.message.contains("ertificate"), "{error}");
    assert!(!starttls.kept("002.eml").exists());

    std::fs::write(password.path(), "wrong-password").unwrap();
    let error = deliver(&mail(starttls.port, &format!("security = 'starttls'\n{trusted}{login}"))).await.unwrap_err();
    assert!(!error.retryable && error.message.contains("535"), "{error}");
    assert!(!error.message.contains("wrong-password"));
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_is_told_nothing() {
    let server = MailServer::start(&[]).await;
    let error = deliver(&mail(server.port, "security = 'starttls'\n")).await.unwrap_err();
    assert!(error.message.contains("STARTTLS"), "{error}");
    assert!(!server.kept("001.eml").exists());
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_again_as_the_same_mail() {
    let server = MailServer::start(&["--refuse-first", "1"]).await;
    let channel = mail(server.port, PLAIN);
    let error = deliver(&channel).await.unwrap_err();
    assert!(error.retryable && error.message.contains("451"), "{error}");
    assert!(backoff(ID, 1, error.retry_after).is_some());
    deliver(&channel).await.unwrap();
    let attempts = ["001.refused", "002.eml"].map(|name| std::fs::read(server.kept(name)).unwrap());
    assert_eq!(attempts[0], attempts[1], "every attempt sends the same bytes, Message-ID included");
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let server = MailServer::start(&["--refuse-first", "9", "--refuse", "550 5.7.1 not wanted"]).await;
    let error = deliver(&mail(server.port, PLAIN)).await.unwrap_err();
    assert!(!error.retryable && error.message.contains("550"), "{error}");
}

#[tokio::test]
async fn a_silent_or_absent_mail_server_does_not_hold_us() {
    let silent = WebServer::start(vec![SILENCE]).await;
    let begun = Instant::now();
    let error = deliver(&mail(silent.port, &format!("{PLAIN}timeout_s = 1\n"))).await.unwrap_err();
    assert!(error.retryable, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let error = deliver(&mail(WebServer::free_port().await, PLAIN)).await.unwrap_err();
    assert!(error.retryable && error.message.contains("refused"), "{error}");
}

fn webhook(port: u16, format: &str, more: &str) -> Channel {
    let url = format!("http://127.0.0.1:{port}/services/s3cr3t");
    channel(&format!("kind = 'webhook'\nformat = '{format}'\nurl = '{url}'\ntimeout_s = 1\n{more}"))
}

#[tokio::test]
async fn slack_gets_blocks() {
    let server = WebServer::start(vec!["200 OK\r\ncontent-length: 2\r\n\r\nok"]).await;
    let delivered = deliver(&webhook(server.port, "slack", "")).await.unwrap();
    assert_eq!(delivered.detail, format!("127.0.0.1:{} answered 200 OK", server.port));
    let request = server.requests().remove(0);
    assert!(request.head.starts_with("POST /services/s3cr3t HTTP/1.1"), "{}", request.head);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("idempotency-key"), Some(ID.to_string().as_str()));
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["text"], content().subject);
    assert_eq!(body["blocks"][0]["type"], "header");
}

#[tokio::test]
async fn programs_get_signed_json() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "signing key\n").unwrap();
    let server = WebServer::start(vec!["204 No Content\r\n\r\n", "204 No Content\r\n\r\n"]).await;
    let channel = webhook(server.port, "generic", &format!("secret_file = '{}'\n", secret.path().display()));
    deliver(&channel).await.unwrap();
    deliver(&channel).await.unwrap();
    let requests = server.requests();
    let body: serde_json::Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(body["alert_id"], ID.to_string());
    assert_eq!(body["hits"][0]["numbers"]["gap_pct"], 23.1);
    let expected = signature(b"signing key", made_at(), &requests[0].body);
    assert_eq!(requests[0].header("x-bellwether-signature"), Some(expected.as_str()));
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[1].header("x-bellwether-signature"), Some(expected.as_str()));
}

#[tokio::test]
async fn answers_are_told_apart() {
    let cases = [
        ("429 Too Many Requests\r\nretry-after: 7\r\n\r\n", true, Some(7)),
        ("503 Busy\r\ndate: Thu, 12 Mar 2026 13:25:00 GMT\r\nretry-after: Thu, 12 Mar 2026 13:26:30 GMT\r\n\r\n", true, Some(90)),
        ("500 Oops\r\ncontent-length: 14\r\n\r\nrollup_error\r\n", true, None),
        ("408 Request Timeout\r\n\r\n", true, None),
        ("400 Bad Request\r\ncontent-length: 15\r\n\r\ninvalid_payload", false, None),
        ("404 Not Found\r\ncontent-length: 10\r\n\r\nno_service", false, None),
        ("410 Gone\r\n\r\n", false, None),
        ("302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\n\r\n", false, None),
    ];
    let server = WebServer::start(cases.iter().map(|case| case.0).collect()).await;
    let channel = webhook(server.port, "slack", "");
    for (answer, retryable, retry_after) in cases {
        let error = deliver(&channel).await.unwrap_err();
        assert_eq!(
            (error.retryable, error.retry_after),
            (retryable, retry_after.map(SignedDuration::from_secs)),
            "{answer}: {error}"
        );
        assert!(error.message.contains(&answer[..3]) && !error.message.contains("s3cr3t"), "{error}");
        let reason = answer.split("\r\n\r\n").nth(1).unwrap().trim();
        assert!(error.message.contains(reason), "{error}");
    }
    assert_eq!(server.requests().len(), cases.len(), "a redirect is not followed");
}

#[tokio::test]
async fn a_silent_or_absent_web_server_does_not_hold_us() {
    let server = WebServer::start(vec![SILENCE]).await;
    let begun = Instant::now();
    let error = deliver(&webhook(server.port, "slack", "")).await.unwrap_err();
    assert!(error.retryable && error.message.contains("no answer within 1s"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    let error = deliver(&webhook(WebServer::free_port().await, "slack", "")).await.unwrap_err();
    assert!(error.retryable && !error.message.contains("s3cr3t"), "{error}");
}

#[tokio::test]
async fn a_folder_gets_whole_mails_once() {
    let folder = tempfile::tempdir().unwrap();
    let config: ChannelConfig = toml::from_str(
        "kind = 'email'\nfrom = 'b@example.com'\nto = ['desk@example.com']\ntransport = 'file'\nfolder = 'outbox'\n",
    )
    .unwrap();
    let channel = Channel::open(&config, folder.path()).unwrap();
    let first = deliver(&channel).await.unwrap();
    assert_eq!(deliver(&channel).await.unwrap(), first);
    let names: Vec<_> =
        std::fs::read_dir(folder.path().join("outbox")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, [format!("20260312T132500Z-premarket-gap-{ID}.eml").as_str()]);
    assert_eq!(read_mail(Path::new(&first.detail)).await["parts"].as_array().unwrap().len(), 5);

    let hostile = AlertContent { job: "../../etc/pass\0wd".to_owned(), ..content() };
    let written = channel.deliver(ID, &hostile, made_at()).await.unwrap();
    assert_eq!(Path::new(&written.detail).parent().unwrap(), folder.path().join("outbox"));

    std::fs::remove_dir_all(folder.path().join("outbox")).unwrap();
    std::fs::write(folder.path().join("outbox"), "in the way").unwrap();
    assert!(deliver(&channel).await.unwrap_err().retryable);
}
