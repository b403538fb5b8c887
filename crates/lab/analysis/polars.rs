//! What an analyst uses of polars, as signatures without bodies.
//!
//! For type inference in editors alone: rust-analyzer finds here, in a thousandth of the time that polars itself takes, what a cell's
//! `let` is. It is never linked. `polars_use.rs` beside it is compiled against this file and against polars itself, so that
//! the two cannot part. Of the features, only those that the workspace enables.

#![allow(missing_docs, unused_variables, clippy::all)]

use std::{borrow::Cow, fmt, marker::PhantomData, ops};

pub mod prelude {
    pub use crate::{df, dsl::*, kinds::*, lazy::*, values::*, *};
}
pub mod sql {
    pub use crate::lazy::SQLContext;
}
pub mod error {
    pub use crate::{PolarsError, PolarsResult};
}
pub mod frame {
    pub use crate::DataFrame;
}
pub mod series {
    pub use crate::Series;
}
pub mod datatypes {
    pub use crate::kinds::*;
}

#[macro_export]
macro_rules! df {
    ($($name:expr => $values:expr),+ $(,)?) => {
        $crate::prelude::DataFrame::new_infer_height(vec![
            $($crate::prelude::Column::from(<$crate::prelude::Series as $crate::prelude::NamedFrom<_, _>>::new($name.into(), $values))),+
        ])
    };
}

/// `Clone` and `Debug`, as all the types have them.
macro_rules! plain {
    ($($name:ident),+) => { $(
        impl Clone for $name { fn clone(&self) -> Self { loop {} } }
        impl fmt::Debug for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
    )+ };
}

pub type PolarsResult<T> = Result<T, PolarsError>;
pub struct PolarsError(());
impl fmt::Debug for PolarsError { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl fmt::Display for PolarsError { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl std::error::Error for PolarsError {}
impl From<std::io::Error> for PolarsError { fn from(error: std::io::Error) -> Self { loop {} } }

pub struct DataFrame(());
pub struct Series(());
pub struct Column(());
pub struct ChunkedArray<T>(PhantomData<T>);
plain!(DataFrame, Series, Column);
impl Default for DataFrame { fn default() -> Self { loop {} } }
impl fmt::Display for DataFrame { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl fmt::Display for Series { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }

use kinds::*;
use lazy::LazyFrame;
use values::*;

impl DataFrame {
    pub fn new(height: usize, columns: Vec<Column>) -> PolarsResult<Self> { loop {} }
    pub fn new_infer_height(columns: Vec<Column>) -> PolarsResult<Self> { loop {} }
    pub fn height(&self) -> usize { loop {} }
    pub fn width(&self) -> usize { loop {} }
    pub fn shape(&self) -> (usize, usize) { loop {} }
    pub fn columns(&self) -> &[Column] { loop {} }
    pub fn into_columns(self) -> Vec<Column> { loop {} }
    pub fn get_column_names(&self) -> Vec<&PlSmallStr> { loop {} }
    pub fn get_column_names_owned(&self) -> Vec<PlSmallStr> { loop {} }
    pub fn get_column_index(&self, name: &str) -> Option<usize> { loop {} }
    pub fn set_column_names<T: AsRef<str>>(&mut self, names: &[T]) -> PolarsResult<()> { loop {} }
    pub fn dtypes(&self) -> Vec<DataType> { loop {} }
    pub fn column(&self, name: &str) -> PolarsResult<&Column> { loop {} }
    pub fn select_at_idx(&self, index: usize) -> Option<&Column> { loop {} }
    pub fn select<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, names: I) -> PolarsResult<Self> { loop {} }
    pub fn drop(&self, name: &str) -> PolarsResult<Self> { loop {} }
    pub fn drop_many<I: IntoIterator<Item = S>, S: Into<PlSmallStr>>(&self, names: I) -> Self { loop {} }
    pub fn drop_in_place(&mut self, name: &str) -> PolarsResult<Column> { loop {} }
    pub fn drop_nulls<S>(&self, subset: Option<&[S]>) -> PolarsResult<Self> where for<'a> &'a S: AsRef<str> { loop {} }
    pub fn filter(&self, mask: &BooleanChunked) -> PolarsResult<Self> { loop {} }
    pub fn head(&self, length: Option<usize>) -> Self { loop {} }
    pub fn tail(&self, length: Option<usize>) -> Self { loop {} }
    pub fn slice(&self, offset: i64, length: usize) -> Self { loop {} }
    pub fn reverse(&self) -> Self { loop {} }
    pub fn shift(&self, periods: i64) -> Self { loop {} }
    pub fn clear(&self) -> Self { loop {} }
    pub fn rechunk_mut(&mut self) -> &mut Self { loop {} }
    pub fn null_count(&self) -> Self { loop {} }
    pub fn fill_null(&self, strategy: FillNullStrategy) -> PolarsResult<Self> { loop {} }
    pub fn with_column(&mut self, column: Column) -> PolarsResult<&mut Self> { loop {} }
    pub fn insert_column(&mut self, index: usize, column: Column) -> PolarsResult<&mut Self> { loop {} }
    pub fn replace(&mut self, name: &str, column: Column) -> PolarsResult<&mut Self> { loop {} }
    pub fn rename(&mut self, column: &str, name: PlSmallStr) -> PolarsResult<&mut Self> { loop {} }
    pub fn with_row_index(&self, name: PlSmallStr, offset: Option<u32>) -> PolarsResult<Self> { loop {} }
    pub fn hstack(&self, columns: &[Column]) -> PolarsResult<Self> { loop {} }
    pub fn vstack(&self, other: &DataFrame) -> PolarsResult<Self> { loop {} }
    pub fn vstack_mut(&mut self, other: &DataFrame) -> PolarsResult<&mut Self> { loop {} }
    pub fn extend(&mut self, other: &DataFrame) -> PolarsResult<()> { loop {} }
    pub fn sort(&self, by: impl IntoIterator<Item = impl AsRef<str>>, options: SortMultipleOptions) -> PolarsResult<Self> { loop {} }
    pub fn unique_stable(&self, subset: Option<&[String]>, keep: UniqueKeepStrategy, slice: Option<(i64, usize)>) -> PolarsResult<DataFrame> { loop {} }
    pub fn is_unique(&self) -> PolarsResult<BooleanChunked> { loop {} }
    pub fn group_by<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, by: I) -> PolarsResult<GroupBy<'_>> { loop {} }
    pub fn group_by_stable<I: IntoIterator<Item = S>, S: AsRef<str>>(&self, by: I) -> PolarsResult<GroupBy<'_>> { loop {} }
    pub fn get(&self, row: usize) -> Option<Vec<AnyValue<'_>>> { loop {} }
    pub fn estimated_size(&self) -> usize { loop {} }
    pub fn equals(&self, other: &DataFrame) -> bool { loop {} }
    pub fn equals_missing(&self, other: &DataFrame) -> bool { loop {} }
}

/// Two frames side by side by equal keys.
pub trait DataFrameJoinOps {
    fn inner_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame>;
    fn left_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame>;
    fn full_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame>;
}
impl DataFrameJoinOps for DataFrame {
    fn inner_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame> { loop {} }
    fn left_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame> { loop {} }
    fn full_join(&self, other: &DataFrame, left_on: impl IntoIterator<Item = impl AsRef<str>>, right_on: impl IntoIterator<Item = impl AsRef<str>>) -> PolarsResult<DataFrame> { loop {} }
}

pub struct GroupBy<'a>(PhantomData<&'a DataFrame>);
impl<'a> GroupBy<'a> {
    pub fn select<I: IntoIterator<Item = S>, S: Into<PlSmallStr>>(self, selection: I) -> Self { loop {} }
    pub fn keys(&self) -> Vec<Column> { loop {} }
    pub fn groups(&self) -> PolarsResult<DataFrame> { loop {} }
    pub fn apply<F: FnMut(DataFrame) -> PolarsResult<DataFrame> + Send + Sync>(&self, f: F) -> PolarsResult<DataFrame> { loop {} }
}

