//! What is traded: details, search, price increments.

use bellwether::market::{Calendar, InstrumentKind};
use jiff::{Timestamp, civil::Date};

use super::{Asked, Refusal};
use crate::{
    faults::Farm,
    market::Market,
    proto::{
        Contract, ContractData, ContractDetails, ContractRequest, MarketRule, MarketRuleRequest, PriceIncrement, RequestId,
        SmartComponent, SmartComponents, SmartComponentsRequest, SymbolMatch, SymbolSamples, SymbolsRequest,
    },
    tape::TapeInstrument,
    wire::outgoing,
};

const EXCHANGES: &str = "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,ISLAND,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX,EDGX,FOXRIVER,PEARL,NYSENAT,LTSE,MEMX,PSX,OVERNIGHT";
const ORDER_TYPES: &str =
    "ACTIVETIM,ADJUST,ALERT,ALLOC,BASKET,COND,DAY,GAT,GTC,GTD,IOC,LIT,LMT,LOC,MIT,MKT,MOC,OPG,STP,STPLMT,TRAIL,WHATIF";
/// The rule of one-cent increments, which all stocks here follow.
const CENT_RULE: i32 = 26;
/// Days of trading hours given with an instrument.
const SCHEDULE_DAYS: i64 = 7;
/// By this the exchanges of the best bid and offer are asked for.
pub(super) const BBO_EXCHANGE: &str = "9c0001";
/// The exchanges of the best bid and offer, by their letters on the consolidated tape.
const LETTERS: [(&str, &str); 14] = [
    ("A", "AMEX"),
    ("B", "BEX"),
    ("C", "NYSENAT"),
    ("H", "PEARL"),
    ("J", "DRCTEDGE"),
    ("K", "EDGX"),
    ("M", "CHX"),
    ("N", "NYSE"),
    ("P", "ARCA"),
    ("Q", "ISLAND"),
    ("U", "MEMX"),
    ("V", "IEX"),
    ("Y", "BYX"),
    ("Z", "BATS"),
];
/// Longest answer to a symbol search.
const MATCHES: usize = 16;

/// The words of error 200.
pub(super) fn unknown() -> Refusal {
    Refusal::new(200, "No security definition has been found for the request")
}

/// A ticker as this protocol spells it: share classes follow a space.
fn wire_symbol(symbol: &str) -> String {
    symbol.replace('.', " ")
}

/// An instrument as the gateway describes it.
pub(crate) fn wire_contract(instrument: &TapeInstrument) -> Contract {
    let symbol = wire_symbol(instrument.symbol.as_str());
    Contract {
        con_id: Some(instrument.contract_id),
        sec_type: Some("STK".to_owned()),
        exchange: Some("SMART".to_owned()),
        primary_exchange: Some(instrument.primary_exchange.clone()),
        currency: Some("USD".to_owned()),
        local_symbol: Some(symbol.clone()),
        trading_class: Some(match instrument.primary_exchange.as_str() {
            "NASDAQ" => "NMS".to_owned(),
            _ => symbol.clone(),
        }),
        symbol: Some(symbol),
        description: None,
    }
}

/// The instrument that fits everything a contract states, whether it states enough or not.
fn fitting(market: &Market, contract: &Contract) -> Option<usize> {
    let given = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    let by_symbol = |text: String| market.by_symbol(&text.trim().replace(' ', ".").to_ascii_uppercase());
    let index = match contract.con_id.filter(|id| *id != 0) {
        Some(id) => market.by_contract(id)?,
        None => by_symbol(given(&contract.symbol).or_else(|| given(&contract.local_symbol))?)?,
    };
    let instrument = market.instrument(index);
    let own = &instrument.primary_exchange;
    let same_exchange = |name: &str| name == own || (name == "ISLAND" && own == "NASDAQ");
    let fits = given(&contract.symbol).is_none_or(|text| by_symbol(text) == Some(index))
        && given(&contract.sec_type).is_none_or(|kind| kind == "STK")
        && given(&contract.currency).is_none_or(|currency| currency == "USD")
        && given(&contract.primary_exchange).is_none_or(|name| same_exchange(&name))
        && given(&contract.exchange).is_none_or(|name| same_exchange(&name) || EXCHANGES.split(',').any(|known| known == name));
    fits.then_some(index)
}

/// The one instrument that a contract names well enough to trade or to stream.
///
/// # Errors
/// 200 when nothing fits or the currency is left open, 321 without an exchange or a kind of security.
pub(super) fn resolve(market: &Market, contract: Option<&Contract>) -> Result<usize, Refusal> {
    let contract = contract.ok_or_else(unknown)?;
    let index = fitting(market, contract).ok_or_else(unknown)?;
    if contract.con_id.unwrap_or_default() != 0 {
        return Ok(index);
    }
    let missing = |field: &Option<String>| field.as_deref().unwrap_or_default().is_empty();
    if missing(&contract.sec_type) {
        return Err(Refusal::invalid("Please enter a valid security type"));
    }
    if missing(&contract.exchange) {
        return Err(Refusal::invalid("Please enter exchange"));
    }
    if missing(&contract.currency) {
        let symbol = wire_symbol(market.instrument(index).symbol.as_str());
        return Err(Refusal::new(200, format!("The contract description specified for {symbol} is ambiguous.")));
    }
    Ok(index)
}

/// Details of every instrument that fits; symbols are unique here, so there is one or none.
pub(super) fn details(asked: &Asked<'_>, request: &ContractRequest) {
    asked.settle(request.req_id, find_details(asked, request));
}

