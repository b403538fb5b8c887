//! What holds for every indicator on any bars: no row depends on a later one, and prices in cents give what prices in dollars do.

use std::sync::LazyLock;

use bellwether::indicators::{Columns, IndicatorCall, Values, names, session::SessionTimes};
use proptest::prelude::*;

/// Every indicator with its defaults.
static ALL: LazyLock<Vec<IndicatorCall>> = LazyLock::new(|| {
    let talib = names().into_iter().map(|name| IndicatorCall::parse(&format!("{name}()")).unwrap());
    // Three names are TA-Lib's when nothing is given; these are ours.
    let own = ["DONCHIAN(5)", "SUPERTREND(5,2)", "CMF(5)"].map(|tag| IndicatorCall::parse(tag).unwrap());
    talib.chain(own).collect()
});

struct Generated {
    prices: [Vec<f64>; 4],
    volume: Vec<f64>,
    periods: Vec<f64>,
    session: SessionTimes,
}

impl Generated {
    fn new(steps: &[(i32, u8, u8, u32)]) -> Self {
        let mut prices: [Vec<f64>; 4] = Default::default();
        // A walk in whole cents, so that prices tie.
        let mut close = 5_000;
        for &(step, up, down, _) in steps {
            let open = close;
            close = (close + step).max(100);
            let bar = [open, open.max(close) + i32::from(up), (open.min(close) - i32::from(down)).max(1), close];
            prices.iter_mut().zip(bar).for_each(|(column, cents)| column.push(f64::from(cents) / 100.0));
        }
        // 100 minutes a session.
        let local: Vec<i64> = (0..steps.len() as i64).map(|row| (row / 100 * 1_440 + 570 + row % 100) * 60_000_000).collect();
        Self {
            prices,
            volume: steps.iter().map(|step| f64::from(step.3)).collect(),
            periods: (0..steps.len()).map(|row| f64::from(2 + row as u32 % 29)).collect(),
            session: SessionTimes::local(&local),
        }
    }

    fn compute(&self, call: &IndicatorCall, rows: usize) -> Vec<(String, Values)> {
        let [open, high, low, close] = &self.prices;
        let session = SessionTimes { day: self.session.day[..rows].to_vec(), minute: self.session.minute[..rows].to_vec() };
        let bars = Columns::ohlcv(&open[..rows], &high[..rows], &low[..rows], &close[..rows], &self.volume[..rows]);
        call.compute(&Columns { periods: Some(&self.periods[..rows]), ..bars.with_session(&session) }).unwrap()
    }
}

fn bars() -> impl Strategy<Value = Vec<(i32, u8, u8, u32)>> {
    prop::collection::vec((-40_i32..=40, 0_u8..30, 0_u8..30, prop_oneof![1 => Just(0_u32), 9 => 1_u32..100_000]), 150..320)
}

/// Equal bit for bit, any NaN the same.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_prefix_gives_the_same_rows(steps in bars(), cut in 1_usize..320) {
        let bars = Generated::new(&steps);
        let cut = cut.min(steps.len());
        for call in ALL.iter() {
            for ((name, whole), (_, prefix)) in bars.compute(call, steps.len()).into_iter().zip(bars.compute(call, cut)) {
                match (whole, prefix) {
                    (Values::Real(whole), Values::Real(prefix)) => {
                        prop_assert_eq!((whole.len(), prefix.len()), (steps.len(), cut));
                        let first = (0..cut).find(|&row| !same(whole[row], prefix[row]));
                        prop_assert!(first.is_none(), "{}.{name}: row {first:?} of a prefix of {cut}", call.tag());
                    }
                    (Values::Integer(whole), Values::Integer(prefix)) => {
                        prop_assert!(whole[..cut] == prefix[..], "{}.{name}", call.tag());
                    }
                    _ => prop_assert!(false, "{}.{name} changes its kind", call.tag()),
                }
            }
        }
    }

    #[test]
    fn ratios_do_not_know_the_unit_of_the_price(steps in bars(), power in -3_i32..6) {
        let mut bars = Generated::new(&steps);
        let free = [
            "RSI()", "CMO()", "ADX()", "PLUS_DI()", "STOCH()", "WILLR()", "CCI()", "MFI()", "AROON()", "NATR()", "ROC()", "TRIX()",
            "CMF(20)", "REALISED_VOL(20,252)", "RANGE_VOLS(20,252)", "REALISED_VARIATION(5)",
        ];
        let linear = ["SMA()", "EMA()", "ATR()", "BBANDS()", "MACD()", "KELTNER(20,10,2)", "ICHIMOKU()", "SESSION_VWAP", "SUPERTREND(10,3)"];
        let compute = |bars: &Generated, tag: &str| bars.compute(&IndicatorCall::parse(tag).unwrap(), steps.len());
        // A power of two: the scaled prices hold no rounding of their own.
        let factor = 2_f64.powi(power);
        let tags = free.map(|tag| (tag, 1.0)).into_iter().chain(linear.map(|tag| (tag, factor)));
        let before: Vec<_> = tags.map(|(tag, scale)| (tag, scale, compute(&bars, tag))).collect();
        bars.prices.iter_mut().flatten().for_each(|price| *price *= factor);
        for (tag, scale, before) in before {
            for ((name, before), (_, after)) in before.into_iter().zip(compute(&bars, tag)) {
                let (Values::Real(before), Values::Real(after)) = (before, after) else { unreachable!() };
                let scale = if name == "direction" { 1.0 } else { scale };
                for row in 0..before.len() {
                    let (expected, found) = (before[row] * scale, after[row]);
                    let near = (expected - found).abs() <= 1e-9 * expected.abs().max(1e-3);
                    prop_assert!(near || (expected.is_nan() && found.is_nan()), "{tag}.{name} row {row}: {expected} {found}");
                }
            }
        }
    }
}

#[test]
fn a_kernel_takes_the_output_of_another() {
    use bellwether::indicators::{momentum::rsi, trend::sma};
    let close: Vec<f64> = (0..60).map(|row| 50.0 + f64::from(row * 7 % 11)).collect();
    let index = rsi(&close, 14);
    let smoothed = sma(&index, 3);
    assert_eq!(smoothed.iter().take_while(|value| value.is_nan()).count(), 16);
    assert!((smoothed[16] - (index[14] + index[15] + index[16]) / 3.0).abs() < 1e-12);
    // A parameter outside its range, and a series too short, are undefined and no panic.
    assert!(sma(&close, 0).iter().chain(&rsi(&close, 1)).chain(&sma(&close, 61)).all(|value| value.is_nan()));
    assert!(sma(&[], 3).is_empty());
}

#[test]
fn the_session_is_new_yorks_on_both_sides_of_daylight_saving() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let times = SessionTimes::new_york(&[at("2024-03-08T14:30:00Z"), at("2024-03-11T13:30:00Z"), at("2024-03-12T00:30:00Z")]);
    assert_eq!(times.minute, [570, 570, 20 * 60 + 30]);
    assert_eq!([times.day[1] - times.day[0], times.day[2] - times.day[1]], [3, 0]);
}
