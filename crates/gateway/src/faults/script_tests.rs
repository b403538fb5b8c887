use super::*;
use crate::faults::Farm;

const SCRIPT: &str = r#"
# A bad morning.
[[fault]]
at = "2026-03-10T09:31:00"
kind = "farm_broken"
farm = "usfarm"
for = "30s"

[[fault]]
at = 2026-03-10T09:40:00
kind = "kill_sockets"
client = 7

[[fault]]
after = "1h 30m"
kind = "clock_jump"
by = "-7m"
"#;

#[test]
fn a_script_is_read_and_written() {
    let script: FaultScript = SCRIPT.parse().unwrap();
    let at = |text: &str| When::At(text.parse().unwrap());
    let expected = [
        (at("2026-03-10T13:31:00Z"), Fault::FarmBroken { farm: Farm::MarketData }, Some(SignedDuration::from_secs(30))),
        (at("2026-03-10T13:40:00Z"), Fault::KillSockets { client: Some(7) }, None),
        (When::After(SignedDuration::from_mins(90)), Fault::ClockJump { by: SignedDuration::from_mins(-7) }, None),
    ];
    let expected = expected.map(|(when, fault, lasting)| ScriptedFault { when, fault, lasting });
    assert_eq!(script.faults, expected);
    assert_eq!(script.to_string().parse::<FaultScript>().unwrap(), script);
}

#[test]
fn each_kind_of_fault_is_read_and_written() {
    let faults = Fault::all_examples("AAPL").into_iter();
    let when = When::After(SignedDuration::from_secs(5));
    let script = FaultScript { faults: faults.map(|fault| ScriptedFault { when, fault, lasting: None }).collect() };
    assert_eq!(script.to_string().parse::<FaultScript>().unwrap(), script);
}

#[test]
fn there_is_an_example_of_each_kind() {
    // The reader names all kinds when it does not know one.
    let error = Fault::deserialize(toml::toml! { kind = "none" }).unwrap_err();
    let error = error.message();
    let kinds: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
    let examples: Vec<String> = Fault::all_examples("AAPL").iter().map(Fault::kind).collect();
    assert!(kinds.len() > 30, "{error}");
    for kind in kinds {
        assert!(examples.iter().any(|example| example == kind), "no example of {kind}");
    }
}

#[test]
fn no_kind_takes_a_key_that_it_does_not_have() {
    for fault in Fault::all_examples("AAPL") {
        let mut table = Table::try_from(&fault).unwrap();
        assert_eq!(read_fault(table.clone()).unwrap(), fault);
        table.insert("colour".to_owned(), Value::Boolean(true));
        let problem = read_fault(table).unwrap_err();
        assert!(problem.contains("`colour`"), "{problem}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let good = "[[fault]]\nafter = \"1s\"\nkind = \"stall\"\n\n";
    for (text, line, words) in [
        ("[[fault]]\nafter = \"1s\"\nkind = \"stall\"\nclients = 3\n", 8, "unknown field `clients`"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"refuse\"\nclient = 3\n", 8, "refuse has no fields"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"stal\"\n", 7, "no fault `stal`. Did you mean stall?"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"stall\"\nclient = \"abc\"\n", 8, "`client` is \"abc\", not a whole number"),
        (
            "[[fault]]\nafter = \"1s\"\nkind = \"wrong_prices\"\nsymbol = \"A\"\nfactor = \"nan\"\n",
            9,
            "`factor` is \"nan\", not a number",
        ),
        ("[[fault]]\nafter = \"1s\"\n", 5, "missing field `kind`"),
        ("[[fault]]\nkind = \"stall\"\n", 6, "needs `at` or `after`"),
        ("[[fault]]\nat = \"09:30\"\nkind = \"stall\"\n", 6, "`at` is \"09:30\""),
        ("[[fault]]\nafter = \"soon\"\nkind = \"stall\"\n", 6, "`after` is \"soon\""),
        ("[[fault]]\nafter = \"-1s\"\nkind = \"stall\"\n", 6, "`after` is below 0"),
        ("[[fault]]\nafter = \"1s\"\nfor = 30\nkind = \"stall\"\n", 7, "`for` is 30"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"login\"\nfor = \"1s\"\n", 8, "takes no duration"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"slow_drip\"\nbytes_per_second = 0\n", 7, "use `stall`"),
        ("[[fault]]\nafter = \"1s\"\nkind = \"farm_ok\"\nfarm = \"nofarm\"\n", 7, "unknown variant `nofarm`"),
        ("[[fuault]]\nafter = \"1s\"\n", 5, "unknown field `fuault`"),
        ("[[fault]\n", 5, ""),
    ] {
        let error = format!("{good}{text}").parse::<FaultScript>().unwrap_err();
        let GatewayError::Script { line: found, problem } = &error else { panic!("{error:?}") };
        assert!(problem.contains(words) && *found == line, "{text}: line {found}, {problem}");
        assert!(error.to_string().contains(&format!("line {line}")));
    }
}
