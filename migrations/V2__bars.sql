-- Bars, one partition per UTC month of open_at (bars_y2026m01, ...), made by the writer when the first bar of a month comes.
-- Text columns are COLLATE "C": faster to compare, and the order is the one every kernel uses, whatever the database's locale.
CREATE TABLE bars (
    symbol    text COLLATE "C" NOT NULL,
    timeframe text COLLATE "C" NOT NULL CHECK (timeframe IN ('1m', '5m', '30m', '1h', '6h', '1d')),
    open_at   timestamptz NOT NULL,
    close_at  timestamptz NOT NULL CHECK (close_at > open_at),
    open      double precision NOT NULL,
    high      double precision NOT NULL,
    low       double precision NOT NULL,
    close     double precision NOT NULL,
    volume    double precision NOT NULL,
    vwap      double precision,
    trades    double precision,
    source    text NOT NULL,
    PRIMARY KEY (symbol, timeframe, open_at)
) PARTITION BY RANGE (open_at);

CREATE INDEX bars_open_at ON bars USING brin (open_at);