impl Column {
    pub fn new<T, Phantom: ?Sized>(name: PlSmallStr, values: T) -> Self where Series: NamedFrom<T, Phantom> { loop {} }
    pub fn as_materialized_series(&self) -> &Series { loop {} }
    pub fn take_materialized_series(self) -> Series { loop {} }
    pub fn name(&self) -> &PlSmallStr { loop {} }
    pub fn dtype(&self) -> &DataType { loop {} }
    pub fn len(&self) -> usize { loop {} }
    pub fn is_empty(&self) -> bool { loop {} }
    pub fn null_count(&self) -> usize { loop {} }
    pub fn n_unique(&self) -> PolarsResult<usize> { loop {} }
    pub fn get(&self, index: usize) -> PolarsResult<AnyValue<'_>> { loop {} }
    pub fn with_name(self, name: PlSmallStr) -> Column { loop {} }
    pub fn rename(&mut self, name: PlSmallStr) { loop {} }
    pub fn cast(&self, dtype: &DataType) -> PolarsResult<Column> { loop {} }
    pub fn strict_cast(&self, dtype: &DataType) -> PolarsResult<Self> { loop {} }
    pub fn bool(&self) -> PolarsResult<&BooleanChunked> { loop {} }
    pub fn i32(&self) -> PolarsResult<&Int32Chunked> { loop {} }
    pub fn i64(&self) -> PolarsResult<&Int64Chunked> { loop {} }
    pub fn u32(&self) -> PolarsResult<&UInt32Chunked> { loop {} }
    pub fn u64(&self) -> PolarsResult<&UInt64Chunked> { loop {} }
    pub fn f32(&self) -> PolarsResult<&Float32Chunked> { loop {} }
    pub fn f64(&self) -> PolarsResult<&Float64Chunked> { loop {} }
    pub fn str(&self) -> PolarsResult<&StringChunked> { loop {} }
    pub fn is_null(&self) -> BooleanChunked { loop {} }
    pub fn is_not_null(&self) -> BooleanChunked { loop {} }
    pub fn is_nan(&self) -> PolarsResult<BooleanChunked> { loop {} }
    pub fn is_finite(&self) -> PolarsResult<BooleanChunked> { loop {} }
    pub fn head(&self, length: Option<usize>) -> Column { loop {} }
    pub fn tail(&self, length: Option<usize>) -> Column { loop {} }
    pub fn slice(&self, offset: i64, length: usize) -> Column { loop {} }
    pub fn shift(&self, periods: i64) -> Column { loop {} }
    pub fn reverse(&self) -> Column { loop {} }
    pub fn unique(&self) -> PolarsResult<Column> { loop {} }
    pub fn unique_stable(&self) -> PolarsResult<Column> { loop {} }
    pub fn drop_nulls(&self) -> Column { loop {} }
    pub fn fill_null(&self, strategy: FillNullStrategy) -> PolarsResult<Self> { loop {} }
    pub fn filter(&self, mask: &BooleanChunked) -> PolarsResult<Self> { loop {} }
    pub fn sort(&self, options: SortOptions) -> PolarsResult<Self> { loop {} }
    pub fn min_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn max_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn sum_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn mean_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn median_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn std_reduce(&self, ddof: u8) -> PolarsResult<Scalar> { loop {} }
    pub fn var_reduce(&self, ddof: u8) -> PolarsResult<Scalar> { loop {} }
    pub fn quantile_reduce(&self, quantile: f64, method: QuantileMethod) -> PolarsResult<Scalar> { loop {} }
    pub fn into_frame(self) -> DataFrame { loop {} }
    pub fn equals(&self, other: &Column) -> bool { loop {} }
    pub fn equals_missing(&self, other: &Column) -> bool { loop {} }
}

