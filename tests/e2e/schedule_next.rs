//! `bellwether schedule`: what a person or a program asks about the future.

use bellwether_tests::{folder, run};

#[test]
fn closed_days_are_explained_and_nothing_is_due_on_them() {
    let data = folder();
    for (from, day, reason) in
        [("2025-01-08T12:00", "2025-01-09", "Carter"), ("2025-01-17T12:00", "2025-01-20", "Martin Luther King")]
    {
        let said = run(data.path(), &["schedule", "next", "--job", "premarket-gap", "--from", from, "-n", "3", "--json"]);
        assert!(said.ok, "{}", said.err);
        let entries = said.json();
        let entries = entries.as_array().unwrap();
        let runs: Vec<&serde_json::Value> = entries.iter().filter(|entry| entry.get("reason").is_none()).collect();
        assert_eq!(runs.len(), 3);
        assert!(runs.iter().all(|entry| !entry["due_at"].as_str().unwrap().starts_with(day)));
        let gap =
            entries.iter().find(|entry| entry["due_at"].as_str().unwrap().starts_with(day)).expect("the closed day is told");
        assert!(gap["reason"].as_str().unwrap().contains(reason), "{gap}");
        assert!(gap["local"].as_str().unwrap().contains("08:00"), "{gap}");
    }
}

#[test]
fn due_times_are_utc_and_follow_daylight_saving() {
    let data = folder();
    let said =
        run(data.path(), &["schedule", "next", "--job", "premarket-gap", "--from", "2026-03-06T09:10", "-n", "2", "--json"]);
    let json = said.json();
    let due: Vec<&str> =
        json.as_array().unwrap().iter().filter(|e| e.get("reason").is_none()).map(|e| e["due_at"].as_str().unwrap()).collect();
    assert_eq!(due, ["2026-03-06T14:25:00Z", "2026-03-09T12:00:00Z"]);
}

#[test]
fn check_list_and_columns_speak_to_people_and_programs() {
    let data = folder();
    let said = run(data.path(), &["schedule", "check"]);
    assert!(said.ok && said.out.contains("is right"), "{} {}", said.out, said.err);
    let said = run(data.path(), &["schedule", "list", "--json"]);
    assert_eq!(said.json().as_array().unwrap().len(), 7);
    let said = run(data.path(), &["schedule", "columns"]);
    assert!(said.out.contains("premarket_rvol") && said.out.contains("trend"), "{}", said.out);
}
