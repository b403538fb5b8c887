CREATE TABLE headlines (
    headline_id  text PRIMARY KEY, -- content hash: the same story from the same feed is one row
    symbol       text COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL,
    source       text NOT NULL,
    title        text NOT NULL,
    url          text
);

CREATE INDEX headlines_symbol ON headlines (symbol, published_at);
CREATE INDEX headlines_published_at ON headlines (published_at);

CREATE TABLE market_conditions (
    as_of          timestamptz PRIMARY KEY,
    spy_change_pct double precision,
    qqq_change_pct double precision,
    breadth        double precision,
    details        jsonb NOT NULL DEFAULT '{}'
);
