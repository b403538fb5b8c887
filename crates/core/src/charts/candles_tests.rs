//! What a reader must be able to rely on in a picture.

use jiff::civil::date;

use super::*;

/// Minutes of New York's `from` to `until` on 12 March 2026, a deterministic walk; `every` n-th minute traded.
fn walk(from: (i8, i8), until: (i8, i8), every: i64, start: f64) -> Vec<Bar> {
    let at = |clock: (i8, i8)| Calendar.at(date(2026, 3, 12), jiff::civil::time(clock.0, clock.1, 0, 0)).as_microsecond();
    let (mut price, mut state) = (start, 0x9E37_79B9_7F4A_7C15_u64);
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    };
    (0..(at(until) - at(from)) / 60_000_000)
        .filter(|minute| minute % every == 0)
        .map(|minute| {
            let open = price;
            price *= 1.0 + draw() * 0.008 + 0.0002;
            let (high, low) = (open.max(price) * (1.0 + draw().abs() * 0.002), open.min(price) * (1.0 - draw().abs() * 0.002));
            let open_at = at(from) + minute * 60_000_000;
            let volume = (20_000.0 * (0.2 + draw().abs() * 2.0) * (1.0 + minute as f64 / 90.0)).round();
            Bar { open_at, close_at: open_at + 60_000_000, open, high, low, close: price, volume, vwap: None, trades: None }
        })
        .collect()
}

fn picture(bars: Vec<Bar>, previous_close: f64) -> CandlePicture {
    CandlePicture {
        title: "PLTR  Palantir Technologies".into(),
        subtitle: "gap +23.1 %   premarket 4.2 M shares   rvol 8.4   as of 09:25 ET".into(),
        bars,
        marks: vec![PriceMark { price: previous_close, label: "prev close".into() }],
        width: 640,
        height: 320,
        theme: ChartTheme::Dark,
    }
}

fn texts(svg: &str) -> Vec<String> {
    svg.split('>').skip(1).filter_map(|rest| rest.split_once('<')).map(|(text, _)| text.trim().to_owned()).collect()
}

#[test]
fn every_case_is_drawn() {
    let minutes = walk((4, 0), (9, 25), 1, 30.0);
    let daily: Vec<Bar> = (0..60)
        .map(|day| {
            let open_at = Calendar.at(date(2026, 1, 2), jiff::civil::time(9, 30, 0, 0)).as_microsecond() + day * 86_400_000_000;
            Bar { open_at, close_at: open_at + 23_400_000_000, ..minutes[day as usize] }
        })
        .collect();
    let two_days: Vec<Bar> = walk((9, 30), (16, 0), 1, 20.0)
        .into_iter()
        .map(|bar| Bar { open_at: bar.open_at - 86_400_000_000, close_at: bar.close_at - 86_400_000_000, ..bar })
        .chain(walk((4, 0), (9, 25), 1, 24.0))
        .collect();
    let cases = [
        ("premarket", picture(minutes.clone(), 27.9)),
        ("far_mark", picture(minutes.clone(), 12.0)),
        ("regular", picture(walk((4, 0), (10, 40), 1, 101.0), 99.0)),
        ("sparse", picture(walk((4, 0), (9, 25), 17, 0.42), 0.40)),
        ("few", picture(walk((9, 20), (9, 25), 1, 512.0), 500.0)),
        ("one", picture(walk((9, 24), (9, 25), 1, 512.0), 500.0)),
        ("daily", picture(daily, 28.0)),
        ("two_days", picture(two_days, 20.0)),
        ("light", CandlePicture { theme: ChartTheme::Light, ..picture(minutes.clone(), 29.0) }),
        ("phone", CandlePicture { width: 340, height: 220, ..picture(minutes, 29.0) }),
    ];
    let keep = std::env::var_os("BELLWETHER_PICTURES");
    for (name, case) in cases {
        let png = candles_png(&case).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        assert!(png.len() < 80_000, "{name} has {} bytes", png.len());
        assert_eq!(png, candles_png(&case).unwrap(), "{name}: the same picture has the same bytes");
        if let Some(folder) = &keep {
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.png")), png).unwrap();
        }
    }
}

#[test]
fn times_are_new_york_and_do_not_crowd() {
    let svg = candles_svg(&picture(walk((4, 0), (9, 25), 1, 30.0), 27.9)).unwrap();
    let times: Vec<String> = texts(&svg).into_iter().filter(|text| text.len() == 5 && text.as_bytes()[2] == b':').collect();
    assert_eq!(times, ["04:00", "05:00", "06:00", "07:00", "08:00", "09:00"]);
}

