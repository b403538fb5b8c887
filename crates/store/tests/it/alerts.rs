use std::collections::HashSet;

use bellwether_store::{Alert, AlertFilter, AlertStatus, StoreError};
use jiff::SignedDuration;

use crate::{
    harness::{at, in_database},
    runs::alert,
};

const LEASE: SignedDuration = SignedDuration::from_secs(60);

#[tokio::test]
async fn eight_workers_never_claim_the_same_alert() {
    in_database(async |database| {
        let alerts: Vec<_> = (0..200).map(|n| alert(&n.to_string())).collect();
        assert_eq!(database.store.enqueue_alerts(&alerts).await.unwrap(), 200);
        assert_eq!(database.store.enqueue_alerts(&alerts).await.unwrap(), 0);
        let now = at("2026-03-02T14:26:00Z");
        let workers = (0..8).map(|n| {
            let store = database.store.clone();
            tokio::spawn(async move {
                let (name, mut got) = (format!("worker {n}"), Vec::new());
                loop {
                    let claimed = store.claim_alerts(&name, 7, now, LEASE).await.unwrap();
                    if claimed.is_empty() {
                        return got;
                    }
                    for alert in &claimed {
                        store.alert_delivered(alert, now, Some("250 ok")).await.unwrap();
                    }
                    got.extend(claimed.into_iter().map(|alert| alert.alert_id));
                }
            })
        });
        let got: Vec<_> = futures::future::join_all(workers).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(got.len(), 200);
        assert_eq!(got.iter().collect::<HashSet<_>>().len(), 200);
        assert_eq!(database.count("SELECT count(*) FROM deliveries WHERE ok").await, 200);
        assert_eq!(database.store.pending_alerts_count().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_runs_out_frees_the_alert_and_voids_the_claim() {
    in_database(async |database| {
        let store = &database.store;
        store.enqueue_alerts(&[alert("a")]).await.unwrap();
        assert!(store.claim_alerts("early", 10, at("2026-03-02T14:24:59Z"), LEASE).await.unwrap().is_empty(), "not due yet");
        let first = store.claim_alerts("one", 10, at("2026-03-02T14:26:00Z"), LEASE).await.unwrap().remove(0);
        assert!(store.claim_alerts("two", 10, at("2026-03-02T14:26:59Z"), LEASE).await.unwrap().is_empty());
        let second = store.claim_alerts("two", 10, at("2026-03-02T14:27:00Z"), LEASE).await.unwrap().remove(0);
        assert_eq!((first.attempts, second.attempts), (1, 2));

        let now = at("2026-03-02T14:27:01Z");
        let error = store.alert_delivered(&first, now, None).await.unwrap_err();
        assert!(matches!(error, StoreError::AlertNotClaimed { .. }), "{error}");
        assert!(store.alert_dead(&first, now, "no").await.is_err());
        assert_eq!(database.count("SELECT count(*) FROM deliveries").await, 0);
        store.alert_delivered(&second, now, None).await.unwrap();
        // Said again after a lost answer: the same, once.
        store.alert_delivered(&second, now, None).await.unwrap();
        assert!(store.alert_dead(&second, now, "no").await.is_err());
        assert_eq!(database.count("SELECT count(*) FROM deliveries").await, 1);
    })
    .await;
}

#[tokio::test]
async fn retries_wait_and_the_dead_stay_dead() {
    in_database(async |database| {
        let store = &database.store;
        let run = store.claim_run(&crate::runs::new_run("gaps", "2026-03-02T14:25:00Z", "i")).await.unwrap().unwrap();
        let outcome = bellwether_store::RunOutcome {
            alerts: vec![alert("a")],
            ..bellwether_store::RunOutcome::bare(bellwether_store::RunStatus::Failed, at("2026-03-02T14:26:00Z"))
        };
        store.finish_run(&run, &outcome).await.unwrap();
        let claim = async |now: &str| -> Vec<Alert> { store.claim_alerts("w", 10, at(now), LEASE).await.unwrap() };
        let first = claim("2026-03-02T14:26:00Z").await.remove(0);
        store.alert_retry(&first, at("2026-03-02T14:26:01Z"), at("2026-03-02T14:30:00Z"), "timed out").await.unwrap();
        assert!(claim("2026-03-02T14:29:59Z").await.is_empty());
        let second = claim("2026-03-02T14:30:00Z").await.remove(0);
        assert_eq!((second.attempts, second.last_error.as_deref()), (2, Some("timed out")));
        store.alert_dead(&second, at("2026-03-02T14:30:01Z"), "gone for good").await.unwrap();
        assert!(claim("2030-01-01T00:00:00Z").await.is_empty());
        let left = store.alerts_of(run.run_id).await.unwrap().remove(0);
        store.enqueue_alerts(&[alert("b")]).await.unwrap();
        let listed = async |filter: AlertFilter| store.alerts(&filter).await.unwrap();
        let dead = listed(AlertFilter { status: Some(AlertStatus::Dead), ..AlertFilter::default() }).await;
        assert_eq!((dead.len(), dead[0].alert_id), (1, left.alert_id));
        assert_eq!(listed(AlertFilter { run_id: Some(run.run_id), ..AlertFilter::default() }).await, dead);
        assert_eq!(listed(AlertFilter::default()).await.len(), 2, "those of no run too");
        assert_eq!(listed(AlertFilter { limit: 1, ..AlertFilter::default() }).await.len(), 1);
        assert!(listed(AlertFilter { channel: Some("nowhere".into()), ..AlertFilter::default() }).await.is_empty());
        assert!(listed(AlertFilter { until: Some(left.created_at), ..AlertFilter::default() }).await.is_empty());
        assert_eq!((left.status, left.attempts, left.last_error.as_deref()), (AlertStatus::Dead, 2, Some("gone for good")));
        assert_eq!(database.count("SELECT count(*) FROM deliveries WHERE NOT ok").await, 2);
    })
    .await;
}
