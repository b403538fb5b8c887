-- How the market data sessions of running processes are, as they last said themselves: one row a session, replaced.
CREATE TABLE feed_status (
    name     text PRIMARY KEY,
    instance text NOT NULL,
    at       timestamptz NOT NULL,
    health   jsonb NOT NULL
);

-- What a live feed did not deliver: filled in afterwards, or lost and why. Nothing that was due is simply absent.
CREATE TABLE feed_gaps (
    feed     text NOT NULL,
    symbol   text NOT NULL,
    kind     text NOT NULL,
    from_at  timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('open', 'filled', 'lost')),
    reason   text NOT NULL DEFAULT '',
    bars     integer NOT NULL DEFAULT 0,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (feed, symbol, kind, from_at),
    CHECK (until_at >= from_at)
);
CREATE INDEX feed_gaps_by_time ON feed_gaps (from_at);

-- When a contract was last looked up: an old answer is asked again.
ALTER TABLE instruments ADD COLUMN qualified_at timestamptz;
