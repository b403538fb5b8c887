//! What people and programs get to read. The pictures are looked at in `bellwether::charts`.

use std::sync::{Arc, LazyLock};

use bellwether::{
    market::{
        Bar, Bars, BarsBuilder, Calendar, Instrument, MissingData, MissingReason, Snapshot, SnapshotPart, SuspectedSplit, Symbol,
    },
    scanners::{Hit, Numbers, ScanReport, SetAside},
};
use jiff::{
    Timestamp,
    civil::{date, time},
};
use lettre::message::Mailbox;
use proptest::prelude::*;
use uuid::Uuid;

use super::{AlertContent, Cell, Column, Fact, Note, Occasion, Picture, Row, Tone, email, generic_body, signature, slack_body};

const RUN: &str = "0199c0de-0000-7000-8000-000000000001";

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn as_of() -> Timestamp {
    Calendar.at(date(2026, 3, 12), time(9, 25, 0, 0))
}

fn hit(rank: u32, ticker: &str, name: &str, headline: Option<&str>, numbers: &[(&'static str, Option<f64>)]) -> Hit {
    Hit {
        rank,
        symbol: symbol(ticker),
        name: name.to_owned(),
        trend: None,
        headline: headline.map(str::to_owned),
        numbers: Numbers(numbers.to_vec()),
    }
}

fn gap(rank: u32, ticker: &str, name: &str, headline: Option<&str>, gap_pct: f64, last: f64, volume: f64) -> Hit {
    let prev_close = last / (1.0 + gap_pct / 100.0);
    hit(
        rank,
        ticker,
        name,
        headline,
        &[
            ("gap_pct", Some(gap_pct)),
            ("last", Some(last)),
            ("prev_close", Some((prev_close * 100.0).round() / 100.0)),
            ("premarket_volume", Some(volume)),
            ("premarket_rvol", (rank != 2).then_some(8.4 / f64::from(rank))),
            ("spread_bps", None),
        ],
    )
}

fn report(scan: &'static str, hits: Vec<Hit>) -> ScanReport {
    ScanReport {
        closed: None,
        scan,
        as_of: as_of(),
        session: date(2026, 3, 12),
        considered: 2431,
        hits,
        suspected_splits: Vec::new(),
        halted: Vec::new(),
        no_previous_close: Vec::new(),
        set_aside: Vec::new(),
        missing: Vec::new(),
        provenance: Vec::new(),
    }
}

fn gappers() -> ScanReport {
    let lack = |ticker: &str, part, reason, detail: &str| MissingData {
        symbol: symbol(ticker),
        part,
        reason,
        detail: detail.to_owned(),
    };
    ScanReport {
        suspected_splits: vec![SuspectedSplit {
            symbol: symbol("RVSN"),
            ratio: 0.1,
            prev_close: 0.1741,
            last: 1.78,
            price_ratio: 10.22,
            volume: 6745.0,
            volume_ratio: Some(0.0028),
        }],
        halted: vec![symbol("HALT")],
        no_previous_close: vec![symbol("NEWCO"), symbol("IPOX")],
        set_aside: vec![SetAside { symbol: symbol("BAD"), reason: "minute bars of this session: low is -1".to_owned() }],
        missing: vec![
            lack("BAD", SnapshotPart::Today, MissingReason::BadData, "low is -1"),
            lack("AAA", SnapshotPart::Quote, MissingReason::NoPermission, "354"),
            lack("BBB", SnapshotPart::Quote, MissingReason::NoPermission, "354"),
            lack("CCC", SnapshotPart::Today, MissingReason::Timeout, "30 s"),
        ],
        ..report(
            "gap",
            vec![
                gap(1, "PLTR", "Palantir Technologies", Some("Palantir raises outlook & buys back <shares>"), 23.14, 31.2, 4.2e6),
                gap(2, "ABC", "", None, -17.04, 8.25, 310_400.0),
                gap(3, "XYZ", "Xyzzy Holdings", None, 6.2, 0.4178, 1.25e6),
            ],
        )
    }
}

/// Minutes of the pre-market for `tickers`.
fn morning(tickers: &[&str]) -> Snapshot {
    let mut bars = BarsBuilder::default();
    let start = Calendar.at(date(2026, 3, 12), time(4, 0, 0, 0)).as_microsecond();
    for ticker in tickers {
        let unit = if *ticker == "XYZ" { 0.4178 / 30.32 } else { 31.2 / 30.32 };
        bars.extend(
            &symbol(ticker),
            (0..325).map(|minute| {
                let (open_at, wave) = (start + minute * 60_000_000, (minute as f64 / 25.0).sin());
                let (open, body) = ((30.0 + wave) * unit, if minute % 3 == 0 { -0.06 } else { 0.05 } * unit);
                let close = open + body;
                let (high, low) = (open.max(close) + 0.03 * unit, open.min(close) - 0.03 * unit);
                let volume = 9_000.0 + 40.0 * minute as f64;
                Bar { open_at, close_at: open_at + 60_000_000, open, high, low, close, volume, vwap: None, trades: None }
            }),
        );
    }
    Snapshot {
        as_of: as_of(),
        session: date(2026, 3, 12),
        universe: tickers.iter().map(|ticker| Instrument::stock(symbol(ticker))).collect(),
        daily: Arc::new(Bars::default()),
        history: Arc::new(Bars::default()),
        today: Arc::new(bars.finish().0),
        quotes: Vec::new(),
        headlines: Vec::new(),
        splits: Vec::new(),
        missing: Vec::new(),
        provenance: Vec::new(),
    }
}

fn told() -> AlertContent {
    // Drawn once: pictures are slow in builds without optimisation.
    static TOLD: LazyLock<AlertContent> =
        LazyLock::new(|| AlertContent::of_scan("premarket-gap", &gappers(), &morning(&["PLTR", "XYZ"]), RUN, 10).unwrap());
    TOLD.clone()
}

fn id() -> Uuid {
    Uuid::from_u128(0x0199_c0de_0000_7000_8000_0000_0000_00aa)
}

fn pretty(json: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(json).unwrap()).unwrap()
}

#[test]
fn subjects_can_be_acted_on() {
    let of =
        |scan, hits: Vec<Hit>| AlertContent::of_scan("my-scan", &report(scan, hits), &morning(&[]), RUN, 10).unwrap().subject;
    let score = |rank, ticker: &str, score| hit(rank, ticker, "", None, &[("score", Some(score)), ("change_pct", Some(4.0))]);
    assert_eq!(told().subject, "3 gappers 09:25 ET: PLTR +23.1 %, ABC −17.0 %, XYZ +6.2 %");
    let movers = vec![score(1, "ABC", 93.4), score(2, "DEF", 88.0), score(3, "GHI", 71.0), score(4, "JKL", 60.0)];
    assert_eq!(of("momentum", movers), "4 movers 09:25 ET: ABC 93, DEF 88, GHI 71, …");
    let volume = vec![hit(1, "ABC", "", None, &[("session_rvol", Some(8.44))])];
    assert_eq!(of("unusual_volume", volume), "1 unusual volume 09:25 ET: ABC 8.4×");
    let breakout = vec![hit(1, "ABC", "", None, &[("breakout_pct", Some(2.31)), ("last", Some(10.0))])];
    assert_eq!(of("breakout", breakout), "1 breakout 09:25 ET: ABC +2.3 %");
    let custom = vec![hit(1, "ABC", "", None, &[("change_pct", None), ("gap_pct", Some(-3.0))])];
    assert_eq!(of("custom", custom), "1 hit of my-scan 09:25 ET: ABC −3.0 %");
    assert_eq!(of("gap", Vec::new()), "No gappers 09:25 ET");
}

#[test]
fn trouble_is_told_in_one_line() {
    let failed = AlertContent::of_failure("premarket-gap", as_of(), "gateway not reachable\nat 127.0.0.1:4002");
    assert_eq!(failed.subject, "premarket-gap failed 09:25 ET: gateway not reachable at 127.0.0.1:4002");
    assert!(!failed.is_empty() && failed.footer.contains("--at 2026-03-12T09:25:00-04:00"));
    let missed = AlertContent::of_missed("premarket-gap", as_of(), "bellwether was not running");
    assert_eq!(missed.subject, "premarket-gap missed 09:25 ET: bellwether was not running");
    let late = AlertContent::of_late("premarket-gap", as_of(), "2026-03-12T13:41:00Z".parse().unwrap(), "restarted");
    assert_eq!(late.subject, "premarket-gap late, due 09:25 ET: ran 09:41 ET; restarted");
    insta::assert_snapshot!("failure_text", email::text(&failed));
}

#[test]
fn a_scan_as_text() {
    insta::assert_snapshot!("gap_text", email::text(&told()));
}

#[test]
fn a_scan_as_html() {
    insta::assert_snapshot!("gap_html", email::html(&told()).unwrap());
}

/// With `BELLWETHER_PICTURES=FOLDER` leaves the page there, for a look.
#[test]
fn the_page_shows_every_picture() {
    let content = told();
    let mut html = email::html(&content).unwrap();
    for (index, picture) in content.pictures.iter().enumerate() {
        let by_id = format!("cid:picture-{index}@bellwether");
        assert_eq!(html.matches(&by_id).count(), 1);
        html = html.replace(&by_id, &format!("data:image/png;base64,{}", picture.png));
    }
    assert!(!html.contains("cid:"));
    if let Some(folder) = std::env::var_os("BELLWETHER_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join("alert.html"), html).unwrap();
    }
}

#[test]
fn a_scan_for_slack() {
    insta::assert_snapshot!("gap_slack", pretty(&slack_body(&told()).unwrap()));
}

#[test]
fn a_scan_for_programs() {
    insta::assert_snapshot!("gap_generic", pretty(&generic_body(id(), &told()).unwrap()));
}

#[test]
fn pictures_are_of_those_that_can_be_drawn() {
    let content = told();
    assert_eq!(content.pictures.iter().map(|picture| picture.symbol.as_str()).collect::<Vec<_>>(), ["PLTR", "XYZ"]);
    let many: Vec<Hit> = (1..=9).map(|rank| gap(rank, &format!("S{rank}"), "", None, 5.0, 30.0, 2e5)).collect();
    let tickers: Vec<String> = (1..=9).map(|rank| format!("S{rank}")).collect();
    let tickers: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let content = AlertContent::of_scan("gap", &report("gap", many), &morning(&tickers), RUN, 7).unwrap();
    assert_eq!((content.pictures.len(), content.rows.len(), content.found), (5, 7, 9));
    assert!(email::text(&content).contains("… and 2 more"));
}

#[test]
fn content_survives_the_outbox() {
    let content = told();
    let stored = serde_json::to_value(&content).unwrap();
    assert_eq!(serde_json::from_value::<AlertContent>(stored).unwrap(), content);
    let least = serde_json::json!({
        "occasion": "failure", "job": "x", "due_at": "2026-03-12T13:25:00Z", "as_of": "2026-03-12T13:25:00Z", "subject": "x failed",
    });
    assert_eq!(serde_json::from_value::<AlertContent>(least).unwrap().occasion, Occasion::Failure);
}

#[test]
fn a_rehearsal_says_so() {
    let content = AlertContent { compressed: true, ..told() };
    assert!(email::text(&content).starts_with("[rehearsal] 3 gappers"));
    for rendered in [email::text(&content), email::html(&content).unwrap(), slack_body(&content).unwrap()] {
        assert!(rendered.contains("Rehearsal: simulated market"));
    }
}

#[test]
fn the_signature_is_the_documented_one() {
    // printf '1773321900.{"a":1}' | openssl dgst -sha256 -hmac 'key'
    let signed = signature(b"key", "2026-03-12T13:25:00Z".parse().unwrap(), r#"{"a":1}"#);
    assert_eq!(signed, "t=1773321900,v1=68c55a044a7177a171acaf9abbb418350aeec5cab8889355a9cd2afbd9c3e440");
}

#[test]
fn the_same_alert_is_the_same_mail() {
    let addresses = addresses();
    let made = |content: &AlertContent| email::message(id(), content, &addresses, as_of()).unwrap().formatted();
    assert_eq!(made(&told()), made(&told()));
}

fn addresses() -> email::Addresses {
    let address = |text: &str| text.parse::<Mailbox>().unwrap();
    email::Addresses {
        from: address("Bellwether <b@example.com>"),
        to: vec![address("desk@example.com"), address("risk@example.com")],
    }
}

/// Text that tries to be something else: markup, headers, code fences, mentions.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=alert(1)>".to_owned()),
        Just("a\r\nBcc: evil@example.com\r\n\r\nbody".to_owned()),
        Just("``` <!channel> <@U1> *b* _i_ & && &amp;".to_owned()),
        Just("{{ content.subject }} {% raw %}".to_owned()),
        Just("\u{202e}desrever\u{2028}line \u{0}\u{7f}".to_owned()),
        Just("日本語 🚀 é\u{301}".repeat(40)),
        Just("&".repeat(5_000)),
        "\\PC{0,300}",
        any::<String>(),
    ]
}

