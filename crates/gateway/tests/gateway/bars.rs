use bellwether::market::{Bar as TapeBar, Symbol};
use ibapi::{
    market_data::historical::{Bar, BarTimestamp, HistoricalBarUpdate},
    prelude::*,
};
use jiff::SignedDuration;
use time::OffsetDateTime;

use crate::bench::{Bench, PATIENCE, instant, refusal, stock};

fn seconds(bar: &Bar) -> i64 {
    match bar.date {
        BarTimestamp::DateTime(at) => at.unix_timestamp(),
        BarTimestamp::Date(date) => panic!("{date} is no instant"),
    }
}

fn same(bar: &Bar, tape: &TapeBar) -> bool {
    (seconds(bar), bar.open, bar.high, bar.low, bar.close, bar.volume)
        == (tape.open_at / 1_000_000, tape.open, tape.high, tape.low, tape.close, tape.volume)
}

async fn fetch(client: &Client, symbol: &str, size: HistoricalBarSize, hours: TradingHours) -> Result<Vec<Bar>, Error> {
    let contract = stock(symbol);
    let request = client.historical_data(&contract, size).trading_hours(hours).duration(1.days());
    Ok(request.fetch().await?.bars)
}

#[tokio::test]
async fn a_day_of_minutes_is_what_the_tape_has() {
    let bench = Bench::at("20:00").await;
    let client = bench.client(1).await;
    let bars = fetch(&client, "AAPL", HistoricalBarSize::Min, TradingHours::Regular).await.unwrap();
    let tape = bench.tape.minutes().series("AAPL").starting_in(instant("09:30"), instant("16:00"));
    assert_eq!(bars.len(), 390);
    assert!(bars.iter().zip(tape.iter()).all(|(bar, tape)| same(bar, &tape)));
    assert_eq!(bars[0].count, tape.bar(0).trades.unwrap() as i32);

    let extended = fetch(&client, "AAPL", HistoricalBarSize::Min, TradingHours::Extended).await.unwrap();
    let tape = bench.tape.minutes().series("AAPL").starting_in(instant("04:00"), instant("20:00"));
    assert_eq!(extended.len(), 45 + 450);
    assert!(extended.iter().zip(tape.iter()).all(|(bar, tape)| same(bar, &tape)));
}

#[tokio::test]
async fn no_bar_is_of_the_future_nor_incomplete() {
    let bench = Bench::at("11:07:30").await;
    let client = bench.client(1).await;
    for (size, minutes, count) in [
        (HistoricalBarSize::Min, 1, 97),
        (HistoricalBarSize::Min5, 5, 19),
        (HistoricalBarSize::Min30, 30, 3),
        (HistoricalBarSize::Hour, 60, 2),
    ] {
        let bars = fetch(&client, "MSFT", size, TradingHours::Regular).await.unwrap();
        assert_eq!(bars.len(), count, "{size}");
        let ends = seconds(bars.last().unwrap()) + minutes * 60;
        assert!(ends <= bench.clock.now().as_second(), "{size}");
    }
    // An end in the future changes nothing.
    let contract = stock("MSFT");
    let end = OffsetDateTime::from_unix_timestamp(instant("15:00").as_second()).unwrap();
    let ahead = client
        .historical_data(&contract, HistoricalBarSize::Min)
        .trading_hours(TradingHours::Regular)
        .duration(1.days())
        .ending(end);
    assert_eq!(ahead.fetch().await.unwrap().bars.len(), 97);
}

