//! Yahoo's chart document.

use bellwether::market::{MissingReason, Symbol};
use bellwether_adapters::{
    BarSource, QuoteSource,
    rest::{YahooConfig, YahooSource},
};
use jiff::{Timestamp, civil::date};
use serde_json::{Value, json};

use crate::server::{Reply, Request, Server, at, quick};

/// 2025-01-06, a Monday: 09:00 UTC is 04:00 in New York.
pub(crate) const PRE_OPEN: &str = "2025-01-06T09:00:00Z";

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(crate) fn source(server: &Server) -> YahooSource {
    YahooSource::open(&YahooConfig { base_url: server.url.clone(), http: quick(), ..YahooConfig::default() }).unwrap()
}

fn meta(symbol: &str, interval: &str) -> Value {
    json!({
        "currency": "USD", "symbol": symbol, "exchangeName": "NMS", "fullExchangeName": "NasdaqGS", "instrumentType": "EQUITY",
        "firstTradeDate": 345479400, "regularMarketTime": 1736197200, "hasPrePostMarketData": true, "gmtoffset": -18000,
        "timezone": "EST", "exchangeTimezoneName": "America/New_York", "regularMarketPrice": 101.5, "chartPreviousClose": 100.0,
        "regularMarketVolume": 41_000_000, "scale": 3, "priceHint": 2, "dataGranularity": interval, "range": "",
        "currentTradingPeriod": {
            "pre": { "timezone": "EST", "start": 1736154000, "end": 1736173800, "gmtoffset": -18000 },
            "regular": { "timezone": "EST", "start": 1736173800, "end": 1736197200, "gmtoffset": -18000 },
            "post": { "timezone": "EST", "start": 1736197200, "end": 1736211600, "gmtoffset": -18000 }
        },
        "validRanges": ["1d", "5d", "1mo", "max"]
    })
}

/// A chart of rows (time, close or null); a single-precision price as the service sends it.
pub(crate) fn chart(symbol: &str, interval: &str, rows: &[(i64, Option<f32>)]) -> Value {
    let column = |shift: f32| -> Vec<Option<f64>> { rows.iter().map(|(_, close)| close.map(|x| f64::from(x + shift))).collect() };
    let volume: Vec<Option<u32>> = rows.iter().map(|(_, close)| close.map(|_| 1_200)).collect();
    json!({ "chart": { "result": [{
        "meta": meta(symbol, interval),
        "timestamp": rows.iter().map(|(time, _)| *time).collect::<Vec<_>>(),
        "indicators": {
            "quote": [{ "open": column(0.0), "high": column(0.5), "low": column(-0.5), "close": column(0.0), "volume": volume }],
            "adjclose": [{ "adjclose": column(-1.0) }]
        }
    }], "error": null } })
}

/// Minutes of the pre-market of 2025-01-06, as many as are asked for, at the given price.
pub(crate) fn minutes(request: &Request, price: f32) -> Value {
    let (from, until): (i64, i64) = (request.asked("period1").parse().unwrap(), request.asked("period2").parse().unwrap());
    let start = at(PRE_OPEN).as_second().max(from);
    let rows: Vec<(i64, Option<f32>)> = (start..until).step_by(60).map(|time| (time, Some(price))).collect();
    chart(request.path.rsplit('/').next().unwrap(), "1m", &rows)
}

/// Daily rows up to 2025-01-06, whose session is still on: it comes twice, as the service does.
pub(crate) fn days(request: &Request, close: f32) -> Value {
    let opens = ["2025-01-02T14:30:00Z", "2025-01-03T14:30:00Z", "2025-01-06T14:30:00Z", "2025-01-06T14:24:30Z"];
    let rows: Vec<(i64, Option<f32>)> = opens.iter().map(|open| (at(open).as_second(), Some(close))).collect();
    chart(request.path.rsplit('/').next().unwrap(), "1d", &rows)
}

#[tokio::test]
async fn minutes_are_cut_to_what_is_complete_and_nulls_are_dropped() {
    let server = Server::start(|_, request| {
        assert_eq!((request.asked("interval"), request.asked("includePrePost")), ("1m", "true"));
        let start = at(PRE_OPEN).as_second();
        let price = 189.99_f32;
        let rows = [
            (start, Some(price)),
            (start + 60, None),
            (start + 120, Some(price)),
            (start + 180, Some(price)),
            (start + 197, Some(1.0)),
        ];
        Reply::json(&chart("BRK-B", "1m", &rows))
    })
    .await;
    let (from, until) = (at(PRE_OPEN), at("2025-01-06T09:03:30Z"));
    let bars = source(&server).minute_bars(&symbol("BRK.B"), from, until).await.unwrap();
    let starts: Vec<i64> = bars.iter().map(|bar| (bar.open_at - from.as_microsecond()) / 60_000_000).collect();
    assert_eq!(starts, [0, 2], "a null, a minute under way and the last trade are no bars");
    assert_eq!((bars[0].close, bars[0].high, bars[0].volume), (189.99, 190.49, 1_200.0), "what the single-precision number says");
    let asked = &server.requests()[0];
    assert_eq!(asked.path, "/v8/finance/chart/BRK-B");
    assert_eq!(asked.asked("period1"), from.as_second().to_string());
    assert!(asked.headers["user-agent"].contains("bellwether"));
}

