// Every signature of `polars.rs` in use, each result with its type written out. Compiled against that sketch, and against polars
// itself: a signature that is not polars' own does not pass both.

use polars::prelude::*;

pub fn frames(mut frame: DataFrame, other: &DataFrame, column: Column, mask: &BooleanChunked) -> PolarsResult<()> {
    let _: PolarsResult<DataFrame> = df!("a" => [1.0, 2.0], "b" => &["x", "y"], "c" => vec![1_i64, 2], "d" => [Some(1_i32), None]);
    let _: DataFrame = DataFrame::new(1, vec![column.clone()])?;
    let _: DataFrame = DataFrame::new_infer_height(vec![column.clone()])?;
    let _: (usize, usize, (usize, usize)) = (frame.height(), frame.width(), frame.shape());
    let _: &[Column] = frame.columns();
    let _: Vec<Column> = frame.clone().into_columns();
    let _: Vec<&PlSmallStr> = frame.get_column_names();
    let _: Vec<PlSmallStr> = frame.get_column_names_owned();
    let _: Option<usize> = frame.get_column_index("a");
    let _: () = frame.set_column_names(&["a", "b"])?;
    let _: Vec<DataType> = frame.dtypes();
    let _: &Column = frame.column("a")?;
    let _: Option<&Column> = frame.select_at_idx(0);
    let _: DataFrame = frame.select(["a", "b"])?;
    let _: DataFrame = frame.drop("a")?;
    let _: DataFrame = frame.drop_many(["a"]);
    let _: Column = frame.drop_in_place("a")?;
    let _: DataFrame = frame.drop_nulls::<String>(None)?;
    let _: DataFrame = frame.filter(mask)?;
    let _: (DataFrame, DataFrame, DataFrame) = (frame.head(Some(5)), frame.tail(None), frame.slice(-5, 5));
    let _: (DataFrame, DataFrame, DataFrame) = (frame.reverse(), frame.shift(1), frame.clear());
    let _: &mut DataFrame = frame.rechunk_mut();
    let _: DataFrame = frame.null_count();
    let _: DataFrame = frame.fill_null(FillNullStrategy::Forward(None))?;
    let _: &mut DataFrame = frame.with_column(column.clone())?;
    let _: &mut DataFrame = frame.insert_column(0, column.clone())?;
    let _: &mut DataFrame = frame.replace("a", column.clone())?;
    let _: &mut DataFrame = frame.rename("a", "b".into())?;
    let _: DataFrame = frame.with_row_index("row".into(), None)?;
    let _: DataFrame = frame.hstack(&[column])?;
    let _: DataFrame = frame.vstack(other)?;
    let _: &mut DataFrame = frame.vstack_mut(other)?;
    let _: () = frame.extend(other)?;
    let _: DataFrame = frame.sort(["a"], SortMultipleOptions::default().with_order_descending(true))?;
    let _: DataFrame = frame.unique_stable(None, UniqueKeepStrategy::First, None)?;
    let _: BooleanChunked = frame.is_unique()?;
    let _: DataFrame = frame.group_by(["a"])?.select(["b"]).groups()?;
    let _: Vec<Column> = frame.group_by_stable(["a"])?.keys();
    let _: DataFrame = frame.group_by(["a"])?.apply(|group: DataFrame| Ok(group.head(Some(1))))?;
    let _: Option<Vec<AnyValue<'_>>> = frame.get(0);
    let _: usize = frame.estimated_size();
    let _: (bool, bool) = (frame.equals(other), frame.equals_missing(other));
    let _: DataFrame = frame.inner_join(other, ["a"], ["a"])?;
    let _: DataFrame = frame.left_join(other, ["a"], ["a"])?;
    let _: DataFrame = frame.full_join(other, ["a"], ["a"])?;
    let _: (String, String) = (format!("{frame}"), format!("{frame:?}"));
    let _: LazyFrame = DataFrame::default().lazy();
    Ok(())
}

