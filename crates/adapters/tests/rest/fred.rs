//! FRED: no number before it was published, and each in the revision of its day.

use bellwether::market::MissingReason;
use bellwether_adapters::{
    SeriesSource,
    rest::{FredConfig, FredSource},
};
use jiff::civil::{Date, date};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::server::{Reply, Request, Server, at, quick, standing};

/// What was published: first day, last day, of which day, what.
const PUBLISHED: [(Date, Date, Date, &str); 6] = [
    (date(2025, 1, 3), date(9999, 12, 31), date(2025, 1, 2), "17.93"),
    (date(2025, 1, 6), date(2025, 1, 7), date(2025, 1, 3), "16.13"),
    (date(2025, 1, 8), date(9999, 12, 31), date(2025, 1, 3), "16.20"),
    (date(2025, 1, 7), date(9999, 12, 31), date(2025, 1, 6), "16.04"),
    (date(2025, 1, 2), date(9999, 12, 31), date(2025, 1, 1), "."),
    (date(2025, 1, 10), date(9999, 12, 31), date(2025, 1, 9), "18.07"),
];

/// What the service answers: the revisions in force in the period asked for, their days cut to it.
fn observations(request: &Request) -> Value {
    let day = |name: &str| request.asked(name).parse::<Date>().unwrap();
    let (start, end, first) = (day("realtime_start"), day("realtime_end"), day("observation_start"));
    let rows: Vec<Value> = PUBLISHED
        .iter()
        .filter(|(from, until, of, _)| *from <= end && *until >= start && *of >= first)
        .map(|(from, until, of, value)| {
            json!({ "realtime_start": from.max(&start), "realtime_end": until.min(&end), "date": of, "value": value })
        })
        .collect();
    json!({
        "realtime_start": start, "realtime_end": end, "observation_start": first, "observation_end": "9999-12-31",
        "units": "lin", "output_type": 1, "file_type": "json", "order_by": "observation_date", "sort_order": "asc",
        "count": rows.len(), "offset": 0, "limit": 100000, "observations": rows
    })
}

pub(crate) fn source(server: &Server, now: &str) -> FredSource {
    let config = FredConfig { base_url: server.url.clone(), http: quick(), ..FredConfig::default() };
    FredSource::with_key(&config, SecretString::from("abcdefghijklmnopqrstuvwxyz123456"), standing(now)).unwrap()
}

#[tokio::test]
async fn nothing_is_known_before_the_day_of_its_publication_is_over() {
    let server = Server::start(|_, request| Reply::json(&observations(request))).await;
    let source = source(&server, "2026-01-01T00:00:00Z");
    for (as_of, known) in [
        // 09:25 New York on the day of publication: not yet.
        ("2025-01-06T14:25:00Z", vec![(date(2025, 1, 2), 17.93)]),
        ("2025-01-07T05:59:59Z", vec![(date(2025, 1, 2), 17.93)]),
        ("2025-01-07T06:00:00Z", vec![(date(2025, 1, 2), 17.93), (date(2025, 1, 3), 16.13)]),
        ("2025-01-08T14:25:00Z", vec![(date(2025, 1, 2), 17.93), (date(2025, 1, 3), 16.13), (date(2025, 1, 6), 16.04)]),
        // Revised on the 8th.
        ("2025-01-09T14:25:00Z", vec![(date(2025, 1, 2), 17.93), (date(2025, 1, 3), 16.20), (date(2025, 1, 6), 16.04)]),
    ] {
        let as_of = at(as_of);
        let series = source.series("VIXCLS", as_of).await.unwrap();
        assert!(series.iter().all(|observation| observation.known_at <= as_of));
        let values: Vec<(Date, f64)> = series.iter().map(|observation| (observation.date, observation.value)).collect();
        assert_eq!(values, known, "{as_of}");
    }
    assert!(server.requests().iter().all(|asked| asked.asked("file_type") == "json" && asked.asked("api_key").len() == 32));
}

#[tokio::test]
async fn the_future_is_not_even_asked_for() {
    let server = Server::start(|_, request| Reply::json(&observations(request))).await;
    let clocked = source(&server, "2025-01-07T14:25:00Z");
    clocked.series("VIXCLS", at("2025-01-12T14:25:00Z")).await.unwrap();
    assert_eq!(server.requests()[0].asked("realtime_end"), "2025-01-06");
}

#[tokio::test]
async fn each_way_of_saying_no_is_told_apart() {
    let complaint = |words: &str| json!({ "error_code": 400, "error_message": words }).to_string();
    let key =
        "Bad Request.  The value for variable api_key is not registered.  Read https://fred.stlouisfed.org/docs/api/api_key.html";
    let odd = json!({ "count": 1, "observations": [{ "realtime_start": "2025-01-03", "date": "2025-01-02", "value": "n/a" }] });
    let partial = json!({ "count": 7, "observations": [{ "realtime_start": "2025-01-03", "date": "2025-01-02", "value": "1" }] });
    for (reply, reason) in [
        (Reply::text(400, &complaint(key)), MissingReason::NoPermission),
        (Reply::text(400, &complaint("Bad Request.  The series does not exist.")), MissingReason::UnknownContract),
        (
            Reply::text(400, &complaint("Bad Request.  The series does not exist in ALFRED but may exist in FRED.")),
            MissingReason::NoData,
        ),
        (Reply::text(400, &complaint("Bad Request.  Value of limit is not between 1 and 100000.")), MissingReason::BadData),
        (Reply::text(429, &complaint("Too Many Requests.  Exceeded Rate Limit")), MissingReason::Pacing),
        (Reply::text(500, &complaint("Internal Server Error")), MissingReason::Disconnected),
        (Reply::json(&json!({ "count": 0, "observations": [] })), MissingReason::NoData),
        (Reply::json(&odd), MissingReason::BadData),
        (Reply::json(&partial), MissingReason::BadData),
        (Reply::json(&json!({ "observations": "none" })), MissingReason::BadData),
    ] {
        let told = format!("{reply:?}");
        let server = Server::start(move |_, _| reply.clone()).await;
        let error = source(&server, "2025-02-01T00:00:00Z").series("X", at("2025-01-20T00:00:00Z")).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{told}: {error}");
        assert!(!error.to_string().contains("abcdefghijklmnopqrstuvwxyz"), "{error}");
    }
}
