//! Expressions.

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
    of_nothing!(abs, sign, sqrt, exp, log1p, floor, ceil, sin, cos, tan);
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