pub fn columns(mut column: Column, other: &Column, mask: &BooleanChunked) -> PolarsResult<()> {
    let _: Column = Column::new("a".into(), [1.0, 2.0]);
    let _: Column = Column::new("a".into(), vec![Some("x"), None]);
    let _: Column = Series::new("a".into(), [1.0, 2.0]).into();
    let _: &Series = column.as_materialized_series();
    let _: Series = column.clone().take_materialized_series();
    let _: &PlSmallStr = column.name();
    let _: &DataType = column.dtype();
    let _: (usize, bool, usize) = (column.len(), column.is_empty(), column.null_count());
    let _: usize = column.n_unique()?;
    let _: AnyValue<'_> = column.get(0)?;
    let _: Column = column.clone().with_name("b".into());
    let _: () = column.rename("b".into());
    let _: (Column, Column) = (column.cast(&DataType::Float64)?, column.strict_cast(&DataType::Int64)?);
    let _: (&BooleanChunked, &StringChunked) = (column.bool()?, column.str()?);
    let _: (&Int32Chunked, &Int64Chunked, &UInt32Chunked, &UInt64Chunked) = (column.i32()?, column.i64()?, column.u32()?, column.u64()?);
    let _: (&Float32Chunked, &Float64Chunked) = (column.f32()?, column.f64()?);
    let _: (BooleanChunked, BooleanChunked) = (column.is_null(), column.is_not_null());
    let _: (BooleanChunked, BooleanChunked) = (column.is_nan()?, column.is_finite()?);
    let _: (Column, Column, Column) = (column.head(None), column.tail(Some(3)), column.slice(0, 3));
    let _: (Column, Column, Column) = (column.shift(1), column.reverse(), column.drop_nulls());
    let _: (Column, Column) = (column.unique()?, column.unique_stable()?);
    let _: Column = column.fill_null(FillNullStrategy::Zero)?;
    let _: Column = column.filter(mask)?;
    let _: Column = column.sort(SortOptions::default().with_order_descending(true))?;
    let _: (Scalar, Scalar, Scalar) = (column.min_reduce()?, column.max_reduce()?, column.sum_reduce()?);
    let _: (Scalar, Scalar) = (column.mean_reduce()?, column.median_reduce()?);
    let _: (Scalar, Scalar) = (column.std_reduce(1)?, column.var_reduce(1)?);
    let _: Scalar = column.quantile_reduce(0.5, QuantileMethod::Linear)?;
    let _: (bool, bool) = (column.equals(other), column.equals_missing(other));
    let _: (PolarsResult<Column>, PolarsResult<Column>) = (&column + other, column.clone() / other.clone());
    let _: (Column, Column) = (&column * 2.0, column.clone() - 1);
    let _: DataFrame = column.into_frame();
    Ok(())
}

pub fn series(mut series: Series, other: &Series, mask: &BooleanChunked) -> PolarsResult<()> {
    let _: Series = Series::new("a".into(), &[1.0, 2.0]);
    let _: Series = Series::new("a".into(), vec!["x", "y"]);
    let _: Series = Series::new("a".into(), vec![String::new()]);
    let _: (Series, Series) = (series.cast(&DataType::Float64)?, series.strict_cast(&DataType::Int64)?);
    let _: f64 = series.sum::<f64>()?;
    let _: (Option<f64>, Option<i64>) = (series.min::<f64>()?, series.max::<i64>()?);
    let _: (Series, Series, Series) = (series.head(None), series.tail(Some(3)), series.slice(0, 3));
    let _: Series = series.clone().with_name("b".into());
    let _: &mut Series = series.rename("b".into());
    let _: Series = series.sort(SortOptions::new().with_nulls_last(true))?;
    let _: (&BooleanChunked, &StringChunked) = (series.bool()?, series.str()?);
    let _: (&Int32Chunked, &Int64Chunked, &UInt32Chunked, &UInt64Chunked) = (series.i32()?, series.i64()?, series.u32()?, series.u64()?);
    let _: (&Float32Chunked, &Float64Chunked) = (series.f32()?, series.f64()?);
    let _: (BooleanChunked, BooleanChunked) = (series.is_nan()?, series.is_finite()?);
    let _: (BooleanChunked, BooleanChunked) = (series.is_null(), series.is_not_null());
    let _: (Series, Series) = (series.unique()?, series.unique_stable()?);
    let _: (bool, bool) = (series.equals(other), series.equals_missing(other));
    let _: &PlSmallStr = series.name();
    let _: &DataType = series.dtype();
    let _: (usize, bool, usize) = (series.len(), series.is_empty(), series.null_count());
    let _: usize = series.n_unique()?;
    let _: AnyValue<'_> = series.get(0)?;
    let _: (Option<f64>, Option<f64>) = (series.mean(), series.median());
    let _: (Option<f64>, Option<f64>) = (series.std(1), series.var(1));
    let _: (Scalar, Scalar) = (series.sum_reduce()?, series.quantile_reduce(0.5, QuantileMethod::Nearest)?);
    let _: (Scalar, Scalar) = (series.first(), series.last());
    let _: (Series, Series, Series) = (series.shift(1), series.reverse(), series.drop_nulls());
    let _: (Series, Series) = (series.filter(mask)?, series.rechunk());
    let _: (BooleanChunked, BooleanChunked) = (series.gt(1.0)?, series.lt_eq(other)?);
    let _: (BooleanChunked, BooleanChunked) = (series.equal("x")?, series.not_equal(1)?);
    let _: (PolarsResult<Series>, PolarsResult<Series>) = (&series + other, series.clone() * other.clone());
    let _: (Series, Series) = (&series / 2.0, series.clone() % 2);
    let _: String = format!("{series}");
    let _: Column = series.clone().into_column();
    let _: DataFrame = series.into_frame();
    Ok(())
}

