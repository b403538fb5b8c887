//! IB's own market scans, as a source of universes.

use bellwether::market::Instrument;
use futures::StreamExt as _;
use ibapi::{Error, scanner::ScannerSubscription, subscriptions::SubscriptionItem};

use super::{contracts, pacing::RequestKind, session::IbSession, wire};
use crate::error::Result;

/// Most rows that IB gives.
const MOST_ROWS: u32 = 50;

impl IbSession {
    /// The first rows of one of IB's scans of US stocks, such as `TOP_PERC_GAIN`, `HIGH_OPEN_GAP` or `HOT_BY_VOLUME`, in
    /// IB's order. At most 50 rows; they carry no prices and no names.
    ///
    /// # Errors
    /// What the gateway refused and why, for example an unknown code; no answer in time; no connection.
    pub async fn scan_universe(&self, code: &str, rows: u32) -> Result<Vec<Instrument>> {
        let what = format!("scan {code}");
        let wanted = ScannerSubscription {
            number_of_rows: rows.clamp(1, MOST_ROWS).cast_signed(),
            instrument: Some("STK".to_owned()),
            location_code: Some("STK.US.MAJOR".to_owned()),
            scan_code: Some(code.to_owned()),
            ..ScannerSubscription::default()
        };
        let answer = self.link.begin(&what, RequestKind::Scanner, |client| async move {
            let mut scan = client.scanner_subscription(&wanted, &[]).await?;
            while let Some(item) = scan.next().await {
                if let SubscriptionItem::Data(rows) = item? {
                    return Ok((scan, rows));
                }
            }
            Err(Error::UnexpectedEndOfStream)
        });
        let ((scan, mut found), permit) = answer.await?;
        // A scan goes on until it is cancelled, and only ten may.
        let turn = self.link.turn(&what).await?;
        scan.cancel().await;
        // Written: the gateway reads it before any other scan.
        turn.written();
        permit.finished();
        found.sort_by_key(|row| row.rank);
        let instruments = found.iter().filter_map(|row| {
            let text = row.contract_details.contract.symbol.as_str();
            match wire::symbol(text) {
                Ok(symbol) => Some(contracts::instrument(symbol, &row.contract_details)),
                Err(error) => {
                    tracing::warn!(%error, "row of a scan left out");
                    None
                }
            }
        });
        Ok(instruments.take(rows.min(MOST_ROWS) as usize).collect())
    }
}
