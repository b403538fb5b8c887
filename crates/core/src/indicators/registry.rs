//! Indicators by name: a tag such as `RSI(timeperiod=14)` becomes a call that knows its inputs, outputs and look-back.

use polars::prelude::PlSmallStr;
use ta_lib::abstract_api::{self, FuncId, FuncInfo, Group, InputType, OptInputType, OutputType};

use super::{
    columns::{Columns, Input},
    engine::{self, Output, Parameter},
    own::{OWN, Own},
    tag::{self, Arguments},
};
use crate::error::{Error, Result};

/// An indicator with its parameters.
#[derive(Clone)]
pub struct IndicatorCall {
    tag: String,
    function: Function,
    inputs: Vec<Input>,
    /// Names of the columns in a frame, and of what kind they are.
    columns: Vec<(PlSmallStr, OutputKind)>,
}

impl std::fmt::Debug for IndicatorCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IndicatorCall({})", self.tag)
    }
}

#[derive(Clone)]
enum Function {
    TaLib { id: FuncId, parameters: Vec<Parameter>, lookback: usize },
    Own { own: &'static Own, parameters: Vec<f64> },
}

/// Kind of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Numbers; NaN where undefined.
    Real,
    /// Whole numbers; 0 in the look-back.
    Integer,
    /// A candlestick pattern, −200 to 200; 0 in the look-back.
    Candle,
}

/// One output column of an indicator.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// NaN where undefined.
    Real(Vec<f64>),
    /// 0 in the look-back.
    Integer(Vec<i32>),
}

impl IndicatorCall {
    /// Reads a tag.
    ///
    /// Names are TA-Lib's with named parameters, any of which may be left out for its default: `MACD(slowperiod=30)`, `OBV()`.
    /// Indicators of our own take theirs by position: `KELTNER(20,10,2.0)`, `SESSION_VWAP`. Three names are both, and the
    /// spelling tells: `DONCHIAN(timeperiod=20)`, `SUPERTREND(timeperiod=10,multiplier=3.0)` and `CMF(timeperiod=20)` are
    /// TA-Lib's, `DONCHIAN(20)`, `SUPERTREND(10,3.0)` and `CMF(20)` ours.
    ///
    /// # Errors
    /// [`Error::Indicator`] that names the nearest known spelling, or the parameters there are with their ranges.
    ///
    /// ```
    /// use bellwether::indicators::IndicatorCall;
    /// let call = IndicatorCall::parse("BBANDS(timeperiod=20,nbdevup=2,nbdevdn=2)")?;
    /// assert_eq!(call.output_names(), ["upperband", "middleband", "lowerband"]);
    /// assert_eq!(call.lookback(), 19);
    /// assert!(IndicatorCall::parse("RSY(timeperiod=14)").unwrap_err().to_string().contains("`RSI`"));
    /// # Ok::<(), bellwether::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        let tag = text.trim().to_owned();
        let refused = |problem: String| Error::Indicator { tag: tag.clone(), problem };
        let (name, arguments) = tag::parse(&tag).map_err(refused)?;
        let talib = abstract_api::FUNCS.iter().find(|info| info.name == name);
        let own = OWN.iter().find(|own| own.name == name);
        let function = match (talib, own, &arguments) {
            (_, Some(own), Arguments::Positional(_)) | (None, Some(own), _) => {
                Function::Own { own, parameters: own_parameters(own, &arguments).map_err(refused)? }
            }
            (Some(info), _, _) => {
                let parameters = talib_parameters(info, &arguments).map_err(refused)?;
                let lookback = engine::lookback(info.id, &parameters)
                    .map_err(|_| refused("its parameters do not go together".to_owned()))?;
                Function::TaLib { id: info.id, parameters, lookback }
            }
            (None, None, _) => return Err(refused(tag::unknown("indicator", name, names()))),
        };
        let inputs = match &function {
            Function::TaLib { id, .. } => talib_inputs(id.info()).collect(),
            Function::Own { own, .. } => own.inputs.to_vec(),
        };
        let columns = outputs_of(&function).map(|(name, kind)| (format!("{tag}.{name}").into(), kind)).collect();
        Ok(Self { tag, function, inputs, columns })
    }

    /// The tag as it was written.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The indicator's name.
    pub fn name(&self) -> &'static str {
        match &self.function {
            Function::TaLib { id, .. } => id.info().name,
            Function::Own { own, .. } => own.name,
        }
    }

    /// Number of leading rows without value in the first output; 0 for those that depend on the session.
    pub fn lookback(&self) -> usize {
        match &self.function {
            Function::TaLib { lookback, .. } => *lookback,
            Function::Own { own, parameters } => (own.lookback)(parameters),
        }
    }

    /// The columns it reads, in the order it takes them.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Names of its outputs, such as `macd, macdsignal, macdhist`; one of a single output is mostly `real` or `integer`.
    pub fn output_names(&self) -> Vec<String> {
        outputs_of(&self.function).map(|(name, _)| name).collect()
    }

    /// Kinds of its outputs.
    pub fn output_kinds(&self) -> Vec<OutputKind> {
        self.columns.iter().map(|(_, kind)| *kind).collect()
    }

    /// Names and kinds of its columns in a frame.
    pub(super) fn columns(&self) -> &[(PlSmallStr, OutputKind)] {
        &self.columns
    }

    /// Computes every output over `columns`: name and values, as long as the columns.
    ///
    /// # Errors
    /// [`Error::Column`] when a column that it reads is absent.
    pub fn compute(&self, columns: &Columns<'_>) -> Result<Vec<(String, Values)>> {
        let rows = columns.rows();
        let mut values: Vec<Values> = self
            .output_kinds()
            .into_iter()
            .map(|kind| match kind {
                OutputKind::Real => Values::Real(vec![0.0; rows]),
                OutputKind::Integer | OutputKind::Candle => Values::Integer(vec![0; rows]),
            })
            .collect();
        let mut outputs: Vec<Output<'_>> = values
            .iter_mut()
            .map(|values| match values {
                Values::Real(values) => Output::Real(values),
                Values::Integer(values) => Output::Integer(values),
            })
            .collect();
        self.compute_into(columns, &mut outputs)?;
        Ok(self.output_names().into_iter().zip(values).collect())
    }

    /// Computes every output into slices of the caller's, each as long as the columns and of the kind of the output.
    ///
    /// # Errors
    /// [`Error::Column`] when a column that it reads is absent.
    ///
    /// # Panics
    /// When the slices are not as many, as long or of the kind they must be.
    pub fn compute_into(&self, columns: &Columns<'_>, outputs: &mut [Output<'_>]) -> Result<()> {
        match &self.function {
            Function::TaLib { id, parameters, .. } => {
                let mut inputs: [&[f64]; MOST_INPUTS] = [&[]; MOST_INPUTS];
                let mut count = 0;
                for input in &self.inputs {
                    inputs[count] = columns.numbers(*input)?;
                    count += 1;
                }
                engine::run(*id, &inputs[..count], parameters, outputs)
                    .map_err(|code| Error::Indicator { tag: self.tag.clone(), problem: format!("TA-Lib refuses it: {code:?}") })
            }
            Function::Own { own, parameters } => {
                for (values, output) in (own.compute)(columns, parameters)?.iter().zip(outputs) {
                    if let Output::Real(output) = output {
                        output.copy_from_slice(values);
                    }
                }
                Ok(())
            }
        }
    }
}

