//! Reading an order: what it asks for, or why it cannot be taken.

use super::order::{Hours, Life, OcaGroup, Side, Ticket, TrailBy, Trigger};
use crate::{
    proto,
    requests::{Refusal, wire_time},
};

/// Prices are whole cents.
const CENTS: f64 = 100.0;
/// Order ids from here on are request ids of clients.
const FIRST_REQUEST_ID: i32 = 1_500_000_000;
/// How a client writes "not set".
const UNSET: f64 = f64::MAX;

/// Reads an order for `instrument`.
///
/// # Errors
/// The code and the words of the real gateway where it has them; 321 for what this gateway does not simulate.
pub(crate) fn read(order_id: i32, instrument: usize, wire: proto::Order, account: &str) -> Result<Ticket, Refusal> {
    if !(1..FIRST_REQUEST_ID).contains(&order_id) {
        return Err(Refusal::invalid(format!("Order id {order_id} is outside 1 to {}", FIRST_REQUEST_ID - 1)));
    }
    let text = |field: &Option<String>| field.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    let given = text(&wire.account);
    if !given.is_empty() && given != account.to_ascii_uppercase() {
        return Err(Refusal::invalid(format!("Invalid account code '{given}'.")));
    }
    unsupported(&wire)?;
    let side = match text(&wire.action).as_str() {
        "BUY" => Side::Buy,
        "SELL" => Side::Sell,
        other => return Err(Refusal::invalid(format!("Invalid side '{other}'. Use BUY or SELL."))),
    };
    let shares = quantity(&wire)?;
    let kind = text(&wire.order_type);
    let (limit, trigger) = prices(&kind, &wire)?;
    let (hours, life) = validity(&kind, &wire)?;
    let group = wire.oca_group.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let group = group.map(|name| OcaGroup { name: name.to_owned(), reduces: matches!(wire.oca_type, Some(2 | 3)) });
    Ok(Ticket {
        instrument,
        side,
        shares,
        limit,
        trigger,
        hours,
        life,
        parent: wire.parent_id.filter(|id| *id != 0),
        group,
        transmit: wire.transmit == Some(true),
        wire,
    })
}

/// What would change how the order trades and is not simulated is refused rather than ignored.
fn unsupported(wire: &proto::Order) -> Result<(), Refusal> {
    let named = |field: &Option<String>| field.as_deref().is_some_and(|text| !matches!(text.trim(), "" | "None"));
    let set = |number: Option<i32>| number.is_some_and(|number| !matches!(number, 0 | i32::MAX));
    let present = [
        (!wire.conditions.is_empty(), "conditions"),
        (named(&wire.algo_strategy), "algorithmic orders"),
        (named(&wire.hedge_type), "hedge orders"),
        (named(&wire.adjusted_order_type), "adjusted stop orders"),
        (named(&wire.good_after_time), "good-after-time orders"),
        (set(wire.scale_initial_size), "scale orders"),
        (set(wire.min_quantity), "minimum quantities"),
        (wire.all_or_none == Some(true), "all-or-none orders"),
        (wire.cash_quantity.is_some_and(|cash| cash != 0.0 && cash != UNSET), "cash quantities"),
        // Default and last trade are the same here.
        (set(wire.trigger_method) && wire.trigger_method != Some(2), "trigger methods other than the last trade"),
    ];
    match present.iter().find(|(present, _)| *present) {
        Some((_, what)) => Err(Refusal::invalid(format!("The simulated gateway does not support {what}"))),
        None => Ok(()),
    }
}

fn quantity(wire: &proto::Order) -> Result<f64, Refusal> {
    let text = wire.total_quantity.as_deref().unwrap_or("0");
    let shares: f64 = text.parse().map_err(|_| Refusal::invalid(format!("Invalid quantity '{text}'")))?;
    if shares == 0.0 {
        return Err(Refusal::new(434, "The order size cannot be zero."));
    }
    if !(0.0..=1e9).contains(&shares) {
        return Err(Refusal::invalid(format!("Invalid quantity '{text}'")));
    }
    if shares.fract() != 0.0 {
        return Err(Refusal::new(
            10243,
            "Fractional-sized order cannot be placed via API. Please use desktop version to place this order",
        ));
    }
    Ok(shares)
}

fn price(field: Option<f64>, name: &str) -> Result<f64, Refusal> {
    let price =
        field.filter(|price| *price != UNSET && *price != 0.0).ok_or_else(|| Refusal::invalid(format!("Missing {name}")))?;
    if !(price.is_finite() && price > 0.0) {
        return Err(Refusal::invalid(format!("Invalid {name} {price}")));
    }
    if ((price * CENTS).round() - price * CENTS).abs() > 1e-6 {
        return Err(Refusal::new(110, "The price does not conform to the minimum price variation for this contract."));
    }
    Ok(price)
}

