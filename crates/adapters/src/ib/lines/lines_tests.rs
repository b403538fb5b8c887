use super::*;

const SOON: Duration = Duration::from_millis(50);
const PATIENT: Duration = Duration::from_secs(30);

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

async fn quotes(lines: &Arc<Lines>, priority: Priority, name: &str) -> LineLease {
    lines.lease(priority, &symbol(name), LineUse::Quotes, PATIENT).await.unwrap()
}

/// Waits until no line is taken.
async fn all_back(lines: &Lines) {
    for _ in 0..3_000 {
        if lines.usage().taken() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", lines.usage());
}

#[tokio::test]
async fn a_lease_comes_back_when_dropped_after_the_gateway_has_read_its_end() {
    let lines = Lines::new(1);
    let lease = quotes(&lines, Priority::Scans, "A").await;
    assert!(lease.opens());
    let error = lines.lease(Priority::Scans, &symbol("B"), LineUse::Quotes, SOON).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Timeout { .. }) && error.to_string().contains("line for B"), "{error}");
    assert_eq!(lines.usage().waiting, 0, "whoever gave up does not wait");
    drop(lease);
    assert_eq!(lines.usage().returning, 1);
    let next = quotes(&lines, Priority::Scans, "B").await;
    next.freed();
    assert_eq!(lines.usage().taken(), 0);
}

#[tokio::test]
async fn leases_come_back_from_tasks_that_panic_or_are_cancelled() {
    let lines = Lines::new(2);
    let (a, b) = (quotes(&lines, Priority::Scans, "A").await, quotes(&lines, Priority::Scans, "B").await);
    let panics = tokio::spawn(async move {
        let _held = a;
        panic!("a consumer fails, as this test wants it to");
    });
    let waits = tokio::spawn(async move {
        let _held = b;
        std::future::pending::<()>().await;
    });
    assert!(panics.await.unwrap_err().is_panic());
    waits.abort();
    assert!(waits.await.unwrap_err().is_cancelled());
    all_back(&lines).await;
    let _again = (quotes(&lines, Priority::Scans, "C").await, quotes(&lines, Priority::Scans, "D").await);
}

#[tokio::test]
async fn whoever_stops_waiting_leaves_no_trace() {
    let lines = Lines::new(1);
    let held = quotes(&lines, Priority::Scans, "A").await;
    let waiting: Vec<_> = (0..20)
        .map(|i| {
            let lines = Arc::clone(&lines);
            tokio::spawn(async move { quotes(&lines, Priority::Scans, &format!("B{i}")).await.freed() })
        })
        .collect();
    while lines.usage().waiting < 20 {
        tokio::task::yield_now().await;
    }
    // Some are ended while they wait, some just when the line comes to them.
    waiting[..10].iter().for_each(tokio::task::JoinHandle::abort);
    held.freed();
    for (index, task) in waiting.into_iter().enumerate() {
        assert_eq!(task.await.is_ok(), index >= 10);
    }
    assert_eq!((lines.usage().taken(), lines.usage().waiting), (0, 0));
    assert!(lines.state().held.is_empty() && lines.state().waiting.is_empty());
}

#[tokio::test]
async fn the_less_urgent_is_told_and_gives_way() {
    let lines = Lines::new(1);
    let mut scan = quotes(&lines, Priority::Scans, "A").await;
    let gives_way = tokio::spawn(async move {
        scan.recalled().await;
        scan.freed();
    });
    let position = quotes(&lines, Priority::Positions, "B").await;
    gives_way.await.unwrap();
    let usage = lines.usage();
    assert_eq!((usage.used.get(&Priority::Positions), usage.recalled), (Some(&1), 1));
    drop(position);
}

#[tokio::test]
async fn who_does_not_heed_is_passed_over() {
    let lines = Lines::new(2);
    let deaf = quotes(&lines, Priority::Scans, "A").await;
    let mut heeds = quotes(&lines, Priority::Scans, "B").await;
    let gives_way = tokio::spawn(async move {
        heeds.recalled().await;
        heeds.freed();
    });
    let position = quotes(&lines, Priority::Positions, "C").await;
    gives_way.await.unwrap();
    assert_eq!(lines.usage().overdue, 1);
    drop(deaf);
    assert_eq!(lines.usage().overdue, 0);
    drop(position);
}

#[tokio::test]
async fn the_same_symbol_is_opened_once() {
    let lines = Lines::new(1);
    let first = quotes(&lines, Priority::Scans, "A").await;
    let second = quotes(&lines, Priority::Alerts, "A").await;
    assert!(first.opens() && !second.opens());
    drop(first);
    assert_eq!(lines.usage().used, [(Priority::Alerts, 1)].into());
    second.freed();
    assert_eq!(lines.usage().taken(), 0);
}
