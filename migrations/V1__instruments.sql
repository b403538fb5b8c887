-- What is known of a traded thing besides its prices.
CREATE TABLE instruments (
    symbol           text COLLATE "C" PRIMARY KEY,
    name             text NOT NULL DEFAULT '',
    kind             text NOT NULL CHECK (kind IN ('stock', 'etf')),
    primary_exchange text NOT NULL DEFAULT '',
    contract_id      integer,
    currency         text NOT NULL DEFAULT 'USD',
    float_shares     double precision,
    updated_at       timestamptz NOT NULL
);
