-- Periods: months of the reporting time zone, the steps that two people take with them, and what a closed
-- one refuses.

CREATE TABLE period (
    month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'in_review', 'closed')),
    step_id bigint,
    exported_at timestamptz
);

-- One row a step: asked for by one person, decided by another. `checklist` is how the month stood when the step
-- was asked for and, once it is decided, how it stood then. A confirmed close keeps what was seen of the ledger (a
-- snapshot and the newest version's time), and the hash of the month's content.
CREATE TABLE period_step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month date NOT NULL REFERENCES period,
    deed text NOT NULL CHECK (deed IN ('close', 'reopen')),
    requested_by text NOT NULL CHECK (btrim(requested_by) <> ''),
    requested_at timestamptz NOT NULL,
    reason text NOT NULL DEFAULT '',
    checklist jsonb NOT NULL DEFAULT '[]',
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'confirmed', 'rejected', 'withdrawn')),
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz,
    decided_why text NOT NULL DEFAULT '',
    seen text,
    as_of timestamptz,
    content_hash bytea CHECK (length(content_hash) = 32),
    CONSTRAINT period_step_two_people CHECK (
        outcome NOT IN ('confirmed') OR lower(btrim(decided_by)) <> lower(btrim(requested_by))),
    CONSTRAINT period_step_decision_is_signed CHECK (
        (outcome = '') = (btrim(decided_by) = '') AND (outcome = '') = (decided_at IS NULL)
        AND (outcome <> 'rejected' OR btrim(decided_why) <> '')),
    CONSTRAINT period_step_reopening_has_a_reason CHECK (deed = 'close' OR btrim(reason) <> ''),
    CONSTRAINT period_step_close_keeps_what_was_closed CHECK (
        (outcome = 'confirmed' AND deed = 'close') = (content_hash IS NOT NULL)
        AND (content_hash IS NULL) = (seen IS NULL))
);
CREATE UNIQUE INDEX period_step_one_waits ON period_step (month) WHERE outcome = '';

-- 1. A month changes its state only by a step that says so, and steps say what they said.
CREATE FUNCTION period_goes_by_steps() RETURNS trigger LANGUAGE plpgsql AS $$
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
        RETURN NEW;
    END IF;
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
CREATE TRIGGER period_goes_by_steps BEFORE INSERT OR UPDATE OR DELETE ON period
    FOR EACH ROW EXECUTE FUNCTION period_goes_by_steps();
CREATE TRIGGER period_is_kept BEFORE TRUNCATE ON period
    FOR EACH STATEMENT EXECUTE FUNCTION period_goes_by_steps();
CREATE TRIGGER period_step_is_kept BEFORE DELETE OR TRUNCATE ON period_step
    FOR EACH STATEMENT EXECUTE FUNCTION period_goes_by_steps();

CREATE FUNCTION period_step_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.outcome <> '')
       OR (TG_OP = 'UPDATE' AND (OLD.outcome <> ''
           OR (OLD.id, OLD.month, OLD.deed, OLD.requested_by, OLD.requested_at, OLD.reason)
              IS DISTINCT FROM (NEW.id, NEW.month, NEW.deed, NEW.requested_by, NEW.requested_at, NEW.reason)))
    THEN
        RAISE EXCEPTION 'month %: a step is asked for, then decided once, and says what it said', NEW.month
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_step_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_step_is_decided_once BEFORE INSERT OR UPDATE ON period_step
    FOR EACH ROW EXECUTE FUNCTION period_step_is_decided_once();

