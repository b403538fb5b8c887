use bellwether::market::{Bar, Bars, BarsBuilder, BidAsk, InstrumentKind, Symbol};
use jiff::{SignedDuration, Timestamp};

use super::{Halt, Tape, TapeHeadline, TapeInstrument, TapeTick, TapeTrade};
use crate::error::GatewayError;

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-03-10T{text}Z").parse().unwrap()
}

fn instrument(ticker: &str, contract_id: i32) -> TapeInstrument {
    TapeInstrument {
        symbol: symbol(ticker),
        contract_id,
        name: format!("{ticker} Inc."),
        kind: InstrumentKind::Stock,
        primary_exchange: "NASDAQ".to_owned(),
        spread_bps: 10.0,
        subscribed: true,
        float_shares: None,
    }
}

fn bar(start: &str, seconds: i64, [open, high, low, close]: [f64; 4], volume: f64) -> Bar {
    let open_at = at(start).as_microsecond();
    let trades = Some((volume / 50.0).ceil());
    Bar { open_at, close_at: open_at + seconds * 1_000_000, open, high, low, close, volume, vwap: None, trades }
}

fn bars(rows: &[Bar]) -> Bars {
    let mut builder = BarsBuilder::default();
    builder.extend(&symbol("KVRA"), rows.iter().copied());
    let (bars, faults) = builder.finish();
    assert!(faults.is_empty(), "{faults:?}");
    bars
}

/// 2026-03-10 is on daylight saving time: 04:00 New York is 08:00 UTC, the open is 13:30, the close 20:00.
fn rows() -> Vec<Bar> {
    vec![
        bar("12:40:00", 60, [50.0, 50.4, 49.8, 50.2], 900.0),
        bar("13:29:00", 60, [50.3, 50.3, 50.3, 50.3], 100.0),
        bar("13:30:00", 60, [51.0, 52.0, 50.5, 51.5], 6_000.0),
        bar("13:31:00", 60, [51.5, 51.6, 50.1, 50.9], 3_000.0),
        bar("20:05:00", 60, [60.0, 61.0, 40.0, 50.0], 400.0),
    ]
}

fn tape_of(minutes: &[Bar]) -> Tape {
    let previous =
        Bar { open_at: at("13:30:00").as_microsecond() - 86_400_000_000, ..bar("13:30:00", 0, [48.0, 49.0, 47.0, 48.5], 5e5) };
    let daily = Bar { close_at: previous.open_at + 23_400_000_000, ..previous };
    let today = bar("13:30:00", 23_400, [51.0, 53.0, 50.0, 52.5], 1e6);
    let halts = vec![Halt { symbol: symbol("KVRA"), from: at("14:00:00"), until: at("14:30:00") }];
    Tape::new(vec![instrument("KVRA", 7)], bars(minutes), bars(&[daily, today]), Vec::new(), halts).unwrap()
}

fn seconds_from(start: &str) -> impl Iterator<Item = Timestamp> {
    let start = at(start);
    (0..60).map(move |second| start + SignedDuration::from_secs(second))
}

#[test]
fn a_minute_goes_from_open_over_both_extremes_to_close() {
    let tape = tape_of(&rows());
    for row in rows() {
        let start = Timestamp::from_microsecond(row.open_at).unwrap();
        let prices: Vec<f64> = (0..600)
            .map(|tenth| tape.last_at(&symbol("KVRA"), start + SignedDuration::from_millis(100 * tenth)).unwrap().price)
            .collect();
        assert_eq!((prices[0], prices[599]), (row.open, row.close));
        assert!(prices.iter().all(|price| (row.low..=row.high).contains(price)));
        assert!(prices.iter().all(|price| (price * 100.0 - (price * 100.0).round()).abs() < 1e-9), "whole cents");
    }
    // Whatever the seconds show, the day's range holds the extremes at the end of the minute.
    let day = tape.day_at(&symbol("KVRA"), at("13:31:59")).unwrap();
    assert_eq!((day.open, day.high, day.low), (Some(51.0), Some(52.0), Some(50.1)));
}

