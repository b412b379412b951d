-- Hours whose rows retention has dropped. What they said is in an export, so nothing can be held against it: no
-- adjustment is posted to them, by attribution or by people, and what comes for them later is kept and counted.
-- A partition is a month of UTC, so a month of the reporting zone may have lost some of its hours only.
CREATE TABLE dropped_month (
    first_day date PRIMARY KEY CHECK (extract(day FROM first_day) = 1),
    dropped_at timestamptz NOT NULL,
    -- false: dropped by a release that did not keep what its lines said of bills
    bills_kept boolean NOT NULL DEFAULT true
);
-- What the dropped lines said of each bill, by local day: what a late version of the bill is held against.
CREATE TABLE dropped_bill_cost (
    first_day date NOT NULL REFERENCES dropped_month,
    day date NOT NULL,
    bill_id integer NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL,
    use text NOT NULL,
    amount_nano numeric NOT NULL,
    PRIMARY KEY (first_day, day, bill_id, currency, kind, use)
);
-- Dropped hours for which facts came: when first and last, and how often.
CREATE TABLE late_hour (
    hour timestamptz NOT NULL,
    cluster_id integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    PRIMARY KEY (hour, cluster_id)
);

CREATE FUNCTION hour_is_dropped(moment timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dropped_month WHERE first_day = date_trunc('month', moment AT TIME ZONE 'UTC')::date)
$$;

CREATE FUNCTION dropped_month_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what retention dropped is kept: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'dropped_month_is_kept';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON dropped_month
    FOR EACH STATEMENT EXECUTE FUNCTION dropped_month_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON dropped_bill_cost
    FOR EACH STATEMENT EXECUTE FUNCTION dropped_month_is_kept();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON late_hour
    FOR EACH STATEMENT EXECUTE FUNCTION dropped_month_is_kept();

-- The difference between what an hour would say and what it says is the whole amount once its lines are gone.
CREATE FUNCTION adjustment_is_of_kept_hours() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone timestamptz;
BEGIN
    -- Not hour_is_dropped, which would be called for every row.
    SELECT min(hour) INTO gone FROM written
     WHERE date_trunc('month', hour AT TIME ZONE 'UTC')::date IN (SELECT first_day FROM dropped_month);
    IF gone IS NOT NULL THEN
        RAISE EXCEPTION 'hour %: retention has dropped its rows, so nothing can be held against what it said; see its export', gone
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'adjustment_is_of_kept_hours';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER kept_hours AFTER INSERT ON adjustment REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION adjustment_is_of_kept_hours();

-- Months that were dropped before: their windows have versions, and their partitions have nothing.
INSERT INTO dropped_month
SELECT DISTINCT ON (1) date_trunc('month', w.hour AT TIME ZONE 'UTC')::date, p.dropped_at, false
  FROM period p JOIN attribution_window w ON month_of(w.hour) = p.month
 WHERE p.dropped_at IS NOT NULL AND w.version > 0
   AND NOT EXISTS (SELECT FROM cost_pool c
                    WHERE c.hour >= date_trunc('month', w.hour AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                      AND c.hour < (date_trunc('month', w.hour AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC')
 ORDER BY 1, 2;

CREATE OR REPLACE FUNCTION drop_month_partitions(first_day date) RETURNS integer LANGUAGE plpgsql SET timezone = 'UTC' AS $$
#variable_conflict use_variable
DECLARE
    bounds tstzrange := tstzrange(first_day::timestamptz, first_day + interval '1 month');
    months date[] := ARRAY(SELECT DISTINCT month_of(hour) FROM generate_series(
        lower(bounds), upper(bounds) - interval '1 hour', interval '1 hour') hour ORDER BY 1);
    zone text := coalesce((SELECT reporting_time_zone FROM organization LIMIT 1), 'UTC');
    kept date;
    child regclass;
    dropped integer := 0;
BEGIN
    -- A partition is a month of UTC: its first and last hours may be another month's. Held for writing from the
    -- beginning: whoever posts adjustments holds these rows before it reads the partitions that go.
    FOREACH kept IN ARRAY months LOOP
        PERFORM FROM period WHERE month = kept AND state = 'closed' AND exported_at IS NOT NULL FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the month % is not closed and exported: its partitions stay', to_char(kept, 'YYYY-MM')
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'unexported_month_stays';
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM dropped_month d WHERE d.first_day = first_day) THEN
        INSERT INTO dropped_month VALUES (first_day, clock_timestamp());
        INSERT INTO dropped_bill_cost
        SELECT first_day, (l.hour AT TIME ZONE zone)::date, p.bill_id, p.currency, p.kind, l.use, sum(l.amount_nano)
          FROM attribution_window w
          JOIN cost_pool p ON p.cluster_id = w.cluster_id AND p.hour = w.hour AND p.version = w.version
          JOIN ledger_line l ON l.cluster_id = p.cluster_id AND l.hour = p.hour AND l.version = p.version
                            AND l.pool_number = p.number
         WHERE p.bill_id IS NOT NULL AND p.part <> 'closed_month' AND l.amount_nano IS NOT NULL
           AND w.hour >= lower(bounds) AND w.hour < upper(bounds) AND p.hour >= lower(bounds) AND p.hour < upper(bounds)
           AND l.hour >= lower(bounds) AND l.hour < upper(bounds)
         GROUP BY 1, 2, 3, 4, 5, 6;
    END IF;
    FOR child IN SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                  WHERE c.relkind = 'r' AND c.relname LIKE '%' || to_char(first_day, '\_YYYY\_MM') LOOP
        EXECUTE format('DROP TABLE %s', child);
        dropped := dropped + 1;
    END LOOP;
    UPDATE period SET dropped_at = now() WHERE dropped > 0 AND dropped_at IS NULL AND month = ANY(months);
    RETURN dropped;
END $$;
