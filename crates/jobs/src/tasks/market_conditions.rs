//! Economic series into the database: what was known of them at the due time, and how they changed.

use bellwether_adapters::{AdapterError, Observation, SeriesSource};
use bellwether_store::MarketConditions;
use futures::StreamExt as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::TaskOutcome;
use crate::{config::ConditionsConfig, context::Context};

/// Series asked for at a time; the source has its own limit besides.
const AT_ONCE: usize = 4;

pub(super) async fn run(context: &Context, config: &ConditionsConfig, due_at: Timestamp) -> anyhow::Result<TaskOutcome> {
    let source = context.config.sources.series(std::sync::Arc::clone(&context.clock))?;
    let asked = config.series.iter().map(|id| {
        let source = &source;
        async move { (id, source.series(id, due_at).await) }
    });
    let answers: Vec<_> = futures::stream::iter(asked.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
    let fetched_at = context.clock.now();
    let (mut series, mut missing) = (Map::new(), Map::new());
    for (id, answer) in answers {
        match answer {
            Ok(observations) => {
                series.insert(id.clone(), reading(&observations, fetched_at));
            }
            Err(error) => {
                missing.insert(id.clone(), lacking(&error));
            }
        }
    }
    anyhow::ensure!(
        !series.is_empty(),
        "none of {} series could be had; the first: {}",
        config.series.len(),
        missing
            .iter()
            .next()
            .map(|(id, why)| format!("{id}: {}", why["detail"].as_str().unwrap_or_default()))
            .unwrap_or_default()
    );
    let summary = match missing.len() {
        0 => format!("{} series", series.len()),
        _ => format!(
            "{} of {} series; missing: {}",
            series.len(),
            config.series.len(),
            missing.keys().cloned().collect::<Vec<_>>().join(", ")
        ),
    };
    let details = json!({ "series": series, "series_missing": missing });
    Ok(TaskOutcome {
        conditions: Some(MarketConditions {
            as_of: due_at,
            spy_change_pct: None,
            qqq_change_pct: None,
            breadth: None,
            details: details.clone(),
        }),
        stored_report: Some(details),
        summary,
        ..TaskOutcome::default()
    })
}

/// The last observation, and the one before it.
fn reading(observations: &[Observation], fetched_at: Timestamp) -> Value {
    let last = observations.last();
    let before = observations.len().checked_sub(2).map(|index| &observations[index]);
    json!({
        "value": last.map(|last| last.value), "date": last.map(|last| last.date), "known_at": last.map(|last| last.known_at),
        "previous": before.map(|before| before.value), "previous_date": before.map(|before| before.date),
        "change": last.zip(before).map(|(last, before)| last.value - before.value),
        "source": "fred", "fetched_at": fetched_at,
    })
}

fn lacking(error: &AdapterError) -> Value {
    json!({ "reason": error.reason(), "detail": error.to_string() })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reading_is_the_last_number_and_its_change() {
        let at: Timestamp = "2025-01-08T06:00:00Z".parse().unwrap();
        let observation = |day, value| Observation { date: date(2025, 1, day), known_at: at, value };
        let both = reading(&[observation(3, 16.25), observation(6, 16.0)], at);
        assert_eq!((&both["value"], &both["change"], &both["date"]), (&json!(16.0), &json!(-0.25), &json!("2025-01-06")));
        let one = reading(&[observation(3, 16.25)], at);
        assert_eq!((&one["value"], &one["change"]), (&json!(16.25), &Value::Null));
    }
}