#[test]
fn nothing_after_the_instant_is_told() {
    let known = tape_of(&rows());
    let t = at("13:30:45");
    let mut changed = rows();
    changed.truncate(3);
    changed.push(bar("13:31:00", 60, [90.0, 99.0, 80.0, 85.0], 1e6));
    let other = tape_of(&changed);
    let kvra = symbol("KVRA");
    for t in [at("12:39:59"), at("12:40:20"), at("13:00:00"), at("13:30:00"), t, at("13:30:59.999999")] {
        assert_eq!(known.last_at(&kvra, t), other.last_at(&kvra, t), "{t}");
        assert_eq!(known.quote_at(&kvra, t), other.quote_at(&kvra, t), "{t}");
        assert_eq!(known.day_at(&kvra, t), other.day_at(&kvra, t), "{t}");
    }
    assert_ne!(known.last_at(&kvra, at("13:31:00")), other.last_at(&kvra, at("13:31:00")));
}

#[test]
fn the_last_trade_stays_until_the_next_and_begins_with_the_previous_close() {
    let tape = tape_of(&rows());
    let kvra = symbol("KVRA");
    assert_eq!(tape.last_at(&kvra, at("11:00:00")).unwrap().price, 48.5);
    let held = tape.last_at(&kvra, at("13:10:00")).unwrap();
    assert_eq!((held.price, held.at), (50.2, at("12:40:59")));
    assert!(held.size >= 1.0);
    assert!(tape.last_at(&symbol("NONE"), at("13:10:00")).is_none());
    assert!(tape.last_at(&kvra, "2026-03-01T00:00:00Z".parse().unwrap()).is_none());
}

#[test]
fn volume_adds_up_over_the_date() {
    let tape = tape_of(&rows());
    let kvra = symbol("KVRA");
    assert_eq!(tape.volume_at(&kvra, at("12:00:00")), 0.0);
    let opening = tape.last_at(&kvra, at("12:40:00")).unwrap();
    assert_eq!(tape.volume_at(&kvra, at("12:40:00")), opening.size, "the opening trade has been made");
    assert_eq!(tape.volume_at(&kvra, at("13:00:00")), 900.0);
    assert_eq!(tape.volume_at(&kvra, at("20:30:00")), 10_400.0);
    let during: Vec<f64> = seconds_from("13:30:00").map(|t| tape.volume_at(&kvra, t)).collect();
    assert!(during.is_sorted() && during[0] > 1_000.0 && during[0] < 1_200.0 && during[59] == 7_000.0, "{during:?}");
    // The next date has not traded.
    assert_eq!(tape.volume_at(&kvra, "2026-03-11T13:00:00Z".parse().unwrap()), 0.0);
}

#[test]
fn the_day_knows_regular_prices_only() {
    let tape = tape_of(&rows());
    let day = |t: &str| tape.day_at(&symbol("KVRA"), at(t)).unwrap();
    let early = day("13:29:30");
    assert_eq!((early.open, early.high, early.low, early.previous_close), (None, None, None, Some(48.5)));
    let late = day("20:05:59");
    assert_eq!(
        (late.open, late.high, late.low),
        (Some(51.0), Some(52.0), Some(50.1)),
        "the post-market's 61 and 40 are not in it"
    );
    assert_eq!(late.previous_close, Some(48.5), "today's bar is known by then and is not the previous one");
    assert!(tape.day_at(&symbol("NONE"), at("13:29:30")).is_none());
}

