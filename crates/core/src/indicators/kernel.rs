//! TA-Lib's functions as values: over whole columns, and bar by bar with a state, the two equal to the last bit.
//!
//! Here are those that features are made of; [`super`] has all of them as functions.

use std::fmt::Debug;

use ta_lib::{Core, MAType, RetCode, abstract_api::FuncId};

use super::{
    candles::Pattern,
    engine::{CORE, Output, Parameter, lookback, run},
    trend::Average,
};

/// One of TA-Lib's functions with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kernel {
    function: FuncId,
    parameters: Vec<Parameter>,
    outputs: usize,
    /// Its output is a whole number, 0 where undefined.
    counts: bool,
}

/// A function that has seen some bars.
pub(crate) trait KernelStream: Debug + Send {
    /// Takes in the next bar. Undefined where an input is not a finite number; the bar then counts as not seen.
    fn push(&mut self, inputs: &[f64], outputs: &mut [f64]);
}

/// What a stream of TA-Lib's answers.
trait Answer {
    fn write(self, outputs: &mut [f64]);
}

impl Answer for f64 {
    fn write(self, outputs: &mut [f64]) {
        outputs[0] = self;
    }
}

impl Answer for i32 {
    fn write(self, outputs: &mut [f64]) {
        outputs[0] = f64::from(self);
    }
}

impl Answer for (f64, f64) {
    fn write(self, outputs: &mut [f64]) {
        (outputs[0], outputs[1]) = self;
    }
}

impl Answer for (f64, f64, f64) {
    fn write(self, outputs: &mut [f64]) {
        (outputs[0], outputs[1], outputs[2]) = self;
    }
}

impl Parameter {
    fn integer(self) -> Result<i32, RetCode> {
        match self {
            Self::Integer(value) => Ok(value),
            Self::Real(_) => Err(RetCode::BadParam),
        }
    }

    fn real(self) -> Result<f64, RetCode> {
        match self {
            Self::Real(value) => Ok(value),
            Self::Integer(_) => Err(RetCode::BadParam),
        }
    }

    fn average(self) -> Result<MAType, RetCode> {
        MAType::try_from(self.integer()?)
    }
}

macro_rules! kind {
    (integer) => {
        usize
    };
    (real) => {
        f64
    };
    (average) => {
        Average
    };
}

/// `name = FUNCTION open Stream(inputs; parameters) -> outputs`.
macro_rules! kernels {
    (
        functions {
            $($name:ident = $function:ident $open:ident $stream:ident($($input:literal),+; $($parameter:ident: $kind:ident),*) -> $outputs:literal;)+
        }
        patterns { $($pattern:ident $pattern_open:ident $pattern_stream:ident $($penetration:literal)?;)+ }
    ) => {
        impl Kernel {
            $(pub(crate) fn $name($($parameter: kind!($kind)),*) -> Self {
                let parameters = vec![$($parameter.into()),*];
                Self { function: FuncId::$function, parameters, outputs: $outputs, counts: false }
            })+

            /// The state after `history`, columns of as many rows as it takes for the first output, which is written too.
            fn open(&self, history: &[Vec<f64>], outputs: &mut [f64]) -> Result<Box<dyn KernelStream>, RetCode> {
                let core: &Core = &CORE;
                let mut parameters = self.parameters.iter();
                let mut next = || parameters.next().copied().ok_or(RetCode::BadParam);
                // Functions without parameters ask for none.
                let _ = &mut next;
                match self.function {
                    $(FuncId::$function => {
                        let (stream, last) = core.$open($(&history[$input],)+ $(next()?.$kind()?),*)?;
                        last.write(outputs);
                        Ok(Box::new(stream))
                    })+
                    $(FuncId::$pattern => {
                        let (stream, last) = core.$pattern_open(&history[0], &history[1], &history[2], &history[3] $(, $penetration)?)?;
                        last.write(outputs);
                        Ok(Box::new(stream))
                    })+
                    _ => Err(RetCode::BadParam),
                }
            }
        }

        $(impl KernelStream for ta_lib::$stream {
            fn push(&mut self, inputs: &[f64], outputs: &mut [f64]) {
                match self.update($(inputs[$input]),+) {
                    Ok(answer) => answer.write(outputs),
                    Err(_) => outputs.fill(f64::NAN),
                }
            }
        })+

        $(impl KernelStream for ta_lib::$pattern_stream {
            fn push(&mut self, inputs: &[f64], outputs: &mut [f64]) {
                match self.update(inputs[0], inputs[1], inputs[2], inputs[3]) {
                    Ok(answer) => answer.write(outputs),
                    Err(_) => outputs.fill(0.0),
                }
            }
        })+
    };
}

