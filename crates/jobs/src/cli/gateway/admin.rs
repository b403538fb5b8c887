//! `bellwether gateway status | inject | lift | clear | script | clock`: talking to a gateway through its admin port.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use bellwether::market::Symbol;
use bellwether_gateway::{Fault, FaultScript, GatewayError, RandomFaults, ask};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::{Global, output, services};

/// What is asked of a gateway that runs.
#[derive(Debug, clap::Subcommand)]
pub(super) enum AdminCommand {
    /// Say what a running gateway does: clock, clients, limits, faults
    Status(Port),
    /// Make something go wrong in a running gateway; without a kind, list the kinds
    Inject(InjectArgs),
    /// End a fault: the same words as for `inject`
    Lift(LiftArgs),
    /// End all faults and forget those to come
    Clear(Port),
    /// Run a script of faults in a running gateway
    Script(ScriptArgs),
    /// Print a random script of faults, the same for the same seed
    RandomFaults(RandomArgs),
    /// Set the clock of a running gateway: speed, leaps, a time to wait at
    Clock(ClockArgs),
}

/// Which gateway.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Port {
    /// The port that the gateway was started with
    #[arg(long, value_name = "PORT", default_value_t = 4003)]
    admin_port: u16,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  bellwether gateway inject stall client=7 --for 30s\n  \
                        bellwether gateway inject farm_broken farm=usfarm --for 1m\n  \
                        bellwether gateway inject nightly_restart --after 10m")]
pub(super) struct InjectArgs {
    /// What goes wrong, such as `stall`
    kind: Option<String>,
    /// At what, and how: such as `symbol=AAPL`
    #[arg(value_name = "KEY=VALUE", value_parser = field)]
    fields: Vec<(String, Value)>,
    /// How long, by the gateway's clock, such as 30s or 5m
    #[arg(long = "for", value_name = "TIME", allow_hyphen_values = true)]
    lasting: Option<String>,
    /// Not now but after so much time of the gateway's clock
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    after: Option<String>,
    #[command(flatten)]
    port: Port,
}

#[derive(Debug, clap::Args)]
pub(super) struct LiftArgs {
    /// What goes wrong, such as `stall`
    kind: String,
    /// At what, and how: such as `symbol=AAPL`
    #[arg(value_name = "KEY=VALUE", value_parser = field)]
    fields: Vec<(String, Value)>,
    #[command(flatten)]
    port: Port,
}

#[derive(Debug, clap::Args)]
pub(super) struct ScriptArgs {
    /// TOML with `[[fault]]` tables
    file: PathBuf,
    #[command(flatten)]
    port: Port,
}

#[derive(Debug, clap::Args)]
pub(super) struct RandomArgs {
    /// The same seed gives the same script
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// How many faults
    #[arg(long, short = 'n', default_value_t = 20)]
    count: usize,
    /// No fault begins before
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    from: Timestamp,
    /// No fault lasts beyond
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    until: Timestamp,
    /// Symbols that may be hit, separated by commas
    #[arg(long, value_delimiter = ',')]
    symbols: Vec<Symbol>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ClockArgs {
    /// Simulated seconds per real second; 0 stops the clock
    #[arg(long, value_parser = rate_of, allow_negative_numbers = true)]
    rate: Option<f64>,
    /// Leap forward to this time
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    advance_to: Option<Timestamp>,
    /// Leap forward by so much, such as 5m
    #[arg(long, value_name = "TIME", conflicts_with = "advance_to", allow_hyphen_values = true)]
    advance_by: Option<String>,
    /// Wait at this time
    #[arg(long, value_name = "TIME", value_parser = services::time_of)]
    hold: Option<Timestamp>,
    /// Wait no more
    #[arg(long, conflicts_with = "hold")]
    release: bool,
    #[command(flatten)]
    port: Port,
}

/// A number that a clock can run at; what is none would get lost on the way to the gateway.
fn rate_of(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.0..=10_000.0).contains(rate));
    rate.ok_or_else(|| format!("`{text}` is not a number from 0 to 10000"))
}

/// `key=value`; a value that is a number or a truth value is sent as one.
fn field(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form key=value"))?;
    let plain = match serde_json::from_str(value) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(value.to_owned()),
    };
    Ok((key.to_owned(), plain))
}

fn fault(kind: String, fields: Vec<(String, Value)>) -> Value {
    let kind = std::iter::once(("kind".to_owned(), Value::String(kind)));
    Value::Object(kind.chain(fields).collect())
}

