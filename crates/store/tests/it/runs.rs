use bellwether::market::Symbol;
use bellwether_store::{
    AlertKind, ComputedRow, HitRow, MarketConditions, NewAlert, NewRun, RunClaim, RunFilter, RunOutcome, RunStatus, StoreError,
    Trigger, Unrun,
};
use jiff::SignedDuration;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Database, at, in_database};

pub(crate) fn new_run(job: &str, due_at: &str, instance: &str) -> NewRun {
    NewRun {
        job: job.to_owned(),
        kind: "gap_scan".to_owned(),
        trigger: Trigger::Schedule,
        due_at: at(due_at),
        as_of: None,
        instance: instance.to_owned(),
        started_at: at(due_at),
        config: Some(json!({"min_gap_pct": 4.0})),
        code_version: Some("0.1.0".to_owned()),
    }
}

pub(crate) fn hit(rank: i32, symbol: &str) -> HitRow {
    HitRow {
        rank,
        symbol: Symbol::new(symbol).unwrap(),
        side: Some("long".to_owned()),
        score: Some(0.1 + 0.2),
        gap_pct: Some(5.5),
        last: None,
        prev_close: Some(10.0),
        volume: None,
        numbers: json!({"relative_volume": 3.25, "nothing": null}),
    }
}

pub(crate) fn alert(name: &str) -> NewAlert {
    NewAlert {
        alert_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()),
        channel: "desk".to_owned(),
        kind: AlertKind::Webhook,
        subject: format!("about {name}"),
        payload: json!({"name": name}),
        created_at: at("2026-03-02T14:25:00Z"),
    }
}

fn outcome(hits: Vec<HitRow>, alerts: Vec<NewAlert>) -> RunOutcome {
    RunOutcome {
        report: Some(json!({"hits": hits.len()})),
        report_hash: Some("b3".to_owned()),
        hits,
        alerts,
        conditions: Some(MarketConditions {
            as_of: at("2026-03-02T14:25:00Z"),
            spy_change_pct: Some(-0.5),
            qqq_change_pct: None,
            breadth: Some(0.25),
            details: json!({}),
        }),
        ..RunOutcome::bare(RunStatus::Succeeded, at("2026-03-02T14:25:09Z"))
    }
}