#[tokio::test]
async fn longer_bars_are_made_of_minutes() {
    let bench = Bench::at("20:00").await;
    let client = bench.client(1).await;
    let bars = fetch(&client, "AAPL", HistoricalBarSize::Hour, TradingHours::Regular).await.unwrap();
    let starts: Vec<i64> = bars.iter().map(seconds).collect();
    let expected = ["09:30", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"].map(|at| instant(at).as_second());
    assert_eq!(starts, expected);
    let tape: Vec<TapeBar> = bench.tape.minutes().series("AAPL").starting_in(instant("10:00"), instant("11:00")).iter().collect();
    let hour = &bars[1];
    assert_eq!((hour.open, hour.close), (tape[0].open, tape[59].close));
    assert_eq!(hour.high, tape.iter().map(|bar| bar.high).fold(f64::MIN, f64::max));
    assert_eq!(hour.low, tape.iter().map(|bar| bar.low).fold(f64::MAX, f64::min));
    assert_eq!(hour.volume, tape.iter().map(|bar| bar.volume).sum::<f64>());
}

#[tokio::test]
async fn a_daily_bar_is_served_once_its_session_is_over() {
    let bench = Bench::at("15:59:40").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let last = |hours| {
        let request = client.historical_data(&contract, HistoricalBarSize::Day).trading_hours(hours).duration(10.days());
        async move { request.fetch().await.unwrap().bars.last().unwrap().date }
    };
    let date = |day: u8| BarTimestamp::Date(time::Date::from_calendar_date(2026, time::Month::January, day).unwrap());
    assert_eq!(last(TradingHours::Regular).await, date(2));
    bench.clock.advance_to(instant("16:00"));
    assert_eq!(last(TradingHours::Regular).await, date(5));
    assert_eq!(last(TradingHours::Extended).await, date(2));
    bench.clock.advance_to(instant("20:00"));
    assert_eq!(last(TradingHours::Extended).await, date(5));
}

#[tokio::test]
async fn a_year_of_days_equals_the_tape() {
    let bench = Bench::at("09:25").await;
    let client = bench.client(1).await;
    let contract = stock("BRK B");
    let request =
        client.historical_data(&contract, HistoricalBarSize::Day).trading_hours(TradingHours::Regular).duration(1.years());
    let answer = request.fetch().await.unwrap();
    let tape: Vec<TapeBar> = bench.tape.daily().series("BRK.B").as_of(instant("09:25")).iter().collect();
    // 2025 had 250 sessions; two of them are more than a year back, and 2 January 2026 is one more.
    assert_eq!(answer.bars.len(), 249);
    for (bar, tape) in answer.bars.iter().rev().zip(tape.iter().rev()) {
        assert_eq!(
            (bar.open, bar.high, bar.low, bar.close, bar.volume),
            (tape.open, tape.high, tape.low, tape.close, tape.volume)
        );
    }
    assert_eq!(answer.end.unix_timestamp(), instant("09:25").as_second());
}

#[tokio::test]
async fn no_data_and_no_permission_are_different_answers() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let (code, text) = refusal(fetch(&client, "F001", HistoricalBarSize::Min, TradingHours::Regular).await);
    let service = "Historical Market Data Service error message:";
    assert_eq!((code, text), (162, format!("{service}HMDS query returned no data: F001@SMART Trades")));
    let (code, text) = refusal(fetch(&client, "DARK", HistoricalBarSize::Min, TradingHours::Regular).await);
    assert_eq!((code, text), (162, format!("{service}No market data permissions for NASDAQ STK")));
}