pub(super) async fn run(command: AdminCommand, global: &Global) -> anyhow::Result<ExitCode> {
    let (port, request) = match command {
        AdminCommand::Status(port) => (port, json!({ "do": "status" })),
        AdminCommand::Clear(port) => (port, json!({ "do": "clear" })),
        AdminCommand::Inject(InjectArgs { kind: None, .. }) => {
            list_kinds();
            return Ok(ExitCode::SUCCESS);
        }
        AdminCommand::Inject(InjectArgs { kind: Some(kind), fields, lasting, after, port }) => {
            (port, json!({ "do": "inject", "fault": fault(kind, fields), "for": lasting, "after": after }))
        }
        AdminCommand::Lift(args) => (args.port, json!({ "do": "lift", "fault": fault(args.kind, args.fields) })),
        AdminCommand::Script(args) => {
            let script = super::script_of(&args.file)?;
            (args.port, json!({ "do": "script", "toml": script.to_string() }))
        }
        AdminCommand::RandomFaults(args) => {
            let RandomArgs { seed, count, from, until, symbols } = args;
            let symbols = symbols.iter().map(Symbol::to_string).collect();
            let script = FaultScript::random(seed, &RandomFaults { from, until, count, symbols })?.to_string();
            match global.json {
                true => output::print_json(&toml::from_str::<Value>(&script)?)?,
                false => print!("{script}"),
            }
            return Ok(ExitCode::SUCCESS);
        }
        AdminCommand::Clock(args) => {
            let ClockArgs { rate, advance_to, advance_by, hold, release, port } = args;
            let what = json!({ "rate": rate, "advance_to": advance_to, "advance_by": advance_by, "hold": hold });
            let mut request = json!({ "do": "clock", "release": release });
            if let (Value::Object(request), Value::Object(what)) = (&mut request, what) {
                request.extend(what);
            }
            (port, request)
        }
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.admin_port));
    let answer = ask(address, &request).await.map_err(|error| match error {
        GatewayError::Admin { .. } => anyhow::anyhow!(
            "{error}; start a gateway with `bellwether gateway --admin-port {}`, or name the port of one that runs",
            port.admin_port
        ),
        other => other.into(),
    })?;
    if global.json {
        output::print_json(&answer)?;
    } else {
        show(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// Every kind of fault with the fields of an example.
fn list_kinds() {
    let mut shown = BTreeSet::new();
    let mut table = output::table(&["kind", "for example", "lasts"]);
    for fault in Fault::all_examples("AAPL") {
        if !shown.insert(fault.kind()) {
            continue;
        }
        let Ok(Value::Object(fields)) = serde_json::to_value(&fault) else { continue };
        let lasts = if fault.is_instant() { "" } else { "yes" };
        table.add_row([fault.kind(), words(&fields), lasts.to_owned()]);
    }
    println!("{table}");
    println!("Faults of connections take client=ID to hit one client only; those that last take --for.");
}

/// A fault's fields as one would type them.
fn words(fields: &Map<String, Value>) -> String {
    let fields = fields.iter().filter(|(key, _)| *key != "kind");
    fields.map(|(key, value)| format!("{key}={}", typed(value))).collect::<Vec<_>>().join(" ")
}

/// A value as one would type it: a length of time with its sign before it, what has blanks quoted.
fn typed(value: &Value) -> String {
    let text = plain(value);
    match text.strip_suffix(" ago") {
        Some(length) => format!("-{length}"),
        None if text.contains(' ') => format!("'{text}'"),
        None => text,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn time(value: &Value) -> Option<String> {
    let at: Timestamp = value.as_str()?.parse().ok()?;
    Some(at.to_zoned(bellwether::market::new_york()).strftime("%a %H:%M:%S").to_string())
}

fn show(answer: &Value) {
    if let Some(address) = answer["address"].as_str() {
        println!("gateway   {address}");
    }
    if let Some(clock) = answer["clock"].as_object() {
        let hold = time(&clock["hold"]).map(|hold| format!(", waits at {hold}")).unwrap_or_default();
        println!("clock     {} New York, {}×{hold}", plain(&clock["new_york"]), clock["rate"]);
    }
    if let Some(clients) = answer["clients"].as_array() {
        let ids: Vec<String> = clients.iter().map(|client| client["id"].to_string()).collect();
        println!("clients   {}", if ids.is_empty() { "none".to_owned() } else { ids.join(", ") });
    }
    if let Some(stats) = answer["stats"].as_object() {
        println!("messages  {} in, {} out", stats["messages_received"], stats["messages_sent"]);
        println!("in use    {} market data lines, {} scanners", stats["lines"], stats["scanners"]);
        let violations = stats["violations"].as_object().into_iter().flatten();
        let violations: Vec<String> = violations.map(|(kind, count)| format!("{kind} {count}")).collect();
        println!("exceeded  {}", if violations.is_empty() { "no limit".to_owned() } else { violations.join(", ") });
    }
    if let Some(faults) = answer["faults"].as_array() {
        for (index, active) in faults.iter().enumerate() {
            let fault = active["fault"].as_object().cloned().unwrap_or_default();
            let until = time(&active["until"]).map_or_else(|| "until lifted".to_owned(), |until| format!("until {until}"));
            let since = time(&active["since"]).unwrap_or_default();
            let label = if index == 0 { "faults" } else { "" };
            println!("{label:<9} {} {} since {since} {until}", plain(&active["fault"]["kind"]), words(&fault));
        }
        if faults.is_empty() {
            println!("faults    none");
        }
        match answer["planned"].as_u64() {
            Some(0) | None => {}
            Some(1) => println!("to come   a fault begins or ends"),
            Some(planned) => println!("to come   {planned} times a fault begins or ends"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sent_as_what_they_look_like() {
        assert_eq!(field("client=7").unwrap(), ("client".to_owned(), json!(7)));
        assert_eq!(field("persistent=true").unwrap().1, json!(true));
        assert_eq!(field("by=-7m").unwrap().1, json!("-7m"));
        assert_eq!(field("text=a=b").unwrap().1, json!("a=b"));
        assert!(field("client").unwrap_err().contains("key=value"));
    }

    #[test]
    fn examples_can_be_typed_back() {
        let clock = serde_json::to_value(Fault::ClockJump { by: jiff::SignedDuration::from_mins(-7) }).unwrap();
        assert_eq!(words(clock.as_object().unwrap()), "by=-7m");
        assert_eq!(typed(&json!("no such symbol")), "'no such symbol'");
    }

    #[test]
    fn a_rate_is_a_number() {
        assert_eq!(rate_of("0.5"), Ok(0.5));
        for text in ["nan", "inf", "-1", "fast"] {
            assert!(rate_of(text).unwrap_err().contains(text), "{text}");
        }
    }
}
