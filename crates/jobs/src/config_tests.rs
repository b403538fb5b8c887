use super::*;

const GOOD: &str = r#"
[universes.u]
symbols = ["AAPL"]

[channels.mail]
kind = "email"
transport = "file"
folder = "outbox"
from = "a@b.example"
to = ["c@d.example"]

[[jobs]]
name = "premarket-gap"
kind = "gap_scan"
cron = ["25 9 * * MON-FRI"]
universe = "u"
gap = { min_gap_pct = 5.0 }
alert = { channels = ["mail"] }
"#;

fn error(text: &str) -> String {
    format!("{:#}", Config::parse(text, "s.toml", None).expect_err("an error was expected"))
}

/// `GOOD` with one thing changed.
fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replace(from, to)
}

#[test]
fn a_good_schedule_is_read_with_its_defaults() {
    let config = Config::parse(GOOD, "s.toml", None).unwrap();
    let job = config.job("premarket-gap").unwrap();
    let JobKind::Scan(Scan::Gap(gap)) = &job.kind else { panic!("a gap scan was expected") };
    assert_eq!((gap.min_gap_pct, gap.min_volume), (5.0, 100_000.0));
    assert_eq!(job.calendar, CalendarCondition::TradingDay);
    assert_eq!(job.overlap, Overlap::Skip);
    assert_eq!(job.timeout, SignedDuration::from_mins(2));
}

#[test]
fn the_shipped_schedule_is_good() {
    let config = Config::parse(SHIPPED, "shipped", None).unwrap();
    assert_eq!(config.jobs.len(), 7);
    assert_eq!((config.scans().count(), config.computations().count()), (2, 3));
}

#[test]
fn unknown_keys_are_errors_with_their_line() {
    let told = error(&with("universe = \"u\"", "universe = \"u\"\ntiemout = \"5m\""));
    assert!(told.contains("line 17") && told.contains("tiemout"), "{told}");
    let told = error(&with("{ min_gap_pct = 5.0 }", "{ min_gap = 5.0 }"));
    assert!(told.contains("line 17") && told.contains("min_gap") && told.contains("min_gap_pct"), "{told}");
    let told = error(&with("folder = ", "foldr = "));
    assert!(told.contains("foldr"), "{told}");
}

#[test]
fn everything_a_schedule_names_must_exist_and_be_in_range() {
    for (from, to, words) in [
        ("universe = \"u\"", "universe = \"x\"", ["unknown universe `x`", "s.toml:13"]),
        ("universe = \"u\"", "", ["`universe` is missing", "s.toml:13"]),
        ("[\"mail\"]", "[\"pager\"]", ["unknown channel `pager`", "`mail`"]),
        ("gap_scan", "gapscan", ["unknown kind `gapscan`", "s.toml:14"]),
        ("25 9 * * MON-FRI", "25 9 * * MON-FRY", ["not a cron pattern", "s.toml:15"]),
        ("min_gap_pct = 5.0", "min_price = 9.0, max_price = 2.0", ["max_price", "at least min_price"]),
        ("gap = { min_gap_pct = 5.0 }", "momentum = { min_score = 5.0 }", ["does not belong", "takes `gap`"]),
        ("name = \"premarket-gap\"", "name = \"Premarket Gap\"", ["a-z, 0-9", "s.toml:13"]),
        ("symbols = [\"AAPL\"]", "symbols = []", ["`symbols` is empty", "universe `u`"]),
        ("symbols = [\"AAPL\"]", "symbols = [\"AAPL\"]\nfile = \"x.csv\"", ["exactly one", "universe `u`"]),
    ] {
        let told = error(&with(from, to));
        assert!(words.iter().all(|word| told.contains(word)), "{to}: {told}");
    }
}

