use polars::prelude::{DataFrame, IntoColumn as _, NamedFrom as _, Series as PolarsSeries};

use super::*;
use crate::{
    features::{Catalogue, Feature, LookBack, Selection, View, compute, example_bars},
    market::{Bars, Series, Timeframe},
};

type Leaky = fn(&View<'_>) -> Vec<f64>;

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn deviation(x: &[f64]) -> f64 {
    let mean = mean(x);
    (x.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

fn highest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::MIN, f64::max)
}

fn lowest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::MAX, f64::min)
}

/// `of` at each row.
fn rows(view: &View<'_>, of: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..view.len()).map(of).collect()
}

fn shifted(x: &[f64], ahead: usize) -> Vec<f64> {
    x.iter().skip(ahead).copied().chain(std::iter::repeat_n(f64::NAN, ahead.min(x.len()))).collect()
}

/// Rows of the session of `row`.
fn session(view: &View<'_>, row: usize) -> std::ops::Range<usize> {
    let firsts = view.sessions().first_rows();
    let number = view.sessions().number(row);
    firsts[number]..firsts.get(number + 1).copied().unwrap_or(view.len())
}

/// Classic ways to know the future, and how far each looks.
const LEAKS: [(&str, Leaky, Looks); 19] = [
    (
        "centred_window",
        |view| rows(view, |row| mean(&view.close()[row.saturating_sub(2)..(row + 3).min(view.len())])),
        Looks::Bars(2),
    ),
    (
        "global_min_max",
        |view| {
            let (high, low) = (highest(view.close()), lowest(view.close()));
            rows(view, |row| (view.close()[row] - low) / (high - low))
        },
        Looks::ToTheEnd,
    ),
    ("shift_minus_1", |view| shifted(view.close(), 1), Looks::Bars(1)),
    ("shift_minus_5", |view| shifted(view.close(), 5), Looks::Bars(5)),
    (
        "full_sample_standardised",
        |view| {
            let (mean, deviation) = (mean(view.close()), deviation(view.close()));
            rows(view, |row| (view.close()[row] - mean) / deviation)
        },
        Looks::ToTheEnd,
    ),
    ("full_sample_demeaned_volume", |view| rows(view, |row| view.volume()[row] - mean(view.volume())), Looks::ToTheEnd),
    (
        "backward_fill",
        |view| {
            let known = |row: usize| row % 4 == 3;
            rows(view, |row| (row..view.len()).find(|row| known(*row)).map_or(f64::NAN, |row| view.close()[row]))
        },
        Looks::Bars(3),
    ),
    (
        "interpolated",
        |view| {
            let known = |row: usize| row.is_multiple_of(2);
            let at = |row: usize| view.close()[row];
            rows(view, |row| if known(row) || row + 1 >= view.len() { at(row) } else { (at(row - 1) + at(row + 1)) / 2.0 })
        },
        Looks::Bars(1),
    ),
    (
        "label_in_features",
        |view| {
            rows(view, |row| view.close().get(row + 3).map_or(f64::NAN, |then| f64::from(u8::from(*then > view.close()[row]))))
        },
        Looks::Bars(3),
    ),
    ("next_open", |view| shifted(view.open(), 1), Looks::Bars(1)),
    (
        "next_gap",
        |view| rows(view, |row| view.open().get(row + 1).map_or(f64::NAN, |open| open / view.close()[row] - 1.0)),
        Looks::Bars(1),
    ),
    (
        "percentile_of_all",
        |view| {
            rows(view, |row| view.close().iter().filter(|close| **close <= view.close()[row]).count() as f64 / view.len() as f64)
        },
        Looks::ToTheEnd,
    ),
    (
        "smoothed_both_ways",
        |view| {
            let mut back = view.close().to_vec();
            for row in (0..view.len().saturating_sub(1)).rev() {
                back[row] = 0.5 * back[row] + 0.5 * back[row + 1];
            }
            back
        },
        Looks::ToTheEnd,
    ),
    ("distance_to_last", |view| rows(view, |row| view.close()[row] / view.close()[view.len() - 1] - 1.0), Looks::ToTheEnd),
    ("bars_left", |view| rows(view, |row| (view.len() - row) as f64), Looks::ToTheEnd),
    (
        "adjusted_for_later_splits",
        |view| {
            // A split wherever a bar opens far below the close before it; prices before it are divided.
            let split = |row: usize| row > 0 && view.open()[row] < 0.7 * view.close()[row - 1];
            let mut factor = 1.0;
            let mut adjusted = vec![0.0; view.len()];
            for row in (0..view.len()).rev() {
                adjusted[row] = view.close()[row] / factor;
                factor *= if split(row) { 2.0 } else { 1.0 };
            }
            adjusted
        },
        Looks::ToTheEnd,
    ),
    ("future_mean", |view| rows(view, |row| mean(&view.close()[row..(row + 10).min(view.len())])), Looks::Bars(9)),
    (
        "trend_line_of_all",
        |view| {
            let middle = (view.len() as f64 - 1.0) / 2.0;
            let over: f64 = (0..view.len()).map(|row| (row as f64 - middle) * view.close()[row]).sum();
            let under: f64 = (0..view.len()).map(|row| (row as f64 - middle).powi(2)).sum();
            rows(view, |row| over / under * (row as f64 - middle))
        },
        Looks::ToTheEnd,
    ),
    (
        "outliers_of_all_cut",
        |view| rows(view, |row| view.close()[row].clamp(0.0, mean(view.close()) + deviation(view.close()))),
        Looks::ToTheEnd,
    ),
];

