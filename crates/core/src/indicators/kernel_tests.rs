use super::*;

/// A walk of so many bars: open, high, low, close, volume.
fn bars(rows: usize) -> [Vec<f64>; 5] {
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut columns: [Vec<f64>; 5] = Default::default();
    let mut price = 50.0_f64;
    for _ in 0..rows {
        let open = price * (1.0 + 0.01 * next());
        price = open * (1.0 + 0.04 * next());
        let (top, bottom) = (open.max(price), open.min(price));
        // Some bars have no shadow, some no body: what patterns look at.
        let shadow = |x: f64| if x < 0.0 { 0.0 } else { 0.02 * x };
        let row = [open, top * (1.0 + shadow(next())), bottom * (1.0 - shadow(next())), price, (1e5 * (next() + 0.6)).floor()];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    columns
}

fn all() -> Vec<(Kernel, Vec<usize>)> {
    const OPEN: usize = 0;
    const HIGH: usize = 1;
    const LOW: usize = 2;
    const CLOSE: usize = 3;
    const VOLUME: usize = 4;
    let (simple, exponential) = (Average::Simple, Average::Exponential);
    let mut all = vec![
        (Kernel::sma(20), vec![CLOSE]),
        (Kernel::ema(12), vec![CLOSE]),
        (Kernel::wma(10), vec![CLOSE]),
        (Kernel::dema(20), vec![CLOSE]),
        (Kernel::tema(20), vec![CLOSE]),
        (Kernel::kama(10), vec![CLOSE]),
        (Kernel::trima(20), vec![CLOSE]),
        (Kernel::hma(20), vec![CLOSE]),
        (Kernel::vwma(20), vec![CLOSE, VOLUME]),
        (Kernel::bollinger_bands(20, 2.0, 2.0, simple), vec![CLOSE]),
        (Kernel::parabolic_sar(0.02, 0.2), vec![HIGH, LOW]),
        (Kernel::max(60), vec![HIGH]),
        (Kernel::min(20), vec![LOW]),
        (Kernel::standard_deviation(20, 1.0), vec![CLOSE]),
        (Kernel::linear_regression_slope(14), vec![CLOSE]),
        (Kernel::aroon(14), vec![HIGH, LOW]),
        (Kernel::rsi(14), vec![CLOSE]),
        (Kernel::roc(20), vec![CLOSE]),
        (Kernel::mom(10), vec![CLOSE]),
        (Kernel::macd(12, 26, 9), vec![CLOSE]),
        (Kernel::ppo(12, 26, exponential), vec![CLOSE]),
        (Kernel::stochastic(14, 3, simple, 3, simple), vec![HIGH, LOW, CLOSE]),
        (Kernel::stochastic_rsi(14, 14, 3, simple), vec![CLOSE]),
        (Kernel::trix(15), vec![CLOSE]),
        (Kernel::cmo(14), vec![CLOSE]),
        (Kernel::tsi(25, 13), vec![CLOSE]),
        (Kernel::efficiency_ratio(10), vec![CLOSE]),
        (Kernel::balance_of_power(), vec![OPEN, HIGH, LOW, CLOSE]),
        (Kernel::chaikin_volatility(10, 10), vec![HIGH, LOW]),
        (Kernel::obv(), vec![CLOSE, VOLUME]),
        (Kernel::accumulation_distribution(), vec![HIGH, LOW, CLOSE, VOLUME]),
        (Kernel::chaikin_oscillator(3, 10), vec![HIGH, LOW, CLOSE, VOLUME]),
        (Kernel::mfi(14), vec![HIGH, LOW, CLOSE, VOLUME]),
        (Kernel::force_index(13), vec![CLOSE, VOLUME]),
        (Kernel::percentage_volume_oscillator(12, 26, exponential), vec![VOLUME]),
    ];
    let of_prices = [
        Kernel::adx(14),
        Kernel::plus_di(14),
        Kernel::minus_di(14),
        Kernel::vortex(14),
        Kernel::williams_r(14),
        Kernel::cci(20),
        Kernel::ultimate_oscillator(7, 14, 28),
        Kernel::atr(14),
        Kernel::natr(14),
        Kernel::true_range(),
    ];
    all.extend(of_prices.map(|kernel| (kernel, vec![HIGH, LOW, CLOSE])));
    use Pattern::*;
    let patterns = [
        ThreeInside,
        ThreeOutside,
        DarkCloudCover,
        Doji,
        DragonflyDoji,
        Engulfing,
        EveningStar,
        GravestoneDoji,
        Hammer,
        HangingMan,
        Harami,
        InvertedHammer,
        Marubozu,
        MorningStar,
        Piercing,
        ShootingStar,
    ];
    all.extend(patterns.map(|pattern| (Kernel::pattern(pattern), vec![OPEN, HIGH, LOW, CLOSE])));
    all
}

#[test]
fn bar_by_bar_is_as_over_the_whole_to_the_last_bit() {
    let rows = 400;
    let columns = bars(rows);
    for (kernel, inputs) in all() {
        let given: Vec<&[f64]> = inputs.iter().map(|input| columns[*input].as_slice()).collect();
        let mut whole = vec![vec![1.0; rows]; kernel.outputs()];
        kernel.fill(&given, &mut whole);
        let mut stream = kernel.stream(inputs.len());
        let mut now = vec![0.0; kernel.outputs()];
        for row in 0..rows {
            let values: Vec<f64> = given.iter().map(|input| input[row]).collect();
            stream.push(&values, &mut now);
            for (output, (now, whole)) in now.iter().zip(&whole).enumerate() {
                let whole = whole[row];
                assert!(
                    now.to_bits() == whole.to_bits() || now.is_nan() && whole.is_nan(),
                    "{} output {output} row {row}: {now} bar by bar, {whole} over the whole",
                    kernel.name()
                );
            }
        }
        assert!(whole.iter().all(|output| output.iter().any(|value| value.is_finite())), "{}", kernel.name());
    }
}

#[test]
fn rows_begin_where_every_input_does() {
    let mut stream = Kernel::sma(3).stream(1);
    let mut now = [0.0];
    let answers = [f64::NAN, 1.0, 2.0, 3.0, 4.0].map(|value| {
        stream.push(&[value], &mut now);
        now[0]
    });
    assert!(answers[..3].iter().all(|value| value.is_nan()));
    assert_eq!(answers[3..], [2.0, 3.0]);
    let mut refused = Kernel::sma(0).stream(1);
    refused.push(&[1.0], &mut now);
    assert!(now[0].is_nan());
}
