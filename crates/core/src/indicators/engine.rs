//! The one door to the crate `ta-lib`: inputs that may start undefined, outputs as long as the input, warm-up filled.

use std::{cell::RefCell, cmp::Ordering, sync::LazyLock};

use ta_lib::{Core, RetCode, abstract_api::FuncId, abstract_api::InputType};

use super::{commodity_channel::commodity_channel_index, extreme_rows::extreme_rows};

/// TA-Lib with its default candle thresholds and no unstable period.
pub(super) static CORE: LazyLock<Core> = LazyLock::new(Core::new);

thread_local! {
    /// TA-Lib writes 32 bits for a candle; used again, they stay in the cache.
    static WIDE: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) };
}

/// A parameter as TA-Lib takes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Parameter {
    Integer(i32),
    Real(f64),
}

impl From<usize> for Parameter {
    /// Counts that do not fit are outside every range, which TA-Lib refuses.
    fn from(value: usize) -> Self {
        Self::Integer(i32::try_from(value).unwrap_or(i32::MAX))
    }
}

impl From<f64> for Parameter {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// Where one output goes; as long as the inputs.
#[derive(Debug)]
pub enum Output<'a> {
    /// Numbers; NaN where undefined.
    Real(&'a mut [f64]),
    /// Whole numbers; 0 where undefined.
    Integer(&'a mut [i32]),
    /// A candlestick pattern, −200 to 200; 0 where undefined.
    Candle(&'a mut [i16]),
}

impl<'a> Output<'a> {
    /// Undefined throughout.
    pub(super) fn clear(&mut self) {
        match self {
            Output::Real(values) => values.fill(f64::NAN),
            Output::Integer(values) => values.fill(0),
            Output::Candle(values) => values.fill(0),
        }
    }

    /// Cuts the first `length` values off.
    pub(super) fn take(&mut self, length: usize) -> Output<'a> {
        fn first<'a, T>(values: &mut &'a mut [T], length: usize) -> &'a mut [T] {
            let (head, tail) = std::mem::take(values).split_at_mut(length);
            *values = tail;
            head
        }
        match self {
            Output::Real(values) => Output::Real(first(values, length)),
            Output::Integer(values) => Output::Integer(first(values, length)),
            Output::Candle(values) => Output::Candle(first(values, length)),
        }
    }
}

/// Number of leading values without output for these parameters.
pub(super) fn lookback(function: FuncId, parameters: &[Parameter]) -> Result<usize, RetCode> {
    let mut call = function.new_call(&CORE);
    bind(&mut call, parameters)?;
    call.lookback()
}

fn bind(call: &mut ta_lib::abstract_api::ParamHolder<'_>, parameters: &[Parameter]) -> Result<(), RetCode> {
    for (index, parameter) in parameters.iter().enumerate() {
        match *parameter {
            Parameter::Integer(value) => call.set_opt_input(index, value)?,
            Parameter::Real(value) => call.set_opt_input(index, value)?,
        };
    }
    Ok(())
}

/// Runs `function`, its inputs in TA-Lib's order (a price bundle as open, high, low, close, volume, those it takes).
///
/// The kernel starts at the first row where every input is a number, so one may be fed with the output of another.
/// Every element of every output is written.
///
/// # Errors
/// TA-Lib's code when a parameter is outside its range; the outputs are then not touched.
///
/// # Panics
/// When inputs or outputs differ in length or number from what the function takes: a mistake in the calling code.
pub(super) fn run(
    function: FuncId,
    inputs: &[&[f64]],
    parameters: &[Parameter],
    outputs: &mut [Output<'_>],
) -> Result<(), RetCode> {
    let rows = inputs[0].len();
    if let [Output::Candle(values)] = outputs {
        return WIDE.with_borrow_mut(|wide| {
            wide.resize(rows, 0);
            run(function, inputs, parameters, &mut [Output::Integer(wide)])?;
            values.iter_mut().zip(wide).for_each(|(value, wide)| *value = *wide as i16);
            Ok(())
        });
    }
    assert!(inputs.iter().all(|input| input.len() == rows), "{}: inputs differ in length", function.info().name);
    let first = inputs.iter().map(|input| input.iter().take_while(|value| value.is_nan()).count()).max().unwrap_or(0);
    let mut call = function.new_call(&CORE);
    bind(&mut call, parameters)?;
    let lookback = call.lookback()?;
    let warm = first + lookback;
    if rows <= warm {
        outputs.iter_mut().for_each(Output::clear);
        return Ok(());
    }
    if let (Some(wanted), [Parameter::Integer(period)]) = (extremes_of(function), parameters) {
        let period = usize::try_from(*period).map_err(|_| RetCode::BadParam)?;
        for (wanted, output) in wanted.iter().zip(outputs) {
            if let Output::Integer(values) = output {
                let (head, tail) = values.split_at_mut(warm);
                head.fill(0);
                extreme_rows(&inputs[0][first..], period, *wanted, first, tail);
            }
        }
        return Ok(());
    }
    if let (FuncId::CCI, [high, low, close], [Output::Real(values)]) = (function, inputs, &mut *outputs) {
        let (head, tail) = values.split_at_mut(warm);
        head.fill(f64::NAN);
        commodity_channel_index(&high[first..], &low[first..], &close[first..], lookback + 1, tail);
        return Ok(());
    }
    let mut given = inputs.iter().map(|input| &input[first..]);
    for (slot, info) in function.info().inputs.iter().enumerate() {
        if info.kind == InputType::Price {
            let mut take = |bit: u32| if info.flags.bits() & (1 << bit) == 0 { None } else { given.next() };
            let (open, high, low, close, volume) = (take(0), take(1), take(2), take(3), take(4));
            call.set_price_input(slot, open, high, low, close, volume, None)?;
        } else {
            call.set_input(slot, given.next().ok_or(RetCode::InputNotAllInitialize)?)?;
        }
    }
    for (index, output) in outputs.iter_mut().enumerate() {
        match output {
            Output::Real(values) => {
                let (head, tail) = values.split_at_mut(warm);
                head.fill(f64::NAN);
                call.set_output(index, tail)?;
            }
            Output::Integer(values) => {
                let (head, tail) = values.split_at_mut(warm);
                head.fill(0);
                call.set_int_output(index, tail)?;
            }
            Output::Candle(_) => return Err(RetCode::BadParam),
        }
    }
    let range = call.call(0, rows - first - 1)?;
    // What makes the offset above right: TA-Lib's own contract.
    assert_eq!((range.beg_idx, range.count), (lookback, rows - warm), "{}: an output of another length", function.info().name);
    Ok(())
}

/// The outputs of the functions that are not left to TA-Lib; see [`extreme_rows`].
fn extremes_of(function: FuncId) -> Option<&'static [Ordering]> {
    match function {
        FuncId::MAXINDEX => Some(&[Ordering::Greater]),
        FuncId::MININDEX => Some(&[Ordering::Less]),
        FuncId::MINMAXINDEX => Some(&[Ordering::Less, Ordering::Greater]),
        _ => None,
    }
}

