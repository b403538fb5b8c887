//! Forecasts keep their word, and carrying a plan out violates nothing. The example `plans` does the same with a thousand.

use crate::random_plans::{ALLOWANCE, Ground, Outcome, carry_out_all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_random_plans_take_what_was_said_and_violate_nothing() {
    let outcomes = carry_out_all(Ground::new(0.4), 0..40, 20, 0.5).await;
    for outcome in &outcomes {
        let (predicted, actual) = (outcome.predicted(), outcome.actual.as_secs_f64());
        println!(
            "{:>3}: {predicted:>8.1} s predicted, {actual:>8.1} s taken, {:>5.1} % off, {:?} real, {}",
            outcome.seed,
            100.0 * outcome.error(),
            outcome.real_error(),
            outcome.forecast.bottleneck
        );
    }
    for outcome in &outcomes {
        assert!(outcome.stats.violations.is_empty(), "plan {}: {:?}", outcome.seed, outcome.stats.violations);
        assert!(outcome.failed.is_empty(), "plan {}: {:?}", outcome.seed, outcome.failed);
        assert_eq!((outcome.complaints, outcome.forecast.coverage), (0, 1.0), "plan {}", outcome.seed);
    }
    // A machine that is busy with other things is late by more than its clock knows of, and not only a little.
    let kept = outcomes.iter().filter(|outcome| outcome.error() < 0.1 || outcome.real_error() < ALLOWANCE).count();
    assert!(kept >= 32, "{kept} of 40 forecasts are within a tenth");
    let mut errors: Vec<f64> = outcomes.iter().filter(|outcome| outcome.is_paced()).map(Outcome::error).collect();
    errors.sort_by(f64::total_cmp);
    assert!(errors.len() >= 20, "{} of 40 plans are decided by pacing", errors.len());
    assert!(errors[errors.len() / 2] < 0.05, "{errors:?}");
}
