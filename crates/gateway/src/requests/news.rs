//! Past headlines and their articles.

use bellwether::market::Calendar;
use jiff::{Timestamp, civil::Time};

use super::{Asked, Refusal, wire_time};
use crate::{
    client::NO_REQUEST,
    proto::{
        HistoricalNews, HistoricalNewsEnd, HistoricalNewsRequest, NewsArticle, NewsArticleRequest, NewsBulletinsRequest,
        NewsProvider, NewsProviders,
    },
    streams::{Bulletins, Start, StreamKind},
    wire::outgoing,
};

/// Most headlines in one answer.
const MOST: usize = 300;

pub(super) fn providers(asked: &Asked<'_>) {
    let named = |code: String| {
        let name = match code.as_str() {
            "BRFG" => "Briefing.com General Market Columns",
            "BRFUPDN" => "Briefing.com Analyst Actions",
            "DJNL" => "Dow Jones Newsletters",
            "DJ-N" => "Dow Jones News Service",
            other => other,
        };
        NewsProvider { name: Some(name.to_owned()), code: Some(code) }
    };
    let providers = asked.shared.market.news_providers().into_iter().map(named).collect();
    asked.send(outgoing::NEWS_PROVIDERS, &NewsProviders { providers });
}

/// Bulletins of exchanges from now on; with `all`, first those of this New York date until now. A second request replaces the first.
pub(super) fn bulletins(asked: &Asked<'_>, request: NewsBulletinsRequest) {
    let since = match request.all.unwrap_or_default() {
        true => Calendar.at(Calendar.local_date(asked.now), Time::midnight()),
        false => asked.now,
    };
    let stream = Box::new(Bulletins::new(since));
    let start = Start { kind: StreamKind::Bulletins, request: NO_REQUEST, takes_line: false, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
}

/// No more bulletins; none is no error.
pub(super) fn cancel_bulletins(asked: &Asked<'_>) {
    asked.shared.streams().cancel(asked.client, StreamKind::Bulletins, NO_REQUEST);
}

/// Headlines of one instrument, newest first, none of the future.
pub(super) fn historical(asked: &Asked<'_>, request: &HistoricalNewsRequest) {
    asked.settle(request.req_id, find(asked, request));
}

fn find(asked: &Asked<'_>, request: &HistoricalNewsRequest) -> Result<(), Refusal> {
    let market = &asked.shared.market;
    let instrument = market.by_contract(request.con_id.unwrap_or_default()).ok_or_else(super::contracts::unknown)?;
    asked.unfailing(instrument)?;
    let instant = |text: &Option<String>, open: Timestamp| match text.as_deref().unwrap_or_default() {
        "" => Ok(open),
        text => wire_time::parse(text)
            .or_else(|| text.split('.').next().and_then(|text| text.parse::<jiff::civil::DateTime>().ok()).and_then(utc))
            .ok_or_else(|| Refusal::invalid(format!("Invalid date {text}"))),
    };
    let start = instant(&request.start, Timestamp::MIN)?;
    let end = instant(&request.end, asked.now)?.min(asked.now);
    let limit = request.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MOST).clamp(1, MOST);
    let providers: Vec<&str> = request.providers.as_deref().unwrap_or_default().split(['+', ',']).collect();
    let symbol = &market.instrument(instrument).symbol;
    let mut found = market.tape().headlines().iter().rev().filter(|headline| {
        headline.symbol == *symbol && (start..=end).contains(&headline.at) && providers.contains(&headline.provider.as_str())
    });
    for headline in found.by_ref().take(limit) {
        let body = HistoricalNews {
            req_id: request.req_id,
            time: Some(headline.at.strftime("%Y-%m-%d %H:%M:%S.0").to_string()),
            provider: Some(headline.provider.clone()),
            article_id: Some(market.article_id(headline)),
            headline: Some(headline.title.clone()),
        };
        asked.send(outgoing::HISTORICAL_NEWS, &body);
    }
    let has_more = Some(found.next().is_some());
    asked.send(outgoing::HISTORICAL_NEWS_END, &HistoricalNewsEnd { req_id: request.req_id, has_more });
    Ok(())
}

fn utc(local: jiff::civil::DateTime) -> Option<Timestamp> {
    local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

pub(super) fn article(asked: &Asked<'_>, request: &NewsArticleRequest) {
    let market = &asked.shared.market;
    let wanted = request.article_id.as_deref().unwrap_or_default();
    let known = market.tape().headlines().iter().filter(|headline| headline.at <= asked.now);
    let found = known.into_iter().find(|headline| {
        Some(headline.provider.as_str()) == request.provider.as_deref() && market.article_id(headline) == wanted
    });
    let outcome = match found {
        Some(headline) => {
            let text = Some(headline.body.clone());
            asked.send(outgoing::NEWS_ARTICLE, &NewsArticle { req_id: request.req_id, kind: Some(0), text });
            Ok(())
        }
        None => Err(Refusal::new(10172, "Failed to request news article:No data available")),
    };
    asked.settle(request.req_id, outcome);
}
