-- Who did what, append-only and hash-chained: an edited, removed or reordered row breaks every hash after it.
CREATE TABLE audit (
    seq       bigserial PRIMARY KEY,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    action    text NOT NULL,
    detail    jsonb NOT NULL,
    prev_hash text NOT NULL,
    hash      text NOT NULL
);

-- One definition of the hash for writing and checking. Time goes in as microseconds because its text depends on the session's
-- zone; the JSON array keeps field boundaries unambiguous.
CREATE FUNCTION audit_hash(prev_hash text, at timestamptz, actor text, action text, detail jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        prev_hash, (extract(epoch FROM at) * 1000000)::bigint, actor, action, detail)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit table is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
