use bellwether::market::{Headline, Instrument, Symbol};
use bellwether_store::{FeedGap, FeedStatus, GapOutcome, StoredHeadline};
use jiff::SignedDuration;
use serde_json::json;

use crate::harness::{at, in_database};

#[tokio::test]
async fn what_is_known_of_an_instrument_is_not_forgotten() {
    in_database(async |database| {
        let store = &database.store;
        let bare = Instrument::stock(Symbol::new("AAPL").unwrap());
        let full =
            Instrument { name: "Apple".to_owned(), contract_id: Some(265_598), float_shares: Some(1.5e10), ..bare.clone() };
        store.upsert_instruments(std::slice::from_ref(&full), at("2026-01-01T00:00:00Z")).await.unwrap();
        let written = store.upsert_instruments(&[bare.clone(), bare], at("2026-01-02T00:00:00Z")).await.unwrap();
        assert_eq!(written, 1);
        assert_eq!(store.instruments().await.unwrap(), [full]);
    })
    .await;
}

#[tokio::test]
async fn the_same_headline_is_one_row() {
    in_database(async |database| {
        let headline = |id: &str, symbol: &str, time: &str| StoredHeadline {
            headline_id: id.to_owned(),
            headline: Headline {
                symbol: Symbol::new(symbol).unwrap(),
                at: at(time),
                source: "wire".to_owned(),
                title: "Größer — \"quoted\"".to_owned(),
            },
            url: (id == "1").then(|| "https://example.com".to_owned()),
        };
        let (one, two) = (headline("1", "AAPL", "2026-01-01T10:00:00Z"), headline("2", "MSFT", "2026-01-01T11:00:00Z"));
        let store = &database.store;
        assert_eq!(store.insert_headlines(&[one.clone(), one.clone()]).await.unwrap(), 1);
        assert_eq!(store.insert_headlines(&[one.clone(), two.clone()]).await.unwrap(), 1);
        let (from, until) = (at("2026-01-01T10:00:00Z"), at("2026-01-01T11:00:00Z"));
        assert_eq!(store.headlines(&[], from, until).await.unwrap(), [one], "until is not included");
        let until = at("2026-01-02T00:00:00Z");
        assert_eq!(store.headlines(&[Symbol::new("MSFT").unwrap()], from, until).await.unwrap(), [two]);
    })
    .await;
}

#[tokio::test]
async fn the_audit_only_grows_and_shows_tampering() {
    in_database(async |database| {
        let store = &database.store;
        let appends = (0..20).map(|n| {
            let detail = json!({"z": n, "a": [1.50, null], "text": "ä\n"});
            async move { store.append_audit(at("2026-03-02T14:25:00.123456Z"), "ana", "promote", &detail).await.unwrap() }
        });
        futures::future::join_all(appends).await;
        let entries = store.audit(5).await.unwrap();
        assert_eq!(entries.len(), 5);
        assert!(entries.windows(2).all(|pair| pair[1].prev_hash == pair[0].hash && pair[1].seq > pair[0].seq));
        assert_eq!(store.verify_audit().await.unwrap(), None);

        let client = database.client().await;
        // The session's zone changes how a time is written, but not its hash.
        client.batch_execute("SET timezone = 'America/New_York'").await.unwrap();
        let same = "SELECT bool_and(hash = audit_hash(prev_hash, at, actor, action, detail)) FROM audit";
        assert!(client.query_one(same, &[]).await.unwrap().get::<_, bool>(0));
        for sql in ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit", "TRUNCATE audit"] {
            let error = client.batch_execute(sql).await.unwrap_err();
            assert!(error.as_db_error().unwrap().message().contains("append-only"), "{sql}");
        }
        let (third, fourth) = (entries[2].seq, entries[3].seq);
        client.batch_execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only").await.unwrap();
        client.execute("UPDATE audit SET actor = 'eve' WHERE seq = $1", &[&third]).await.unwrap();
        assert_eq!(store.verify_audit().await.unwrap(), Some(third));
        client.execute("DELETE FROM audit WHERE seq = $1", &[&third]).await.unwrap();
        assert_eq!(store.verify_audit().await.unwrap(), Some(fourth));
    })
    .await;
}

#[tokio::test]
async fn a_contract_that_was_looked_up_long_ago_or_is_gone_is_asked_again() {
    in_database(async |database| {
        let store = &database.store;
        let symbol = Symbol::new("AAPL").unwrap();
        let known = Instrument { contract_id: Some(265_598), ..Instrument::stock(symbol.clone()) };
        let (then, week) = (at("2026-01-01T00:00:00Z"), SignedDuration::from_hours(7 * 24));
        store.upsert_instruments(std::slice::from_ref(&known), then).await.unwrap();
        assert_eq!(store.qualified_instrument(&symbol, then, week).await.unwrap(), None, "listed, but never looked up");
        store.qualify_instrument(&symbol, Some(&known), then).await.unwrap();
        assert_eq!(store.qualified_instrument(&symbol, at("2026-01-07T00:00:00Z"), week).await.unwrap(), Some(known));
        assert_eq!(store.qualified_instrument(&symbol, at("2026-01-09T00:00:00Z"), week).await.unwrap(), None);
        store.qualify_instrument(&symbol, None, then).await.unwrap();
        assert_eq!(store.qualified_instrument(&symbol, then, week).await.unwrap(), None);
        assert_eq!(store.instruments().await.unwrap().len(), 1, "what else is known of it stays");
    })
    .await;
}

#[tokio::test]
async fn the_state_of_a_feed_is_its_last_word_and_a_gap_is_one_row_until_it_is_settled() {
    in_database(async |database| {
        let store = &database.store;
        let status = |at_: &str, lines: i32| FeedStatus {
            name: "ib 17".to_owned(),
            instance: "here".to_owned(),
            at: at(at_),
            health: json!({ "lines": lines }),
        };
        store.put_feed_status(&status("2026-01-01T10:00:00Z", 3)).await.unwrap();
        store.put_feed_status(&status("2026-01-01T10:00:05Z", 4)).await.unwrap();
        assert_eq!(store.feed_statuses().await.unwrap(), [status("2026-01-01T10:00:05Z", 4)]);
        let renamed = FeedStatus { name: "ib 18".to_owned(), ..status("2026-01-02T10:00:05Z", 5) };
        store.put_feed_status(&renamed).await.unwrap();
        assert_eq!(store.prune_feed_statuses(at("2026-01-01T10:00:05Z")).await.unwrap(), 0, "not older");
        assert_eq!(store.prune_feed_statuses(at("2026-01-01T10:00:06Z")).await.unwrap(), 1);
        assert_eq!(store.feed_statuses().await.unwrap(), [renamed]);

        let gap = FeedGap {
            feed: "ib 17".to_owned(),
            symbol: "AAPL".to_owned(),
            kind: "five_second_bars".to_owned(),
            from_at: at("2026-01-01T10:00:00Z"),
            until_at: at("2026-01-01T10:01:00Z"),
            outcome: GapOutcome::Open,
            reason: String::new(),
            bars: 0,
            noted_at: at("2026-01-01T10:01:00Z"),
        };
        let settled = FeedGap { outcome: GapOutcome::Lost, reason: "pacing".to_owned(), ..gap.clone() };
        store.put_feed_gaps(&[gap]).await.unwrap();
        store.put_feed_gaps(std::slice::from_ref(&settled)).await.unwrap();
        let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"));
        assert_eq!(store.feed_gaps(from, until).await.unwrap(), [settled]);
    })
    .await;
}