#[tokio::test]
async fn long_times_are_asked_for_in_pieces_and_nothing_falls_between_them() {
    let server = Server::start(|_, request| Reply::json(&minutes(request, 50.0))).await;
    let (from, until) = (at("2025-01-06T09:00:20Z"), at("2025-01-20T09:00:20Z"));
    let bars = source(&server).minute_bars(&symbol("AAPL"), from, until).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert_eq!(bars.len(), 14 * 24 * 60 - 1);
    assert!(bars.windows(2).all(|pair| pair[0].close_at == pair[1].open_at));
}

#[tokio::test]
async fn days_are_sessions_and_the_one_under_way_is_none() {
    let server = Server::start(|_, request| {
        let mut document = days(request, 100.0);
        let found = &mut document["chart"]["result"][0];
        found["events"] = json!({
            "dividends": { "1735828200": { "amount": 0.24, "date": 1735828200 } },
            "splits": { "1735914600": { "date": 1735914600, "numerator": 4.0, "denominator": 1.0, "splitRatio": "4:1" } }
        });
        Reply::json(&document)
    })
    .await;
    let end = at("2025-01-06T14:25:00Z");
    let chart = source(&server).daily_chart(&symbol("AAPL"), 252, end).await.unwrap();
    let closes: Vec<String> =
        chart.bars.iter().map(|bar| Timestamp::from_microsecond(bar.close_at).unwrap().to_string()).collect();
    assert_eq!(closes, ["2025-01-02T21:00:00Z", "2025-01-03T21:00:00Z"]);
    assert_eq!(chart.adjusted_close, [Some(99.0), Some(99.0)]);
    assert_eq!((chart.splits[0].ex_date, chart.splits[0].ratio), (date(2025, 1, 3), 4.0));
    assert_eq!((chart.dividends[0].ex_date, chart.dividends[0].amount), (date(2025, 1, 2), 0.24));
    let after = source(&server).daily_bars(&symbol("AAPL"), 1, at("2025-01-06T21:00:00Z")).await.unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].close_at, at("2025-01-06T21:00:00Z").as_microsecond());
}

#[tokio::test]
async fn each_way_of_saying_no_is_told_apart() {
    let said = |code: &str, description: &str| {
        json!({ "chart": { "result": null, "error": { "code": code, "description": description } } }).to_string()
    };
    let late = "1m data not available for startTime=1 and endTime=2. The requested range must be within the last 30 days.";
    let foreign = {
        let mut document = chart("VOD.L", "1m", &[(at(PRE_OPEN).as_second(), Some(70.0))]);
        document["chart"]["result"][0]["meta"]["currency"] = json!("GBp");
        document
    };
    let mut uneven = chart("A", "1m", &[(at(PRE_OPEN).as_second(), Some(70.0))]);
    uneven["chart"]["result"][0]["indicators"]["quote"][0]["low"] = json!([]);
    let cases = [
        (
            Reply::text(404, &said("Not Found", "No data found, symbol may be delisted")),
            MissingReason::UnknownContract,
            "delisted",
        ),
        (Reply::text(422, &said("Unprocessable Entity", late)), MissingReason::NoData, "30 days"),
        (Reply::text(401, r#"{"finance":{"error":{"code":"Unauthorized"}}}"#), MissingReason::NoPermission, "Unauthorized"),
        (Reply::text(429, "Too Many Requests"), MissingReason::Pacing, "429"),
        (Reply::text(200, "<html>consent</html>"), MissingReason::BadData, "documented JSON"),
        (
            Reply::Whole(302, "location: https://consent.example/\r\n".to_owned(), String::new()),
            MissingReason::BadData,
            "consent.example",
        ),
        (Reply::json(&chart("A", "1m", &[])), MissingReason::NoData, "no complete bar"),
        (Reply::json(&json!({ "chart": { "result": [], "error": null } })), MissingReason::NoData, "empty"),
        (Reply::json(&foreign), MissingReason::UnknownContract, "GBp"),
        (Reply::json(&uneven), MissingReason::BadData, "1 times"),
    ];
    for (reply, reason, words) in cases {
        let server = Server::start(move |_, _| reply.clone()).await;
        let asked = source(&server).minute_bars(&symbol("A"), at(PRE_OPEN), at("2025-01-06T10:00:00Z")).await;
        let error = asked.unwrap_err();
        assert_eq!(error.reason(), reason, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_quote_is_the_last_minute_and_counts_as_delayed() {
    let server = Server::start(|_, request| {
        assert_eq!(request.asked("range"), "1d");
        let start = at(PRE_OPEN).as_second();
        Reply::json(&chart("AAPL", "1m", &[(start, Some(10.0)), (start + 60, Some(10.25)), (start + 120, None)]))
    })
    .await;
    let quotes = source(&server).quotes(&[symbol("AAPL")]).await;
    let sourced = quotes[0].as_ref().unwrap();
    assert!(sourced.delayed);
    assert_eq!((sourced.quote.last, sourced.quote.bid, sourced.quote.at), (Some(10.25), None, at("2025-01-06T09:01:00Z")));
}