// The latter half of these are methods of a trait that a series dereferences to; for inference that is the same.
impl Series {
    pub fn cast(&self, dtype: &DataType) -> PolarsResult<Self> { loop {} }
    pub fn strict_cast(&self, dtype: &DataType) -> PolarsResult<Series> { loop {} }
    pub fn sum<T: Num>(&self) -> PolarsResult<T> { loop {} }
    pub fn min<T: Num>(&self) -> PolarsResult<Option<T>> { loop {} }
    pub fn max<T: Num>(&self) -> PolarsResult<Option<T>> { loop {} }
    pub fn head(&self, length: Option<usize>) -> Series { loop {} }
    pub fn tail(&self, length: Option<usize>) -> Series { loop {} }
    pub fn with_name(self, name: PlSmallStr) -> Series { loop {} }
    pub fn rename(&mut self, name: PlSmallStr) -> &mut Series { loop {} }
    pub fn into_frame(self) -> DataFrame { loop {} }
    pub fn sort(&self, options: SortOptions) -> PolarsResult<Self> { loop {} }
    pub fn bool(&self) -> PolarsResult<&BooleanChunked> { loop {} }
    pub fn i32(&self) -> PolarsResult<&Int32Chunked> { loop {} }
    pub fn i64(&self) -> PolarsResult<&Int64Chunked> { loop {} }
    pub fn u32(&self) -> PolarsResult<&UInt32Chunked> { loop {} }
    pub fn u64(&self) -> PolarsResult<&UInt64Chunked> { loop {} }
    pub fn f32(&self) -> PolarsResult<&Float32Chunked> { loop {} }
    pub fn f64(&self) -> PolarsResult<&Float64Chunked> { loop {} }
    pub fn str(&self) -> PolarsResult<&StringChunked> { loop {} }
    pub fn is_nan(&self) -> PolarsResult<BooleanChunked> { loop {} }
    pub fn is_finite(&self) -> PolarsResult<BooleanChunked> { loop {} }
    pub fn unique_stable(&self) -> PolarsResult<Series> { loop {} }
    pub fn sum_reduce(&self) -> PolarsResult<Scalar> { loop {} }
    pub fn equals(&self, other: &Series) -> bool { loop {} }
    pub fn equals_missing(&self, other: &Series) -> bool { loop {} }
    pub fn name(&self) -> &PlSmallStr { loop {} }
    pub fn dtype(&self) -> &DataType { loop {} }
    pub fn len(&self) -> usize { loop {} }
    pub fn is_empty(&self) -> bool { loop {} }
    pub fn null_count(&self) -> usize { loop {} }
    pub fn n_unique(&self) -> PolarsResult<usize> { loop {} }
    pub fn unique(&self) -> PolarsResult<Series> { loop {} }
    pub fn get(&self, index: usize) -> PolarsResult<AnyValue<'_>> { loop {} }
    pub fn mean(&self) -> Option<f64> { loop {} }
    pub fn median(&self) -> Option<f64> { loop {} }
    pub fn std(&self, ddof: u8) -> Option<f64> { loop {} }
    pub fn var(&self, ddof: u8) -> Option<f64> { loop {} }
    pub fn quantile_reduce(&self, quantile: f64, method: QuantileMethod) -> PolarsResult<Scalar> { loop {} }
    pub fn first(&self) -> Scalar { loop {} }
    pub fn last(&self) -> Scalar { loop {} }
    pub fn slice(&self, offset: i64, length: usize) -> Series { loop {} }
    pub fn shift(&self, periods: i64) -> Series { loop {} }
    pub fn reverse(&self) -> Series { loop {} }
    pub fn drop_nulls(&self) -> Series { loop {} }
    pub fn filter(&self, mask: &BooleanChunked) -> PolarsResult<Series> { loop {} }
    pub fn is_null(&self) -> BooleanChunked { loop {} }
    pub fn is_not_null(&self) -> BooleanChunked { loop {} }
    pub fn rechunk(&self) -> Series { loop {} }
}

