//! Types of values: names, data types, arrays by kind.

use super::*;

#[derive(Clone, Debug, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlSmallStr(());
impl PlSmallStr {
    pub fn as_str(&self) -> &str { loop {} }
    pub fn from_static(text: &'static str) -> Self { loop {} }
    pub fn into_string(self) -> String { loop {} }
}
impl ops::Deref for PlSmallStr { type Target = str; fn deref(&self) -> &str { loop {} } }
impl AsRef<str> for PlSmallStr { fn as_ref(&self) -> &str { loop {} } }
impl fmt::Display for PlSmallStr { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl From<&str> for PlSmallStr { fn from(text: &str) -> Self { loop {} } }
impl From<String> for PlSmallStr { fn from(text: String) -> Self { loop {} } }
impl From<&String> for PlSmallStr { fn from(text: &String) -> Self { loop {} } }
impl<T: ?Sized + AsRef<str>> PartialEq<T> for PlSmallStr { fn eq(&self, other: &T) -> bool { loop {} } }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    Boolean, UInt8, UInt16, UInt32, UInt64, Int8, Int16, Int32, Int64, Float32, Float64, String, Binary, Date,
    Datetime(TimeUnit, Option<TimeZone>), Duration(TimeUnit), Time, List(Box<DataType>), Null,
}
impl DataType {
    pub fn is_primitive_numeric(&self) -> bool { loop {} }
    pub fn is_numeric(&self) -> bool { loop {} }
    pub fn is_float(&self) -> bool { loop {} }
    pub fn is_integer(&self) -> bool { loop {} }
    pub fn is_string(&self) -> bool { loop {} }
    pub fn is_temporal(&self) -> bool { loop {} }
}
impl fmt::Display for DataType { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit { Nanoseconds, Microseconds, Milliseconds }
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimeZone(());
impl TimeZone {
    pub const UTC: TimeZone = TimeZone(());
    pub fn opt_try_new(zone: Option<impl Into<PlSmallStr>>) -> PolarsResult<Option<Self>> { loop {} }
}

/// Stands for what polars calls `Num + NumCast`.
pub trait Num: Copy {}
pub trait PolarsDataType { type Physical<'a>; }
pub trait PolarsNumericType: PolarsDataType { type Native; }
macro_rules! numeric {
    ($($kind:ident $alias:ident $native:ty),+) => { $(
        pub struct $kind(());
        pub type $alias = ChunkedArray<$kind>;
        impl Num for $native {}
        impl PolarsDataType for $kind { type Physical<'a> = $native; }
        impl PolarsNumericType for $kind { type Native = $native; }
    )+ };
}
numeric!(Int32Type Int32Chunked i32, Int64Type Int64Chunked i64, UInt32Type UInt32Chunked u32, UInt64Type UInt64Chunked u64, Float32Type Float32Chunked f32, Float64Type Float64Chunked f64);
pub type IdxCa = UInt32Chunked;
pub type IdxSize = u32;
pub struct BooleanType(());
pub struct StringType(());
pub type BooleanChunked = ChunkedArray<BooleanType>;
pub type StringChunked = ChunkedArray<StringType>;
impl PolarsDataType for BooleanType { type Physical<'a> = bool; }
impl PolarsDataType for StringType { type Physical<'a> = &'a str; }
impl BooleanChunked {
    pub fn any(&self) -> bool { loop {} }
    pub fn all(&self) -> bool { loop {} }
    pub fn sum(&self) -> Option<u32> { loop {} }
}
impl ops::Not for &BooleanChunked { type Output = BooleanChunked; fn not(self) -> BooleanChunked { loop {} } }