kernels! {
    functions {
        sma = SMA sma_open SmaStream(0; period: integer) -> 1;
        ema = EMA ema_open EmaStream(0; period: integer) -> 1;
        wma = WMA wma_open WmaStream(0; period: integer) -> 1;
        dema = DEMA dema_open DemaStream(0; period: integer) -> 1;
        tema = TEMA tema_open TemaStream(0; period: integer) -> 1;
        kama = KAMA kama_open KamaStream(0; period: integer) -> 1;
        trima = TRIMA trima_open TrimaStream(0; period: integer) -> 1;
        hma = HMA hma_open HmaStream(0; period: integer) -> 1;
        vwma = VWMA vwma_open VwmaStream(0, 1; period: integer) -> 1;
        bollinger_bands = BBANDS bbands_open BbandsStream(0; period: integer, up: real, down: real, kind: average) -> 3;
        parabolic_sar = SAR sar_open SarStream(0, 1; acceleration: real, maximum: real) -> 1;
        max = MAX max_open MaxStream(0; period: integer) -> 1;
        min = MIN min_open MinStream(0; period: integer) -> 1;
        standard_deviation = STDDEV stddev_open StddevStream(0; period: integer, multiple: real) -> 1;
        linear_regression_slope = LINEARREG_SLOPE linearreg_slope_open LinearregSlopeStream(0; period: integer) -> 1;
        adx = ADX adx_open AdxStream(0, 1, 2; period: integer) -> 1;
        plus_di = PLUS_DI plus_di_open PlusDiStream(0, 1, 2; period: integer) -> 1;
        minus_di = MINUS_DI minus_di_open MinusDiStream(0, 1, 2; period: integer) -> 1;
        aroon = AROON aroon_open AroonStream(0, 1; period: integer) -> 2;
        vortex = VORTEX vortex_open VortexStream(0, 1, 2; period: integer) -> 2;
        rsi = RSI rsi_open RsiStream(0; period: integer) -> 1;
        roc = ROC roc_open RocStream(0; period: integer) -> 1;
        mom = MOM mom_open MomStream(0; period: integer) -> 1;
        macd = MACD macd_open MacdStream(0; fast: integer, slow: integer, signal: integer) -> 3;
        ppo = PPO ppo_open PpoStream(0; fast: integer, slow: integer, kind: average) -> 1;
        stochastic = STOCH stoch_open StochStream(0, 1, 2;
            period: integer, slow: integer, slow_kind: average, signal: integer, signal_kind: average) -> 2;
        stochastic_rsi = STOCHRSI stochrsi_open StochrsiStream(0;
            period: integer, range: integer, signal: integer, signal_kind: average) -> 2;
        williams_r = WILLR willr_open WillrStream(0, 1, 2; period: integer) -> 1;
        cci = CCI cci_open CciStream(0, 1, 2; period: integer) -> 1;
        trix = TRIX trix_open TrixStream(0; period: integer) -> 1;
        cmo = CMO cmo_open CmoStream(0; period: integer) -> 1;
        ultimate_oscillator = ULTOSC ultosc_open UltoscStream(0, 1, 2; first: integer, second: integer, third: integer) -> 1;
        tsi = TSI tsi_open TsiStream(0; first: integer, second: integer) -> 1;
        efficiency_ratio = ER er_open ErStream(0; period: integer) -> 1;
        balance_of_power = BOP bop_open BopStream(0, 1, 2, 3;) -> 1;
        atr = ATR atr_open AtrStream(0, 1, 2; period: integer) -> 1;
        natr = NATR natr_open NatrStream(0, 1, 2; period: integer) -> 1;
        true_range = TRANGE trange_open TrangeStream(0, 1, 2;) -> 1;
        chaikin_volatility = CVI cvi_open CviStream(0, 1; period: integer, change: integer) -> 1;
        obv = OBV obv_open ObvStream(0, 1;) -> 1;
        accumulation_distribution = AD ad_open AdStream(0, 1, 2, 3;) -> 1;
        chaikin_oscillator = ADOSC adosc_open AdoscStream(0, 1, 2, 3; fast: integer, slow: integer) -> 1;
        mfi = MFI mfi_open MfiStream(0, 1, 2, 3; period: integer) -> 1;
        force_index = EFI efi_open EfiStream(0, 1; period: integer) -> 1;
        percentage_volume_oscillator = PVO pvo_open PvoStream(0; fast: integer, slow: integer, kind: average) -> 1;
    }
    patterns {
        CDL3INSIDE cdl3inside_open Cdl3insideStream;
        CDL3OUTSIDE cdl3outside_open Cdl3outsideStream;
        CDLDARKCLOUDCOVER cdldarkcloudcover_open CdldarkcloudcoverStream 0.5;
        CDLDOJI cdldoji_open CdldojiStream;
        CDLDRAGONFLYDOJI cdldragonflydoji_open CdldragonflydojiStream;
        CDLENGULFING cdlengulfing_open CdlengulfingStream;
        CDLEVENINGSTAR cdleveningstar_open CdleveningstarStream 0.3;
        CDLGRAVESTONEDOJI cdlgravestonedoji_open CdlgravestonedojiStream;
        CDLHAMMER cdlhammer_open CdlhammerStream;
        CDLHANGINGMAN cdlhangingman_open CdlhangingmanStream;
        CDLHARAMI cdlharami_open CdlharamiStream;
        CDLINVERTEDHAMMER cdlinvertedhammer_open CdlinvertedhammerStream;
        CDLMARUBOZU cdlmarubozu_open CdlmarubozuStream;
        CDLMORNINGSTAR cdlmorningstar_open CdlmorningstarStream 0.3;
        CDLPIERCING cdlpiercing_open CdlpiercingStream;
        CDLSHOOTINGSTAR cdlshootingstar_open CdlshootingstarStream;
    }
}

