//! An account without positions or orders, which refuses orders.

use super::{Asked, Refusal};
use crate::{
    proto::{
        AccountDownloadEnd, AccountSummary, AccountSummaryRequest, AccountUpdateTime, AccountUpdatesRequest, AccountValue, Empty,
        RequestId,
    },
    wire::outgoing,
};

/// Tag, value and currency.
const VALUES: [(&str, &str, &str); 9] = [
    ("AccountType", "INDIVIDUAL", ""),
    ("NetLiquidation", "1000000.00", "USD"),
    ("TotalCashValue", "1000000.00", "USD"),
    ("EquityWithLoanValue", "1000000.00", "USD"),
    ("AvailableFunds", "1000000.00", "USD"),
    ("ExcessLiquidity", "1000000.00", "USD"),
    ("BuyingPower", "4000000.00", "USD"),
    ("GrossPositionValue", "0.00", "USD"),
    ("InitMarginReq", "0.00", "USD"),
];

pub(super) fn summary(asked: &Asked<'_>, request: &AccountSummaryRequest) {
    let tags = request.tags.as_deref().unwrap_or_default();
    for (tag, value, currency) in VALUES.iter().filter(|(tag, ..)| tags.split(',').any(|asked| asked == *tag)) {
        let body = AccountSummary {
            req_id: request.req_id,
            account: Some(asked.shared.config.account.clone()),
            tag: Some((*tag).to_owned()),
            value: Some((*value).to_owned()),
            currency: Some((*currency).to_owned()),
        };
        asked.send(outgoing::ACCOUNT_SUMMARY, &body);
    }
    asked.send(outgoing::ACCOUNT_SUMMARY_END, &RequestId { req_id: request.req_id });
}

pub(super) fn updates(asked: &Asked<'_>, request: &AccountUpdatesRequest) {
    if request.subscribe != Some(true) {
        return;
    }
    let account = Some(asked.shared.config.account.clone());
    for (key, value, currency) in VALUES {
        let body = AccountValue {
            key: Some(key.to_owned()),
            value: Some(value.to_owned()),
            currency: Some(currency.to_owned()),
            account: account.clone(),
        };
        asked.send(outgoing::ACCOUNT_VALUE, &body);
    }
    let time = asked.now.to_zoned(bellwether::market::new_york()).strftime("%H:%M").to_string();
    asked.send(outgoing::ACCOUNT_UPDATE_TIME, &AccountUpdateTime { time: Some(time) });
    asked.send(outgoing::ACCOUNT_DOWNLOAD_END, &AccountDownloadEnd { account });
}

pub(super) fn positions(asked: &Asked<'_>) {
    asked.send(outgoing::POSITION_END, &Empty {});
}

pub(super) fn open_orders(asked: &Asked<'_>) {
    asked.send(outgoing::OPEN_ORDER_END, &Empty {});
}

pub(super) fn completed_orders(asked: &Asked<'_>) {
    asked.send(outgoing::COMPLETED_ORDERS_END, &Empty {});
}

pub(super) fn executions(asked: &Asked<'_>, request: RequestId) {
    asked.send(outgoing::EXECUTION_END, &request);
}

/// Orders are refused: this gateway only shows a market. The order id is the body's first field.
pub(super) fn order(asked: &Asked<'_>, order: RequestId) {
    asked.settle(order.req_id, Err(Refusal::invalid("The API interface is currently in Read-Only mode.")));
}
