-- What a run computed of each symbol, such as features or a risk profile: the newest row of each.
CREATE TABLE computed (
    run_id  uuid NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    symbol  text COLLATE "C" NOT NULL,
    numbers jsonb NOT NULL,
    PRIMARY KEY (run_id, symbol)
);

CREATE INDEX computed_symbol ON computed (symbol);