impl<T: PolarsDataType> Clone for ChunkedArray<T> { fn clone(&self) -> Self { loop {} } }
impl<T: PolarsDataType> fmt::Debug for ChunkedArray<T> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl<T: PolarsDataType> ChunkedArray<T> {
    pub fn name(&self) -> &PlSmallStr { loop {} }
    pub fn dtype(&self) -> &DataType { loop {} }
    pub fn len(&self) -> usize { loop {} }
    pub fn is_empty(&self) -> bool { loop {} }
    pub fn null_count(&self) -> usize { loop {} }
    pub fn get(&self, index: usize) -> Option<T::Physical<'_>> { loop {} }
    pub fn first(&self) -> Option<T::Physical<'_>> { loop {} }
    pub fn last(&self) -> Option<T::Physical<'_>> { loop {} }
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<T::Physical<'_>>> + DoubleEndedIterator { std::iter::empty() }
    pub fn head(&self, length: Option<usize>) -> Self { loop {} }
    pub fn tail(&self, length: Option<usize>) -> Self { loop {} }
    pub fn slice(&self, offset: i64, length: usize) -> Self { loop {} }
    pub fn drop_nulls(&self) -> Self { loop {} }
    pub fn is_null(&self) -> BooleanChunked { loop {} }
    pub fn is_not_null(&self) -> BooleanChunked { loop {} }
    pub fn with_name(self, name: PlSmallStr) -> Self { loop {} }
}
impl<T: PolarsNumericType> ChunkedArray<T> {
    pub fn cont_slice(&self) -> PolarsResult<&[T::Native]> { loop {} }
    pub fn to_vec(&self) -> Vec<Option<T::Native>> { loop {} }
    pub fn into_no_null_iter(&self) -> impl ExactSizeIterator<Item = T::Native> + DoubleEndedIterator { std::iter::empty() }
}

