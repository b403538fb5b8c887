use polars::prelude::NamedFrom as _;

use super::*;

/// A column made of the future orders the symbols perfectly, its negative the other way, and a constant not at all.
#[test]
fn knows_a_column_that_knows_the_future() {
    let bars = crate::features::example_bars::daily(&["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"], 60);
    let mut frame = bars.to_frame().unwrap().select(["symbol", "open_at", "close_at"]).unwrap();
    let mut future = Vec::new();
    for (_, series) in bars.iter() {
        future.extend(forward_return(series, 2).unwrap().value);
    }
    let against: Vec<f64> = future.iter().map(|value| -value.powi(3)).collect();
    frame.with_column(PolarsSeries::new("future".into(), &future).into_column()).unwrap();
    frame.with_column(PolarsSeries::new("against".into(), &against).into_column()).unwrap();
    frame.with_column(PolarsSeries::new("constant".into(), vec![1.0; future.len()]).into_column()).unwrap();
    let judged = information_coefficient(&bars, &frame, 2).unwrap();
    let names: Vec<&str> = judged.column("feature").unwrap().str().unwrap().iter().flatten().collect();
    let means = judged.column("mean_ic").unwrap().f64().unwrap().to_vec();
    let of = |name: &str| means[names.iter().position(|it| *it == name).unwrap()];
    assert!((of("future").unwrap() - 1.0).abs() < 1e-12 && (of("against").unwrap() + 1.0).abs() < 1e-12, "{judged}");
    assert_eq!(of("constant"), None);
    let times = judged.column("times").unwrap().u64().unwrap().to_vec();
    assert_eq!(times[names.iter().position(|it| *it == "future").unwrap()], Some(58), "the last two have no return");
}

#[test]
fn refuses_a_horizon_of_nothing_and_a_frame_without_times() {
    let bars = crate::features::example_bars::daily(&["AAA", "BBB"], 30);
    assert!(information_coefficient(&bars, &bars.to_frame().unwrap(), 0).is_err());
    let frame = bars.to_frame().unwrap().drop("close_at").unwrap();
    let error = information_coefficient(&bars, &frame, 1).unwrap_err().to_string();
    assert!(error.contains("close_at"), "{error}");
}

/// The numbers are those of statsmodels 0.15: `OLS(x, ones).fit(cov_type="HAC", cov_kwds={"maxlags": h - 1, "use_correction": False})`.
#[test]
fn returns_that_overlap_do_not_count_in_full() {
    let values = [0.1, -0.2, 0.3, 0.25, -0.05, 0.15, 0.4, -0.1, 0.05, 0.2];
    let (mean, _) = moments(&values);
    for (horizon, t) in [(1, 1.947589137440406), (3, 3.936949709421943), (5, 3.485483377884629)] {
        let found = mean / (overlapping(&values, mean, horizon) / values.len() as f64).sqrt();
        assert!((found / t - 1.0).abs() < 1e-13, "{horizon}: {found}");
    }
}
