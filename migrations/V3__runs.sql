-- The run ledger: every due time of every job is exactly one row.
CREATE TABLE runs (
    run_id        uuid PRIMARY KEY,
    job           text NOT NULL,
    kind          text NOT NULL,
    trigger       text NOT NULL CHECK (trigger IN ('schedule', 'manual')),
    due_at        timestamptz NOT NULL,
    as_of         timestamptz,
    status        text NOT NULL CHECK (status IN ('running', 'succeeded', 'late', 'failed', 'skipped', 'missed')),
    reason        text,
    instance      text NOT NULL,
    attempt       integer NOT NULL DEFAULT 1,
    started_at    timestamptz,
    heartbeat_at  timestamptz,
    finished_at   timestamptz,
    snapshot_hash text,
    report_hash   text,
    report        jsonb,
    config        jsonb,
    code_version  text
);

-- Makes a due time claimable once, by whichever process comes first.
CREATE UNIQUE INDEX runs_job_due_at ON runs (job, due_at) WHERE trigger = 'schedule';
CREATE INDEX runs_due_at ON runs (due_at);
CREATE INDEX runs_running ON runs (heartbeat_at) WHERE status = 'running';

CREATE TABLE scan_hits (
    run_id     uuid NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
    rank       integer NOT NULL CHECK (rank >= 1),
    symbol     text COLLATE "C" NOT NULL,
    side       text,
    score      double precision,
    gap_pct    double precision,
    last       double precision,
    prev_close double precision,
    volume     double precision,
    numbers    jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (run_id, rank)
);

CREATE INDEX scan_hits_symbol ON scan_hits (symbol);
