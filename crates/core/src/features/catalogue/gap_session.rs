//! Against the session before, and within the present one. Sessions are dates of New York; a day bar is a session.

use super::{entry::entries, volatility::atr_14};
use crate::features::{
    Family, Feature, LookBack,
    LookBack::Sessions,
    Unit,
    formula::{Formula, close, high, low, map, open, opening_range_break, ratio, session_before, volume, vwap},
};

fn session_open() -> Formula {
    open().so_far(|first, _| first)
}

fn session_high() -> Formula {
    high().so_far(f64::max)
}

fn session_low() -> Formula {
    low().so_far(f64::min)
}

fn session_volume() -> Formula {
    volume().so_far(|sum, volume| sum + volume)
}

/// Of the session so far, at typical prices where bars have no VWAP of their own; undefined while nothing trades.
fn session_vwap() -> Formula {
    let traded = map([vwap(), high(), low(), close(), volume()], |[vwap, high, low, close, volume]| {
        volume * if vwap.is_nan() { (high + low + close) / 3.0 } else { vwap }
    });
    traded.so_far(|sum, traded| sum + traded).over(session_volume())
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::GapSession);
    let [before_close, before_high, before_low, before_open] = session_before();
    let range = atr_14().lag(1).so_far(|first, _| first);
    let filled = [session_open(), session_high(), session_low(), before_close.clone()];
    let filled = map(filled, |[open, high, low, close]| {
        let back = if open > close { open - low } else { high - open };
        ratio(back, (open - close).abs()).clamp(0.0, 1.0)
    });
    vec![
        entry(
            "gap_pct",
            Unit::Percent,
            Sessions,
            "100 (first price of the session / close of the one before - 1)",
            session_open().percent_off(before_close.clone()),
        ),
        entry(
            "gap_to_atr",
            Unit::Ratio,
            LookBack::All,
            "(first price of the session - close of the one before) / atr_14 of the bar before the session",
            (session_open() - before_close.clone()).over(range),
        ),
        entry(
            "session_return_pct",
            Unit::Percent,
            Sessions,
            "100 (close / first price of the session - 1)",
            close().percent_off(session_open()),
        ),
        entry(
            "change_from_previous_session_pct",
            Unit::Percent,
            Sessions,
            "100 (close / close of the session before - 1)",
            close().percent_off(before_close.clone()),
        ),
        entry(
            "gap_filled_share",
            Unit::Ratio,
            Sessions,
            "part of the gap that prices of the session have come back, 0 to 1",
            filled,
        ),
        entry(
            "session_position",
            Unit::Ratio,
            Sessions,
            "(close - session's low) / (session's high - low), so far",
            (close() - session_low()).over(session_high() - session_low()),
        ),
        entry(
            "session_range_pct",
            Unit::Percent,
            Sessions,
            "100 (session's high / low - 1), so far",
            session_high().percent_off(session_low()),
        ),
        entry(
            "previous_high_distance_pct",
            Unit::Percent,
            Sessions,
            "100 (close / high of the session before - 1)",
            close().percent_off(before_high),
        ),
        entry(
            "previous_low_distance_pct",
            Unit::Percent,
            Sessions,
            "100 (close / low of the session before - 1)",
            close().percent_off(before_low),
        ),
        entry(
            "previous_session_return_pct",
            Unit::Percent,
            Sessions,
            "100 (close / open - 1) of the session before",
            before_close.percent_off(before_open),
        ),
        entry("session_volume", Unit::Shares, Sessions, "shares of the session so far", session_volume()),
        entry(
            "session_vwap_distance_pct",
            Unit::Percent,
            Sessions,
            "100 (close / session's volume-weighted average price - 1)",
            close().percent_off(session_vwap()),
        )
        .intraday(),
        entry(
            "opening_range_break",
            Unit::Flag,
            Sessions,
            "1 where the close is above the high of the session's first 30 minutes from 09:30, -1 below their low, 0 between; null \
             before 10:00",
            opening_range_break(),
        )
        .intraday(),
    ]
}
