//! What a reader must be able to rely on in every picture.

use jiff::civil::date;
use polars::prelude::*;

use super::{
    candles::candles,
    copula::copula_picture,
    correlation::correlation_map,
    equity::{equity_curve, equity_curve_of},
    histogram::{gap_histogram, histogram},
    indicators::indicator_panels,
    lines::{plot, scatter},
    volatility::volatility_picture,
    *,
};
use crate::{
    market::{Bar, Bars, BarsBuilder, Calendar, Symbol},
    risk::{
        copula::{Family, PairCopula, Rotation},
        garch::{Innovations, Specification},
    },
};

/// Numbers of −0.5 to 0.5 without pattern.
fn noise(count: usize) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
        })
        .collect()
}

/// Daily bars of a walk, on calendar days.
fn bars(count: usize) -> Bars {
    let start = Calendar.at(date(1999, 1, 4), jiff::civil::time(9, 30, 0, 0)).as_microsecond();
    let mut builder = BarsBuilder::default();
    let mut price = 30.0;
    for (day, draw) in noise(count).into_iter().enumerate() {
        let open = price;
        price *= 1.0 + draw * 0.05 + 0.0003;
        let open_at = start + day as i64 * 86_400_000_000;
        let (high, low) = (open.max(price) * 1.01, open.min(price) * 0.99);
        let volume = (1e6 * (1.0 + draw.abs() * 4.0)).round();
        let bar =
            Bar { open_at, close_at: open_at + 23_400_000_000, open, high, low, close: price, volume, vwap: None, trades: None };
        builder.push(&Symbol::new("ABC").unwrap(), bar);
    }
    builder.finish().0
}

/// Those bars with two indicators, the first without its warm-up.
fn frame(count: usize) -> DataFrame {
    let mut frame = bars(count).to_frame().unwrap();
    let close: Vec<f64> = frame.column("close").unwrap().f64().unwrap().iter().flatten().collect();
    let mean = |row: usize| close[row - 19..=row].iter().sum::<f64>() / 20.0;
    let distance: Vec<Option<f64>> = (0..count).map(|row| (row >= 19).then(|| 100.0 * (close[row] / mean(row) - 1.0))).collect();
    let rsi: Vec<f64> = noise(count).into_iter().map(|x| 50.0 + 60.0 * x).collect();
    frame.with_column(Column::new("rsi_14".into(), rsi)).unwrap();
    frame.with_column(Column::new("distance".into(), distance)).unwrap();
    frame
}

fn equity(count: usize) -> (Vec<jiff::Timestamp>, Vec<f64>) {
    let mut value = 100_000.0;
    let start = Calendar.at(date(2020, 1, 2), jiff::civil::time(16, 0, 0, 0));
    let values = noise(count).into_iter().map(|x| {
        value *= 1.0 + 0.02 * x + 0.0002;
        value
    });
    let at = (0..count).map(|day| start + jiff::SignedDuration::from_hours(24 * day as i64));
    (at.collect(), values.collect())
}

fn garch() -> Picture {
    let model: Specification = "constant garch t".parse().unwrap();
    let parameters = [0.05, 0.05, 0.08, 0.9, 6.0];
    let returns = model.simulate(&parameters, 1_200, 7).unwrap().returns;
    let fitted = model.at(&parameters, &returns).unwrap();
    volatility_picture(&fitted, &fitted.paths(20, 2_000, Innovations::Distribution, 1).unwrap(), "%").unwrap()
}

fn clayton(rows: usize) -> Picture {
    let copula = PairCopula::new(Family::Clayton, Rotation::R0, &[2.0]).unwrap();
    let [u, v] = copula.simulate(rows, 3);
    copula_picture(&u, &v, &copula).unwrap()
}

