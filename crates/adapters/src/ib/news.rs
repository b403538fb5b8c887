//! Headlines.

use bellwether::market::{Headline, Instrument};
use jiff::Timestamp;

use super::{link::Link, pacing::RequestKind, session::IbSession, wire};
use crate::error::Result;

/// Most headlines of one symbol.
const MOST: u8 = 50;

impl IbSession {
    /// The headlines about an instrument published in `[since, until]`, newest first, 50 at most. Empty when the account
    /// has no news provider.
    ///
    /// # Errors
    /// What the gateway refused and why; no answer in time; no connection.
    pub async fn headlines(&self, instrument: &Instrument, since: Timestamp, until: Timestamp) -> Result<Vec<Headline>> {
        let providers = self.news_providers().await?;
        self.headlines_of(instrument, &providers, since, until).await
    }

    /// The same, from `providers`.
    pub(super) async fn headlines_of(
        &self,
        instrument: &Instrument,
        providers: &[String],
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Headline>> {
        let what = format!("headlines of {}", instrument.symbol);
        let Some(contract_id) = instrument.contract_id else {
            return Err(super::bars::bad(&what, "the instrument has no contract id: qualify it first".to_owned()));
        };
        if providers.is_empty() {
            return Ok(Vec::new());
        }
        let codes: Vec<&str> = providers.iter().map(String::as_str).collect();
        let patience = self.link.patience();
        let articles = self.link.ask(&what, RequestKind::News, |client| async move {
            let found = client.historical_news(contract_id, &codes, wire::offset(since), wire::offset(until), MOST);
            found.await?.collect_to_end_within(patience).await
        });
        let mut headlines: Vec<Headline> = articles
            .await?
            .into_iter()
            .filter_map(|article| {
                Some(Headline {
                    symbol: instrument.symbol.clone(),
                    at: wire::instant(article.time)?,
                    title: without_metadata(&article.headline).to_owned(),
                    source: article.provider_code,
                })
            })
            .filter(|headline| (since..=until).contains(&headline.at))
            .collect();
        headlines.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.title.cmp(&b.title)));
        Ok(headlines)
    }

    /// The codes of the account's news providers.
    pub(super) async fn news_providers(&self) -> Result<Vec<String>> {
        self.link.news_providers().await
    }
}

impl Link {
    /// The codes of the account's news providers, asked for once.
    pub(super) async fn news_providers(&self) -> Result<Vec<String>> {
        let ask = || async {
            let providers =
                self.ask("news providers", RequestKind::News, |client| async move { client.news_providers().await }).await?;
            Ok(providers.into_iter().map(|provider| provider.code).collect::<Vec<_>>())
        };
        self.news_providers.get_or_try_init(ask).await.cloned()
    }
}

/// Some providers put `{A:800015:L:en}` before the title, and an exclamation mark after that for breaking news.
pub(super) fn without_metadata(headline: &str) -> &str {
    let title = match headline.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, title)) => title.trim_start_matches('!'),
        None => headline,
    };
    title.trim()
}

#[cfg(test)]
mod tests {
    use super::without_metadata;

    #[test]
    fn titles_lose_their_metadata_and_nothing_else() {
        assert_eq!(without_metadata("{A:800015:L:en:K:n/a:C:0.98}!Acme wins contract"), "Acme wins contract");
        assert_eq!(without_metadata("Acme {sic} wins!"), "Acme {sic} wins!");
    }
}