#[test]
fn quotes_are_in_cents_around_the_last_price() {
    let tape = tape_of(&rows());
    for t in seconds_from("13:30:00") {
        let quote = tape.quote_at(&symbol("KVRA"), t).unwrap();
        let (bid, ask, last) = (quote.bid.unwrap(), quote.ask.unwrap(), quote.last.unwrap());
        assert!(bid < last && last < ask, "{bid} {last} {ask}");
        for price in [bid, ask] {
            assert!((price * 100.0 - (price * 100.0).round()).abs() < 1e-9);
        }
        // Ten basis points of 51 are five cents; rounding outward adds less than two.
        assert!((0.05..0.0701).contains(&(ask - bid)), "{}", ask - bid);
        assert!(!quote.halted);
    }
    let flat = tape.quote_at(&symbol("KVRA"), at("13:29:30")).unwrap();
    assert_eq!((flat.bid, flat.ask), (Some(50.27), Some(50.33)));
}

fn ticks(tape: &Tape, from: &str, until: &str) -> Vec<TapeTick<'static>> {
    let owned = |tick: TapeTick<'_>| match tick {
        TapeTick::Trade(trade) => TapeTick::Trade(TapeTrade { exchange: "", conditions: "", ..trade }),
        TapeTick::BidAsk(quote) => TapeTick::BidAsk(quote),
    };
    tape.ticks(&symbol("KVRA"), at(from), at(until)).map(owned).collect()
}

#[test]
fn ticks_are_what_the_quotes_are() {
    let tape = tape_of(&rows());
    let kvra = symbol("KVRA");
    let all = ticks(&tape, "08:00:00", "21:00:00");
    let (mut volume, mut trades, mut odd_lots, mut quotes) = (0.0, 0.0, 0, 0);
    let mut events = all.iter().peekable();
    while let Some(tick) = events.next() {
        match tick {
            TapeTick::Trade(trade) if trade.unreported => odd_lots += 1,
            TapeTick::Trade(trade) => {
                (volume, trades) = (volume + trade.size, trades + 1.0);
                let quote = events.clone().find_map(|tick| match tick {
                    TapeTick::BidAsk(quote) if quote.at == trade.at => Some(*quote),
                    _ => None,
                });
                assert_eq!(tape.last_at(&kvra, trade.at).map(|last| (last.price, last.size)), Some((trade.price, trade.size)));
                assert_eq!(tape.day_at(&kvra, trade.at).map(|day| (day.volume, day.trades)), Some((volume, trades)));
                let told = tape.bid_ask_at(&kvra, trade.at).unwrap();
                assert!(quote.is_none_or(|quote| quote == told), "{quote:?} {told:?}");
            }
            TapeTick::BidAsk(_) => quotes += 1,
        }
    }
    assert_eq!((volume, trades), (10_400.0, 18.0 + 2.0 + 120.0 + 60.0 + 8.0));
    assert!((3..40).contains(&odd_lots) && quotes > 150, "{odd_lots} odd lots, {quotes} quotes");
    let changes: Vec<&BidAsk> =
        all.iter().filter_map(|tick| if let TapeTick::BidAsk(quote) = tick { Some(quote) } else { None }).collect();
    assert!(changes.windows(2).all(|pair| BidAsk { at: pair[0].at, ..*pair[1] } != *pair[0]), "only changes are told");
}

#[test]
fn an_interval_of_ticks_is_the_sum_of_its_parts() {
    let tape = tape_of(&rows());
    let whole = ticks(&tape, "13:29:30", "13:33:00");
    for cut in ["13:29:59", "13:30:00", "13:30:00.500", "13:30:17.25", "13:31:59", "13:32:30"] {
        let mut parts = ticks(&tape, "13:29:30", cut);
        assert!(parts.iter().all(|tick| matches!(tick, TapeTick::Trade(TapeTrade { at: t, .. }) | TapeTick::BidAsk(BidAsk { at: t, .. }) if *t <= at(cut))));
        parts.extend(ticks(&tape, cut, "13:33:00"));
        assert_eq!(parts, whole, "{cut}");
    }
    assert!(tape.ticks(&symbol("NONE"), at("13:00:00"), at("14:00:00")).next().is_none());
}

