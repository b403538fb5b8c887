//! Message ids, without the 200 that marks a protobuf body.

/// Messages that clients send.
pub(crate) mod incoming {
    pub(crate) const MARKET_DATA: i32 = 1;
    pub(crate) const CANCEL_MARKET_DATA: i32 = 2;
    pub(crate) const PLACE_ORDER: i32 = 3;
    pub(crate) const CANCEL_ORDER: i32 = 4;
    pub(crate) const OPEN_ORDERS: i32 = 5;
    pub(crate) const ACCOUNT_UPDATES: i32 = 6;
    pub(crate) const EXECUTIONS: i32 = 7;
    pub(crate) const NEXT_ID: i32 = 8;
    pub(crate) const CONTRACT: i32 = 9;
    pub(crate) const LOG_LEVEL: i32 = 14;
    pub(crate) const AUTO_OPEN_ORDERS: i32 = 15;
    pub(crate) const ALL_OPEN_ORDERS: i32 = 16;
    pub(crate) const MANAGED_ACCOUNTS: i32 = 17;
    pub(crate) const HISTORICAL: i32 = 20;
    pub(crate) const SCANNER: i32 = 22;
    pub(crate) const CANCEL_SCANNER: i32 = 23;
    pub(crate) const SCANNER_PARAMETERS: i32 = 24;
    pub(crate) const CANCEL_HISTORICAL: i32 = 25;
    pub(crate) const CURRENT_TIME: i32 = 49;
    pub(crate) const REAL_TIME_BARS: i32 = 50;
    pub(crate) const CANCEL_REAL_TIME_BARS: i32 = 51;
    pub(crate) const MARKET_DATA_TYPE: i32 = 59;
    pub(crate) const POSITIONS: i32 = 61;
    pub(crate) const ACCOUNT_SUMMARY: i32 = 62;
    pub(crate) const CANCEL_ACCOUNT_SUMMARY: i32 = 63;
    pub(crate) const CANCEL_POSITIONS: i32 = 64;
    pub(crate) const START_API: i32 = 71;
    pub(crate) const MATCHING_SYMBOLS: i32 = 81;
    pub(crate) const NEWS_ARTICLE: i32 = 84;
    pub(crate) const NEWS_PROVIDERS: i32 = 85;
    pub(crate) const HISTORICAL_NEWS: i32 = 86;
    pub(crate) const HEAD_TIMESTAMP: i32 = 87;
    pub(crate) const CANCEL_HEAD_TIMESTAMP: i32 = 90;
    pub(crate) const MARKET_RULE: i32 = 91;
    pub(crate) const COMPLETED_ORDERS: i32 = 99;
    pub(crate) const CURRENT_TIME_MILLIS: i32 = 105;
    pub(crate) const CANCEL_CONTRACT: i32 = 106;
}

/// Messages that the gateway sends.
pub(crate) mod outgoing {
    pub(crate) const TICK_PRICE: i32 = 1;
    pub(crate) const TICK_SIZE: i32 = 2;
    pub(crate) const ERROR: i32 = 4;
    pub(crate) const ACCOUNT_VALUE: i32 = 6;
    pub(crate) const ACCOUNT_UPDATE_TIME: i32 = 8;
    pub(crate) const NEXT_VALID_ID: i32 = 9;
    pub(crate) const CONTRACT_DATA: i32 = 10;
    pub(crate) const MANAGED_ACCOUNTS: i32 = 15;
    pub(crate) const HISTORICAL_DATA: i32 = 17;
    pub(crate) const SCANNER_PARAMETERS: i32 = 19;
    pub(crate) const SCANNER_DATA: i32 = 20;
    pub(crate) const TICK_GENERIC: i32 = 45;
    pub(crate) const TICK_STRING: i32 = 46;
    pub(crate) const CURRENT_TIME: i32 = 49;
    pub(crate) const REAL_TIME_BAR: i32 = 50;
    pub(crate) const CONTRACT_DATA_END: i32 = 52;
    pub(crate) const OPEN_ORDER_END: i32 = 53;
    pub(crate) const ACCOUNT_DOWNLOAD_END: i32 = 54;
    pub(crate) const EXECUTION_END: i32 = 55;
    pub(crate) const TICK_SNAPSHOT_END: i32 = 57;
    pub(crate) const MARKET_DATA_TYPE: i32 = 58;
    pub(crate) const POSITION_END: i32 = 62;
    pub(crate) const ACCOUNT_SUMMARY: i32 = 63;
    pub(crate) const ACCOUNT_SUMMARY_END: i32 = 64;
    pub(crate) const SYMBOL_SAMPLES: i32 = 79;
    pub(crate) const TICK_REQUEST_PARAMETERS: i32 = 81;
    pub(crate) const NEWS_ARTICLE: i32 = 83;
    pub(crate) const TICK_NEWS: i32 = 84;
    pub(crate) const NEWS_PROVIDERS: i32 = 85;
    pub(crate) const HISTORICAL_NEWS: i32 = 86;
    pub(crate) const HISTORICAL_NEWS_END: i32 = 87;
    pub(crate) const HEAD_TIMESTAMP: i32 = 88;
    pub(crate) const HISTORICAL_DATA_UPDATE: i32 = 90;
    pub(crate) const MARKET_RULE: i32 = 93;
    pub(crate) const COMPLETED_ORDERS_END: i32 = 102;
    pub(crate) const HISTORICAL_SCHEDULE: i32 = 106;
    pub(crate) const HISTORICAL_DATA_END: i32 = 108;
    pub(crate) const CURRENT_TIME_MILLIS: i32 = 109;
}
