//! Against the session before, and within the present one. Sessions are dates of New York; a day bar is a session.

use super::{
    entry::entries,
    rolling::{each, percent_off, ratio},
    volatility::atr_14,
};
use crate::{
    features::{Family, Feature, LookBack::Sessions, Unit, View},
    indicators::session,
};

/// Columns of what is known of the session before: close, high, low and open.
fn before(view: &View<'_>) -> std::rc::Rc<Vec<Vec<f64>>> {
    view.shared("session_before", |view| {
        let firsts = view.sessions().first_rows();
        let mut out = vec![vec![f64::NAN; view.len()]; 4];
        for (index, pair) in firsts.windows(2).enumerate() {
            let rows = pair[0]..pair[1];
            let until = firsts.get(index + 2).copied().unwrap_or(view.len());
            let highest = view.high()[rows.clone()].iter().copied().fold(f64::NAN, f64::max);
            let lowest = view.low()[rows].iter().copied().fold(f64::NAN, f64::min);
            let values = [view.close()[pair[1] - 1], highest, lowest, view.open()[pair[0]]];
            for (column, value) in out.iter_mut().zip(values) {
                column[pair[1]..until].fill(value);
            }
        }
        out
    })
}

/// Places of these columns.
const CLOSE: usize = 0;
const HIGH: usize = 1;
const LOW: usize = 2;
const OPEN: usize = 3;

/// `fold` over the rows of the session so far, each row's included; `start` at its first.
fn so_far(view: &View<'_>, start: impl Fn(usize) -> f64, fold: impl Fn(f64, usize) -> f64) -> Vec<f64> {
    let mut out = Vec::with_capacity(view.len());
    for row in 0..view.len() {
        let value = match view.sessions().start_of(row) == row {
            true => start(row),
            false => fold(out[row - 1], row),
        };
        out.push(value);
    }
    out
}

fn session_open(view: &View<'_>) -> Vec<f64> {
    so_far(view, |row| view.open()[row], |known, _| known)
}

fn session_high(view: &View<'_>) -> Vec<f64> {
    so_far(view, |row| view.high()[row], |known, row| known.max(view.high()[row]))
}

fn session_low(view: &View<'_>) -> Vec<f64> {
    so_far(view, |row| view.low()[row], |known, row| known.min(view.low()[row]))
}

fn session_volume(view: &View<'_>) -> Vec<f64> {
    so_far(view, |row| view.volume()[row], |known, row| known + view.volume()[row])
}

/// Of the session so far, at typical prices where bars have no VWAP of their own.
fn session_vwap(view: &View<'_>) -> Vec<f64> {
    let price = |row: usize| {
        let own = view.bars().vwap[row];
        if own.is_nan() { (view.high()[row] + view.low()[row] + view.close()[row]) / 3.0 } else { own }
    };
    let prices: Vec<f64> = (0..view.len()).map(price).collect();
    let sessions: Vec<i32> = (0..view.len()).map(|row| view.sessions().number(row) as i32).collect();
    session::vwap(&prices, view.volume(), &sessions)
}

pub(super) fn features() -> Vec<Feature> {
    let entry = entries(Family::GapSession);
    vec![
        entry("gap_pct", Unit::Percent, Sessions, "100 (first price of the session / close of the one before - 1)", Box::new(|view| {
            percent_off(&session_open(view), &before(view)[CLOSE])
        })),
        entry("gap_to_atr", Unit::Ratio, crate::features::LookBack::All, "(first price of the session - close of the one before) / atr_14 of the bar before the session", Box::new(|view| {
            let range = atr_14(view);
            let start = |row: usize| row.checked_sub(1).map_or(f64::NAN, |before| range[0][before]);
            let range = so_far(view, start, |known, _| known);
            let gap = each(&session_open(view), &before(view)[CLOSE], |open, close| open - close);
            each(&gap, &range, ratio)
        })),
        entry("session_return_pct", Unit::Percent, Sessions, "100 (close / first price of the session - 1)", Box::new(|view| {
            percent_off(view.close(), &session_open(view))
        })),
        entry("change_from_previous_session_pct", Unit::Percent, Sessions, "100 (close / close of the session before - 1)", Box::new(|view| {
            percent_off(view.close(), &before(view)[CLOSE])
        })),
        entry("gap_filled_share", Unit::Ratio, Sessions, "part of the gap that prices of the session have come back, 0 to 1", Box::new(|view| {
            let (open, high, low) = (session_open(view), session_high(view), session_low(view));
            let before = before(view);
            let close = &before[CLOSE];
            let share = |row: usize| {
                let back = if open[row] > close[row] { open[row] - low[row] } else { high[row] - open[row] };
                ratio(back, (open[row] - close[row]).abs()).clamp(0.0, 1.0)
            };
            (0..view.len()).map(share).collect()
        })),
        entry("session_position", Unit::Ratio, Sessions, "(close - session's low) / (session's high - low), so far", Box::new(|view| {
            let (high, low) = (session_high(view), session_low(view));
            let width = each(&high, &low, |high, low| high - low);
            each(&each(view.close(), &low, |close, low| close - low), &width, ratio)
        })),
        entry("session_range_pct", Unit::Percent, Sessions, "100 (session's high / low - 1), so far", Box::new(|view| {
            percent_off(&session_high(view), &session_low(view))
        })),
        entry("previous_high_distance_pct", Unit::Percent, Sessions, "100 (close / high of the session before - 1)", Box::new(|view| {
            percent_off(view.close(), &before(view)[HIGH])
        })),
        entry("previous_low_distance_pct", Unit::Percent, Sessions, "100 (close / low of the session before - 1)", Box::new(|view| {
            percent_off(view.close(), &before(view)[LOW])
        })),
        entry("previous_session_return_pct", Unit::Percent, Sessions, "100 (close / open - 1) of the session before", Box::new(|view| {
            let before = before(view);
            percent_off(&before[CLOSE], &before[OPEN])
        })),
        entry("session_volume", Unit::Shares, Sessions, "shares of the session so far", Box::new(session_volume)),
        entry("session_vwap_distance_pct", Unit::Percent, Sessions, "100 (close / session's volume-weighted average price - 1)", Box::new(|view| {
            percent_off(view.close(), &session_vwap(view))
        }))
        .intraday(),
        entry("opening_range_break", Unit::Flag, Sessions, "1 where the close is above the high of the session's first 30 minutes from 09:30, -1 below their low, 0 between; null before 10:00", Box::new(opening_range_break))
            .intraday(),
    ]
}

/// Minutes of the opening range.
const OPENING: f64 = 30.0;

fn opening_range_break(view: &View<'_>) -> Vec<f64> {
    let mut range = (f64::NAN, f64::NAN);
    let mut flag = |row: usize| {
        if view.sessions().start_of(row) == row {
            range = (f64::NAN, f64::NAN);
        }
        let minutes = view.sessions().minutes_since_open(row);
        if (0.0..OPENING).contains(&minutes) {
            range = (range.0.max(view.high()[row]), range.1.min(view.low()[row]));
            return f64::NAN;
        }
        let close = view.close()[row];
        match () {
            () if minutes.is_nan() || minutes < 0.0 || range.0.is_nan() => f64::NAN,
            () if close > range.0 => 1.0,
            () if close < range.1 => -1.0,
            () => 0.0,
        }
    };
    (0..view.len()).map(&mut flag).collect()
}
