//! What the account is worth, holds and has earned.

use super::{Asked, Refusal};
use crate::{
    proto::{AccountSummaryRequest, AccountUpdatesRequest, MultiRequest, ProfitRequest, ProfitSingleRequest},
    trading::{self, FeedKind, Follow},
};

impl Asked<'_> {
    /// # Errors
    /// 321 when `account` names another account than the one there is.
    fn own_account(&self, account: Option<&str>) -> Result<(), Refusal> {
        match account.unwrap_or_default() {
            "" | "All" => Ok(()),
            named if named == self.shared.config.account => Ok(()),
            _ => Err(Refusal::invalid("Invalid account code")),
        }
    }

    fn follow(&self, follow: Follow) -> Result<(), Refusal> {
        trading::with(self.shared, |trading, desk| trading.follow(desk, self.client, follow))
    }

    /// Ends a feed; `false` when there is none.
    fn unfollow(&self, kind: FeedKind, request: i32) -> bool {
        trading::with(self.shared, |trading, _| trading.unfollow(self.client, kind, request))
    }
}

fn follow(kind: FeedKind, request: Option<i32>) -> Follow {
    Follow { kind, request: request.unwrap_or_default(), tags: Vec::new(), instrument: None, model: None }
}

pub(super) fn summary(asked: &Asked<'_>, request: &AccountSummaryRequest) {
    let tags = request.tags.as_deref().unwrap_or_default().split(',').map(|tag| tag.trim().to_owned()).collect();
    let follow = Follow { tags, ..follow(FeedKind::Summary, request.req_id) };
    asked.settle(request.req_id, asked.own_account(request.group.as_deref()).and_then(|()| asked.follow(follow)));
}

pub(super) fn updates(asked: &Asked<'_>, request: &AccountUpdatesRequest) {
    if request.subscribe != Some(true) {
        asked.unfollow(FeedKind::Updates, 0);
        return;
    }
    let outcome = asked.own_account(request.account.as_deref()).and_then(|()| asked.follow(follow(FeedKind::Updates, None)));
    asked.settle(None, outcome);
}

pub(super) fn positions(asked: &Asked<'_>) {
    asked.settle(None, asked.follow(follow(FeedKind::Positions, None)));
}

/// Positions, or values, by account and model: there is one account and no model.
pub(super) fn multi(asked: &Asked<'_>, kind: FeedKind, request: MultiRequest) {
    let allowed = asked.own_account(request.account.as_deref());
    let follow = Follow { model: request.model, ..follow(kind, request.req_id) };
    asked.settle(request.req_id, allowed.and_then(|()| asked.follow(follow)));
}

pub(super) fn profit(asked: &Asked<'_>, request: &ProfitRequest) {
    let follow = follow(FeedKind::Profit, request.req_id);
    asked.settle(request.req_id, asked.own_account(request.account.as_deref()).and_then(|()| asked.follow(follow)));
}

pub(super) fn profit_single(asked: &Asked<'_>, request: &ProfitSingleRequest) {
    let instrument = request.con_id.and_then(|id| asked.shared.market.by_contract(id));
    let follow = Follow { instrument, ..follow(FeedKind::ProfitSingle, request.req_id) };
    asked.settle(request.req_id, asked.own_account(request.account.as_deref()).and_then(|()| asked.follow(follow)));
}

/// Ends a feed; those of profits say so when there is none.
pub(super) fn cancel(asked: &Asked<'_>, kind: FeedKind, request: Option<i32>) {
    let known = asked.unfollow(kind, request.unwrap_or_default());
    let refusal = match kind {
        FeedKind::Profit => Refusal::new(10185, "Failed to cancel PNL (not subscribed)"),
        FeedKind::ProfitSingle => Refusal::new(10186, "Failed to cancel PNL single (not subscribed)"),
        _ => return,
    };
    if !known {
        asked.settle(request, Err(refusal));
    }
}