impl std::str::FromStr for IndicatorCall {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// Names of all indicators, TA-Lib's first.
pub fn names() -> Vec<&'static str> {
    let talib = abstract_api::FUNCS.iter().map(|info| info.name);
    let mut all: Vec<&str> = talib.collect();
    all.extend(OWN.iter().map(|own| own.name));
    all.sort_unstable();
    all.dedup();
    all
}

/// Names and kinds of the outputs of a function.
fn outputs_of(function: &Function) -> Box<dyn Iterator<Item = (String, OutputKind)>> {
    match function {
        Function::TaLib { id, .. } => {
            let info = id.info();
            let kind = |kind| match kind {
                OutputType::Real => OutputKind::Real,
                OutputType::Integer if info.group == Group::PatternRecognition => OutputKind::Candle,
                OutputType::Integer => OutputKind::Integer,
            };
            Box::new(info.outputs.iter().map(move |output| (output_name(output.param_name), kind(output.kind))))
        }
        Function::Own { own, .. } => Box::new(own.outputs.iter().map(|&name| (name.to_owned(), OutputKind::Real))),
    }
}

/// Open, high, low, close and volume in one bundle, or a second series beside one.
const MOST_INPUTS: usize = 6;

/// What TA-Lib's inputs are in a frame of bars: a single series is the close, a pair is high and low.
fn talib_inputs(info: &'static FuncInfo) -> impl Iterator<Item = Input> {
    const PRICES: [Input; 5] = [Input::Open, Input::High, Input::Low, Input::Close, Input::Volume];
    info.inputs.iter().flat_map(|input| {
        let bits = match (input.kind, input.param_name) {
            (InputType::Price, _) => input.flags.bits(),
            _ => 0,
        };
        let single = match (input.kind, input.param_name) {
            (InputType::Price, _) => None,
            (_, "inReal0") => Some(Input::High),
            (_, "inReal1") => Some(Input::Low),
            (_, "inPeriods") => Some(Input::Periods),
            _ => Some(Input::Close),
        };
        PRICES.into_iter().enumerate().filter(move |(bit, _)| bits & (1 << bit) != 0).map(|(_, input)| input).chain(single)
    })
}

/// `outRealUpperBand` is `upperband`, `outMACDSignal` `macdsignal`, `outReal` `real`.
fn output_name(name: &str) -> String {
    let name = name.strip_prefix("out").unwrap_or(name);
    let name = name.strip_prefix("Real").filter(|rest| !rest.is_empty()).unwrap_or(name);
    name.to_ascii_lowercase()
}