/// What a kernel returns: one or several series of its input's length.
pub(super) trait Outputs {
    /// Runs `function`; undefined throughout when a parameter is outside its range.
    fn of(function: FuncId, inputs: &[&[f64]], parameters: &[Parameter]) -> Self;
}

impl Outputs for Vec<f64> {
    fn of(function: FuncId, inputs: &[&[f64]], parameters: &[Parameter]) -> Self {
        let [values] = reals(function, inputs, parameters);
        values
    }
}

impl Outputs for Vec<i32> {
    fn of(function: FuncId, inputs: &[&[f64]], parameters: &[Parameter]) -> Self {
        let mut values = vec![0; inputs[0].len()];
        if run(function, inputs, parameters, &mut [Output::Integer(&mut values)]).is_err() {
            values.fill(0);
        }
        values
    }
}

impl Outputs for (Vec<i32>, Vec<i32>) {
    fn of(function: FuncId, inputs: &[&[f64]], parameters: &[Parameter]) -> Self {
        let (mut first, mut second) = (vec![0; inputs[0].len()], vec![0; inputs[0].len()]);
        if run(function, inputs, parameters, &mut [Output::Integer(&mut first), Output::Integer(&mut second)]).is_err() {
            first.fill(0);
            second.fill(0);
        }
        (first, second)
    }
}

/// `N` real outputs.
pub(super) fn reals<const N: usize>(function: FuncId, inputs: &[&[f64]], parameters: &[Parameter]) -> [Vec<f64>; N] {
    let mut outputs: [Vec<f64>; N] = std::array::from_fn(|_| vec![0.0; inputs[0].len()]);
    let mut targets = outputs.each_mut().map(|values| Output::Real(values));
    if run(function, inputs, parameters, &mut targets).is_err() {
        targets.iter_mut().for_each(Output::clear);
    }
    outputs
}

/// Declares the outputs of a kernel that has several, in TA-Lib's order.
macro_rules! outputs {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Vec<f64>),+
        }

        impl crate::indicators::engine::Outputs for $name {
            fn of(
                function: ta_lib::abstract_api::FuncId,
                inputs: &[&[f64]],
                parameters: &[crate::indicators::engine::Parameter],
            ) -> Self {
                let [$($field),+] = crate::indicators::engine::reals(function, inputs, parameters);
                Self { $($field),+ }
            }
        }
    )+};
}

/// Declares kernels that TA-Lib computes: `name = FUNCTION(inputs; parameters) -> outputs`.
macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident = $function:ident($($input:ident),+ $(; $($parameter:ident: $kind:ty),+)?) -> $out:ty;)+) => {$(
        $(#[$doc])*
        pub fn $name($($input: &[f64]),+ $($(, $parameter: $kind)+)?) -> $out {
            crate::indicators::engine::Outputs::of(
                ta_lib::abstract_api::FuncId::$function,
                &[$($input),+],
                &[$($($parameter.into()),+)?],
            )
        }
    )+};
}

pub(super) use {kernels, outputs};
