//! Headlines and articles.

/// A news source.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewsProvider {
    #[prost(string, optional, tag = "1")]
    pub(crate) code: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(crate) name: Option<String>,
}

/// The news sources of the session.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewsProviders {
    #[prost(message, repeated, tag = "1")]
    pub(crate) providers: Vec<NewsProvider>,
}

/// Asks for past headlines.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalNewsRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) con_id: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(crate) providers: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) start: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) end: Option<String>,
    #[prost(int32, optional, tag = "6")]
    pub(crate) limit: Option<i32>,
}

/// One past headline.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct HistoricalNews {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) time: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) provider: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) article_id: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) headline: Option<String>,
}

/// End of the past headlines.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct HistoricalNewsEnd {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(bool, optional, tag = "2")]
    pub(crate) has_more: Option<bool>,
}

/// Asks for an article.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewsArticleRequest {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(string, optional, tag = "2")]
    pub(crate) provider: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(crate) article_id: Option<String>,
}

/// An article; kind 0 is text.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewsArticle {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) kind: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(crate) text: Option<String>,
}

/// A headline as it appears, epoch milliseconds.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TickNews {
    #[prost(int32, optional, tag = "1")]
    pub(crate) req_id: Option<i32>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) time_ms: Option<i64>,
    #[prost(string, optional, tag = "3")]
    pub(crate) provider: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) article_id: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(crate) headline: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(crate) extra: Option<String>,
}

/// Asks for bulletins of exchanges.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct NewsBulletinsRequest {
    #[prost(bool, optional, tag = "1")]
    pub(crate) all: Option<bool>,
}

/// A bulletin of an exchange.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct NewsBulletin {
    #[prost(int32, optional, tag = "1")]
    pub(crate) id: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) kind: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(crate) text: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(crate) exchange: Option<String>,
}
