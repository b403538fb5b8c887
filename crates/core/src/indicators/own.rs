//! The indicators by name that TA-Lib lacks or defines otherwise.

use super::{
    channels::{donchian, ichimoku, keltner, supertrend},
    columns::{Columns, Input},
    liquidity::{amihud, chaikin_money_flow},
    price::typical_price,
    range_volatility::{garman_klass, parkinson, realised, rogers_satchell, yang_zhang},
    session,
};
use crate::error::Result;

/// A parameter that may be left out.
#[derive(Debug)]
pub(super) struct OwnParameter {
    pub(super) name: &'static str,
    pub(super) default: f64,
    /// A count of bars or minutes, at least this; else any positive number.
    pub(super) least: Option<f64>,
}

/// Series from columns and parameters, one for each output.
type Compute = fn(&Columns<'_>, &[f64]) -> Result<Vec<Vec<f64>>>;

/// One indicator: its parameters are written by position, as in `KELTNER(20,10,2.0)`.
pub(super) struct Own {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [OwnParameter],
    pub(super) inputs: &'static [Input],
    pub(super) outputs: &'static [&'static str],
    /// Rows without value at the start of the first output.
    pub(super) lookback: fn(&[f64]) -> usize,
    pub(super) compute: Compute,
}

const fn bars(name: &'static str, default: f64, least: f64) -> OwnParameter {
    OwnParameter { name, default, least: Some(least) }
}

const fn factor(name: &'static str, default: f64) -> OwnParameter {
    OwnParameter { name, default, least: None }
}

const HIGH_LOW: &[Input] = &[Input::High, Input::Low];
const HIGH_LOW_CLOSE: &[Input] = &[Input::High, Input::Low, Input::Close];
const RANGE_VOLATILITIES: &[OwnParameter] = &[bars("period", 20.0, 2.0), factor("bars_per_year", 252.0)];