pub trait ChunkAgg<T> {
    fn sum(&self) -> Option<T>;
    fn min(&self) -> Option<T>;
    fn max(&self) -> Option<T>;
    fn mean(&self) -> Option<f64>;
}
impl<T: PolarsNumericType> ChunkAgg<T::Native> for ChunkedArray<T> {
    fn sum(&self) -> Option<T::Native> { loop {} }
    fn min(&self) -> Option<T::Native> { loop {} }
    fn max(&self) -> Option<T::Native> { loop {} }
    fn mean(&self) -> Option<f64> { loop {} }
}
pub trait ChunkVar {
    fn var(&self, ddof: u8) -> Option<f64>;
    fn std(&self, ddof: u8) -> Option<f64>;
}
impl<T: PolarsNumericType> ChunkVar for ChunkedArray<T> {
    fn var(&self, ddof: u8) -> Option<f64> { loop {} }
    fn std(&self, ddof: u8) -> Option<f64> { loop {} }
}
pub trait ChunkQuantile<T> {
    fn median(&self) -> Option<T>;
    fn quantile(&self, quantile: f64, method: QuantileMethod) -> PolarsResult<Option<T>>;
}
impl<T: PolarsNumericType> ChunkQuantile<f64> for ChunkedArray<T> {
    fn median(&self) -> Option<f64> { loop {} }
    fn quantile(&self, quantile: f64, method: QuantileMethod) -> PolarsResult<Option<f64>> { loop {} }
}
pub trait ChunkApply<'a, T> {
    type FuncRet;
    fn apply_values<F: Fn(T) -> Self::FuncRet + Copy>(&'a self, f: F) -> Self;
}
impl<'a, T: PolarsNumericType> ChunkApply<'a, T::Native> for ChunkedArray<T> {
    type FuncRet = T::Native;
    fn apply_values<F: Fn(T::Native) -> T::Native + Copy>(&'a self, f: F) -> Self { loop {} }
}
pub trait ChunkCompareIneq<Rhs> {
    type Item;
    fn gt(&self, other: Rhs) -> Self::Item;
    fn gt_eq(&self, other: Rhs) -> Self::Item;
    fn lt(&self, other: Rhs) -> Self::Item;
    fn lt_eq(&self, other: Rhs) -> Self::Item;
}
pub trait ChunkCompareEq<Rhs> {
    type Item;
    fn equal(&self, other: Rhs) -> Self::Item;
    fn not_equal(&self, other: Rhs) -> Self::Item;
}
macro_rules! compared {
    ([$($generic:tt)*] $this:ty, $other:ty, $item:ty) => {
        impl<$($generic)*> ChunkCompareIneq<$other> for $this {
            type Item = $item;
            fn gt(&self, other: $other) -> $item { loop {} }
            fn gt_eq(&self, other: $other) -> $item { loop {} }
            fn lt(&self, other: $other) -> $item { loop {} }
            fn lt_eq(&self, other: $other) -> $item { loop {} }
        }
        impl<$($generic)*> ChunkCompareEq<$other> for $this {
            type Item = $item;
            fn equal(&self, other: $other) -> $item { loop {} }
            fn not_equal(&self, other: $other) -> $item { loop {} }
        }
    };
}
compared!([] Series, &Series, PolarsResult<BooleanChunked>);
compared!([] Series, &str, PolarsResult<BooleanChunked>);
compared!([N: Num] Series, N, PolarsResult<BooleanChunked>);
compared!([T: PolarsNumericType, N: Num] ChunkedArray<T>, N, BooleanChunked);
compared!([] StringChunked, &str, BooleanChunked);

macro_rules! operators {
    ($($operator:ident $method:ident),+) => { $(
        impl ops::$operator for Column { type Output = PolarsResult<Column>; fn $method(self, other: Self) -> PolarsResult<Column> { loop {} } }
        impl ops::$operator for &Column { type Output = PolarsResult<Column>; fn $method(self, other: Self) -> PolarsResult<Column> { loop {} } }
        impl<N: Num> ops::$operator<N> for Column { type Output = Column; fn $method(self, other: N) -> Column { loop {} } }
        impl<N: Num> ops::$operator<N> for &Column { type Output = Column; fn $method(self, other: N) -> Column { loop {} } }
        impl ops::$operator for Series { type Output = PolarsResult<Series>; fn $method(self, other: Self) -> PolarsResult<Series> { loop {} } }
        impl ops::$operator for &Series { type Output = PolarsResult<Series>; fn $method(self, other: Self) -> PolarsResult<Series> { loop {} } }
        impl<N: Num> ops::$operator<N> for Series { type Output = Series; fn $method(self, other: N) -> Series { loop {} } }
        impl<N: Num> ops::$operator<N> for &Series { type Output = Series; fn $method(self, other: N) -> Series { loop {} } }
        impl<T: PolarsNumericType> ops::$operator for &ChunkedArray<T> { type Output = ChunkedArray<T>; fn $method(self, other: Self) -> ChunkedArray<T> { loop {} } }
        impl<T: PolarsNumericType, N: Num> ops::$operator<N> for &ChunkedArray<T> { type Output = ChunkedArray<T>; fn $method(self, other: N) -> ChunkedArray<T> { loop {} } }
        impl ops::$operator for dsl::Expr { type Output = dsl::Expr; fn $method(self, other: dsl::Expr) -> dsl::Expr { loop {} } }
    )+ };
}
operators!(Add add, Sub sub, Mul mul, Div div, Rem rem);
impl<T: PolarsDataType> ops::BitAnd for &ChunkedArray<T> { type Output = ChunkedArray<T>; fn bitand(self, other: Self) -> ChunkedArray<T> { loop {} } }
impl<T: PolarsDataType> ops::BitOr for &ChunkedArray<T> { type Output = ChunkedArray<T>; fn bitor(self, other: Self) -> ChunkedArray<T> { loop {} } }

pub trait NamedFrom<T, Phantom: ?Sized> { fn new(name: PlSmallStr, values: T) -> Self; }
macro_rules! named_from {
    ($($kind:ty),+) => { $( impl<T: AsRef<[$kind]>> NamedFrom<T, [$kind]> for Series { fn new(name: PlSmallStr, values: T) -> Self { loop {} } } )+ };
}
named_from!(bool, i32, i64, u32, u64, f32, f64, String, Option<bool>, Option<i32>, Option<i64>, Option<u32>, Option<u64>, Option<f32>, Option<f64>, Option<String>);
impl<'a, T: AsRef<[&'a str]>> NamedFrom<T, [&'a str]> for Series { fn new(name: PlSmallStr, values: T) -> Self { loop {} } }
impl<'a, T: AsRef<[Option<&'a str>]>> NamedFrom<T, [Option<&'a str>]> for Series { fn new(name: PlSmallStr, values: T) -> Self { loop {} } }

pub trait IntoSeries { fn into_series(self) -> Series where Self: Sized; }
impl IntoSeries for Series { fn into_series(self) -> Series { loop {} } }
impl<T: PolarsDataType> IntoSeries for ChunkedArray<T> { fn into_series(self) -> Series { loop {} } }
pub trait IntoColumn: Sized { fn into_column(self) -> Column; }
impl IntoColumn for Column { fn into_column(self) -> Column { loop {} } }
impl<T: IntoSeries> IntoColumn for T { fn into_column(self) -> Column { loop {} } }
impl From<Series> for Column { fn from(series: Series) -> Self { loop {} } }
pub trait IntoLazy { fn lazy(self) -> LazyFrame; }
impl IntoLazy for DataFrame { fn lazy(self) -> LazyFrame { loop {} } }
impl IntoLazy for LazyFrame { fn lazy(self) -> LazyFrame { loop {} } }
pub trait IntoVec<T> { fn into_vec(self) -> Vec<T>; }
impl<I: IntoIterator<Item = S>, S: Into<PlSmallStr>> IntoVec<PlSmallStr> for I { fn into_vec(self) -> Vec<PlSmallStr> { loop {} } }

pub mod kinds {
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
}

pub mod values {
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
}

pub mod dsl {
    use super::*;

    pub struct Expr(());
    #[derive(Clone, Debug)]
    pub struct Selector(());
    pub struct DataTypeExpr(());
    plain!(Expr);
    impl From<DataType> for DataTypeExpr { fn from(kind: DataType) -> Self { loop {} } }
    impl PartialEq for Expr { fn eq(&self, other: &Self) -> bool { loop {} } }
    impl fmt::Display for Expr { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
    impl ops::Neg for Expr { type Output = Expr; fn neg(self) -> Expr { loop {} } }
    impl From<&str> for Expr { fn from(name: &str) -> Self { loop {} } }
    impl From<Selector> for Expr { fn from(selector: Selector) -> Self { loop {} } }
    impl Selector { pub fn as_expr(self) -> Expr { loop {} } }
    impl ops::Sub for Selector { type Output = Selector; fn sub(self, other: Selector) -> Selector { loop {} } }
    impl ops::Not for Selector { type Output = Selector; fn not(self) -> Selector { loop {} } }
    pub trait Literal { fn lit(self) -> Expr; }
    macro_rules! literal {
        ($($kind:ty),+) => { $(
            impl Literal for $kind { fn lit(self) -> Expr { loop {} } }
            impl From<$kind> for Expr { fn from(value: $kind) -> Self { loop {} } }
        )+ };
    }
    literal!(bool, i32, i64, u32, u64, f32, f64);
    impl Literal for &str { fn lit(self) -> Expr { loop {} } }
    impl Literal for String { fn lit(self) -> Expr { loop {} } }
    impl Literal for Series { fn lit(self) -> Expr { loop {} } }

    pub fn col<S: Into<PlSmallStr>>(name: S) -> Expr { loop {} }
    pub fn lit<L: Literal>(value: L) -> Expr { loop {} }
    pub fn all() -> Selector { loop {} }
    pub fn cols<I: IntoIterator<Item = S>, S: Into<PlSmallStr>>(names: I) -> Selector { loop {} }
    pub fn len() -> Expr { loop {} }
    pub fn when<E: Into<Expr>>(condition: E) -> When { loop {} }
    pub fn not(expr: Expr) -> Expr { loop {} }
    pub fn coalesce(exprs: &[Expr]) -> Expr { loop {} }
    pub fn cov(a: Expr, b: Expr, ddof: u8) -> Expr { loop {} }
    pub fn pearson_corr(a: Expr, b: Expr) -> Expr { loop {} }
    pub fn concat_str<E: AsRef<[Expr]>>(exprs: E, separator: &str, ignore_nulls: bool) -> Expr { loop {} }
    pub fn sum_horizontal<E: AsRef<[Expr]>>(exprs: E, ignore_nulls: bool) -> PolarsResult<Expr> { loop {} }
    pub fn mean_horizontal<E: AsRef<[Expr]>>(exprs: E, ignore_nulls: bool) -> PolarsResult<Expr> { loop {} }
    pub fn max_horizontal<E: AsRef<[Expr]>>(exprs: E) -> PolarsResult<Expr> { loop {} }
    pub fn min_horizontal<E: AsRef<[Expr]>>(exprs: E) -> PolarsResult<Expr> { loop {} }
    pub fn concat<L: AsRef<[LazyFrame]>>(frames: L, args: UnionArgs) -> PolarsResult<LazyFrame> { loop {} }

    pub struct When(());
    pub struct Then(());
    pub struct ChainedWhen(());
    pub struct ChainedThen(());
    impl When { pub fn then<E: Into<Expr>>(self, expr: E) -> Then { loop {} } }
    impl Then {
        pub fn when<E: Into<Expr>>(self, condition: E) -> ChainedWhen { loop {} }
        pub fn otherwise<E: Into<Expr>>(self, expr: E) -> Expr { loop {} }
    }
    impl ChainedWhen { pub fn then<E: Into<Expr>>(self, expr: E) -> ChainedThen { loop {} } }
    impl ChainedThen {
        pub fn when<E: Into<Expr>>(self, condition: E) -> ChainedWhen { loop {} }
        pub fn otherwise<E: Into<Expr>>(self, expr: E) -> Expr { loop {} }
    }

    /// Methods of expressions that take nothing.
    macro_rules! of_nothing {
        ($($method:ident),+) => { $( pub fn $method(self) -> Expr { loop {} } )+ };
    }
    impl Expr {
        of_nothing!(not, is_null, is_not_null, is_nan, is_not_nan, is_finite, is_infinite, drop_nulls, drop_nans, null_count, n_unique);
        of_nothing!(first, last, count, len, min, max, sum, mean, median, product, arg_min, arg_max, unique, unique_stable, reverse);
        of_nothing!(abs, sign, sqrt, exp, log1p, floor, ceil, sin, cos, tan, is_first_distinct, is_last_distinct);
        pub fn eq<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn neq<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn lt<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn gt<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn lt_eq<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn gt_eq<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn and<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn or<E: Into<Expr>>(self, other: E) -> Expr { loop {} }
        pub fn alias<S: Into<PlSmallStr>>(self, name: S) -> Expr { loop {} }
        pub fn cast(self, kind: impl Into<DataTypeExpr>) -> Self { loop {} }
        pub fn strict_cast(self, kind: impl Into<DataTypeExpr>) -> Self { loop {} }
        pub fn std(self, ddof: u8) -> Self { loop {} }
        pub fn var(self, ddof: u8) -> Self { loop {} }
        pub fn quantile(self, quantile: Expr, method: QuantileMethod) -> Self { loop {} }
        pub fn head(self, length: Option<usize>) -> Self { loop {} }
        pub fn tail(self, length: Option<usize>) -> Self { loop {} }
        pub fn slice<E: Into<Expr>, F: Into<Expr>>(self, offset: E, length: F) -> Self { loop {} }
        pub fn shift(self, n: Expr) -> Self { loop {} }
        pub fn shift_and_fill<E: Into<Expr>, F: Into<Expr>>(self, n: E, fill_value: F) -> Self { loop {} }
        pub fn cum_sum(self, reverse: bool) -> Self { loop {} }
        pub fn cum_prod(self, reverse: bool) -> Self { loop {} }
        pub fn cum_min(self, reverse: bool) -> Self { loop {} }
        pub fn cum_max(self, reverse: bool) -> Self { loop {} }
        pub fn cum_count(self, reverse: bool) -> Self { loop {} }
        pub fn rank(self, options: RankOptions, seed: Option<u64>) -> Expr { loop {} }
        pub fn round(self, decimals: u32, mode: RoundMode) -> Self { loop {} }
        pub fn clip(self, min: Expr, max: Expr) -> Self { loop {} }
        pub fn log(self, base: Expr) -> Self { loop {} }
        pub fn pow<E: Into<Expr>>(self, exponent: E) -> Self { loop {} }
        pub fn fill_null<E: Into<Expr>>(self, value: E) -> Self { loop {} }
        pub fn fill_null_with_strategy(self, strategy: FillNullStrategy) -> Self { loop {} }
        pub fn fill_nan<E: Into<Expr>>(self, value: E) -> Self { loop {} }
        pub fn is_in<E: Into<Expr>>(self, values: E, nulls_equal: bool) -> Self { loop {} }
        pub fn any(self, ignore_nulls: bool) -> Self { loop {} }
        pub fn all(self, ignore_nulls: bool) -> Self { loop {} }
        pub fn filter<E: Into<Expr>>(self, predicate: E) -> Self { loop {} }
        pub fn sort(self, options: SortOptions) -> Self { loop {} }
        pub fn sort_by<E: AsRef<[F]>, F: Into<Expr> + Clone>(self, by: E, options: SortMultipleOptions) -> Expr { loop {} }
        pub fn over<E: AsRef<[F]>, F: Into<Expr> + Clone>(self, partition_by: E) -> PolarsResult<Self> { loop {} }
        pub fn str(self) -> StringNameSpace { loop {} }
        pub fn dt(self) -> DateLikeNameSpace { loop {} }
        pub fn name(self) -> ExprNameNameSpace { loop {} }
    }
    pub struct StringNameSpace(());
    pub struct DateLikeNameSpace(());
    pub struct ExprNameNameSpace(());
    impl StringNameSpace {
        of_nothing!(to_lowercase, to_uppercase, len_bytes, len_chars);
        pub fn contains(self, pattern: Expr, strict: bool) -> Expr { loop {} }
        pub fn contains_literal(self, text: Expr) -> Expr { loop {} }
        pub fn starts_with(self, text: Expr) -> Expr { loop {} }
        pub fn ends_with(self, text: Expr) -> Expr { loop {} }
        pub fn extract(self, pattern: Expr, group: usize) -> Expr { loop {} }
        pub fn replace(self, pattern: Expr, value: Expr, literal: bool) -> Expr { loop {} }
        pub fn replace_all(self, pattern: Expr, value: Expr, literal: bool) -> Expr { loop {} }
        pub fn slice(self, offset: Expr, length: Expr) -> Expr { loop {} }
        pub fn split(self, by: Expr) -> Expr { loop {} }
        pub fn to_date(self, options: StrptimeOptions) -> Expr { loop {} }
        pub fn to_datetime(self, unit: Option<TimeUnit>, zone: Option<TimeZone>, options: StrptimeOptions, ambiguous: Expr) -> Expr { loop {} }
    }
    impl DateLikeNameSpace {
        of_nothing!(year, month, day, quarter, week, weekday, ordinal_day, hour, minute, second, date, time);
        pub fn strftime(self, format: &str) -> Expr { loop {} }
        pub fn to_string(self, format: &str) -> Expr { loop {} }
        pub fn convert_time_zone(self, zone: TimeZone) -> Expr { loop {} }
        pub fn truncate(self, every: Expr) -> Expr { loop {} }
        pub fn offset_by(self, by: Expr) -> Expr { loop {} }
        pub fn timestamp(self, unit: TimeUnit) -> Expr { loop {} }
        pub fn total_days(self, fractional: bool) -> Expr { loop {} }
        pub fn total_hours(self, fractional: bool) -> Expr { loop {} }
        pub fn total_minutes(self, fractional: bool) -> Expr { loop {} }
        pub fn total_seconds(self, fractional: bool) -> Expr { loop {} }
    }
    impl ExprNameNameSpace {
        of_nothing!(keep);
        pub fn prefix(self, prefix: &str) -> Expr { loop {} }
        pub fn suffix(self, suffix: &str) -> Expr { loop {} }
    }
}

pub mod lazy {
    use super::{dsl::*, *};

    pub struct LazyFrame(());
    pub struct LazyGroupBy(());
    impl Clone for LazyFrame { fn clone(&self) -> Self { loop {} } }
    impl Clone for LazyGroupBy { fn clone(&self) -> Self { loop {} } }
    impl Default for LazyFrame { fn default() -> Self { loop {} } }
    impl LazyFrame {
        pub fn collect(self) -> PolarsResult<DataFrame> { loop {} }
        pub fn explain(&self, optimized: bool) -> PolarsResult<String> { loop {} }
        pub fn select<E: AsRef<[Expr]>>(self, exprs: E) -> Self { loop {} }
        pub fn filter(self, predicate: Expr) -> Self { loop {} }
        pub fn with_column(self, expr: Expr) -> LazyFrame { loop {} }
        pub fn with_columns<E: AsRef<[Expr]>>(self, exprs: E) -> LazyFrame { loop {} }
        pub fn with_row_index<S: Into<PlSmallStr>>(self, name: S, offset: Option<u32>) -> LazyFrame { loop {} }
        pub fn group_by<E: AsRef<[F]>, F: Into<Expr> + Clone>(self, by: E) -> LazyGroupBy { loop {} }
        pub fn group_by_stable<E: AsRef<[F]>, F: Into<Expr> + Clone>(self, by: E) -> LazyGroupBy { loop {} }
        pub fn sort(self, by: impl IntoVec<PlSmallStr>, options: SortMultipleOptions) -> Self { loop {} }
        pub fn sort_by_exprs<E: AsRef<[Expr]>>(self, by: E, options: SortMultipleOptions) -> Self { loop {} }
        pub fn top_k<E: AsRef<[Expr]>>(self, k: u32, by: E, options: SortMultipleOptions) -> Self { loop {} }
        pub fn join<E: AsRef<[Expr]>>(self, other: LazyFrame, left_on: E, right_on: E, args: JoinArgs) -> LazyFrame { loop {} }
        pub fn inner_join<E: Into<Expr>>(self, other: LazyFrame, left_on: E, right_on: E) -> LazyFrame { loop {} }
        pub fn left_join<E: Into<Expr>>(self, other: LazyFrame, left_on: E, right_on: E) -> LazyFrame { loop {} }
        pub fn full_join<E: Into<Expr>>(self, other: LazyFrame, left_on: E, right_on: E) -> LazyFrame { loop {} }
        pub fn cross_join(self, other: LazyFrame, suffix: Option<PlSmallStr>) -> LazyFrame { loop {} }
        pub fn rename<I: IntoIterator<Item = T>, J: IntoIterator<Item = S>, T: AsRef<str>, S: AsRef<str>>(self, existing: I, new: J, strict: bool) -> Self { loop {} }
        pub fn drop(self, columns: Selector) -> Self { loop {} }
        pub fn drop_nulls(self, subset: Option<Selector>) -> LazyFrame { loop {} }
        pub fn unique(self, subset: Option<Selector>, keep: UniqueKeepStrategy) -> LazyFrame { loop {} }
        pub fn unique_stable(self, subset: Option<Selector>, keep: UniqueKeepStrategy) -> LazyFrame { loop {} }
        pub fn fill_null<E: Into<Expr>>(self, value: E) -> LazyFrame { loop {} }
        pub fn fill_nan<E: Into<Expr>>(self, value: E) -> LazyFrame { loop {} }
        pub fn shift<E: Into<Expr>>(self, n: E) -> Self { loop {} }
        pub fn reverse(self) -> Self { loop {} }
        pub fn slice(self, offset: i64, length: u32) -> LazyFrame { loop {} }
        pub fn limit(self, n: u32) -> LazyFrame { loop {} }
        pub fn tail(self, n: u32) -> LazyFrame { loop {} }
        pub fn first(self) -> LazyFrame { loop {} }
        pub fn last(self) -> LazyFrame { loop {} }
        pub fn min(self) -> Self { loop {} }
        pub fn max(self) -> Self { loop {} }
        pub fn sum(self) -> Self { loop {} }
        pub fn mean(self) -> Self { loop {} }
        pub fn median(self) -> Self { loop {} }
        pub fn std(self, ddof: u8) -> Self { loop {} }
        pub fn var(self, ddof: u8) -> Self { loop {} }
        pub fn quantile(self, quantile: Expr, method: QuantileMethod) -> Self { loop {} }
        pub fn null_count(self) -> LazyFrame { loop {} }
        pub fn count(self) -> LazyFrame { loop {} }
        pub fn cache(self) -> Self { loop {} }
    }
    impl LazyGroupBy {
        pub fn agg<E: AsRef<[Expr]>>(self, exprs: E) -> LazyFrame { loop {} }
        pub fn having(self, predicate: Expr) -> Self { loop {} }
        pub fn head(self, n: Option<usize>) -> LazyFrame { loop {} }
        pub fn tail(self, n: Option<usize>) -> LazyFrame { loop {} }
    }
    pub struct SQLContext(());
    impl SQLContext {
        pub fn new() -> Self { loop {} }
        pub fn register(&self, name: &str, frame: LazyFrame) { loop {} }
        pub fn execute(&mut self, query: &str) -> PolarsResult<LazyFrame> { loop {} }
        pub fn get_tables(&self) -> Vec<String> { loop {} }
    }
}
