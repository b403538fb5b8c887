//! Between our vocabulary and the protocol's: times, symbols, contracts, sentinels.

use bellwether::market::{Instrument, Symbol};
use ibapi::contracts::{Contract, Exchange};
use jiff::{Timestamp, civil::Date};
use time::OffsetDateTime;

/// A contract as a request names it: by id where it is known.
pub(super) fn contract(instrument: &Instrument) -> Contract {
    let contract = stock(&instrument.symbol);
    match instrument.contract_id {
        Some(contract_id) => Contract { contract_id, ..contract },
        None => Contract { primary_exchange: Exchange::from(instrument.primary_exchange.as_str()), ..contract },
    }
}

/// How the pacing of historical requests tells contracts apart.
pub(super) fn paced_name(instrument: &Instrument) -> String {
    instrument.contract_id.map_or_else(|| instrument.symbol.to_string(), |contract_id| contract_id.to_string())
}

/// A stock by its ticker alone. Share classes follow a space in this protocol: `BRK B`.
pub(super) fn stock(symbol: &Symbol) -> Contract {
    Contract::stock(symbol.as_str().replace('.', " ")).build()
}

/// A ticker out of the protocol's spelling.
pub(super) fn symbol(text: &str) -> bellwether::Result<Symbol> {
    Symbol::new(&text.trim().replace(' ', "."))
}

/// Our instant as the library's; years beyond its range saturate.
pub(super) fn offset(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanosecond()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The library's instant as ours.
pub(super) fn instant(at: OffsetDateTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at.unix_timestamp_nanos()).ok()
}

/// The library's date as ours.
pub(super) fn date(day: time::Date) -> Option<Date> {
    let year = i16::try_from(day.year()).ok()?;
    let month = i8::try_from(u8::from(day.month())).ok()?;
    Date::new(year, month, i8::try_from(day.day()).ok()?).ok()
}

/// A price, unless it is one of the protocol's ways of having none: -1, 0, the largest number.
pub(super) fn price(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0 && value < 1e100).then_some(value)
}

/// A count or size, unless it is one of the protocol's ways of having none.
pub(super) fn count(value: f64) -> Option<f64> {
    (value.is_finite() && (0.0..1e100).contains(&value)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentinels_are_no_prices() {
        for none in [-1.0, 0.0, f64::MAX, f64::NAN, f64::INFINITY] {
            assert_eq!(price(none), None, "{none}");
        }
        assert_eq!(price(0.0001), Some(0.0001));
        assert_eq!((count(0.0), count(-1.0), count(f64::MAX)), (Some(0.0), None, None));
    }

    #[test]
    fn share_classes_and_times_go_there_and_back() {
        let class: Symbol = "BRK.B".parse().unwrap();
        assert_eq!(stock(&class).symbol.as_str(), "BRK B");
        assert_eq!(symbol("BRK B").unwrap(), class);
        let at: Timestamp = "2025-01-06T14:25:00.25Z".parse().unwrap();
        assert_eq!(instant(offset(at)), Some(at));
        assert_eq!(date(offset(at).date()), Some(jiff::civil::date(2025, 1, 6)));
    }
}