#[tokio::test]
async fn kept_up_history_goes_on_with_every_completed_bar() {
    let bench = Bench::at("10:00:30").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let request =
        client.historical_data(&contract, HistoricalBarSize::Min).trading_hours(TradingHours::Regular).duration(1.days());
    let mut stream = request.stream().await.unwrap();
    let mut next = async || {
        let item = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap();
        match item {
            Some(Ok(SubscriptionItem::Data(item))) => item,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(next().await, HistoricalBarUpdate::Historical(data) if data.bars.len() == 30));
    assert!(matches!(next().await, HistoricalBarUpdate::End { .. }));
    let mut bar = async || match next().await {
        HistoricalBarUpdate::Update(bar) => bar,
        other => panic!("{other:?}"),
    };
    let symbol = Symbol::new("AAPL").unwrap();
    let minute = |at: &str| bench.tape.minutes().series("AAPL").starting_in(instant(at), instant("10:10")).bar(0);
    let so_far = |at: &str| bench.tape.last_at(&symbol, instant(at)).unwrap().price;
    // The bar that is running comes at once, and then every five seconds.
    let first = bar().await;
    assert_eq!(
        (seconds(&first), first.open, first.close),
        (instant("10:00").as_second(), minute("10:00").open, so_far("10:00:30"))
    );
    let mut volume = first.volume;
    for at in ["10:00:35", "10:00:40", "10:00:55"] {
        bench.clock.advance_to(instant(at));
        let running = bar().await;
        assert_eq!((seconds(&running), running.close), (instant("10:00").as_second(), so_far(at)));
        let whole = minute("10:00");
        assert!(running.volume > volume && running.volume < whole.volume);
        assert!(running.high <= whole.high && running.low >= whole.low);
        volume = running.volume;
    }
    // Complete bars come as they are to stay, before the one that is running then.
    for (now, completed, running) in [("10:03:10", &["10:00", "10:01", "10:02"][..], "10:03"), ("10:04", &["10:03"], "10:04")] {
        bench.clock.advance_to(instant(now));
        for at in completed {
            let bar = bar().await;
            assert!(same(&bar, &minute(at)), "{at}: {bar:?}");
        }
        let begun = bar().await;
        assert_eq!((seconds(&begun), begun.close), (instant(running).as_second(), so_far(now)));
    }
}

#[tokio::test]
async fn longer_bars_run_too() {
    let bench = Bench::at("10:02:30").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let symbol = Symbol::new("AAPL").unwrap();
    for size in [HistoricalBarSize::Min5, HistoricalBarSize::Hour, HistoricalBarSize::Day] {
        let request = client.historical_data(&contract, size).trading_hours(TradingHours::Regular).duration(2.days());
        let mut stream = request.stream().await.unwrap();
        let running = loop {
            let item = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap().unwrap().unwrap();
            if let SubscriptionItem::Data(HistoricalBarUpdate::Update(bar)) = item {
                break bar;
            }
        };
        let day = bench.tape.day_at(&symbol, instant("10:02:30")).unwrap();
        assert_eq!(running.close, bench.tape.last_at(&symbol, instant("10:02:30")).unwrap().price, "{size}");
        if size == HistoricalBarSize::Day {
            assert_eq!((Some(running.open), Some(running.high), Some(running.low)), (day.open, day.high, day.low));
            assert_eq!(running.volume, day.volume);
            continue;
        }
        let since = instant("10:00") - SignedDuration::from_micros(1);
        assert_eq!(seconds(&running), instant("10:00").as_second());
        assert_eq!(running.volume, day.volume - bench.tape.volume_at(&symbol, since));
    }
}

#[tokio::test]
async fn a_histogram_has_every_share_once() {
    let bench = Bench::at("11:30").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let entries = client.histogram_data(&contract, TradingHours::Regular, HistoricalBarSize::Day).await.unwrap();
    let symbol = Symbol::new("AAPL").unwrap();
    let until = |at| bench.tape.volume_at(&symbol, at);
    let expected = until(instant("11:30")) - until(instant("09:30") - SignedDuration::from_micros(1));
    assert_eq!(entries.iter().filter_map(|entry| entry.size).sum::<f64>(), expected);
    assert!(entries.windows(2).all(|pair| pair[0].price < pair[1].price));
    let day = bench.tape.day_at(&symbol, instant("11:30")).unwrap();
    assert_eq!((Some(entries[0].price), Some(entries.last().unwrap().price)), (day.low, day.high));
    let dark = stock("DARK");
    assert_eq!(refusal(client.histogram_data(&dark, TradingHours::Regular, HistoricalBarSize::Day).await).0, 162);
}

#[tokio::test]
async fn bars_of_quotes_are_those_of_the_ticks() {
    let bench = Bench::at("10:30").await;
    let client = bench.client(1).await;
    let contract = stock("MSFT");
    let symbol = Symbol::new("MSFT").unwrap();
    let start = instant("10:10");
    // The best bids and offers of the minute, tenth of a second by tenth.
    let quotes: Vec<(f64, f64)> = (0..600)
        .filter_map(|tenth| bench.tape.bid_ask_at(&symbol, start + SignedDuration::from_millis(100 * tenth)))
        .map(|quote| (quote.bid.unwrap(), quote.ask.unwrap()))
        .collect();
    let extremes = |values: Vec<f64>| {
        (values[0], values.iter().copied().fold(f64::MIN, f64::max), values.iter().copied().fold(f64::MAX, f64::min), values[599])
    };
    for (show, values) in [
        (HistoricalWhatToShow::Bid, quotes.iter().map(|it| it.0).collect::<Vec<_>>()),
        (HistoricalWhatToShow::Ask, quotes.iter().map(|it| it.1).collect()),
        (HistoricalWhatToShow::MidPoint, quotes.iter().map(|it| (it.0 + it.1) / 2.0).collect()),
    ] {
        let request = client.historical_data(&contract, HistoricalBarSize::Min).what_to_show(show).duration(1.days());
        let bars = request.fetch().await.unwrap().bars;
        let bar = bars.iter().find(|bar| seconds(bar) == start.as_second()).unwrap();
        assert_eq!((bar.open, bar.high, bar.low, bar.close), extremes(values), "{show:?}");
        assert_eq!((bar.volume, bar.count), (-1.0, -1));
    }
}

#[tokio::test]
async fn a_fast_clock_loses_no_completed_bar() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let mut followed = Vec::new();
    for name in ["AAPL", "MSFT", "SPY", "TINY", "BRK B"] {
        let contract = stock(name);
        let request = client.historical_data(&contract, HistoricalBarSize::Min).duration(1.days());
        let minutes = request.stream().await.unwrap();
        let fives = client.realtime_bars(&contract).subscribe().await.unwrap();
        followed.push((minutes, fives));
    }
    crate::bench::eventually("all are served", || bench.gateway.stats().lines == 5).await;
    bench.clock.hold_at(Some(instant("10:20")));
    bench.clock.set_rate(500.0);
    for (minutes, fives) in &mut followed {
        let (mut starts, mut parts) = (Vec::new(), Vec::new());
        while starts.len() < 20 {
            if let SubscriptionItem::Data(HistoricalBarUpdate::Update(bar)) =
                tokio::time::timeout(PATIENCE, minutes.next()).await.unwrap().unwrap().unwrap()
            {
                // The running bar comes again and again until the next begins.
                if starts.last() != Some(&seconds(&bar)) {
                    starts.push(seconds(&bar));
                }
            }
        }
        while parts.len() < 240 {
            if let SubscriptionItem::Data(bar) = tokio::time::timeout(PATIENCE, fives.next()).await.unwrap().unwrap().unwrap() {
                parts.push(bar.date.unix_timestamp());
            }
        }
        let from = instant("10:00").as_second();
        assert_eq!(starts, (0..20).map(|minute| from + minute * 60).collect::<Vec<_>>());
        assert_eq!(parts, (0..240).map(|part| from + part * 5).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn twelve_five_second_bars_add_up_to_the_minute() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let contract = stock("AAPL");
    let mut stream = client.realtime_bars(&contract).subscribe().await.unwrap();
    crate::bench::eventually("subscribed", || bench.gateway.stats().lines == 1).await;
    let mut bars = Vec::new();
    for second in [7, 33, 59, 125] {
        bench.clock.advance_to(instant("10:00") + SignedDuration::from_secs(second));
        while bars.len() < second as usize / 5 {
            match tokio::time::timeout(PATIENCE, stream.next()).await.unwrap() {
                Some(Ok(SubscriptionItem::Data(bar))) => bars.push(bar),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(bars.len(), 25);
    let symbol = Symbol::new("AAPL").unwrap();
    for (minute, parts) in bars.chunks_exact(12).enumerate() {
        let start = instant("10:00") + SignedDuration::from_mins(minute as i64);
        let tape = bench.tape.minutes().series(symbol.as_str()).starting_in(start, instant("10:10")).bar(0);
        assert_eq!(parts[0].date.unix_timestamp(), start.as_second());
        assert_eq!((parts[0].open, parts[11].close), (tape.open, tape.close));
        assert_eq!(parts.iter().map(|bar| bar.high).fold(f64::MIN, f64::max), tape.high);
        assert_eq!(parts.iter().map(|bar| bar.low).fold(f64::MAX, f64::min), tape.low);
        assert_eq!(parts.iter().map(|bar| bar.volume).sum::<f64>(), tape.volume);
    }
}

#[tokio::test]
async fn bars_begin_where_the_head_says() {
    let bench = Bench::at("10:00").await;
    let client = bench.client(1).await;
    let head = client.head_timestamp(&stock("AAPL"), HistoricalWhatToShow::Trades, TradingHours::Regular).await.unwrap();
    assert_eq!(head.unix_timestamp() * 1_000_000, bench.tape.daily().series("AAPL").open_at[0]);
}
