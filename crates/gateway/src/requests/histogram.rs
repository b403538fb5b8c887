//! How many shares traded at which price.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Asked, Refusal};
use crate::{
    faults::Farm,
    market::{Duration, Window},
    proto::{HistogramBin, HistogramData, HistogramRequest},
    stats::Counters,
    tape::TapeTick,
    wire::outgoing,
};

/// The longest period: all its trades are counted one by one.
const MOST_SECONDS: i64 = 31 * 86_400;

pub(super) fn request(asked: &Asked<'_>, request: &HistogramRequest) {
    asked.settle(request.req_id, serve(asked, request));
}

/// Answers with the shares of every price in whole cents, of the trades that count, over a period that ends now.
fn serve(asked: &Asked<'_>, request: &HistogramRequest) -> Result<(), Refusal> {
    let period = request.period.as_deref().unwrap_or_default();
    let duration = duration(period).filter(|it| it.seconds() <= MOST_SECONDS).ok_or_else(|| {
        Refusal::invalid(format!("Histogram data request for invalid period \"{period}\"; ask for 1 day to 1 month"))
    })?;
    let instrument = asked.instrument(request.contract.as_ref())?;
    Counters::add(&asked.shared.counters.historical_requests, 1);
    if asked.shared.faults.is_down(Farm::Historical) {
        return Err(Refusal::historical("HMDS server disconnect occurred.  Attempting reconnection..."));
    }
    let described = asked.shared.market.instrument(instrument);
    if !described.subscribed {
        let exchange = &described.primary_exchange;
        return Err(Refusal::historical(format!("No market data permissions for {exchange} STK")));
    }
    let regular_only = request.use_rth.unwrap_or_default();
    let bins = Window::ending(asked.now, duration, regular_only).map(|window| bins(asked, instrument, window, regular_only));
    let bins = bins.unwrap_or_default();
    if bins.is_empty() {
        return Err(Refusal::historical(format!("HMDS query returned no data: {}@SMART Histogram", described.symbol)));
    }
    let bin = |(cents, size): (i64, f64)| HistogramBin { price: Some(cents as f64 / 100.0), size: Some(size.to_string()) };
    let bins = bins.into_iter().map(bin).collect();
    asked.send(outgoing::HISTOGRAM_DATA, &HistogramData { req_id: request.req_id, bins });
    Ok(())
}

fn bins(asked: &Asked<'_>, instrument: usize, window: Window, regular_only: bool) -> BTreeMap<i64, f64> {
    let market = &asked.shared.market;
    let mut bins = BTreeMap::new();
    let microsecond = jiff::SignedDuration::from_micros(1);
    for (open, close) in market.sessions(window, regular_only) {
        let until: Timestamp = (close - microsecond).min(window.until);
        for tick in market.tape().ticks(&market.instrument(instrument).symbol, open.max(window.from) - microsecond, until) {
            if let TapeTick::Trade(trade) = tick
                && !trade.unreported
            {
                *bins.entry((trade.price * 100.0).round() as i64).or_default() += trade.size;
            }
        }
    }
    bins
}

/// Reads `3 days`, `1 week`, and the like.
fn duration(text: &str) -> Option<Duration> {
    let (count, unit) = text.trim().split_once(' ')?;
    let seconds = |each: i64| Some(format!("{} S", count.parse::<i64>().ok()?.checked_mul(each)?));
    let spelled = match unit {
        "sec" | "secs" => seconds(1)?,
        "min" | "mins" => seconds(60)?,
        "hour" | "hours" => seconds(3_600)?,
        "day" | "days" => format!("{count} D"),
        "week" | "weeks" => format!("{count} W"),
        "month" | "months" => format!("{count} M"),
        _ => return None,
    };
    Duration::parse(&spelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_counts_of_units() {
        assert_eq!(duration("3 days"), Some(Duration::Days(3)));
        assert_eq!(duration("1 week"), Some(Duration::Weeks(1)));
        assert_eq!(duration("2 hours"), Some(Duration::Seconds(7_200)));
        for text in ["", "day", "0 days", "1 century", "x mins"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
