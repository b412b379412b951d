-- 1. Slices of devices. A strip is of a slice (0: the whole device), which is `slices` of the device's `of_slices`
--    while it is there: in other minutes `held` is -1. Rows of one slice with several holders in a minute share it.
ALTER TABLE device_strip
    ADD COLUMN slice integer NOT NULL DEFAULT 0 CHECK (slice >= 0),
    ADD COLUMN slices integer NOT NULL DEFAULT 1,
    ADD COLUMN of_slices integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT device_strip_slices CHECK (
        slices BETWEEN 1 AND of_slices AND (slice > 0 OR slices = of_slices) AND 720720 % of_slices = 0);
ALTER TABLE device_strip DROP CONSTRAINT device_strip_pkey;
ALTER TABLE device_strip ADD PRIMARY KEY (cluster_id, hour, device_id, slice, slices, holder_id);
-- Few or none of all rows: what a writer of whole devices pays for the guard below is one look here.
CREATE INDEX device_strip_of_slices ON device_strip (cluster_id, hour, device_id) WHERE slice > 0;

-- 2. The slices of a device that are there in a minute are never more than the device (720720 parts). First all
--    slices of the hour together; only where those are too many, minute by minute: the device was cut anew.
CREATE FUNCTION slices_fit_their_device() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first record;
    fault record;
BEGIN
    SELECT min(hour) AS start, max(hour) AS last, min(cluster_id) AS low, max(cluster_id) AS high INTO first FROM written;
    IF first.start IS NULL THEN
        RETURN NULL;
    END IF;
    WITH sliced AS (
        SELECT DISTINCT s.cluster_id, s.hour, s.device_id
          FROM device_strip s
         WHERE s.slice > 0 AND s.hour BETWEEN first.start AND first.last AND s.cluster_id BETWEEN first.low AND first.high
           AND EXISTS (SELECT FROM written w
                        WHERE (w.cluster_id, w.hour, w.device_id) = (s.cluster_id, s.hour, s.device_id))
    ), suspects AS (
        SELECT cluster_id, hour, device_id
          FROM (SELECT DISTINCT s.cluster_id, s.hour, s.device_id, s.slice, s.slices, s.of_slices
                  FROM device_strip s JOIN sliced USING (cluster_id, hour, device_id)) s
         GROUP BY 1, 2, 3 HAVING sum(720720 * s.slices / s.of_slices) > 720720
    )
    SELECT s.cluster_id, s.hour, s.device_id, s.minute, sum(s.size) AS size INTO fault
      FROM (SELECT DISTINCT s.cluster_id, s.hour, s.device_id, s.slice, s.slices, minute,
                   720720 * s.slices / s.of_slices AS size
              FROM device_strip s
              JOIN suspects USING (cluster_id, hour, device_id)
             CROSS JOIN generate_series(1, 60) minute
             WHERE coalesce(s.held[minute], 'NaN') <> -1) s
     GROUP BY 1, 2, 3, 4 HAVING sum(s.size) > 720720 ORDER BY 1, 2, 3, 4 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'slices of device % sum to %/720720 of it in minute % of %: expected 720720 at most',
            fault.device_id, fault.size, fault.minute - 1, fault.hour
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'slices_fit_their_device';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION guard_strip_table(name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER slices_fit AFTER INSERT ON %s REFERENCING NEW TABLE AS written '
                   'FOR EACH STATEMENT EXECUTE FUNCTION slices_fit_their_device()', name);
    EXECUTE format('CREATE TRIGGER changed_slices_fit AFTER UPDATE ON %s REFERENCING NEW TABLE AS written '
                   'FOR EACH STATEMENT EXECUTE FUNCTION slices_fit_their_device()', name);
END $$;
SELECT guard_strip_table('device_strip');
SELECT guard_strip_table(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'device_strip'::regclass;

-- 3. Partitions made from now on guard their strips as well (the rest as in 0004).
CREATE OR REPLACE FUNCTION make_month_partitions(from_time timestamptz, to_time timestamptz) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', from_time);
    parent text;
    child text;
    made integer := 0;
BEGIN
    WHILE month < to_time LOOP
        FOREACH parent IN ARRAY ARRAY['device_strip', 'usage_hour', 'transfer_hour', 'charge', 'cost_pool',
                                      'ledger_line', 'ledger_usage'] LOOP
            child := parent || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            PERFORM pg_advisory_xact_lock(hashtext('make_month_partitions'));
            CONTINUE WHEN to_regclass(child) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           child, parent, month, month + interval '1 month');
            IF parent IN ('cost_pool', 'ledger_line', 'ledger_usage') THEN
                PERFORM guard_ledger_table(child::regclass);
            ELSIF parent = 'device_strip' THEN
                PERFORM guard_strip_table(child::regclass);
            END IF;
            made := made + 1;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;

-- 4. Minutes of slices are parts of device-minutes, rounded to nine digits so that a pool-hour sums to whole ones.
ALTER TABLE hourly_utilization
    ALTER COLUMN serving TYPE numeric, ALTER COLUMN stalled TYPE numeric, ALTER COLUMN loading TYPE numeric,
    ALTER COLUMN warm_reserve TYPE numeric, ALTER COLUMN failover_reserve TYPE numeric, ALTER COLUMN idle TYPE numeric,
    ALTER COLUMN unallocated TYPE numeric, ALTER COLUMN unready TYPE numeric, ALTER COLUMN no_data TYPE numeric,
    ALTER COLUMN sampled_minutes TYPE numeric,
    ADD CONSTRAINT minutes_are_not_negative CHECK (
        least(serving, stalled, loading, warm_reserve, failover_reserve, idle, unallocated, unready, no_data,
              sampled_minutes) >= 0
        AND greatest(serving, stalled, loading, warm_reserve, failover_reserve, idle, unallocated, unready, no_data,
                     sampled_minutes) <> 'NaN');
