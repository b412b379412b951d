-- Closed months are written to files, and only then may retention drop their partitions. An export is of one closing: a
-- month that is opened again is not exported any more.
CREATE TABLE period_export (
    step_id bigint NOT NULL REFERENCES period_step,
    exported_at timestamptz NOT NULL,
    exported_by text NOT NULL CHECK (btrim(exported_by) <> ''),
    folder text NOT NULL,
    files integer NOT NULL CHECK (files > 0),
    rows bigint NOT NULL,
    manifest_sha256 bytea NOT NULL CHECK (length(manifest_sha256) = 32),
    PRIMARY KEY (step_id, exported_at)
);
CREATE FUNCTION period_export_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was exported is kept: % on period_export is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_export_is_kept';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON period_export
    FOR EACH STATEMENT EXECUTE FUNCTION period_export_is_kept();

-- Set by retention: hours of the month are gone, its roll-ups stay.
ALTER TABLE period ADD COLUMN dropped_at timestamptz;

CREATE OR REPLACE FUNCTION period_goes_by_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step period_step;
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'periods and their steps are kept: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_goes_by_steps';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.step_id IS NOT NULL THEN
            RAISE EXCEPTION 'month %: a period begins open, not %', NEW.month, NEW.state
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_goes_by_steps';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.month, OLD.state, OLD.step_id) IS NOT DISTINCT FROM (NEW.month, NEW.state, NEW.step_id) THEN
        IF NEW.exported_at IS DISTINCT FROM OLD.exported_at AND NOT (NEW.state = 'closed' AND EXISTS (
            SELECT FROM period_export e WHERE e.step_id = NEW.step_id AND e.exported_at = NEW.exported_at))
        THEN
            RAISE EXCEPTION 'month %: no export of its last closing was written then', NEW.month
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_export_is_of_the_closing';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.dropped_at IS NOT NULL THEN
        RAISE EXCEPTION 'month %: retention has dropped its rows, so it stays as it is', OLD.month
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dropped_month_stays';
    END IF;
    -- What was exported is another version than the one that comes.
    NEW.exported_at := NULL;
    -- Which hours a month has depends on the reporting time zone: it stays while this goes on.
    PERFORM FROM organization FOR SHARE;
    SELECT * INTO step FROM period_step WHERE id = NEW.step_id AND month = NEW.month;
    IF NEW.month <> OLD.month OR step.id IS NULL OR NOT (
        CASE OLD.state || ' ' || NEW.state
            WHEN 'open in_review' THEN step.deed = 'close' AND step.outcome = ''
            WHEN 'in_review closed' THEN step.deed = 'close' AND step.outcome = 'confirmed' AND step.id = OLD.step_id
            WHEN 'in_review open' THEN step.outcome IN ('rejected', 'withdrawn') AND step.id = OLD.step_id
            WHEN 'closed open' THEN step.deed = 'reopen' AND step.outcome = 'confirmed' AND step.id > OLD.step_id
            ELSE false
        END)
    THEN
        RAISE EXCEPTION 'month %: from % to % needs a step that two people have taken', OLD.month, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_goes_by_steps';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION drop_month_partitions(first_day date) RETURNS integer LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    bounds tstzrange := tstzrange(first_day::timestamptz, first_day + interval '1 month');
    kept date;
    child regclass;
    dropped integer := 0;
BEGIN
    -- A partition is a month of UTC: its first and last hours may be another month's.
    FOR kept IN SELECT DISTINCT month_of(hour)
                  FROM generate_series(lower(bounds), upper(bounds) - interval '1 hour', interval '1 hour') hour
    LOOP
        PERFORM FROM period WHERE month = kept AND state = 'closed' AND exported_at IS NOT NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the month % is not closed and exported: its partitions stay', to_char(kept, 'YYYY-MM')
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unexported_month_stays';
        END IF;
    END LOOP;
    FOR child IN SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                  WHERE c.relkind = 'r' AND c.relname LIKE '%' || to_char(first_day, '\_YYYY\_MM') LOOP
        EXECUTE format('DROP TABLE %s', child);
        dropped := dropped + 1;
    END LOOP;
    UPDATE period SET dropped_at = now() WHERE dropped > 0 AND dropped_at IS NULL AND month IN (
        SELECT DISTINCT month_of(hour)
          FROM generate_series(lower(bounds), upper(bounds) - interval '1 hour', interval '1 hour') hour);
    RETURN dropped;
END $$;
