//! News: what the planted stories publish, and the routine that surrounds it.

use bellwether::market::Symbol;
use jiff::{SignedDuration, Timestamp};
use rand::Rng;

use super::{company::Company, days::Day, random::stream, script::Script};
use crate::tape::TapeHeadline;

/// Chance that a company is in the news on one day.
const ROUTINE: f64 = 0.04;

/// (provider, title, body) with `{}` for the company's name: news that moves nothing.
const TEMPLATES: [(&str, &str, &str); 8] = [
    ("BRFG", "{} to present at upcoming investor conference", "{} management will present at an investor conference next week."),
    ("DJNL", "{} names new chief information officer", "{} appointed a chief information officer, effective next month."),
    ("BRFUPDN", "{} reiterated Hold at Brantwood Research", "Brantwood Research reiterated its Hold rating on {}."),
    ("DJNL", "{} declares regular quarterly dividend", "The board of {} declared its regular quarterly dividend, unchanged."),
    ("BRFG", "{} opens new distribution centre", "{} opened a distribution centre as previously announced."),
    ("DJNL", "{} publishes annual sustainability report", "{} published its annual sustainability report."),
    ("BRFG", "{} files routine shelf registration", "{} filed a shelf registration to replace an expiring one."),
    ("DJNL", "{} sets date of annual meeting", "{} will hold its annual meeting in May."),
];

/// The headlines of a script.
pub(super) fn planted(script: &Script, symbol: &Symbol, day: &Day) -> Vec<TapeHeadline> {
    let headline = |news: &super::script::News| TapeHeadline {
        symbol: symbol.clone(),
        at: after(day, news.minute * 60 + 2),
        provider: news.provider.to_owned(),
        title: news.title.to_owned(),
        body: news.body.to_owned(),
    };
    script.news.iter().map(headline).collect()
}

/// Routine headlines of an ordinary company over `days`.
pub(super) fn routine(seed: u64, company: &Company, symbol: &Symbol, days: &[Day]) -> Vec<TapeHeadline> {
    let mut rng = stream(seed, "headlines", &company.symbol);
    let mut headlines = Vec::new();
    for day in days {
        if rng.random::<f64>() >= ROUTINE {
            continue;
        }
        let (provider, title, body) = TEMPLATES[rng.random_range(0..TEMPLATES.len())];
        // Between 06:00 and the close.
        let minute = rng.random_range(120..day.profile.close);
        headlines.push(TapeHeadline {
            symbol: symbol.clone(),
            at: after(day, minute * 60 + rng.random_range(0..60)),
            provider: provider.to_owned(),
            title: title.replace("{}", &company.name),
            body: body.replace("{}", &company.name),
        });
    }
    headlines
}

/// So many seconds after 04:00 of a day.
pub(super) fn after(day: &Day, seconds: usize) -> Timestamp {
    let since = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0));
    day.trading.pre_open.saturating_add(since).unwrap_or(day.trading.post_close)
}