/// Every indicator of ours, in the order of their names.
pub(super) static OWN: &[Own] = &[
    Own {
        name: "AMIHUD",
        parameters: &[bars("period", 20.0, 1.0)],
        inputs: &[Input::Close, Input::Volume],
        outputs: &["amihud_1e6"],
        lookback: |p| p[0] as usize,
        compute: |columns, p| Ok(vec![amihud(columns.numbers(Input::Close)?, columns.numbers(Input::Volume)?, p[0] as usize)]),
    },
    Own {
        name: "CMF",
        parameters: &[bars("period", 20.0, 1.0)],
        inputs: &[Input::High, Input::Low, Input::Close, Input::Volume],
        outputs: &["cmf"],
        lookback: |p| p[0] as usize - 1,
        compute: |columns, p| {
            let [high, low, close] = high_low_close(columns)?;
            Ok(vec![chaikin_money_flow(high, low, close, columns.numbers(Input::Volume)?, p[0] as usize)])
        },
    },
    Own {
        name: "DONCHIAN",
        parameters: &[bars("period", 20.0, 1.0)],
        inputs: HIGH_LOW,
        outputs: &["upper", "lower", "mid"],
        lookback: |p| p[0] as usize - 1,
        compute: |columns, p| {
            let bands = donchian(columns.numbers(Input::High)?, columns.numbers(Input::Low)?, p[0] as usize);
            Ok(vec![bands.upper, bands.lower, bands.middle])
        },
    },
    Own {
        name: "ICHIMOKU",
        parameters: &[bars("tenkan", 9.0, 1.0), bars("kijun", 26.0, 1.0), bars("senkou", 52.0, 1.0)],
        inputs: HIGH_LOW,
        outputs: &["tenkan", "kijun", "span_a_raw", "span_b_raw", "span_a_shifted", "span_b_shifted"],
        lookback: |p| p[0] as usize - 1,
        compute: |columns, p| {
            let (high, low) = (columns.numbers(Input::High)?, columns.numbers(Input::Low)?);
            let lines = ichimoku(high, low, p[0] as usize, p[1] as usize, p[2] as usize);
            Ok(vec![lines.tenkan, lines.kijun, lines.span_a_raw, lines.span_b_raw, lines.span_a_shifted, lines.span_b_shifted])
        },
    },
    Own {
        name: "KELTNER",
        parameters: &[bars("period", 20.0, 2.0), bars("atr_period", 10.0, 1.0), factor("multiplier", 2.0)],
        inputs: HIGH_LOW_CLOSE,
        outputs: &["mid", "upper", "lower"],
        lookback: |p| p[0] as usize - 1,
        compute: |columns, p| {
            let [high, low, close] = high_low_close(columns)?;
            let bands = keltner(high, low, close, p[0] as usize, p[1] as usize, p[2]);
            Ok(vec![bands.middle, bands.upper, bands.lower])
        },
    },
    Own {
        name: "RANGE_VOLS",
        parameters: RANGE_VOLATILITIES,
        inputs: &[Input::Open, Input::High, Input::Low, Input::Close],
        outputs: &["parkinson", "garman_klass", "rogers_satchell", "yang_zhang"],
        lookback: |p| p[0] as usize - 1,
        compute: |columns, p| {
            let open = columns.numbers(Input::Open)?;
            let [high, low, close] = high_low_close(columns)?;
            let (period, year) = (p[0] as usize, p[1]);
            Ok(vec![
                parkinson(high, low, period, year),
                garman_klass(open, high, low, close, period, year),
                rogers_satchell(open, high, low, close, period, year),
                yang_zhang(open, high, low, close, period, year),
            ])
        },
    },
    Own {
        name: "REALISED_VARIATION",
        parameters: &[bars("minutes", 5.0, 1.0)],
        inputs: &[Input::Open, Input::Close, Input::Session],
        outputs: &["n", "rv", "bv"],
        lookback: |_| 0,
        compute: |columns, p| {
            let (open, close) = (columns.numbers(Input::Open)?, columns.numbers(Input::Close)?);
            let variation = session::realised_variation(open, close, columns.session()?, p[0] as u16);
            Ok(vec![variation.count, variation.variance, variation.bipower])
        },
    },
    Own {
        name: "REALISED_VOL",
        parameters: RANGE_VOLATILITIES,
        inputs: &[Input::Close],
        outputs: &["rv"],
        lookback: |p| p[0] as usize,
        compute: |columns, p| Ok(vec![realised(columns.numbers(Input::Close)?, p[0] as usize, p[1])]),
    },
    Own {
        name: "RVOL_TOD",
        parameters: &[],
        inputs: &[Input::Volume, Input::Session],
        outputs: &["rvol_tod", "cum_rvol_tod"],
        lookback: |_| 0,
        compute: |columns, _| {
            let (volume, times) = (columns.numbers(Input::Volume)?, columns.session()?);
            Ok(vec![
                session::relative_volume(volume, &times.minute),
                session::cumulative_relative_volume(volume, &times.day, &times.minute),
            ])
        },
    },
    Own {
        name: "SESSION_VWAP",
        parameters: &[],
        inputs: &[Input::High, Input::Low, Input::Close, Input::Volume, Input::Session],
        outputs: &["vwap_hlc3", "vwap_close"],
        lookback: |_| 0,
        compute: |columns, _| {
            let [high, low, close] = high_low_close(columns)?;
            let (volume, day) = (columns.numbers(Input::Volume)?, &columns.session()?.day);
            let typical = typical_price(high, low, close);
            Ok(vec![session::vwap(&typical, volume, day), session::vwap(close, volume, day)])
        },
    },
    Own {
        name: "SUPERTREND",
        parameters: &[bars("period", 10.0, 1.0), factor("multiplier", 3.0)],
        inputs: HIGH_LOW_CLOSE,
        outputs: &["value", "direction", "final_upper", "final_lower"],
        lookback: |p| p[0] as usize,
        compute: |columns, p| {
            let [high, low, close] = high_low_close(columns)?;
            let trend = supertrend(high, low, close, p[0] as usize, p[1]);
            Ok(vec![trend.value, trend.direction, trend.final_upper, trend.final_lower])
        },
    },
];

fn high_low_close<'a>(columns: &Columns<'a>) -> Result<[&'a [f64]; 3]> {
    Ok([columns.numbers(Input::High)?, columns.numbers(Input::Low)?, columns.numbers(Input::Close)?])
}