#[test]
fn sources_are_named_where_they_are_set_up() {
    let ingest = with("gap_scan", "ingest_bars").replace("gap = { min_gap_pct = 5.0 }", "ingest = { source = \"yahoo\" }");
    let told = error(&ingest);
    assert!(told.contains("`yahoo` is not in the `order`") && told.contains("s.toml:13"), "{told}");
    let config = Config::parse(&format!("[sources]\norder = [\"ib\", \"yahoo\"]\n{ingest}"), "s.toml", None).unwrap();
    let JobKind::IngestBars(settings) = &config.jobs[0].kind else { panic!("an ingest was expected") };
    assert_eq!(settings.source, Some(SourceName::Yahoo));
    let told = error(&format!("[sources]\norder = [\"ib\", \"files\"]\n{GOOD}"));
    assert!(told.contains("[sources]") && told.contains("folder"), "{told}");
    let conditions =
        with("gap_scan", "market_conditions").replace("gap = { min_gap_pct = 5.0 }", "").replace("universe = \"u\"", "");
    let config = Config::parse(&conditions, "s.toml", None).unwrap();
    let JobKind::MarketConditions(settings) = &config.jobs[0].kind else { panic!("market conditions were expected") };
    assert!(settings.series.contains(&"VIXCLS".to_owned()));
    let none = conditions.replace("kind = \"market_conditions\"", "kind = \"market_conditions\"\nconditions = { series = [] }");
    assert!(error(&none).contains("`series` is empty"));
}

#[test]
fn what_is_computed_is_checked_before_it_runs() {
    let job = |kind: &str, table: &str| with("gap_scan", kind).replace("gap = { min_gap_pct = 5.0 }", table);
    let config = Config::parse(&job("risk_profiles", "risk = { profile = { horizon = 10 } }"), "s.toml", None).unwrap();
    let JobKind::Compute(Computation::RiskProfiles(risk)) = &config.jobs[0].kind else { panic!("profiles were expected") };
    assert_eq!((risk.benchmarks.len(), risk.profile.horizon, risk.profile.window), (2, 10, 1_000));
    let config = Config::parse(&job("features", "features = { timeframe = \"30m\" }"), "s.toml", None).unwrap();
    let computation = config.computations().next().unwrap().1;
    assert_eq!((computation.minute_sessions(), computation.daily_sessions()), (20, 0));
    let settings = config.jobs[0].settings();
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<JobSettings>(&json).unwrap(), settings);
    for (kind, table, words) in [
        ("features", "features = { set = \"rsi_41\" }", ["rsi_41", "s.toml:14"]),
        ("features", "features = { timeframe = \"2h\" }", ["2h", "1m, 5m, 30m"]),
        ("features", "features = { sessions = 1 }", ["`sessions` has to be 2 to 5000", "s.toml:14"]),
        ("features", "features = { timeframe = \"5m\", sessions = 6000 }", ["`sessions` has to be 0 to 5000", "bars are of 5m"]),
        ("features", "risk = { }", ["does not belong", "takes `features`"]),
        ("risk_profiles", "risk = { benchmarks = [] }", ["`benchmarks` is empty", "s.toml:14"]),
        ("risk_profiles", "risk = { benchmarks = [\"SPY\", \"QQQ\", \"SPY\"] }", ["`benchmarks` names SPY twice", "s.toml:14"]),
        ("risk_profiles", "risk = { profile = { window = 6000 } }", ["5000 returns at most", "6000"]),
        ("risk_profiles", "risk = { profile = { window = 20 } }", ["window", "250 returns at least"]),
        ("risk_profiles", "risk = { profile = { windows = 2000 } }", ["windows", "line"]),
    ] {
        let told = error(&job(kind, table));
        assert!(words.iter().all(|word| told.contains(word)), "{table}: {told}");
    }
}

#[test]
fn a_wrong_custom_condition_is_found_before_it_runs() {
    let custom =
        with("gap = { min_gap_pct = 5.0 }", "custom = { condition = \"gap_pc > 4\" }").replace("gap_scan", "custom_scan");
    let told = error(&custom);
    assert!(told.contains("unknown column `gap_pc`") && told.contains("gap_pct") && told.contains("s.toml:13"), "{told}");
}

#[test]
fn names_may_not_repeat() {
    let again = GOOD.split("[[jobs]]").nth(1).unwrap();
    let told = error(&format!("{GOOD}\n[[jobs]]{again}"));
    assert!(told.contains("is there twice"), "{told}");
}

#[test]
fn what_is_stored_with_a_run_reads_back() {
    let config = Config::parse(GOOD, "s.toml", None).unwrap();
    let settings = config.jobs[0].settings();
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<JobSettings>(&json).unwrap(), settings);
}
