//! Messages of the protocol for which this gateway has nothing: each is answered, never met with silence.
//!
//! An answer carries the request's id wherever the request has one, so that the client that waits for it learns of it.

use super::{Asked, Refusal};
use crate::{
    client::NO_REQUEST,
    proto::{FamilyCode, FamilyCodes, RequestId, SoftDollarTiers},
    stats::Violation,
    wire::{Frame, incoming, outgoing},
};

/// The last message of the protocol.
const LAST: i32 = 109;

/// Answers a message that no other file does.
pub(super) fn answer(asked: &Asked<'_>, frame: &Frame) {
    // Most requests begin with their id; where the first field is something else, `without_id` knows.
    let request = match without_id(frame.id) {
        true => None,
        false => frame.decode::<RequestId>().ok().and_then(|body| body.req_id),
    };
    match frame.id {
        incoming::FAMILY_CODES => {
            let own = FamilyCode { account: Some(asked.shared.config.account.clone()), code: None };
            asked.send(outgoing::FAMILY_CODES, &FamilyCodes { codes: vec![own] });
        }
        incoming::SOFT_DOLLAR_TIERS => asked.send(outgoing::SOFT_DOLLAR_TIERS, &SoftDollarTiers { req_id: request }),
        // No instrument here has options.
        incoming::OPTION_PARAMETERS => asked.send(outgoing::OPTION_PARAMETERS_END, &RequestId { req_id: request }),
        id => match refusal(id) {
            Some(refusal) => asked.settle(request, Err(refusal)),
            None => {
                tracing::info!(id, client = asked.client.id, "message is not served");
                asked.violation(Violation::UnknownMessage);
                asked.error(request.unwrap_or(NO_REQUEST), 505, "Fatal Error: Unknown message id.");
            }
        },
    }
}

fn without_id(id: i32) -> bool {
    let verifies =
        [incoming::VERIFY, incoming::VERIFY_MESSAGE, incoming::VERIFY_AND_AUTHORISE, incoming::VERIFY_AND_AUTHORISE_MESSAGE];
    id > LAST || id == incoming::ADVISOR_CONFIGURATION || verifies.contains(&id)
}

/// The words in which a message is refused; `None` for one that is not known.
fn refusal(id: i32) -> Option<Refusal> {
    Some(match id {
        incoming::ADVISOR_CONFIGURATION | incoming::REPLACE_ADVISOR_CONFIGURATION => {
            Refusal::invalid("FA data operations ignored for non FA customers.")
        }
        incoming::EXERCISE_OPTIONS | incoming::IMPLIED_VOLATILITY | incoming::OPTION_PRICE => super::contracts::unknown(),
        incoming::FUNDAMENTALS => Refusal::new(10358, "Fundamentals data is not allowed."),
        incoming::EVENT_CALENDAR_META | incoming::EVENT_CALENDAR => Refusal::new(10276, "News feed is not allowed."),
        incoming::CANCEL_FUNDAMENTALS
        | incoming::CANCEL_IMPLIED_VOLATILITY
        | incoming::CANCEL_OPTION_PRICE
        | incoming::CANCEL_EVENT_CALENDAR_META
        | incoming::CANCEL_EVENT_CALENDAR => Refusal::new(300, "Can't find EId with tickerId"),
        incoming::VERIFY | incoming::VERIFY_MESSAGE | incoming::VERIFY_AND_AUTHORISE | incoming::VERIFY_AND_AUTHORISE_MESSAGE => {
            Refusal::invalid("This gateway does not verify applications; connect without verification")
        }
        incoming::DISPLAY_GROUPS
        | incoming::SUBSCRIBE_DISPLAY_GROUP
        | incoming::UPDATE_DISPLAY_GROUP
        | incoming::UNSUBSCRIBE_DISPLAY_GROUP => {
            Refusal::invalid("Display groups link windows on a screen; a gateway without a screen has none")
        }
        incoming::CONFIGURATION | incoming::UPDATE_CONFIGURATION => {
            Refusal::invalid("The configuration of this gateway is neither shown nor changed through its API")
        }
        _ => return None,
    })
}