async fn claimed(database: &Database, instance: &str) -> RunClaim {
    database.store.claim_run(&new_run("gaps", "2026-03-02T14:25:00Z", instance)).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_of_twenty_claims_the_run() {
    in_database(async |database| {
        let runs: Vec<NewRun> = (0..20).map(|n| new_run("gaps", "2026-03-02T14:25:00Z", &format!("i{n}"))).collect();
        let claims = futures::future::join_all(runs.iter().map(|run| database.store.claim_run(run))).await;
        let won: Vec<RunClaim> = claims.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(won.len(), 1);
        assert_eq!(database.store.run(won[0].run_id).await.unwrap().instance, won[0].instance);
        // A person may run it as often as they like.
        let manual = NewRun { trigger: Trigger::Manual, ..new_run("gaps", "2026-03-02T14:25:00Z", "me") };
        assert!(database.store.claim_run(&manual).await.unwrap().is_some());
        assert!(database.store.claim_run(&manual).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn what_was_computed_is_written_with_its_run_and_by_nobody_else() {
    in_database(async |database| {
        let store = &database.store;
        let row = |symbol: &str, volatility: f64| ComputedRow {
            symbol: Symbol::new(symbol).unwrap(),
            numbers: json!({"volatility": volatility, "score": null, "regime": "high", "tiny": 5e-324, "third": 1.0 / 3.0}),
        };
        let rows = vec![row("QQQ", 0.1 + 0.2), row("AAPL", 1.7976931348623157e308)];
        let claim = claimed(database, "i1").await;
        let stolen = RunClaim { instance: "i2".to_owned(), ..claim.clone() };
        let result = RunOutcome { computed: rows.clone(), ..outcome(Vec::new(), Vec::new()) };
        store.finish_run(&stolen, &result).await.unwrap_err();
        assert_eq!(store.computed(claim.run_id).await.unwrap(), []);
        store.finish_run(&claim, &result).await.unwrap();
        // Again after a lost answer: the same rows, once.
        store.finish_run(&claim, &result).await.unwrap();
        assert_eq!(store.computed(claim.run_id).await.unwrap(), [rows[1].clone(), rows[0].clone()]);
        // Pruned by when the run ended, whatever time it was due at; the run stays.
        assert_eq!(store.prune_computed(result.finished_at).await.unwrap(), 0);
        assert_eq!(store.prune_computed(result.finished_at + SignedDuration::from_secs(1)).await.unwrap(), 2);
        assert_eq!(store.computed(claim.run_id).await.unwrap(), []);
        assert_eq!(store.run(claim.run_id).await.unwrap().status, result.status);
    })
    .await;
}

#[tokio::test]
async fn what_two_jobs_measure_at_one_time_is_put_together() {
    in_database(async |database| {
        let store = &database.store;
        let of = |spy_change_pct, breadth, details| {
            let as_of = at("2026-03-02T14:25:00Z");
            let conditions = MarketConditions { as_of, spy_change_pct, qqq_change_pct: None, breadth, details };
            RunOutcome { conditions: Some(conditions), ..outcome(Vec::new(), Vec::new()) }
        };
        for (job, outcome) in [
            ("scan", of(Some(-0.5), Some(0.25), json!({"symbols": 40}))),
            ("conditions", of(None, None, json!({"series": {"VIXCLS": {"value": 16.1}}}))),
            ("later-scan", of(Some(-0.4), None, json!({"symbols": 45}))),
        ] {
            let claim = store.claim_run(&new_run(job, "2026-03-02T14:25:00Z", "i1")).await.unwrap().unwrap();
            store.finish_run(&claim, &outcome).await.unwrap();
        }
        let conditions = store.market_conditions(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).await.unwrap();
        assert_eq!(conditions.len(), 1);
        assert_eq!((conditions[0].spy_change_pct, conditions[0].breadth), (Some(-0.4), Some(0.25)));
        assert_eq!(conditions[0].details, json!({"symbols": 45, "series": {"VIXCLS": {"value": 16.1}}}));
    })
    .await;
}

#[tokio::test]
async fn a_finished_run_has_everything() {
    in_database(async |database| {
        let store = &database.store;
        let claim = claimed(database, "i1").await;
        let outcome = outcome(vec![hit(1, "AAPL"), hit(2, "BRK.B")], vec![alert("a"), alert("b"), alert("a")]);
        store.heartbeat(&claim, at("2026-03-02T14:25:05Z")).await.unwrap();
        store.finish_run(&claim, &outcome).await.unwrap();
        let run = store.run(claim.run_id).await.unwrap();
        assert_eq!(
            (run.status, run.finished_at, run.report.clone()),
            (RunStatus::Succeeded, Some(outcome.finished_at), outcome.report.clone())
        );
        assert_eq!(store.hits(claim.run_id).await.unwrap(), outcome.hits);
        assert_eq!(store.alerts_of(claim.run_id).await.unwrap().len(), 2, "the same alert twice is one");
        let conditions = store.market_conditions(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).await.unwrap();
        assert_eq!(Some(&conditions[0]), outcome.conditions.as_ref());
        // The same words again, as after a lost answer, are no error and no second copy; other words are.
        store.finish_run(&claim, &outcome).await.unwrap();
        let other = RunOutcome { report_hash: Some("other".to_owned()), ..outcome };
        assert!(matches!(store.finish_run(&claim, &other).await, Err(StoreError::RunNotOurs { .. })));
        assert_eq!(store.hits(claim.run_id).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_cannot_be_written_whole_is_not_written_at_all() {
    in_database(async |database| {
        let store = &database.store;
        let claim = claimed(database, "i1").await;
        let nothing_written = async || {
            assert_eq!(store.run(claim.run_id).await.unwrap().status, RunStatus::Running);
            assert_eq!(database.count("SELECT (SELECT count(*) FROM scan_hits) + (SELECT count(*) FROM alerts)").await, 0);
        };
        let error = store.finish_run(&claim, &outcome(vec![hit(1, "AAPL"), hit(1, "MSFT")], vec![alert("a")])).await.unwrap_err();
        assert_eq!(error.sql_state(), Some("23505"), "{error}");
        nothing_written().await;
        // The very last step fails.
        let whole = outcome(vec![hit(1, "AAPL")], vec![alert("a")]);
        database.client().await.batch_execute("ALTER TABLE market_conditions RENAME TO gone").await.unwrap();
        store.finish_run(&claim, &whole).await.unwrap_err();
        nothing_written().await;
        database.client().await.batch_execute("ALTER TABLE gone RENAME TO market_conditions").await.unwrap();
        store.finish_run(&claim, &whole).await.unwrap();
        assert_eq!(store.hits(claim.run_id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_run_taken_over_cannot_be_ended_by_its_former_holder() {
    in_database(async |database| {
        let store = &database.store;
        let first = claimed(database, "same-name").await;
        let stale_before = at("2026-03-02T14:30:00Z");
        assert!(store.stale_runs(at("2026-03-02T14:25:00Z")).await.unwrap().is_empty());
        let stale = store.stale_runs(stale_before).await.unwrap();
        assert_eq!(stale[0].run_id, first.run_id);

        // Ten try; one gets it. Even under the same name the former attempt is void.
        let now = at("2026-03-02T14:31:00Z");
        let tries = (0..10).map(|_| store.reclaim_run(first.run_id, "same-name", stale_before, now));
        let won: Vec<RunClaim> = futures::future::join_all(tries).await.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(won.len(), 1);
        assert_eq!(won[0].attempt, 2);

        let late = outcome(vec![hit(1, "AAPL")], vec![alert("a")]);
        let error = store.finish_run(&first, &late).await.unwrap_err();
        assert!(matches!(&error, StoreError::RunNotOurs { found, .. } if found.contains("attempt 2")), "{error}");
        assert!(matches!(store.heartbeat(&first, now).await, Err(StoreError::RunNotOurs { .. })));
        assert_eq!(store.pending_alerts_count().await.unwrap(), 0);
        store.finish_run(&won[0], &late).await.unwrap();
        assert!(store.reclaim_run(first.run_id, "x", at("2027-01-01T00:00:00Z"), now).await.unwrap().is_none(), "it has ended");
    })
    .await;
}

#[tokio::test]
async fn due_times_at_which_nothing_ran_are_in_the_ledger_once() {
    in_database(async |database| {
        let store = &database.store;
        let unrun = Unrun {
            job: "gaps".to_owned(),
            kind: "gap_scan".to_owned(),
            due_at: at("2026-03-03T14:25:00Z"),
            status: RunStatus::Missed,
            reason: "the machine was off".to_owned(),
            instance: "i1".to_owned(),
            recorded_at: at("2026-03-03T18:00:00Z"),
            alerts: vec![alert("missed")],
        };
        assert_eq!(store.last_due("gaps").await.unwrap(), None);
        assert!(store.record_unrun(&unrun).await.unwrap());
        assert!(!store.record_unrun(&unrun).await.unwrap());
        assert!(store.claim_run(&new_run("gaps", "2026-03-03T14:25:00Z", "i2")).await.unwrap().is_none());
        assert_eq!(store.last_due("gaps").await.unwrap(), Some(unrun.due_at));
        assert_eq!(store.pending_alerts_count().await.unwrap(), 1);
        let wrong = Unrun { status: RunStatus::Succeeded, ..unrun };
        assert!(matches!(store.record_unrun(&wrong).await, Err(StoreError::RunStatus { .. })));
    })
    .await;
}

#[tokio::test]
async fn runs_are_found_by_the_names_people_use() {
    in_database(async |database| {
        let store = &database.store;
        for (job, due) in [("gaps", "2026-03-02T14:25:00Z"), ("gaps", "2026-03-03T14:25:00Z"), ("news", "2026-03-03T15:00:00Z")] {
            let claim = store.claim_run(&new_run(job, due, "i1")).await.unwrap().unwrap();
            store.finish_run(&claim, &RunOutcome::bare(RunStatus::Succeeded, at(due))).await.unwrap();
        }
        assert_eq!(store.find_run("latest").await.unwrap().job, "news");
        let gaps = store.find_run("gaps").await.unwrap();
        assert_eq!(gaps.due_at, at("2026-03-03T14:25:00Z"));
        let id = gaps.run_id.to_string();
        assert_eq!(store.find_run(&id[..13].to_ascii_uppercase()).await.unwrap(), gaps);
        for (text, found) in [("nothing", false), ("%", false), ("", false), ("ffffffff-ffff-ffff", false)] {
            assert_eq!(store.find_run(text).await.is_ok(), found, "{text}");
        }
        let sql = "INSERT INTO runs (run_id, job, kind, trigger, due_at, status, instance)
                   SELECT ('abcdef00-0000-4000-8000-00000000000' || n)::uuid, 'x', 'x', 'manual', '2026-01-01Z', 'missed', 'i' FROM generate_series(1, 2) n";
        database.client().await.batch_execute(sql).await.unwrap();
        assert!(matches!(store.find_run("abcdef").await, Err(StoreError::RunAmbiguous { matches, .. }) if matches.len() == 2));

        let filter = RunFilter { job: Some("gaps".to_owned()), from: Some(at("2026-03-03T00:00:00Z")), ..RunFilter::default() };
        assert_eq!(store.runs(&filter).await.unwrap(), [gaps]);
        assert_eq!(store.runs(&RunFilter { limit: 2, ..RunFilter::default() }).await.unwrap().len(), 2);
        assert_eq!(store.runs(&RunFilter { status: Some(RunStatus::Missed), ..RunFilter::default() }).await.unwrap().len(), 2);
    })
    .await;
}