pub fn arrays(floats: &Float64Chunked, whole: &Int64Chunked, texts: &StringChunked, truths: &BooleanChunked) -> PolarsResult<()> {
    let _: (&PlSmallStr, &DataType) = (floats.name(), floats.dtype());
    let _: (usize, bool, usize) = (floats.len(), floats.is_empty(), floats.null_count());
    let _: (Option<f64>, Option<i64>, Option<bool>) = (floats.get(0), whole.first(), truths.last());
    let _: Option<&str> = texts.get(0);
    let _: Vec<Option<f64>> = floats.iter().collect();
    let _: Vec<&str> = texts.iter().flatten().collect();
    let _: f64 = floats.iter().rev().flatten().map(f64::ln).sum();
    let _: (Float64Chunked, Int64Chunked, StringChunked) = (floats.head(Some(3)), whole.tail(None), texts.slice(0, 3));
    let _: Float64Chunked = floats.drop_nulls().with_name("b".into());
    let _: (BooleanChunked, BooleanChunked) = (floats.is_null(), texts.is_not_null());
    let _: (&[f64], &[i64]) = (floats.cont_slice()?, whole.cont_slice()?);
    let _: Vec<Option<i64>> = whole.to_vec();
    let _: Vec<f64> = floats.into_no_null_iter().collect();
    let _: (Option<f64>, Option<f64>, Option<i64>) = (floats.sum(), floats.min(), whole.max());
    let _: (Option<f64>, Option<f64>) = (floats.mean(), whole.mean());
    let _: (Option<f64>, Option<f64>) = (floats.std(1), floats.var(1));
    let _: Option<f64> = floats.median();
    let _: Option<f64> = floats.quantile(0.05, QuantileMethod::Linear)?;
    let _: Float64Chunked = floats.apply_values(|x| x.ln());
    let _: (BooleanChunked, BooleanChunked) = (floats.gt(1.0), whole.lt_eq(3));
    let _: (BooleanChunked, BooleanChunked) = (floats.gt_eq(1.0), floats.lt(2.0));
    let _: (BooleanChunked, BooleanChunked) = (texts.equal("x"), whole.not_equal(0));
    let _: (Float64Chunked, Float64Chunked) = (floats * 2.0, floats + floats);
    let _: (BooleanChunked, BooleanChunked, BooleanChunked) = (truths & truths, truths | truths, !truths);
    let _: (bool, bool, Option<u32>) = (truths.any(), truths.all(), truths.sum());
    let _: (Series, Column) = (floats.clone().into_series(), texts.clone().into_column());
    let _: String = format!("{floats:?}");
    Ok(())
}

