//! What a reader must be able to rely on in every picture.

use jiff::civil::date;
use polars::prelude::*;

use super::{
    candles::candles,
    copula::copula_picture,
    correlation::correlation_map,
    equity::{equity_curve, equity_curve_of},
    histogram::{gap_distribution, gap_histogram, histogram},
    indicators::indicator_panels,
    lines::{plot, scatter},
    volatility::volatility_picture,
    *,
};
use crate::{
    market::{Bar, Bars, BarsBuilder, Calendar, Snapshot, SnapshotInputs, Symbol},
    notebook::show::Show,
    risk::{
        copula::{Family, PairCopula, Rotation},
        garch::{Innovations, Specification},
    },
    scanners::Scan,
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

/// Minutes of two days from 04:00 to 16:00, with a gap between.
fn minutes() -> Bars {
    let mut builder = BarsBuilder::default();
    let mut price = 20.0;
    for (at, draw) in noise(1_440).into_iter().enumerate() {
        let day = date(2026, 3, 11 + (at / 720) as i8);
        let open_at = Calendar.at(day, jiff::civil::time(4, 0, 0, 0)).as_microsecond() + (at % 720) as i64 * 60_000_000;
        let open = price;
        price *= 1.0 + draw * 0.004 + if at == 720 { 0.12 } else { 0.0 };
        let (high, low) = (open.max(price) * 1.001, open.min(price) * 0.999);
        let bar =
            Bar { open_at, close_at: open_at + 60_000_000, open, high, low, close: price, volume: 1e4, vwap: None, trades: None };
        builder.push(&Symbol::new("MIN").unwrap(), bar);
    }
    builder.finish().0
}

/// Twelve columns with long names, some moving against others.
fn many() -> DataFrame {
    let common = noise(400);
    let column = |at: usize| {
        let own = &noise(400 + 37 * at)[37 * at..];
        let sign = if at.is_multiple_of(3) { -1.0 } else { 1.0 };
        let values: Vec<f64> = own.iter().zip(&common).map(|(own, common)| sign * common * (at as f64 / 4.0) + own).collect();
        Column::new(format!("standardised_residual_of_{at}").into(), values)
    };
    DataFrame::new(400, (0..12).map(column).collect()).unwrap()
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
    copula_picture(&u, &v, &copula, ["SPY", "QQQ"]).unwrap()
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
        ("copula", clayton(800), vec!["SPY, probability", "QQQ, probability", "density of the copula"]),
        ("copula_10k", clayton(10_000), vec!["clayton: theta 2"]),
        ("correlation", correlation_map(&numeric).unwrap(), vec!["Correlations", "rsi_14", "0.99"]),
        ("correlation_many", correlation_map(&many()).unwrap(), vec!["standardised…sidual_of_7", "standardised…idual_of_11"]),
        ("candles_minutes", candles(&minutes(), "MIN", &[("prev close", 20.5)]).unwrap(), vec!["5 min candles", "ET"]),
        (
            "plot_minutes",
            plot(&minutes().to_frame().unwrap(), "open_at", &["close", "low"]).unwrap(),
            vec!["New York date, 2026"],
        ),
        (
            "plot_day",
            plot(&minutes().to_frame().unwrap().head(Some(400)), "open_at", &["close"]).unwrap(),
            vec!["2026-03-11, New York time"],
        ),
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
        assert!(!svg.contains("<rect width=\"100%\"") && svg.contains("var(--jp-content-font-color1,"), "{name}");
        let dark = picture.themed_svg(ChartTheme::Dark).unwrap();
        assert!(
            !dark.contains("var(") && dark.contains("<rect width=\"100%\""),
            "{name}: outside of a notebook nothing gives the variables"
        );
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

#[test]
fn every_table_is_whole() {
    let returns = Specification::default().simulate(&[0.05, 0.05, 0.08, 0.9, 6.0], 800, 7).unwrap().returns;
    let fitted = Specification::default().fit(&returns).unwrap();
    let report = crate::notebook::scans::tests::report(&[12.345, -8.5, 4.0]);
    let pages = [
        ("t_frame", frame(9_867).html()),
        ("t_bars", minutes().html()),
        ("t_fit", fitted.html()),
        ("t_forecast", fitted.forecast(5, 1).unwrap().html()),
        ("t_scan", report.html()),
        ("t_catalogue", crate::features::Catalogue::shipped().html()),
        ("t_error", Err::<Picture, Error>(refuse("a<b", "no & none")).html()),
    ];
    for (name, html) in &pages {
        let (style, body) = html.split_once("</style>").unwrap();
        assert!(style.starts_with("<style>") && well_formed(&format!("<svg>{body}</svg>")), "{name}: {body}");
    }
    if let Some(folder) = std::env::var_os("BELLWETHER_PICTURES") {
        for (name, html) in pages {
            std::fs::write(Path::new(&folder).join(format!("{name}.body")), html).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_refused_in_a_sentence() {
    let frame = frame(60);
    let says = |picture: Result<Picture>, words: &str| {
        let problem = picture.unwrap_err().to_string();
        assert!(problem.contains(words), "`{problem}` lacks `{words}`");
    };
    says(plot(&frame, "close_at", &["clsoe"]), "unknown column `clsoe`: use one of symbol, open_at, close_at, open");
    says(plot(&frame, "close_at", &["symbol"]), "choose a column of numbers");
    says(plot(&frame, "close_at", &[]), "no column");
    says(plot(&frame.reverse(), "close_at", &["close"]), "sort by time");
    let nothing =
        DataFrame::new(2, vec![Column::new("x".into(), [1.0, 2.0]), Column::new("y".into(), [f64::NAN, f64::NAN])]).unwrap();
    says(plot(&nothing, "x", &["y"]), "no value is a number");
    says(scatter(&nothing, "x", "y"), "there are no values");
    says(histogram(&[], "h", "x"), "there are no values");
    says(histogram(&[f64::NAN], "h", "x"), "no value is a number");
    let nobody = Snapshot::new("2026-03-12T13:25:00Z".parse().unwrap(), SnapshotInputs::default());
    says(gap_distribution(&nobody, &Scan::Gap(Default::default())), "there are no values");
    says(gap_distribution(&nobody, &Scan::Momentum(Default::default())), "a momentum scan asks for no gap");
    says(candles(&bars(3), "XYZ", &[]), "unknown symbol `XYZ`: use one of ABC");
    says(candles(&Bars::default(), "XYZ", &[]), "there are no bars");
    let (at, values) = equity(5);
    says(equity_curve_of(&at[..4], &values), "the times has 4 values and the equity has 5");
    says(equity_curve_of(&at[..2], &[1.0, -1.0]), "equity of row 1 is -1");
    says(equity_curve(&frame, "close", "close"), "is not of times");
    says(copula_picture(&[0.1], &[0.1, 0.2], &PairCopula::independence(), ["a", "b"]), "they must be as many");
    says(copula_picture(&[0.1, 1.5], &[0.1, 0.2], &PairCopula::independence(), ["a", "b"]), "row 1 is (1.5, 0.2)");
    says(correlation_map(&frame.select(["close"]).unwrap()), "1 numeric columns are too few");
    says(indicator_panels(&frame, &["rsi"]), "unknown column `rsi`");
    let mut two = frame.clone();
    let names: Vec<String> = (0..60).map(|row| format!("S{}", row % 2)).collect();
    two.with_column(Column::new("symbol".into(), names)).unwrap();
    says(indicator_panels(&two, &["rsi_14"]), "2 symbols (S0, S1, …): keep one");
}

#[test]
fn pictures_are_saved_as_their_names_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let picture = histogram(&noise(50), "Noise", "x").unwrap();
    picture.save(&path("a.svg")).unwrap();
    picture.save(&path("a.PNG")).unwrap();
    assert!(well_formed(&std::fs::read_to_string(path("a.svg")).unwrap()));
    assert!(std::fs::read(path("a.PNG")).unwrap().starts_with(b"\x89PNG"));
    assert!(picture.save(&path("a.gif")).unwrap_err().to_string().contains(".svg or .png"));
    assert!(picture.save(&path("none/a.svg")).unwrap_err().to_string().contains("cannot be written"));
}

#[test]
fn hostile_text_stays_text() {
    let svg = histogram(&noise(50), "\"><script>alert(1)</script> $x^2$", "$y$ <b>").unwrap().svg();
    assert!(!svg.contains("<script") && !svg.contains("<b>") && svg.contains("$x^2$") && svg.contains("$y$"), "{svg}");
    assert!(well_formed(&svg));
}

#[test]
fn a_thinned_line_keeps_its_outliers() {
    let mut values: Vec<f64> = noise(10_000);
    values[4_321] = 50.0;
    values[4_322] = f64::NAN;
    let frame = DataFrame::new(
        10_000,
        vec![Column::new("x".into(), (0..10_000).map(f64::from).collect::<Vec<f64>>()), Column::new("y".into(), values)],
    );
    let svg = plot(&frame.unwrap(), "x", &["y"]).unwrap().svg();
    let line = svg.split("<path d=\"").max_by_key(|path| path.len()).unwrap();
    let heights: Vec<f64> =
        line.split('"').next().unwrap().split(['M', 'L']).filter_map(|at| at.split(' ').nth(1)?.parse().ok()).collect();
    let (top, usual) = (heights.iter().copied().fold(f64::MAX, f64::min), heights.iter().sum::<f64>() / heights.len() as f64);
    assert!(usual - top > 200.0, "the outlier stands {} pixels out", usual - top);
    assert_eq!(line.split('"').next().unwrap().matches('M').count(), 2, "broken where a value is missing");
    assert!((2_000..4_000).contains(&heights.len()), "{} points", heights.len());
}

#[test]
fn a_histogram_counts_every_value_once_and_tells_of_those_beyond() {
    let mut values = noise(1_000);
    values.extend([90.0, -70.0, f64::NAN]);
    let svg = histogram(&values, "h", "x").unwrap().svg();
    assert!(svg.contains("1,002 values") && svg.contains("1 not numbers") && svg.contains("beyond the edges"), "{svg}");
    assert!(histogram(&[1.0, 2.0, 4.0, 9.0], "h", "x").unwrap().svg().contains("median 3"), "between the middle two");
}

#[test]
fn correlations_are_those_of_the_pairs_that_both_have() {
    let column = |name: &str, values: [Option<f64>; 5]| Column::new(name.into(), values.to_vec());
    let frame = DataFrame::new(
        5,
        vec![
            column("a", [Some(1.0), Some(2.0), Some(3.0), Some(4.0), None]),
            column("b", [Some(1.0), Some(8.0), Some(27.0), Some(64.0), Some(-900.0)]),
            column("c", [Some(7.0); 5]),
        ],
    );
    let svg = correlation_map(&frame.unwrap()).unwrap().svg();
    assert!(svg.contains(">0.95<") && svg.contains(">1.00<"), "Pearson's below, Spearman's above: {svg}");
    assert_eq!(svg.matches(">–<").count(), 4, "what does not vary has none");
}