fn prices(kind: &str, wire: &proto::Order) -> Result<(Option<f64>, Option<Trigger>), Refusal> {
    let limit = || price(wire.limit_price, "limit price");
    let aux = || price(wire.aux_price, "stop price");
    Ok(match kind {
        "MKT" | "MOC" => (None, None),
        "LMT" | "LOC" => (Some(limit()?), None),
        "STP" => (None, Some(Trigger::Stop(aux()?))),
        "STP LMT" => (Some(limit()?), Some(Trigger::Stop(aux()?))),
        "MIT" => (None, Some(Trigger::Touched(aux()?))),
        "LIT" => (Some(limit()?), Some(Trigger::Touched(aux()?))),
        "TRAIL" => {
            let positive = |field: Option<f64>| field.filter(|number| number.is_finite() && *number > 0.0 && *number != UNSET);
            let by = match (positive(wire.aux_price), positive(wire.trailing_percent)) {
                (Some(distance), None) => TrailBy::Usd(distance),
                (None, Some(percent)) if percent < 100.0 => TrailBy::Percent(percent),
                _ => return Err(Refusal::invalid("A trailing stop needs either an amount or a percentage below 100")),
            };
            (None, Some(Trigger::Trail { by, stop: positive(wire.trail_stop_price) }))
        }
        _ => return Err(Refusal::new(387, "Unsupported order type for this exchange and security type.")),
    })
}

fn validity(kind: &str, wire: &proto::Order) -> Result<(Hours, Life), Refusal> {
    let incompatible = || Refusal::new(111, "The TIF (Tif type) and the order type are incompatible.");
    let tif = wire.time_in_force.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    let plain = matches!(kind, "MKT" | "LMT");
    if matches!(kind, "MOC" | "LOC") {
        return match tif.as_str() {
            "" | "DAY" => Ok((Hours::Closing, Life::Day)),
            _ => Err(Refusal::new(113, "The Tif option should be set to DAY for MOC and LOC orders.")),
        };
    }
    let hours = if wire.outside_rth == Some(true) && kind != "MKT" { Hours::Extended } else { Hours::Regular };
    let life = match tif.as_str() {
        "" | "DAY" => Life::Day,
        "GTC" => Life::UntilCancelled,
        "GTD" => {
            let until = wire.good_till_date.as_deref().and_then(wire_time::parse);
            Life::Until(until.ok_or_else(|| Refusal::invalid("Invalid good till date; use YYYYMMDD HH:MM:SS and a time zone"))?)
        }
        "IOC" | "FOK" | "OPG" if !plain => return Err(incompatible()),
        "IOC" => Life::Immediate,
        "FOK" => Life::AllOrNothing,
        "OPG" => return Ok((Hours::Opening, Life::Day)),
        _ => return Err(Refusal::new(10052, format!("Invalid time in force:{tif}"))),
    };
    Ok((hours, life))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(kind: &str) -> proto::Order {
        proto::Order {
            action: Some("BUY".to_owned()),
            total_quantity: Some("100".to_owned()),
            order_type: Some(kind.to_owned()),
            limit_price: Some(10.25),
            aux_price: Some(10.5),
            transmit: Some(true),
            ..proto::Order::default()
        }
    }

    fn code(wire: proto::Order) -> i32 {
        read(1, 0, wire, "DU1").unwrap_err().code
    }

    #[test]
    fn orders_are_read() {
        let ticket = read(1, 3, order("STP LMT"), "DU1").unwrap();
        assert_eq!((ticket.instrument, ticket.shares, ticket.limit), (3, 100.0, Some(10.25)));
        assert_eq!(ticket.trigger, Some(Trigger::Stop(10.5)));
        assert_eq!((ticket.hours, ticket.life), (Hours::Regular, Life::Day));
        let wire = proto::Order { time_in_force: Some("OPG".to_owned()), ..order("MKT") };
        assert_eq!(read(1, 0, wire, "DU1").unwrap().hours, Hours::Opening);
        let wire = proto::Order { outside_rth: Some(true), ..order("MKT") };
        assert_eq!(read(1, 0, wire, "DU1").unwrap().hours, Hours::Regular, "markets trade in regular hours only");
    }

    #[test]
    fn what_cannot_be_taken_says_why() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(code(order("REL")), 387);
        assert_eq!(code(proto::Order { limit_price: Some(10.255), ..order("LMT") }), 110);
        assert_eq!(code(proto::Order { limit_price: Some(f64::MAX), ..order("LMT") }), 321);
        assert_eq!(code(proto::Order { total_quantity: None, ..order("MKT") }), 434);
        assert_eq!(code(proto::Order { total_quantity: text("1.5"), ..order("MKT") }), 10243);
        assert_eq!(code(proto::Order { total_quantity: text("-1"), ..order("MKT") }), 321);
        assert_eq!(code(proto::Order { time_in_force: text("GTC"), ..order("MOC") }), 113);
        assert_eq!(code(proto::Order { time_in_force: text("IOC"), ..order("STP") }), 111);
        assert_eq!(code(proto::Order { time_in_force: text("XYZ"), ..order("MKT") }), 10052);
        assert_eq!(code(proto::Order { time_in_force: text("GTD"), ..order("LMT") }), 321);
        assert_eq!(code(proto::Order { account: text("U9"), ..order("LMT") }), 321);
        assert_eq!(code(proto::Order { algo_strategy: text("Vwap"), ..order("LMT") }), 321);
        assert_eq!(code(proto::Order { trailing_percent: Some(1.0), ..order("TRAIL") }), 321);
        assert_eq!(read(FIRST_REQUEST_ID, 0, order("MKT"), "DU1").unwrap_err().code, 321);
    }
}
