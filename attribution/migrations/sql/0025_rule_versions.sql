-- Distribution rules as they were: an explanation that is pinned to a moment shows the rule that divided its lines
-- then, not what it has become since. Each writing of a rule is a version; `gone` when it was taken away.
CREATE TABLE distribution_rule_version (
    rule_id integer NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    written_at timestamptz NOT NULL,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    gone boolean NOT NULL,
    method text NOT NULL,
    pool_id integer,
    service_id integer,
    valid tstzrange NOT NULL,
    weights jsonb NOT NULL,
    owner_id integer,
    PRIMARY KEY (rule_id, version)
);

CREATE FUNCTION keep_rule_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rule distribution_rule := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    -- The rule's own row is locked by whoever writes it, so its versions are numbered one after another.
    INSERT INTO distribution_rule_version (rule_id, version, written_at, gone, method, pool_id, service_id, valid,
                                           weights, owner_id)
    SELECT rule.id, 1 + count(*), clock_timestamp(), TG_OP = 'DELETE', rule.method, rule.pool_id, rule.service_id,
           rule.valid, rule.weights, rule.owner_id
      FROM distribution_rule_version WHERE rule_id = rule.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_version AFTER INSERT OR UPDATE OR DELETE ON distribution_rule
    FOR EACH ROW EXECUTE FUNCTION keep_rule_version();

-- Of rules that are there already nobody knows what they were before: as they are now is their first version.
INSERT INTO distribution_rule_version (rule_id, version, written_at, gone, method, pool_id, service_id, valid, weights,
                                       owner_id)
SELECT id, 1, clock_timestamp(), false, method, pool_id, service_id, valid, weights, owner_id FROM distribution_rule;

CREATE FUNCTION rule_versions_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of rules are append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_versions_are_kept';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON distribution_rule_version
    FOR EACH STATEMENT EXECUTE FUNCTION rule_versions_are_kept();