fn find_details(asked: &Asked<'_>, request: &ContractRequest) -> Result<(), Refusal> {
    if asked.shared.faults.is_down(Farm::SecurityDefinition) {
        // The real gateway stays silent too; the client has to time out.
        return Ok(());
    }
    let contract = request.contract.as_ref().ok_or_else(unknown)?;
    let index = fitting(&asked.shared.market, contract).ok_or_else(unknown)?;
    asked.unfailing(index)?;
    let instrument = asked.shared.market.instrument(index);
    asked.send(
        outgoing::CONTRACT_DATA,
        &ContractData {
            req_id: request.req_id,
            contract: Some(wire_contract(instrument)),
            details: Some(wire_details(instrument, asked.now)),
        },
    );
    asked.send(outgoing::CONTRACT_DATA_END, &RequestId { req_id: request.req_id });
    Ok(())
}

fn wire_details(instrument: &TapeInstrument, now: Timestamp) -> ContractDetails {
    let text = |text: &str| Some(text.to_owned());
    let rules = vec![CENT_RULE.to_string(); EXCHANGES.split(',').count()].join(",");
    ContractDetails {
        market_name: text(match instrument.primary_exchange.as_str() {
            "NASDAQ" => "NMS",
            _ => instrument.symbol.as_str(),
        }),
        min_tick: text("0.01"),
        order_types: text(ORDER_TYPES),
        valid_exchanges: text(EXCHANGES),
        price_magnifier: Some(1),
        long_name: text(&instrument.name),
        time_zone: text("US/Eastern"),
        trading_hours: Some(schedule(now, false)),
        liquid_hours: Some(schedule(now, true)),
        aggregated_group: Some(1),
        market_rule_ids: Some(rules),
        stock_type: text(match instrument.kind {
            InstrumentKind::Stock => "COMMON",
            InstrumentKind::Etf => "ETF",
        }),
        min_size: text("0.0001"),
        size_increment: text("0.0001"),
        suggested_size_increment: text("100"),
    }
}

/// Sessions of the coming days: `20260105:0930-20260105:1600;20260110:CLOSED`.
fn schedule(now: Timestamp, regular_only: bool) -> String {
    let entry = |date: Date| {
        let stamp = date.strftime("%Y%m%d");
        let Ok(Some(day)) = Calendar.day(date) else { return format!("{stamp}:CLOSED") };
        let (open, close) = if regular_only { (day.open, day.close) } else { (day.pre_open, day.post_close) };
        let clock = |at: Timestamp| at.to_zoned(bellwether::market::new_york()).strftime("%H%M").to_string();
        format!("{stamp}:{}-{stamp}:{}", clock(open), clock(close))
    };
    let today = Calendar.local_date(now);
    let dates = (0..SCHEDULE_DAYS).filter_map(|ahead| today.checked_add(jiff::Span::new().days(ahead)).ok());
    dates.map(entry).collect::<Vec<_>>().join(";")
}

/// Instruments whose symbol or name begins like the pattern, symbols first.
pub(super) fn matching(asked: &Asked<'_>, request: &SymbolsRequest) {
    let pattern = request.pattern.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    let instruments = asked.shared.market.instruments();
    let by_symbol = instruments.iter().filter(|it| wire_symbol(it.symbol.as_str()).starts_with(&pattern));
    let by_name = instruments.iter().filter(|it| {
        !wire_symbol(it.symbol.as_str()).starts_with(&pattern) && it.name.to_ascii_uppercase().starts_with(&pattern)
    });
    let matches = match pattern.is_empty() {
        true => Vec::new(),
        false => by_symbol
            .chain(by_name)
            .take(MATCHES)
            .map(|instrument| SymbolMatch {
                contract: Some(Contract {
                    exchange: None,
                    local_symbol: None,
                    trading_class: None,
                    description: Some(instrument.name.clone()),
                    ..wire_contract(instrument)
                }),
                derivative_types: ["CFD", "OPT"].map(str::to_owned).into(),
            })
            .collect(),
    };
    asked.send(outgoing::SYMBOL_SAMPLES, &SymbolSamples { req_id: request.req_id, matches });
}

/// Price increments: one cent throughout.
pub(super) fn market_rule(asked: &Asked<'_>, request: MarketRuleRequest) {
    if request.rule_id != Some(CENT_RULE) {
        asked.settle(None, Err(Refusal::invalid("Invalid market rule id")));
        return;
    }
    let increments = vec![PriceIncrement { low_edge: Some(0.0), increment: Some(0.01) }];
    asked.send(outgoing::MARKET_RULE, &MarketRule { rule_id: request.rule_id, increments });
}

/// The exchanges of the best bid and offer, with the letters of the consolidated tape.
pub(super) fn smart_components(asked: &Asked<'_>, request: &SmartComponentsRequest) {
    if request.bbo_exchange.as_deref() != Some(BBO_EXCHANGE) {
        let exchange = request.bbo_exchange.as_deref().unwrap_or_default();
        let refusal = Refusal::invalid(format!("BBO exchange {exchange} is not known; the market data tells it"));
        return asked.settle(request.req_id, Err(refusal));
    }
    let component = |(bit, (letter, exchange)): (usize, (&str, &str))| SmartComponent {
        bit: i32::try_from(bit).ok(),
        exchange: Some(exchange.to_owned()),
        letter: Some(letter.to_owned()),
    };
    let components = LETTERS.into_iter().enumerate().map(component).collect();
    asked.send(outgoing::SMART_COMPONENTS, &SmartComponents { req_id: request.req_id, components });
}