/// Leaks that need a day of minutes.
const INTRADAY: [(&str, Leaky); 3] = [
    ("whole_day_volume", |view| rows(view, |row| view.volume()[session(view, row)].iter().sum())),
    ("day_range", |view| rows(view, |row| highest(&view.high()[session(view, row)]) - lowest(&view.low()[session(view, row)]))),
    ("share_of_the_day", |view| rows(view, |row| view.volume()[row] / view.volume()[session(view, row)].iter().sum::<f64>())),
];

fn audited(bars: &Bars, feature: Feature) -> AuditReport {
    let selection = Selection::of(vec![feature]);
    audit(bars, &|bars| compute(bars, &selection), &AuditConfig::default()).unwrap()
}

/// Daily bars of one symbol that halves its price twice.
fn with_splits() -> Bars {
    let bars = example_bars::daily(&["AAA"], 160);
    let mut builder = crate::market::BarsBuilder::default();
    for (symbol, series) in bars.iter() {
        for (row, mut bar) in series.iter().enumerate() {
            let factor = if row >= 150 {
                0.25
            } else if row >= 70 {
                0.5
            } else {
                1.0
            };
            for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
                *price *= factor;
            }
            builder.push(symbol, bar);
        }
    }
    builder.finish().0
}

#[test]
fn classic_leaks_are_caught_and_measured() {
    let (plain, split) = (example_bars::daily(&["AAA"], 160), with_splits());
    for (name, leaky, looks) in LEAKS {
        let bars = if name == "adjusted_for_later_splits" { &split } else { &plain };
        let report = audited(bars, Feature::new(name, leaky));
        assert_eq!(report.leaks.len(), 1, "{name}: {report}");
        let leak = &report.leaks[0];
        assert_eq!(leak.column, name);
        if looks != Looks::ToTheEnd {
            assert_eq!(leak.looks, looks, "{leak}");
        }
        // All of these leak from the beginning, but those that need a bar between two known ones or a split.
        assert!(leak.row <= 1 || name == "outliers_of_all_cut", "{leak}");
    }
}

#[test]
fn the_rest_of_the_day_is_the_future_at_ten() {
    let bars = example_bars::minutes(&["AAA"], 3);
    for (name, leaky) in INTRADAY {
        let report = audited(&bars, Feature::new(name, leaky));
        assert_eq!((report.leaks.len(), report.leaks[0].row), (1, 0), "{name}: {report}");
        assert!(matches!(report.leaks[0].looks, Looks::Bars(far) if far > 50), "{report}");
    }
}

