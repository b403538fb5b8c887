//! Alpha Vantage: series in both formats, quotes, and what it says instead of data.

use bellwether::market::{MissingReason, Symbol};
use bellwether_adapters::{
    BarSource, QuoteSource,
    rest::{AlphaVantageConfig, AlphaVantageSource, Entitlement, SeriesFormat},
};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use crate::server::{Reply, Request, Server, at, lines, quick, standing};

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn source(server: &Server, change: impl Fn(&mut AlphaVantageConfig)) -> AlphaVantageSource {
    let mut config = AlphaVantageConfig { base_url: server.url.clone(), http: quick(), ..AlphaVantageConfig::default() };
    change(&mut config);
    AlphaVantageSource::with_key(&config, SecretString::from("ABCDEFGH12345678"), standing("2025-01-06T21:30:00Z")).unwrap()
}

/// Rows of a series, newest first as the service sends them.
fn series(request: &Request, times: &[&str]) -> Reply {
    let row = |index: usize| {
        let base = 100.0 + index as f64;
        [base, base + 1.0, base - 1.0, base + 0.5]
    };
    match request.asked("datatype") {
        "csv" => {
            let rows = times.iter().enumerate().map(|(index, time)| {
                let [open, high, low, close] = row(index);
                format!("{time},{open:.4},{high:.4},{low:.4},{close:.4},{}", 1_000 + index)
            });
            Reply::text(200, &lines("timestamp,open,high,low,close,volume", rows).replace('\n', "\r\n"))
        }
        _ => {
            let rows: Map<String, Value> = times
                .iter()
                .enumerate()
                .map(|(index, time)| {
                    let [open, high, low, close] = row(index).map(|x| format!("{x:.4}"));
                    let volume = (1_000 + index).to_string();
                    (
                        (*time).to_owned(),
                        json!({ "1. open": open, "2. high": high, "3. low": low, "4. close": close, "5. volume": volume }),
                    )
                })
                .collect();
            let kind = if request.asked("function") == "TIME_SERIES_DAILY" { "Daily" } else { "1min" };
            Reply::json(&json!({
                "Meta Data": { "1. Information": "prices", "2. Symbol": request.asked("symbol"), "6. Time Zone": "US/Eastern" },
                format!("Time Series ({kind})"): rows,
            }))
        }
    }
}

#[tokio::test]
async fn both_formats_say_the_same_in_new_york_time() {
    let mut both = Vec::new();
    for format in [SeriesFormat::Csv, SeriesFormat::Json] {
        let server = Server::start(|_, request| {
            series(request, &["2025-01-06 16:30:00", "2025-01-06 09:30:00", "2025-01-06 04:00:00", "2025-01-03 19:59:00"])
        })
        .await;
        let source = source(&server, |config| config.format = format);
        let bars = source.minute_bars(&symbol("BRK.B"), at("2025-01-06T09:00:00Z"), at("2025-01-06T21:30:00Z")).await.unwrap();
        assert_eq!(bars.len(), 2, "that of 16:30 has not ended, that of Friday was not asked for");
        assert_eq!(bars[0].open_at, at("2025-01-06T09:00:00Z").as_microsecond());
        assert_eq!((bars[1].open, bars[1].high, bars[1].volume), (101.0, 102.0, 1_001.0));
        let asked = server.requests().remove(0);
        for (name, value) in [
            ("function", "TIME_SERIES_INTRADAY"),
            ("symbol", "BRK-B"),
            ("interval", "1min"),
            ("month", "2025-01"),
            ("outputsize", "full"),
            ("extended_hours", "true"),
            ("adjusted", "false"),
        ] {
            assert_eq!(asked.asked(name), value);
        }
        both.push(bars);
    }
    assert_eq!(both[0], both[1]);
}

#[tokio::test]
async fn every_month_that_is_touched_is_asked_for() {
    let server = Server::start(|_, request| {
        let month = request.asked("month");
        series(request, &[&format!("{month}-30 10:00:00"), &format!("{month}-03 10:00:00")])
    })
    .await;
    let bars = source(&server, |_| ()).minute_bars(&symbol("IBM"), at("2024-12-20T00:00:00Z"), at("2025-01-06T00:00:00Z")).await;
    assert_eq!(bars.unwrap().len(), 2, "December 30 and January 3");
    let months: Vec<String> = server.requests().iter().map(|asked| asked.asked("month").to_owned()).collect();
    assert_eq!(months, ["2024-12", "2025-01"]);
}