pub fn values(value: AnyValue<'_>, scalar: Scalar, name: PlSmallStr, kind: DataType, error: PolarsError) -> PolarsResult<()> {
    let _: Option<f64> = value.extract::<f64>();
    let _: i64 = value.try_extract::<i64>()?;
    let _: (bool, bool, DataType) = (value.is_null(), value.is_nan(), value.dtype());
    let _: (String, Option<&str>) = (value.str_value().into_owned(), value.get_str());
    let _: AnyValue<'static> = value.clone().into_static();
    let _: bool = matches!(value, AnyValue::Float64(x) if x > 0.0) || matches!(value, AnyValue::Datetime(_, TimeUnit::Microseconds, None));
    let _: (&DataType, bool, AnyValue<'_>) = (scalar.dtype(), scalar.is_null(), scalar.as_any_value());
    let _: &AnyValue<'static> = scalar.value();
    let _: AnyValue<'static> = scalar.into_value();
    let _: (&str, usize, bool) = (name.as_str(), name.len(), name == "a");
    let _: (PlSmallStr, PlSmallStr, PlSmallStr) = ("a".into(), String::new().into(), PlSmallStr::from_static("a"));
    let _: (String, String) = (name.to_string(), name.into_string());
    let _: (bool, bool, bool) = (kind.is_primitive_numeric(), kind.is_float(), kind.is_integer());
    let _: (bool, bool, bool) = (kind.is_string(), kind.is_temporal(), kind.is_numeric());
    let _: DataType = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let _: Option<TimeZone> = TimeZone::opt_try_new(Some("America/New_York"))?;
    let _: Box<dyn std::error::Error> = Box::new(error);
    Ok(())
}

pub fn expressions() -> PolarsResult<Vec<Expr>> {
    let x = || col("x");
    let days: Expr = x().dt().convert_time_zone(TimeZone::UTC).dt().date().alias("day");
    let _: Expr = when(x().gt(lit(0.0))).then(lit("up")).otherwise(lit("down"));
    let _: Expr = when(x().gt(1)).then(x()).when(x().lt(0)).then(lit(1.5)).otherwise(0.5);
    let _: Expr = when(true).then(1).when(false).then(2).when(true).then(x()).otherwise(x());
    let _: (Expr, Selector, Selector) = (all().as_expr(), cols(["a", "b"]), all() - cols(["a"]));
    let _: (Expr, Expr, Expr) = (len(), not(x().is_null()), coalesce(&[x(), lit(0)]));
    let _: (Expr, Expr) = (cov(x(), col("y"), 1), pearson_corr(x(), col("y")));
    let _: Expr = concat_str([x(), col("y")], "-", true);
    let arithmetic: Vec<Expr> = vec![x() + lit(1), x() - x(), x() * lit(2.0), x() / lit(3_i64), x() % lit(2), -x(), x().pow(2)];
    let tests: Vec<Expr> = vec![x().eq(lit("a")), x().neq(1), x().lt(1), x().lt_eq(1.0), x().gt(x()), x().gt_eq(true), x().and(x()), x().or(x()), x().not()];
    let nulls: Vec<Expr> = vec![x().is_null(), x().is_not_null(), x().is_nan(), x().is_not_nan(), x().is_finite(), x().is_infinite(), x().drop_nulls(), x().drop_nans(), x().null_count(), x().fill_null(0.0), x().fill_nan(lit(0)), x().fill_null_with_strategy(FillNullStrategy::Backward(Some(1)))];
    let sums: Vec<Expr> = vec![x().first(), x().last(), x().count(), x().len(), x().min(), x().max(), x().sum(), x().mean(), x().median(), x().product(), x().std(1), x().var(1), x().quantile(lit(0.05), QuantileMethod::Linear), x().n_unique(), x().arg_min(), x().arg_max(), x().any(true), x().all(true)];
    let rows: Vec<Expr> = vec![x().unique(), x().unique_stable(), x().reverse(), x().head(Some(1)), x().tail(None), x().slice(0, 3), x().shift(lit(1)), x().shift_and_fill(1, 0.0), x().filter(x().gt(0)), x().sort(SortOptions::default()), x().sort_by(["y"], SortMultipleOptions::new())];
    let running: Vec<Expr> = vec![x().cum_sum(false), x().cum_prod(false), x().cum_min(false), x().cum_max(false), x().cum_count(false), x().rank(RankOptions { method: RankMethod::Average, descending: true }, None), x().rank(RankOptions::default(), None)];
    let numbers: Vec<Expr> = vec![x().abs(), x().sign(), x().sqrt(), x().exp(), x().log1p(), x().log(lit(10.0)), x().floor(), x().ceil(), x().sin(), x().cos(), x().tan(), x().round(2, RoundMode::HalfToEven), x().clip(lit(0), lit(1)), x().cast(DataType::Float64), x().strict_cast(DataType::Int32)];
    let members: Expr = x().is_in(lit(Series::new("s".into(), ["a", "b"])), false);
    let windows: Vec<Expr> = vec![x().sum().over(["symbol"])?, x().mean().over([col("symbol"), col("day")])?];
    let texts: Vec<Expr> = vec![x().str().to_lowercase(), x().str().to_uppercase(), x().str().len_bytes(), x().str().len_chars(), x().str().contains(lit("a|b"), true), x().str().contains_literal(lit("a")), x().str().starts_with(lit("a")), x().str().ends_with(lit("b")), x().str().extract(lit("(a)"), 1), x().str().replace(lit("a"), lit("b"), true), x().str().replace_all(lit("a"), lit("b"), true), x().str().slice(lit(0), lit(2)), x().str().split(lit(",")), x().str().to_date(StrptimeOptions::default()), x().str().to_datetime(Some(TimeUnit::Microseconds), None, StrptimeOptions { format: Some("%Y".into()), ..StrptimeOptions::default() }, lit("raise"))];
    let dt = || x().dt();
    let times: Vec<Expr> = vec![dt().year(), dt().month(), dt().day(), dt().quarter(), dt().week(), dt().weekday(), dt().ordinal_day(), dt().hour(), dt().minute(), dt().second(), dt().date(), dt().time(), dt().strftime("%H:%M"), dt().to_string("%Y"), dt().truncate(lit("1h")), dt().offset_by(lit("1d")), dt().timestamp(TimeUnit::Milliseconds), dt().total_days(false), dt().total_hours(false), dt().total_minutes(false), dt().total_seconds(true)];
    let names: Vec<Expr> = vec![x().name().keep(), x().name().prefix("a_"), x().name().suffix("_b"), x().alias(String::from("y"))];
    Ok([arithmetic, tests, nulls, sums, rows, running, numbers, windows, texts, times, names, vec![days, members]].concat())
}


pub fn lazy(frame: LazyFrame, other: LazyFrame) -> PolarsResult<()> {
    let (f, o) = (|| frame.clone(), || other.clone());
    let _: DataFrame = f().filter(col("gap_pct").abs().gt(lit(5.0))).collect()?;
    let _: DataFrame = f().group_by([col("symbol")]).agg([col("close").mean().alias("mean"), len()]).collect()?;
    let _: LazyFrame = f().group_by_stable(["symbol"]).head(Some(1));
    let _: (LazyFrame, LazyGroupBy) = (f().group_by(["symbol"]).tail(None), f().group_by(["symbol"]).having(len().gt(1)));
    let _: LazyFrame = f().select([col("a"), col("b")]).select(vec![all().as_expr()]);
    let _: LazyFrame = f().with_column(col("a").alias("b")).with_columns([col("a"), col("b")]).with_row_index("row", None);
    let _: LazyFrame = f().sort(["a", "b"], SortMultipleOptions::default().with_order_descending_multi([true, false]).with_nulls_last(true).with_maintain_order(true));
    let _: LazyFrame = f().sort_by_exprs([col("a")], SortMultipleOptions::default()).top_k(3, [col("a")], SortMultipleOptions::default());
    let _: LazyFrame = f().join(o(), [col("a")], [col("a")], JoinArgs::new(JoinType::Left));
    let _: LazyFrame = f().join(o(), [col("a")], [col("a")], JoinType::Semi.into());
    let _: LazyFrame = f().join(o(), [col("a")], [col("a")], JoinArgs::new(JoinType::Full).with_coalesce(JoinCoalesce::CoalesceColumns).with_suffix(Some("_o".into())));
    let _: [JoinType; 4] = [JoinType::Inner, JoinType::Right, JoinType::Anti, JoinType::Cross];
    let _: LazyFrame = f().inner_join(o(), "a", "a").left_join(o(), col("a"), col("a")).full_join(o(), "a", "a").cross_join(o(), None);
    let _: LazyFrame = f().rename(["a"], ["b"], true).drop(cols(["c"])).drop_nulls(None).drop_nulls(Some(cols(["a"])));
    let _: LazyFrame = f().unique(None, UniqueKeepStrategy::Any).unique_stable(Some(cols(["a"])), UniqueKeepStrategy::Last);
    let _: LazyFrame = f().fill_null(0).fill_nan(lit(0.0)).shift(1).reverse().slice(0, 10).limit(5).tail(3).cache();
    let _: [LazyFrame; 4] = [f().first(), f().last(), f().null_count(), f().count()];
    let _: [LazyFrame; 5] = [f().min(), f().max(), f().sum(), f().mean(), f().median()];
    let _: [LazyFrame; 3] = [f().std(1), f().var(1), f().quantile(lit(0.5), QuantileMethod::Linear)];
    let _: String = f().explain(true)?;
    let _: LazyFrame = concat([f(), o()], UnionArgs::default())?;
    let mut sql = polars::sql::SQLContext::new();
    sql.register("bars", f());
    let _: DataFrame = sql.execute("SELECT symbol, avg(close) FROM bars GROUP BY symbol")?.collect()?;
    let _: Vec<String> = sql.get_tables();
    Ok(())
}
