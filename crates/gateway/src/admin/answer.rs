//! What admin requests do.

use bellwether::market::new_york;
use jiff::{Timestamp, civil::DateTime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Admin;
use crate::faults::{Fault, FaultScript, duration, read_fault};

#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    Inject {
        fault: Map<String, Value>,
        #[serde(rename = "for")]
        lasting: Option<String>,
        after: Option<String>,
    },
    Lift {
        fault: Map<String, Value>,
    },
    Script {
        toml: String,
    },
    // With braces, unknown keys are refused.
    Clear {},
    Status {},
    Clock {
        rate: Option<f64>,
        advance_to: Option<String>,
        advance_by: Option<String>,
        hold: Option<String>,
        #[serde(default)]
        release: bool,
    },
}

pub(super) fn failure(problem: impl Into<String>) -> Value {
    json!({ "ok": false, "error": problem.into() })
}

/// The answer to a line, and whether the connection goes on: it does not after what is no request at all.
pub(super) fn answer(admin: &Admin, line: &[u8]) -> (Value, bool) {
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(problem) => return (failure(format!("not a line of JSON: {problem}")), false),
    };
    let outcome = Request::deserialize(value).map_err(|problem| problem.to_string()).and_then(|request| perform(admin, request));
    match outcome {
        Ok(Value::Object(mut fields)) => {
            fields.insert("ok".to_owned(), Value::Bool(true));
            (Value::Object(fields), true)
        }
        Ok(_) => (json!({ "ok": true }), true),
        Err(problem) => (failure(problem), true),
    }
}

fn perform(admin: &Admin, request: Request) -> Result<Value, String> {
    let said = |problem: crate::GatewayError| problem.to_string();
    match request {
        Request::Inject { fault, lasting, after } => {
            let fault = fault_of(fault)?;
            in_market(admin, &fault)?;
            let lasting = lasting.map(|text| duration("for", &text)).transpose()?;
            match (after.map(|text| duration("after", &text)).transpose()?, lasting) {
                (Some(after), _) if after.is_negative() => return Err("`after` is below 0: time does not go back".to_owned()),
                (Some(after), lasting) => {
                    let at = admin.shared.now().checked_add(after).map_err(|error| error.to_string())?;
                    admin.faults.inject_at(at, &fault, lasting).map_err(said)?;
                }
                (None, Some(lasting)) => admin.faults.inject_for(&fault, lasting).map_err(said)?,
                (None, None) => admin.faults.inject(&fault).map_err(said)?,
            }
            Ok(in_force(admin))
        }
        Request::Lift { fault } => {
            let fault = fault_of(fault)?;
            match admin.faults.lift(&fault) {
                true => Ok(in_force(admin)),
                false => Err(format!("no fault {} with these fields is in force", fault.kind())),
            }
        }
        Request::Script { toml } => {
            let script: FaultScript = toml.parse().map_err(said)?;
            script.faults.iter().try_for_each(|scripted| in_market(admin, &scripted.fault))?;
            admin.faults.run_script(&script).map_err(said)?;
            Ok(in_force(admin))
        }
        Request::Clear {} => {
            admin.faults.clear();
            Ok(in_force(admin))
        }
        Request::Status {} => Ok(status(admin)),
        Request::Clock { rate, advance_to, advance_by, hold, release } => {
            let clock = &admin.shared.clock;
            let advance_to = advance_to.map(|text| instant("advance_to", &text)).transpose()?;
            let advance_by = advance_by.map(|text| duration("advance_by", &text)).transpose()?;
            let hold = hold.map(|text| instant("hold", &text)).transpose()?;
            if let Some(rate) = rate.filter(|rate| !(0.0..=10_000.0).contains(rate)) {
                return Err(format!("`rate` is {rate}, not 0 to 10000"));
            }
            if advance_by.is_some_and(|by| by.is_negative()) {
                return Err("`advance_by` is below 0: time does not go back".to_owned());
            }
            let now = clock.now();
            for (name, at) in [("advance_to", advance_to), ("hold", hold)] {
                if let Some(at) = at.filter(|at| *at < now) {
                    let local = |at: Timestamp| at.to_zoned(new_york()).strftime("%Y-%m-%d %H:%M:%S").to_string();
                    let (at, now) = (local(at), local(now));
                    return Err(format!("`{name}` is {at}, which is past: the gateway's clock shows {now} (New York)"));
                }
            }
            if release {
                clock.hold_at(None);
            }
            if hold.is_some() {
                clock.hold_at(hold);
            }
            if let Some(rate) = rate {
                clock.set_rate(rate);
            }
            let by = advance_by.and_then(|by| clock.now().checked_add(by).ok());
            for target in by.into_iter().chain(advance_to) {
                clock.advance_to(target);
            }
            Ok(json!({ "clock": clock_now(admin) }))
        }
    }
}

/// A fault that is aimed at a symbol can only hit one that there is.
fn in_market(admin: &Admin, fault: &Fault) -> Result<(), String> {
    match fault.symbol().filter(|symbol| admin.shared.market.by_symbol(symbol).is_none()) {
        Some(symbol) => Err(format!("`symbol` is {symbol}, which is not in the market that this gateway plays")),
        None => Ok(()),
    }
}

fn fault_of(fields: Map<String, Value>) -> Result<Fault, String> {
    let table = toml::Table::try_from(fields).map_err(|problem| format!("`fault`: {problem}"))?;
    read_fault(table)
}

/// New York time, or an instant with its zone.
fn instant(name: &str, text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    let local = text.parse::<DateTime>().and_then(|local| local.to_zoned(new_york()));
    local.map(|at| at.timestamp()).map_err(|_| format!("`{name}` is \"{text}\", not a time such as 2026-03-10T09:31:00"))
}

fn in_force(admin: &Admin) -> Value {
    json!({ "faults": admin.faults.active(), "planned": admin.faults.planned() })
}

fn clock_now(admin: &Admin) -> Value {
    let clock = &admin.shared.clock;
    let now = clock.now();
    let local = now.to_zoned(new_york()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    json!({ "now": now, "new_york": local, "rate": clock.rate(), "hold": clock.hold() })
}

fn status(admin: &Admin) -> Value {
    let clients = admin.shared.clients();
    let clients: Vec<Value> = clients.iter().map(|it| json!({ "id": it.id, "connection": it.connection })).collect();
    json!({
        "address": admin.gateway.to_string(),
        "clock": clock_now(admin),
        "clients": clients,
        "faults": admin.faults.active(),
        "planned": admin.faults.planned(),
        "stats": admin.shared.stats(),
    })
}