#[test]
fn a_minute_that_a_halt_cuts_has_traded_before_it() {
    let halts = vec![Halt { symbol: symbol("KVRA"), from: at("13:31:20"), until: at("13:41:00") }];
    let tape = Tape::new(vec![instrument("KVRA", 7)], bars(&rows()), Bars::default(), Vec::new(), halts).unwrap();
    let last = tape.last_at(&symbol("KVRA"), at("13:31:20")).unwrap();
    assert_eq!((last.price, last.at), (50.9, at("13:31:19")));
    assert_eq!(tape.volume_at(&symbol("KVRA"), at("13:31:20")), 10_000.0 - 900.0 + 900.0);
    assert!(ticks(&tape, "13:31:19", "13:41:00").is_empty());
}

#[test]
fn a_halt_is_half_open_and_freezes_the_quote() {
    let tape = tape_of(&rows());
    let halted = |t: &str| tape.halted_at(&symbol("KVRA"), at(t));
    assert_eq!([halted("13:59:59"), halted("14:00:00"), halted("14:29:59"), halted("14:30:00")], [false, true, true, false]);
    let (before, during) = (tape.quote_at(&symbol("KVRA"), at("13:59:00")), tape.quote_at(&symbol("KVRA"), at("14:10:00")));
    let (before, during) = (before.unwrap(), during.unwrap());
    assert!(during.halted);
    assert_eq!((before.bid, before.ask, before.volume), (during.bid, during.ask, during.volume));
}

#[test]
fn look_ups_and_headlines_are_in_order() {
    let headline = |t: &str, title: &str| TapeHeadline {
        symbol: symbol("KVRA"),
        at: at(t),
        provider: "BRFG".to_owned(),
        title: title.to_owned(),
        body: String::new(),
    };
    let news = vec![headline("12:00:00", "b"), headline("10:00:00", "a"), headline("14:00:00", "c")];
    let tape =
        Tape::new(vec![instrument("KVRA", 7), instrument("BIOZ", 3)], bars(&rows()), Bars::default(), news, Vec::new()).unwrap();
    assert_eq!(tape.instruments()[0].symbol.as_str(), "BIOZ");
    assert_eq!(tape.by_contract_id(7).unwrap().symbol.as_str(), "KVRA");
    assert!(tape.by_contract_id(8).is_none());
    assert_eq!(tape.instrument(&symbol("BIOZ")).unwrap().contract_id, 3);
    let titles = |from: &str, until: &str| -> Vec<&str> {
        tape.headlines_between(at(from), at(until)).iter().map(|headline| headline.title.as_str()).collect()
    };
    assert_eq!(titles("10:00:00", "14:00:00"), ["a", "b"]);
    assert_eq!(titles("15:00:00", "10:00:00"), [""; 0]);
}

#[test]
fn contradictions_are_refused() {
    let halt = |from: &str, until: &str| vec![Halt { symbol: symbol("KVRA"), from: at(from), until: at(until) }];
    let build =
        |instruments: Vec<TapeInstrument>, halts| Tape::new(instruments, bars(&rows()), Bars::default(), Vec::new(), halts);
    let refused = |result: Result<Tape, GatewayError>, words: &str| {
        let problem = result.unwrap_err().to_string();
        assert!(problem.contains(words), "{problem}");
    };
    refused(build(vec![instrument("KVRA", 7), instrument("KVRA", 8)], Vec::new()), "KVRA is listed twice");
    refused(build(vec![instrument("KVRA", 7), instrument("BIOZ", 7)], Vec::new()), "contract id 7 is listed twice");
    refused(build(vec![instrument("BIOZ", 7)], Vec::new()), "KVRA has data but is not an instrument");
    refused(build(vec![instrument("KVRA", 7)], halt("14:00:00", "14:00:00")), "ends before it begins");
    refused(build(vec![instrument("KVRA", 7)], halt("13:31:00", "13:40:00")), "while it is halted");
}
