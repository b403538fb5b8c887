-- The outbox: written with a run's results, delivered by a loop that claims rows.
CREATE TABLE alerts (
    alert_id        uuid PRIMARY KEY,
    run_id          uuid REFERENCES runs (run_id) ON DELETE SET NULL,
    channel         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('email', 'webhook')),
    subject         text NOT NULL,
    payload         jsonb NOT NULL,
    status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    claimed_by      text,
    claimed_until   timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL,
    delivered_at    timestamptz
);

CREATE INDEX alerts_pending ON alerts (next_attempt_at) WHERE status = 'pending';
CREATE INDEX alerts_run_id ON alerts (run_id);

-- Every attempt to deliver an alert, and how it went.
CREATE TABLE deliveries (
    delivery_id bigserial PRIMARY KEY,
    alert_id    uuid NOT NULL REFERENCES alerts (alert_id) ON DELETE CASCADE,
    attempt     integer NOT NULL,
    at          timestamptz NOT NULL,
    ok          boolean NOT NULL,
    detail      text,
    UNIQUE (alert_id, attempt)
);
