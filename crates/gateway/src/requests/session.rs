//! Clock, order ids and the list of accounts.

use super::Asked;
use crate::{
    proto::{CurrentTime, CurrentTimeMillis, ManagedAccounts, NextValidId, RequestId, UserInfo},
    wire::outgoing,
};

pub(super) fn next_valid_id(asked: &Asked<'_>) {
    let order_id = Some(asked.shared.trading().next_id(asked.client.id, asked.shared.config.first_order_id));
    asked.send(outgoing::NEXT_VALID_ID, &NextValidId { order_id });
}

pub(super) fn managed_accounts(asked: &Asked<'_>) {
    let accounts = Some(asked.shared.config.account.clone());
    asked.send(outgoing::MANAGED_ACCOUNTS, &ManagedAccounts { accounts });
}

pub(super) fn current_time(asked: &Asked<'_>) {
    asked.send(outgoing::CURRENT_TIME, &CurrentTime { seconds: Some(asked.now.as_second()) });
}

pub(super) fn current_time_millis(asked: &Asked<'_>) {
    let milliseconds = Some(asked.now.as_millisecond());
    asked.send(outgoing::CURRENT_TIME_MILLIS, &CurrentTimeMillis { milliseconds });
}

/// The account is under the broker's own name.
pub(super) fn user_info(asked: &Asked<'_>, request: RequestId) {
    asked.send(outgoing::USER_INFO, &UserInfo { req_id: request.req_id, white_branding_id: Some(String::new()) });
}
