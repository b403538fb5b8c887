{
    use bellwether::{
        features::{Catalogue, Selection, compute},
        market::{Bar, BarsBuilder, Calendar, Symbol},
        risk::garch::Specification,
    };
    let model = "constant garch t".parse::<Specification>()?;
    let returns = model.simulate(&[0.05, 0.02, 0.08, 0.90, 6.0], 5_000, 7)?.returns;
    let began = std::time::Instant::now();
    for _ in 0..10 {
        model.fit(&returns)?;
    }
    timed("GARCH-t fits of 5,000 returns, ten", began.elapsed().as_secs_f64());

    let mut builder = BarsBuilder::default();
    for (number, name) in ["AAA", "BBB", "CCC", "DDD", "SPY"].into_iter().enumerate() {
        let symbol = Symbol::new(name)?;
        let mut close = 50.0 + number as f64;
        for (row, day) in Calendar.sessions_before("2026-01-01".parse()?, 2_000)?.iter().enumerate() {
            let open = close;
            close *= 1.0 + 0.02 * ((row * (7 + number)) as f64).sin();
            let (open_at, close_at) = (day.open.as_microsecond(), day.close.as_microsecond());
            let (high, low) = (1.01 * open.max(close), 0.99 * open.min(close));
            builder.push(&symbol, Bar { open_at, close_at, open, high, low, close, volume: 1e5, vwap: None, trades: None });
        }
    }
    let (bars, _) = builder.finish();
    let all = Selection::of(Catalogue::shipped().select("all")?).against(Symbol::new("SPY")?);
    let began = std::time::Instant::now();
    for _ in 0..3 {
        compute(&bars, &all)?;
    }
    timed("all features of 10,000 daily bars, three times", began.elapsed().as_secs_f64());
}
