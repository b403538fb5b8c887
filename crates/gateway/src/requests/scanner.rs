//! Scanner parameters and subscriptions.

use super::{Asked, Refusal};
use crate::{
    proto::{ScannerParameters, ScannerRequest},
    stats::Violation,
    streams::{Scan, ScanCode, Start, StreamKind},
    wire::outgoing,
};

const LOCATIONS: [&str; 5] = ["STK.US.MAJOR", "STK.US", "STK.NYSE", "STK.NASDAQ", "STK.AMEX"];

pub(super) fn parameters(asked: &Asked<'_>) {
    let codes: String = ScanCode::ALL
        .iter()
        .map(|(_, code, name)| {
            let name = name.replace('&', "&amp;");
            format!(
                "<ScanType><displayName>{name}</displayName><scanCode>{code}</scanCode><instruments>STK</instruments></ScanType>"
            )
        })
        .collect();
    let locations: String = LOCATIONS
        .iter()
        .map(|code| format!("<Location><displayName>{code}</displayName><locationCode>{code}</locationCode><instruments>STK</instruments></Location>"))
        .collect();
    let filters: String = ["priceAbove", "priceBelow", "volumeAbove"]
        .map(|code| format!("<AbstractField><code>{code}</code></AbstractField>"))
        .concat();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ScanParameterResponse>\
         <InstrumentList><Instrument><name>US Stocks</name><type>STK</type></Instrument></InstrumentList>\
         <LocationTree>{locations}</LocationTree><ScanTypeList>{codes}</ScanTypeList>\
         <FilterList>{filters}</FilterList></ScanParameterResponse>"
    );
    asked.send(outgoing::SCANNER_PARAMETERS, &ScannerParameters { xml: Some(xml) });
}

pub(super) fn request(asked: &Asked<'_>, request: &ScannerRequest) {
    asked.settle(request.req_id, start(asked, request));
}

fn start(asked: &Asked<'_>, request: &ScannerRequest) -> Result<(), Refusal> {
    let id = request.req_id.unwrap_or_default();
    asked.unused(StreamKind::Scanner, id)?;
    let filter = request.subscription.clone().unwrap_or_default();
    let code = filter.code.clone().unwrap_or_default();
    let code = ScanCode::parse(&code).ok_or_else(|| Refusal::historical(format!("Scanner type with code {code} is disabled")))?;
    let limits = asked.shared.config.limits;
    if asked.shared.streams().scanners() >= limits.scanners {
        asked.violation(Violation::Scanners);
        let text = format!("Only {} simultaneous API scanner subscriptions are allowed", limits.scanners);
        return Err(Refusal::historical(text));
    }
    let stream = Box::new(Scan::new(code, filter, limits.scanner_rows));
    let start = Start { kind: StreamKind::Scanner, request: id, takes_line: false, stream };
    asked.shared.streams().start(asked.shared, asked.client, start);
    Ok(())
}