/// Every kind of picture, those of 10,000 points included, with texts that its axes must have.
fn all() -> Vec<(&'static str, Picture, Vec<&'static str>)> {
    let gaps: Vec<f64> = noise(3_000).iter().zip(noise(3_100)[100..].iter()).map(|(a, b)| 14.0 * a * b * 4.0).collect();
    let (at, values) = equity(10_000);
    let bars_10k = bars(10_000);
    let few = bars(40);
    let wide = frame(500);
    let numeric = wide.select(["open", "close", "volume", "rsi_14", "distance"]).unwrap();
    vec![
        ("candles", candles(&bars_10k, "ABC", &[("prev close", 31.0)]).unwrap(), vec!["ABC", "vol", "candles of 34 days"]),
        ("candles_few", candles(&few, "ABC", &[("prev close", 31.0), ("stop", 29.0)]).unwrap(), vec!["daily"]),
        (
            "indicators",
            indicator_panels(&wide, &["rsi_14", "distance"]).unwrap(),
            vec!["price, USD", "rsi_14, score", "distance"],
        ),
        ("indicators_10k", indicator_panels(&frame(10_000), &["rsi_14", "distance"]).unwrap(), vec!["New York date"]),
        ("volatility", garch(), vec!["return, %", "volatility, %", "conditional volatility"]),
        ("copula", clayton(800), vec!["u, probability", "v, probability", "density of the copula"]),
        ("copula_10k", clayton(10_000), vec!["clayton: theta 2"]),
        ("correlation", correlation_map(&numeric).unwrap(), vec!["Correlations", "rsi_14", "0.99"]),
        ("equity", equity_curve_of(&at, &values).unwrap(), vec!["equity, USD", "drawdown, %", "trough"]),
        ("equity_short", equity_curve_of(&at[..60], &values[..60]).unwrap(), vec!["Equity and drawdown"]),
        ("gaps", gap_histogram(&gaps, 3.0).unwrap(), vec!["gap, %", "gap ≥ 3 %", "gap ≤ −3 %", "values in the bar"]),
        ("histogram", histogram(&noise(200), "Noise", "x, USD").unwrap(), vec!["Noise", "x, USD"]),
        ("plot", plot(&frame(10_000), "close_at", &["open", "close"]).unwrap(), vec!["USD", "close, USD", "2005"]),
        ("plot_numbers", plot(&wide, "rsi_14", &["distance"]).unwrap(), vec!["rsi_14, score", "distance"]),
        ("scatter", scatter(&frame(10_000), "rsi_14", "distance").unwrap(), vec!["rsi_14, score", "distance"]),
    ]
}

/// Opening and closing tags match, as far as a look at the tags can tell.
fn well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1).filter(|tag| !tag.starts_with('!')) {
        let Some((inside, _)) = tag.split_once('>') else { return false };
        if let Some(name) = inside.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !inside.ends_with('/') {
            open.push(inside.split(' ').next().unwrap());
        }
    }
    open.is_empty() && svg.starts_with("<svg")
}

#[test]
fn every_picture_is_whole_named_small_and_without_a_background() {
    let keep = std::env::var_os("BELLWETHER_PICTURES");
    for (name, picture, texts) in all() {
        let svg = picture.svg();
        assert!(well_formed(&svg), "{name}");
        assert!(svg.len() < 300_000, "{name} has {} bytes", svg.len());
        for text in texts.into_iter().chain([picture.title()]) {
            assert!(svg.contains(text), "{name} lacks `{text}`");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
        assert!(!svg.contains("100%") && svg.contains("var(--jp-content-font-color1,"), "{name}");
        let dark = picture.themed_svg(ChartTheme::Dark).unwrap();
        assert!(!dark.contains("var(") && dark.contains("100%"), "{name}: outside of a notebook nothing gives the variables");
        let png = picture.png(ChartTheme::Light).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        if let Some(folder) = &keep {
            let folder = Path::new(folder);
            for (page, style) in [
                (
                    "dark",
                    "background:#111;--jp-layout-color0:#111;--jp-layout-color1:#1c1c1c;--jp-content-font-color1:rgba(255,255,255,.87);--jp-content-font-color2:rgba(255,255,255,.6);--jp-border-color0:#616161;--jp-border-color2:#424242",
                ),
                (
                    "light",
                    "background:#fff;--jp-layout-color0:#fff;--jp-content-font-color1:rgba(0,0,0,.87);--jp-content-font-color2:rgba(0,0,0,.54);--jp-border-color0:#bdbdbd;--jp-border-color2:#e0e0e0",
                ),
            ] {
                std::fs::write(
                    folder.join(format!("{name}.{page}.html")),
                    format!("<meta charset=utf-8><body style='margin:0;{style}'>{svg}"),
                )
                .unwrap();
            }
            std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
            eprintln!("{name}: {} bytes, {} x {}", svg.len(), picture.width(), picture.height());
        }
    }
}