#[test]
fn the_last_price_is_that_of_the_last_minute() {
    let bars = walk((4, 0), (9, 24), 1, 30.0);
    let close = price_label(bars.last().unwrap().close);
    assert!(texts(&candles_svg(&picture(bars, 27.9)).unwrap()).contains(&close));
}

#[test]
fn a_mark_is_drawn_at_its_price() {
    let case = picture(walk((4, 0), (9, 25), 1, 30.0), 29.5);
    let canvas = Canvas::new(&case, case.theme.palette(), Room::Mail);
    let nearest = canvas.price.ticks[0];
    let scale = (canvas.y(nearest) - canvas.y(29.5)) / (29.5 - nearest);
    for tick in &canvas.price.ticks {
        assert!((canvas.y(nearest) - (tick - nearest) * scale - canvas.y(*tick)).abs() < 1e-6);
    }
    for bar in &canvas.time.candles {
        assert!(canvas.y(bar.high) >= canvas.top && canvas.y(bar.low) <= canvas.floor);
    }
}

#[test]
fn a_page_shows_all_days_in_at_most_300_candles() {
    let minute = walk((9, 30), (9, 31), 1, 30.0)[0];
    let day = |day: i64| Bar {
        open_at: minute.open_at + day * 86_400_000_000,
        close_at: minute.close_at + day * 86_400_000_000,
        ..minute
    };
    let mut days: Vec<Bar> = (0..1_000).map(day).collect();
    days[999].close = 31.5;
    days[7].high = 90.0;
    let time = TimeAxis::of(&days, Room::Page);
    assert_eq!((time.candles.len(), time.days), (250, 4));
    assert_eq!((time.candles[0].open_at, time.candles[249].close), (days[0].open_at, 31.5));
    assert_eq!((time.candles[1].high, time.candles[1].volume), (90.0, 4.0 * minute.volume));
    assert_eq!(TimeAxis::of(&days, Room::Mail).candles.len(), 110);
    let svg = candles_page_svg(&picture(days, 29.0), None).unwrap();
    assert!(texts(&svg).contains(&"candles of 4 days".to_owned()) && !svg.contains("100%"), "no background");
    let month: Vec<Bar> = (0..100)
        .flat_map(|day| {
            walk((9, 30), (16, 0), 1, 20.0).into_iter().map(move |bar| Bar {
                open_at: bar.open_at + day * 86_400_000_000,
                close_at: bar.close_at + day * 86_400_000_000,
                ..bar
            })
        })
        .collect();
    let time = TimeAxis::of(&month, Room::Page);
    assert_eq!((time.candles.len(), time.minutes), (200, Some(240)));
}

#[test]
fn the_hours_of_a_date_end_where_the_next_begins() {
    let first = walk((4, 0), (16, 0), 1, 20.0).into_iter().map(|bar| Bar {
        open_at: bar.open_at - 86_400_000_000,
        close_at: bar.close_at - 86_400_000_000,
        ..bar
    });
    let both: Vec<Bar> = first.chain(walk((4, 0), (9, 25), 1, 24.0)).collect();
    let time = TimeAxis::of(&both, Room::Page);
    let at = |day: i8, hour: i8| time.slot_of(Calendar.at(date(2026, 3, day), jiff::civil::time(hour, 0, 0, 0))).unwrap();
    assert_eq!(at(11, 20), at(12, 4), "no evening of the first date over the morning of the second");
    assert_eq!(at(11, 16), at(11, 20));
    assert!(at(11, 9) < at(11, 16) && at(12, 16) > time.slot_count() as f64);
}

#[test]
fn hostile_text_stays_text() {
    let mut case = picture(walk((9, 0), (9, 25), 1, 30.0), 29.5);
    case.title = "<script>alert(1)</script> $x^2$ & \n\"quotes\"".into();
    let svg = candles_svg(&case).unwrap();
    assert!(!svg.contains("<script") && svg.contains("$x^2$"));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let good = picture(walk((9, 0), (9, 25), 1, 30.0), 29.5);
    let mut backwards = good.clone();
    backwards.bars.reverse();
    let mut infinite = good.clone();
    infinite.bars[3].high = f64::INFINITY;
    for (case, problem) in [
        (CandlePicture { bars: Vec::new(), ..good.clone() }, "no bars"),
        (CandlePicture { width: 0, ..good }, "size"),
        (backwards, "order"),
        (infinite, "finite"),
    ] {
        assert!(candles_png(&case).unwrap_err().to_string().contains(problem));
    }
}