impl Kernel {
    /// A candlestick pattern over open, high, low and close; its output is a whole number, 0 where undefined.
    pub(crate) fn pattern(pattern: Pattern) -> Self {
        Self { function: pattern.function(), parameters: Vec::new(), outputs: 1, counts: true }
    }

    /// What distinguishes it from others.
    pub(crate) fn name(&self) -> String {
        format!("{}{:?}", self.function.info().name, self.parameters)
    }

    /// Number of columns that it answers.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Rows before the first output; none of them for parameters that TA-Lib refuses.
    pub(crate) fn lookback(&self) -> usize {
        lookback(self.function, &self.parameters).unwrap_or_default()
    }

    /// Fills whole columns; undefined throughout for parameters that TA-Lib refuses.
    pub(crate) fn fill(&self, inputs: &[&[f64]], outputs: &mut [Vec<f64>]) {
        if self.counts {
            let mut counts = vec![0; inputs[0].len()];
            let mut targets = [Output::Integer(&mut counts)];
            if run(self.function, inputs, &self.parameters, &mut targets).is_err() {
                targets[0].clear();
            }
            outputs[0].iter_mut().zip(counts).for_each(|(output, count)| *output = f64::from(count));
            return;
        }
        let fill = |targets: &mut [Output<'_>]| {
            if run(self.function, inputs, &self.parameters, targets).is_err() {
                targets.iter_mut().for_each(Output::clear);
            }
        };
        match outputs {
            [one] => fill(&mut [Output::Real(one)]),
            [one, two] => fill(&mut [Output::Real(one), Output::Real(two)]),
            several => fill(&mut several.iter_mut().map(|values| Output::Real(values)).collect::<Vec<_>>()),
        }
    }

    /// A state that has seen nothing.
    pub(crate) fn stream(&self, inputs: usize) -> Box<dyn KernelStream> {
        let needed = self.lookback() + 1;
        let history = (0..inputs).map(|_| Vec::with_capacity(needed)).collect();
        Box::new(Warming { kernel: self.clone(), needed, stage: Stage::Gathers(history) })
    }
}

/// A stream that gathers the rows before its first output, beginning where all inputs are defined.
#[derive(Debug)]
struct Warming {
    kernel: Kernel,
    needed: usize,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Gathers(Vec<Vec<f64>>),
    Runs(Box<dyn KernelStream>),
    /// TA-Lib refuses the parameters.
    Refused,
}

impl KernelStream for Warming {
    fn push(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        let history = match &mut self.stage {
            Stage::Runs(stream) => return stream.push(inputs, outputs),
            Stage::Gathers(history) => history,
            Stage::Refused => return outputs.fill(f64::NAN),
        };
        outputs.fill(if self.kernel.counts { 0.0 } else { f64::NAN });
        if history[0].is_empty() && inputs.iter().any(|input| input.is_nan()) {
            return;
        }
        history.iter_mut().zip(inputs).for_each(|(history, input)| history.push(*input));
        if history[0].len() == self.needed {
            self.stage = self.kernel.open(history, outputs).map_or(Stage::Refused, Stage::Runs);
        }
    }
}

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod tests;