#[tokio::test]
async fn days_end_with_their_session_and_more_than_a_hundred_are_only_asked_for_where_allowed() {
    let server = Server::start(|_, request| series(request, &["2025-01-06", "2025-01-03", "2025-01-02"])).await;
    let free = source(&server, |_| ());
    let bars = free.daily_bars(&symbol("IBM"), 252, at("2025-01-06T20:59:59Z")).await.unwrap();
    assert_eq!(bars.len(), 2, "the session of the 6th is not over");
    assert_eq!(bars[1].close_at, at("2025-01-03T21:00:00Z").as_microsecond());
    let paid = source(&server, |config| config.full_history = true);
    paid.daily_bars(&symbol("IBM"), 252, at("2025-01-06T21:00:00Z")).await.unwrap();
    paid.daily_bars(&symbol("IBM"), 2, at("2025-01-06T21:00:00Z")).await.unwrap();
    let sizes: Vec<String> = server.requests().iter().map(|asked| asked.asked("outputsize").to_owned()).collect();
    assert_eq!(sizes, ["compact", "full", "compact"]);
}

#[tokio::test]
async fn what_it_says_with_status_200_is_told_apart() {
    let cases = [
        (
            json!({ "Error Message": "Invalid API call. Please retry or visit the documentation for TIME_SERIES_DAILY." }),
            MissingReason::UnknownContract,
        ),
        (
            json!({ "Error Message": "the parameter apikey is invalid or missing. Please claim your free API key." }),
            MissingReason::NoPermission,
        ),
        (
            json!({ "Note": "Our standard API call frequency is 5 calls per minute and 500 calls per day." }),
            MissingReason::Pacing,
        ),
        (
            json!({ "Information": "We have detected your API key as ABCDEFGH12345678 and our standard API rate limit is 25 requests per day." }),
            MissingReason::Pacing,
        ),
        (
            json!({ "Information": "Please consider spreading out your free API requests more sparingly. You may subscribe to any of the premium plans to lift the free key rate limit (25 requests per day) and instantly unlock all premium endpoints" }),
            MissingReason::Pacing,
        ),
        (json!({ "Information": "Thank you for using Alpha Vantage! This is a premium endpoint." }), MissingReason::NoPermission),
        (json!({ "Information": "The **demo** API key is for demo purposes only." }), MissingReason::NoPermission),
        (json!({}), MissingReason::NoData),
        (json!({ "Meta Data": {} }), MissingReason::BadData),
    ];
    for (said, reason) in cases {
        let reply = said.clone();
        let server = Server::start(move |_, _| Reply::json(&reply)).await;
        let source = source(&server, |_| ());
        let error = source.daily_bars(&symbol("IBM"), 5, at("2025-01-06T21:30:00Z")).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{said}: {error}");
        assert!(!error.to_string().contains("ABCDEFGH12345678"), "{error}");
        // Once it complains of being asked too often, it is left alone.
        source.daily_bars(&symbol("MSFT"), 5, at("2025-01-06T21:30:00Z")).await.unwrap_err();
        assert_eq!(server.requests().len(), if reason == MissingReason::Pacing { 1 } else { 2 }, "{said}");
    }
    for broken in
        ["timestamp,open,high,low,close\n2025-01-03,1,1,1,1", "timestamp,open,high,low,close,volume\n2025-01-03,1,x,1,1,1"]
    {
        let server = Server::start(move |_, _| Reply::text(200, broken)).await;
        let error = source(&server, |_| ()).daily_bars(&symbol("IBM"), 5, at("2025-01-06T21:30:00Z")).await.unwrap_err();
        assert_eq!(error.reason(), MissingReason::BadData, "{error}");
    }
}

#[tokio::test]
async fn quotes_have_the_time_of_their_day_and_say_whether_they_are_late() {
    let server = Server::start(|_, request| match request.asked("symbol") {
        "NONE" => Reply::json(&json!({ "Global Quote": {} })),
        symbol => Reply::json(&json!({ "Global Quote": {
            "01. symbol": symbol, "02. open": "99.0000", "03. high": "102.0000", "04. low": "98.0000", "05. price": "101.2500",
            "06. volume": "3500000", "07. latest trading day": "2025-01-03", "08. previous close": "100.0000",
            "09. change": "1.2500", "10. change percent": "1.2500%"
        } })),
    })
    .await;
    let quotes = source(&server, |_| ()).quotes(&[symbol("IBM"), symbol("NONE")]).await;
    let sourced = quotes[0].as_ref().unwrap();
    assert_eq!((sourced.quote.last, sourced.quote.volume, sourced.delayed), (Some(101.25), Some(3_500_000.0), true));
    assert_eq!(sourced.quote.at, at("2025-01-03T21:00:00Z"));
    assert_eq!(quotes[1].as_ref().unwrap_err().reason(), MissingReason::UnknownContract);
    let paid = source(&server, |config| config.entitlement = Entitlement::Realtime);
    assert!(!paid.quotes(&[symbol("IBM")]).await[0].as_ref().unwrap().delayed);
    assert_eq!(server.requests()[2].asked("entitlement"), "realtime");
}