fn anything() -> impl Strategy<Value = AlertContent> {
    let row = (any::<u32>(), hostile(), hostile(), proptest::option::of(hostile()), proptest::collection::vec(hostile(), 0..7));
    let notes = proptest::collection::vec((hostile(), proptest::collection::vec(hostile(), 0..4)), 0..6);
    (hostile(), hostile(), hostile(), proptest::collection::vec(row, 0..24), 1..=21_usize, notes, 0..7_usize).prop_map(
        |(job, subject, footer, rows, times, notes, columns)| {
            let row = |(rank, symbol, name, headline, cells): (u32, String, String, Option<String>, Vec<String>)| Row {
                rank,
                symbol,
                name,
                trend: headline.clone(),
                headline,
                cells: cells.into_iter().map(|text| Cell { text, value: None, tone: Tone::Up }).collect(),
                numbers: serde_json::Map::new(),
            };
            let rows: Vec<Row> = rows.into_iter().map(row).collect();
            // Up to 500 hits without asking for 500 stories.
            let rows: Vec<Row> = rows.iter().cycle().take(rows.len() * times).cloned().collect();
            AlertContent {
                facts: vec![Fact { label: job.clone(), value: footer.clone() }; 4],
                columns: (0..columns).map(|column| Column { key: column.to_string(), label: subject.clone() }).collect(),
                found: rows.len() + columns,
                rows,
                pictures: vec![Picture { symbol: job.clone(), description: subject.clone(), png: "iVBORw0KGgo=".to_owned() }],
                notes: notes.into_iter().map(|(title, lines)| Note { title, lines }).collect(),
                subject,
                footer,
                compressed: columns % 2 == 0,
                ..AlertContent::of_failure(&job, as_of(), "")
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn slack_takes_whatever_is_told(content in anything()) {
        let body = slack_body(&content).unwrap();
        prop_assert!(body.len() <= 13_000, "{} bytes", body.len());
        let message: serde_json::Value = serde_json::from_str(&body).unwrap();
        let blocks = message["blocks"].as_array().unwrap();
        prop_assert!(!blocks.is_empty() && blocks.len() <= 50);
        for block in blocks {
            let texts: Vec<&str> = match block["type"].as_str().unwrap() {
                "context" => block["elements"].as_array().unwrap().iter().map(|text| text["text"].as_str().unwrap()).collect(),
                _ => vec![block["text"]["text"].as_str().unwrap()],
            };
            for text in texts {
                let header = block["type"] == "header";
                let most = if header { 150 } else { 3_000 };
                prop_assert!(text.chars().count() <= most);
                prop_assert!(header || !text.is_empty());
                prop_assert!(header || !text.contains(['<', '>']), "{text}");
                let bare = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
                prop_assert!(header || !bare.contains('&'), "{text}");
                let fences = text.matches('`').count();
                prop_assert!(!text.starts_with("```\n") || fences == 6, "{text}");
            }
        }
    }

    #[test]
    fn html_is_ours_alone(content in anything()) {
        let html = email::html(&content).unwrap();
        let tags: Vec<&str> = html.split('<').skip(1).map(|tag| tag.split([' ', '>', '\n']).next().unwrap()).collect();
        let ours = ["!doctype", "html", "head", "meta", "title", "style", "body", "table", "tr", "td", "th", "p", "h1", "span", "br", "img", "code"];
        for tag in tags {
            prop_assert!(ours.contains(&tag.trim_start_matches('/')), "<{tag}");
        }
        prop_assert!(!html.contains("onerror=alert(1)>"));
        prop_assert_eq!(html.matches("src=\"").count(), content.pictures.len());
    }

    #[test]
    fn headers_are_ours_alone(content in anything()) {
        prop_assert!(!content.subject_line().contains(char::is_control));
        let mail = String::from_utf8(email::message(id(), &content, &addresses(), as_of()).unwrap().formatted()).unwrap();
        let head = mail.split("\r\n\r\n").next().unwrap();
        let names: Vec<&str> = head.lines().filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap()).collect();
        let mut known = names.clone();
        known.sort_unstable();
        let mut ours = ["Message-ID", "Date", "From", "Subject", "Auto-Submitted", "To", "MIME-Version", "Content-Type"];
        ours.sort_unstable();
        prop_assert_eq!(known, ours);
        prop_assert!(head.lines().all(|line| line.len() <= 998 && line.is_ascii()), "{}", head);
    }
}
