use super::{super::test_market::TestMarket, *};

fn config(condition: &str, order_by: &str) -> CustomConfig {
    CustomConfig { condition: condition.into(), order_by: order_by.into(), history_sessions: 20, limit: 50 }
}

fn market() -> Snapshot {
    let mut market = TestMarket::default();
    for (name, price, volume) in [("A", 11.0, 50_000.0), ("B", 12.0, 500_000.0), ("C", 9.0, 500_000.0)] {
        market.stock(name).days(name, 25, 10.0, 1e6).minutes(name, "2025-01-06T08:00", &[price], volume);
    }
    market.etf("F").days("F", 25, 10.0, 1e6).minutes("F", "2025-01-06T08:00", &[12.0], 1e6);
    market.snapshot("09:25")
}

fn found(condition: &str, order_by: &str) -> Vec<String> {
    scan(&market(), &config(condition, order_by)).unwrap().hits.iter().map(|hit| hit.symbol.to_string()).collect()
}

#[test]
fn conditions_orders_and_texts_work() {
    assert_eq!(found("gap_pct > 5 AND premarket_volume >= 100000", "gap_pct DESC"), ["B", "F"]);
    assert_eq!(found("abs(gap_pct) > 5 AND kind = 'stock'", "abs(gap_pct) DESC, symbol"), ["B", "A", "C"]);
    assert_eq!(found("symbol LIKE 'C%' OR last BETWEEN 10.5 AND 11.5", "symbol"), ["A", "C"]);
    assert!(found("rsi > 0", "symbol").is_empty(), "an undefined number is no match");
}

#[test]
fn the_limit_holds_and_hits_carry_all_columns() {
    let report = scan(&market(), &CustomConfig { limit: 1, ..config("gap_pct > 0", "gap_pct DESC") }).unwrap();
    assert_eq!(report.hits.len(), 1);
    assert_eq!(report.hits[0].numbers.0.len(), columns().len());
}

#[test]
fn a_wrong_column_is_named_with_near_matches_before_any_data_is_seen() {
    let error = config("premarket_volum > 5", "symbol").check().unwrap_err().to_string();
    assert!(error.contains("unknown column `premarket_volum`"), "{error}");
    assert!(error.contains("premarket_volume"), "{error}");
    let error = config("gap_pct > 5", "gap DESC").check().unwrap_err().to_string();
    assert!(error.contains("unknown column `gap`") && error.contains("gap_pct"), "{error}");
}

#[test]
fn broken_sql_is_refused_in_one_line() {
    for broken in ["gap_pct >", "gap_pct > 5; DROP TABLE scan", "(gap_pct > 5", "", "gap_pct"] {
        let error = config(broken, "symbol").check().expect_err(broken).to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
