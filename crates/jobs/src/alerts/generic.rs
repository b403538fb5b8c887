//! The alert as JSON for programs, signed.
//!
//! ```text
//! X-Bellwether-Signature: t=<seconds>,v1=<hex of HMAC-SHA256(secret, "<seconds>.<body>")>
//! Idempotency-Key: <alert id>
//! ```
//! `t` is when the alert was made, and the body holds nothing else that changes: every attempt sends the same request.
//! A receiver compares signatures in constant time, accepts a `t` up to an hour old, and drops ids it has seen.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::json;
use sha2::Sha256;
use uuid::Uuid;

use super::content::AlertContent;

/// The body. Its names change only by addition; pictures are left out.
///
/// # Errors
/// None that data can cause; the encoder's, passed on.
pub fn generic_body(alert_id: Uuid, content: &AlertContent) -> serde_json::Result<String> {
    let hits: Vec<_> = content
        .rows
        .iter()
        .map(|row| {
            json!({
                "rank": row.rank, "symbol": row.symbol, "name": row.name, "trend": row.trend, "headline": row.headline,
                "numbers": row.numbers,
            })
        })
        .collect();
    serde_json::to_string(&json!({
        "version": 1, "alert_id": alert_id, "occasion": content.occasion, "job": content.job, "scan": content.scan,
        "due_at": content.due_at, "as_of": content.as_of, "run_id": content.run_id, "subject": content.subject,
        "found": content.found, "hits": hits, "facts": content.facts, "notes": content.notes, "compressed": content.compressed,
    }))
}

/// Value of `X-Bellwether-Signature` for `body`.
pub fn signature(secret: &[u8], at: Timestamp, body: &str) -> String {
    let seconds = at.as_second();
    // HMAC takes keys of any length.
    #[expect(clippy::expect_used, reason = "an invariant of HMAC, not of data")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}
