//! Single values, and options of operations.

use super::*;

#[derive(Clone, Debug)]
pub enum AnyValue<'a> {
    Null, Boolean(bool), String(&'a str), UInt8(u8), UInt16(u16), UInt32(u32), UInt64(u64), Int8(i8), Int16(i16), Int32(i32),
    Int64(i64), Float32(f32), Float64(f64), Date(i32), Datetime(i64, TimeUnit, Option<&'a TimeZone>), Duration(i64, TimeUnit),
    Time(i64), List(Series), StringOwned(PlSmallStr),
}
impl<'a> AnyValue<'a> {
    pub fn dtype(&self) -> DataType { loop {} }
    pub fn extract<T: Num>(&self) -> Option<T> { loop {} }
    pub fn try_extract<T: Num>(&self) -> PolarsResult<T> { loop {} }
    pub fn is_null(&self) -> bool { loop {} }
    pub fn is_nan(&self) -> bool { loop {} }
    pub fn str_value(&self) -> Cow<'a, str> { loop {} }
    pub fn get_str(&self) -> Option<&str> { loop {} }
    pub fn into_static(self) -> AnyValue<'static> { loop {} }
}
impl fmt::Display for AnyValue<'_> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
#[derive(Clone, Debug)]
pub struct Scalar(());
impl Scalar {
    pub fn dtype(&self) -> &DataType { loop {} }
    pub fn is_null(&self) -> bool { loop {} }
    pub fn value(&self) -> &AnyValue<'static> { loop {} }
    pub fn into_value(self) -> AnyValue<'static> { loop {} }
    pub fn as_any_value(&self) -> AnyValue<'_> { loop {} }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantileMethod { #[default] Nearest, Lower, Higher, Midpoint, Linear, Equiprobable }
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UniqueKeepStrategy { First, Last, None, #[default] Any }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillNullStrategy { Backward(Option<u32>), Forward(Option<u32>), Mean, Min, Max, Zero, One }
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoundMode { #[default] HalfToEven, HalfAwayFromZero, ToZero }
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RankMethod { Average, Min, Max, Dense, Ordinal }
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankOptions { pub method: RankMethod, pub descending: bool }
impl Default for RankOptions { fn default() -> Self { loop {} } }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortOptions { pub descending: bool, pub nulls_last: bool, pub multithreaded: bool, pub maintain_order: bool, pub limit: Option<u32> }
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortMultipleOptions { pub descending: Vec<bool>, pub nulls_last: Vec<bool>, pub multithreaded: bool, pub maintain_order: bool, pub limit: Option<u32> }
impl Default for SortOptions { fn default() -> Self { loop {} } }
impl Default for SortMultipleOptions { fn default() -> Self { loop {} } }
impl SortOptions {
    pub fn new() -> Self { loop {} }
    pub fn with_order_descending(self, descending: bool) -> Self { loop {} }
    pub fn with_nulls_last(self, nulls_last: bool) -> Self { loop {} }
}
impl SortMultipleOptions {
    pub fn new() -> Self { loop {} }
    pub fn with_order_descending(self, descending: bool) -> Self { loop {} }
    pub fn with_order_descending_multi(self, descending: impl IntoIterator<Item = bool>) -> Self { loop {} }
    pub fn with_nulls_last(self, nulls_last: bool) -> Self { loop {} }
    pub fn with_maintain_order(self, enabled: bool) -> Self { loop {} }
}

#[derive(Clone, PartialEq, Default)]
pub enum JoinType { #[default] Inner, Left, Right, Full, Semi, Anti, IEJoin, Range, Cross }
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JoinCoalesce { #[default] JoinSpecific, CoalesceColumns, KeepColumns }
#[derive(Clone, PartialEq, Default)]
pub struct JoinArgs { pub how: JoinType, pub suffix: Option<PlSmallStr>, pub nulls_equal: bool, pub coalesce: JoinCoalesce }
impl JoinArgs {
    pub fn new(how: JoinType) -> Self { loop {} }
    pub fn with_coalesce(self, coalesce: JoinCoalesce) -> Self { loop {} }
    pub fn with_suffix(self, suffix: Option<PlSmallStr>) -> Self { loop {} }
}
impl From<JoinType> for JoinArgs { fn from(how: JoinType) -> Self { loop {} } }
#[derive(Clone, Copy)]
pub struct UnionArgs { pub parallel: bool, pub rechunk: bool, pub to_supertypes: bool, pub diagonal: bool, pub strict: bool, pub from_partitioned_ds: bool, pub maintain_order: bool }
impl Default for UnionArgs { fn default() -> Self { loop {} } }
#[derive(Clone, Debug)]
pub struct StrptimeOptions { pub format: Option<PlSmallStr>, pub strict: bool, pub exact: bool, pub cache: bool }
impl Default for StrptimeOptions { fn default() -> Self { loop {} } }