/// What a notebook does between its bars and its model.
fn pipeline(bars: &Bars, column: impl Fn(&str, Series<'_>) -> Vec<f64>) -> crate::Result<DataFrame> {
    let mut frame = bars.to_frame()?;
    let values: Vec<f64> = bars.iter().flat_map(|(symbol, series)| column(symbol.as_str(), series)).collect();
    let column = PolarsSeries::new("made".into(), values).into_column();
    frame.with_column(column).map_err(crate::Error::frame("a column"))?;
    frame.select(["symbol", "open_at", "close_at", "made"]).map_err(crate::Error::frame("columns"))
}

#[test]
fn whole_pipelines_are_audited_too() {
    let minutes = example_bars::minutes(&["AAA"], 3);
    let check = |name: &str, bars: &Bars, run: &dyn Fn(&Bars) -> crate::Result<DataFrame>| {
        let report = audit(bars, run, &AuditConfig::default()).unwrap();
        assert_eq!(report.leaks.first().map(|leak| leak.column.as_str()), Some("made"), "{name}: {report}");
    };
    // Half-hour bars joined where they begin instead of where they end.
    check("open-stamped longer bars", &minutes, &|bars| {
        pipeline(bars, |_, series| {
            let half = |row: usize| series.open_at[row].div_euclid(1_800_000_000);
            let last = |row: usize| (row..series.len()).take_while(|later| half(*later) == half(row)).last();
            (0..series.len()).map(|row| last(row).map_or(f64::NAN, |last| series.close[last])).collect()
        })
    });
    let daily = example_bars::daily(&["AAA", "BBB", "CCC"], 120);
    // A scaler fitted on everything before the split into training and test.
    check("scaler before the split", &daily, &|bars| {
        let all: Vec<f64> = bars.iter().flat_map(|(_, series)| series.close.to_vec()).collect();
        let (mean, deviation) = (mean(&all), deviation(&all));
        pipeline(bars, |_, series| series.close.iter().map(|close| (close - mean) / deviation).collect())
    });
    // The universe chosen by what came of it.
    check("survivors", &daily, &|bars| {
        let best = bars.iter().map(|(_, series)| series.close[series.len() - 1] / series.close[0]).fold(f64::MIN, f64::max);
        pipeline(bars, |_, series| {
            let survived = series.close[series.len() - 1] / series.close[0] >= best;
            vec![f64::from(u8::from(survived)); series.len()]
        })
    });
    // Rows dropped because of what their label will be.
    let report = audit(
        &daily,
        &|bars| {
            let frame = pipeline(bars, |_, series| series.close.to_vec())?;
            let kept = frame.height().saturating_sub(if bars.len() > 300 { 40 } else { 0 });
            Ok(frame.head(Some(kept)))
        },
        &AuditConfig::default(),
    );
    assert_eq!(report.unwrap().leaks[0].column, "(rows)");
}

#[test]
fn nothing_shipped_looks_ahead() {
    let all = Catalogue::shipped().features().to_vec();
    let config = AuditConfig { cuts: 12, ..AuditConfig::default() };
    let daily = example_bars::daily(&["AAA", "BBB", "SPY"], 420);
    let on_days = Selection::of(all.clone()).against("SPY".parse().unwrap());
    let report = audit(&daily, &|bars| compute(bars, &on_days), &config).unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.columns.len(), all.len());
    // Minutes, with the day's features beside them.
    let minutes = example_bars::minutes(&["AAA", "SPY"], 5);
    let on_minutes = Selection::of(all.clone()).joined(Timeframe::Min30, all).against("SPY".parse().unwrap());
    let report = audit(&minutes, &|bars| compute(bars, &on_minutes), &config).unwrap();
    assert!(report.is_clean(), "{report}");
}

#[test]
fn settings_and_frames_that_cannot_be_audited_are_named() {
    let bars = example_bars::daily(&["AAA"], 20);
    let selection =
        Selection::of(vec![Feature::new("fine", |view: &View<'_>| view.close().to_vec()).look_back(LookBack::Bars(1))]);
    let run = |bars: &Bars| compute(bars, &selection);
    let error = |config: AuditConfig| audit(&bars, &run, &config).unwrap_err().to_string();
    assert!(error(AuditConfig { cuts: 1, ..AuditConfig::default() }).contains("cuts"));
    assert!(error(AuditConfig { tolerance: f64::NAN, ..AuditConfig::default() }).contains("tolerance"));
    let nameless =
        audit(&bars, &|bars| run(bars)?.select(["fine"]).map_err(crate::Error::frame("columns")), &AuditConfig::default());
    assert!(nameless.is_err());
    let few = audit(&example_bars::daily(&["AAA"], 2), &run, &AuditConfig::default());
    assert!(few.unwrap_err().to_string().contains("three or more"));
}
