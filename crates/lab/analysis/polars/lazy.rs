//! Lazy frames and SQL.

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