/// `optInTimePeriod` is `timeperiod`.
fn parameter_name(name: &str) -> String {
    name.strip_prefix("optIn").unwrap_or(name).to_ascii_lowercase()
}

fn talib_parameters(info: &FuncInfo, arguments: &Arguments<'_>) -> Result<Vec<Parameter>, String> {
    let known: Vec<String> = info.opt_inputs.iter().map(|option| parameter_name(option.param_name)).collect();
    let given = match arguments {
        Arguments::None => &[][..],
        Arguments::Named(given) => given,
        Arguments::Positional(_) => {
            let spelling: Vec<String> =
                info.opt_inputs.iter().zip(&known).map(|(option, name)| format!("{name}={}", default(&option.kind))).collect();
            return Err(format!("parameters of TA-Lib's indicators are named: write `{}({})`", info.name, spelling.join(",")));
        }
    };
    tag::check_names(given.iter().map(|(name, _)| *name), &known)?;
    let mut parameters = Vec::with_capacity(known.len());
    for (option, name) in info.opt_inputs.iter().zip(&known) {
        let text = given.iter().find(|(given, _)| given == name).map(|(_, text)| *text);
        parameters.push(talib_parameter(&option.kind, name, text)?);
    }
    Ok(parameters)
}

fn default(kind: &OptInputType) -> String {
    match *kind {
        OptInputType::RealRange { default, .. } | OptInputType::RealList { default, .. } => format!("{default:?}"),
        OptInputType::IntegerRange { default, .. } => default.to_string(),
        OptInputType::IntegerList { default, .. } => default.to_string(),
    }
}

fn talib_parameter(kind: &OptInputType, name: &str, text: Option<&str>) -> Result<Parameter, String> {
    let whole = |text: &str| tag::whole(text).ok_or_else(|| format!("`{name}` is `{text}`, expected a whole number"));
    let number = |text: &str| tag::number(text).ok_or_else(|| format!("`{name}` is `{text}`, expected a number"));
    match *kind {
        OptInputType::IntegerRange { min, max, default, .. } => {
            let value = text.map_or(Ok(i64::from(default)), whole)?;
            let value = i32::try_from(value).ok().filter(|value| (min..=max).contains(value));
            let value = value.ok_or_else(|| format!("`{name}` is {}, expected {min} to {max}", text.unwrap_or("")))?;
            Ok(Parameter::Integer(value))
        }
        OptInputType::IntegerList { values, default } => {
            let value = text.map_or(Ok(default), whole)?;
            // `DISABLED` and `DEFAULT` are no averages.
            let known = values.iter().filter(|(_, label)| !matches!(*label, "DISABLED" | "DEFAULT"));
            let spelled: Vec<String> = known.clone().map(|(value, label)| format!("{value} ({label})")).collect();
            let found = known.clone().find(|(known, _)| *known == value).and_then(|(value, _)| i32::try_from(*value).ok());
            found.map(Parameter::Integer).ok_or_else(|| format!("`{name}` is {value}, expected one of {}", spelled.join(", ")))
        }
        OptInputType::RealRange { min, max, default, .. } => {
            let value = text.map_or(Ok(default), number)?;
            match (min..=max).contains(&value) {
                true => Ok(Parameter::Real(value)),
                false => Err(format!("`{name}` is {value}, expected {min} to {max}")),
            }
        }
        OptInputType::RealList { default, .. } => Ok(Parameter::Real(text.map_or(Ok(default), number)?)),
    }
}

fn own_parameters(own: &Own, arguments: &Arguments<'_>) -> Result<Vec<f64>, String> {
    let known: Vec<String> = own.parameters.iter().map(|parameter| parameter.name.to_owned()).collect();
    let text_of = |index: usize| match arguments {
        Arguments::None => None,
        Arguments::Positional(given) => given.get(index).copied(),
        Arguments::Named(given) => given.iter().find(|(name, _)| *name == known[index]).map(|(_, text)| *text),
    };
    match arguments {
        Arguments::Named(given) => tag::check_names(given.iter().map(|(name, _)| *name), &known)?,
        Arguments::Positional(given) if given.len() > known.len() => {
            return Err(format!("has {} parameters, expected at most {}: {}", given.len(), known.len(), known.join(", ")));
        }
        _ => {}
    }
    let mut values = Vec::with_capacity(known.len());
    for (index, parameter) in own.parameters.iter().enumerate() {
        let name = parameter.name;
        let value = match text_of(index) {
            None => parameter.default,
            Some(text) => tag::number(text).ok_or_else(|| format!("`{name}` is `{text}`, expected a number"))?,
        };
        let (fits, expected) = match parameter.least {
            Some(least) => (value >= least && value <= LONGEST && value.fract() == 0.0, format!("a whole number from {least}")),
            None => (value > 0.0, "a number above 0".to_owned()),
        };
        if !fits {
            return Err(format!("`{name}` is {value}, expected {expected}"));
        }
        values.push(value);
    }
    Ok(values)
}

/// The longest window, as TA-Lib's longest period but for what a count of minutes holds.
const LONGEST: f64 = 60_000.0;
