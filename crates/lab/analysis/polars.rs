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

#[path = "polars/kinds.rs"]
pub mod kinds;
#[path = "polars/values.rs"]
pub mod values;
#[path = "polars/dsl.rs"]
pub mod dsl;
#[path = "polars/lazy.rs"]
pub mod lazy;