-- 2. A closed month takes no write. Whoever writes holds the month's row FOR SHARE until the transaction ends:
--    closing has to wait for that, and a writer who waited for a closing sees it. A plain read, or FOR KEY SHARE
--    (which a change of `state` does not wait for), lets rows commit into a closed month. A month without a row
--    gets one from the first writer: there must be something to hold.
CREATE FUNCTION month_of(moment timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT date_trunc('month', moment AT TIME ZONE
                      coalesce((SELECT reporting_time_zone FROM organization LIMIT 1), 'UTC'))::date
$$;
CREATE FUNCTION hold_open_month(wanted date, written text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found_state text;
BEGIN
    SELECT state INTO found_state FROM period WHERE month = wanted FOR SHARE;
    IF NOT FOUND THEN
        INSERT INTO period (month) VALUES (wanted) ON CONFLICT DO NOTHING;
        SELECT state INTO found_state FROM period WHERE month = wanted FOR SHARE;
    END IF;
    IF found_state = 'closed' THEN
        RAISE EXCEPTION 'the month % is closed: % takes no write of it; what comes later is an adjustment in an open month',
            to_char(wanted, 'YYYY-MM'), written
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'closed_month_takes_no_write';
    END IF;
END $$;

-- Rows with an hour, or with a day, as a statement wrote or deleted them.
CREATE FUNCTION closed_month_refuses_hours() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
BEGIN
    FOR wanted IN SELECT DISTINCT month_of(hour) FROM (SELECT DISTINCT hour FROM written) w ORDER BY 1 LOOP
        PERFORM hold_open_month(wanted, TG_TABLE_NAME);
    END LOOP;
    RETURN NULL;
END $$;
CREATE FUNCTION closed_month_refuses_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
BEGIN
    FOR wanted IN SELECT DISTINCT date_trunc('month', day)::date FROM (SELECT DISTINCT day FROM written) w ORDER BY 1 LOOP
        PERFORM hold_open_month(wanted, TG_TABLE_NAME);
    END LOOP;
    RETURN NULL;
END $$;
-- Nothing of ours updates these rows (they are replaced), so an update is looked at row by row.
CREATE FUNCTION closed_month_refuses_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'day' THEN
        IF TG_OP <> 'INSERT' THEN PERFORM hold_open_month(date_trunc('month', OLD.day)::date, TG_TABLE_NAME); END IF;
        IF TG_OP <> 'DELETE' THEN PERFORM hold_open_month(date_trunc('month', NEW.day)::date, TG_TABLE_NAME); END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN PERFORM hold_open_month(month_of(OLD.hour), TG_TABLE_NAME); END IF;
        IF TG_OP <> 'DELETE' THEN PERFORM hold_open_month(month_of(NEW.hour), TG_TABLE_NAME); END IF;
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION closed_month_refuses_truncation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM period WHERE state = 'closed') THEN
        RAISE EXCEPTION 'a month is closed: % is not truncated', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'closed_month_takes_no_write';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION guard_closed_months(name regclass, by_what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER closed_month_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS written '
                   'FOR EACH STATEMENT EXECUTE FUNCTION closed_month_refuses_%ss()', name, by_what);
    EXECUTE format('CREATE TRIGGER closed_month_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS written '
                   'FOR EACH STATEMENT EXECUTE FUNCTION closed_month_refuses_%ss()', name, by_what);
    EXECUTE format('CREATE TRIGGER closed_month_update BEFORE UPDATE ON %s '
                   'FOR EACH ROW EXECUTE FUNCTION closed_month_refuses_row(%L)', name, by_what);
    EXECUTE format('CREATE TRIGGER closed_month_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION closed_month_refuses_truncation()', name);
END $$;
SELECT guard_closed_months('hourly_utilization', 'hour'), guard_closed_months('daily_cost', 'day'),
       guard_closed_months('daily_usage', 'day'), guard_closed_months('daily_cost_total', 'day'),
       guard_closed_months('daily_cost_tenant', 'day'), guard_closed_months('daily_usage_total', 'day'),
       guard_closed_months('daily_usage_tenant', 'day');

-- The ledger is append-only already, so only its inserts need a look. Its tables and all their partitions call
-- this function (0004), which now asks for the month too.
CREATE OR REPLACE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
BEGIN
    FOR wanted IN SELECT DISTINCT month_of(hour) FROM (SELECT DISTINCT hour FROM written) w ORDER BY 1 LOOP
        PERFORM hold_open_month(wanted, TG_TABLE_NAME);
    END LOOP;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT cluster_id, hour, version FROM written) w
          JOIN ledger_version v USING (cluster_id, hour, version)
         WHERE v.transaction_id <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'ledger is written once: this version of the window is published already'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_is_written_once';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER closed_month_insert AFTER INSERT ON ledger_version REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION closed_month_refuses_hours();

-- A window of a closed month may become dirty: facts still come. It keeps its version.
CREATE TRIGGER closed_month_insert BEFORE INSERT ON attribution_window
    FOR EACH ROW WHEN (NEW.version > 0) EXECUTE FUNCTION closed_month_refuses_row('hour');
CREATE TRIGGER closed_month_update BEFORE UPDATE ON attribution_window
    FOR EACH ROW WHEN ((OLD.cluster_id, OLD.hour, OLD.version) IS DISTINCT FROM (NEW.cluster_id, NEW.hour, NEW.version))
    EXECUTE FUNCTION closed_month_refuses_row('hour');
CREATE TRIGGER closed_month_delete BEFORE DELETE ON attribution_window
    FOR EACH ROW EXECUTE FUNCTION closed_month_refuses_row('hour');
CREATE TRIGGER closed_month_truncate BEFORE TRUNCATE ON attribution_window
    FOR EACH STATEMENT EXECUTE FUNCTION closed_month_refuses_truncation();

-- 3. The reporting time zone says which hours are a month's, so it stays while one is in review or closed.
CREATE FUNCTION reporting_time_zone_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'DELETE' OR TG_OP = 'INSERT' OR OLD.reporting_time_zone <> NEW.reporting_time_zone)
       AND EXISTS (SELECT FROM period WHERE state <> 'open') THEN
        RAISE EXCEPTION 'the reporting time zone stays while a month is in review or closed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'reporting_time_zone_stays';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER reporting_time_zone_stays BEFORE INSERT OR UPDATE OR DELETE ON organization
    FOR EACH ROW EXECUTE FUNCTION reporting_time_zone_stays();

-- 4. Retention drops whole months of facts and ledger through here, and never one that is closed and not exported.
CREATE FUNCTION drop_month_partitions(first_day date) RETURNS integer LANGUAGE plpgsql SET timezone = 'UTC' AS $$
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
    RETURN dropped;
END $$;

-- 5. What a closing hashed, piece by piece, so that a later look can name the piece that differs. `at` is an hour, a
--    day or "" (a bill: `cluster_id` is 0 and `number` its id).
CREATE TABLE period_digest (
    step_id bigint NOT NULL REFERENCES period_step,
    section text NOT NULL,
    cluster_id integer NOT NULL,
    at text NOT NULL,
    number integer NOT NULL,
    rows bigint NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (step_id, section, cluster_id, at, number)
);
CREATE FUNCTION period_digest_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' OR EXISTS (SELECT FROM period_step WHERE id = NEW.step_id AND outcome <> '') THEN
        RAISE EXCEPTION 'what a closing hashed is kept: % on period_digest is refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_digest_is_written_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER written_once BEFORE INSERT ON period_digest
    FOR EACH ROW EXECUTE FUNCTION period_digest_is_written_once();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON period_digest
    FOR EACH STATEMENT EXECUTE FUNCTION period_digest_is_written_once();
