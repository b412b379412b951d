-- What row-level security needs of the ledger. The policies themselves are in portal/isolation/tables.py and are
-- kept by every `migrate`. Functions here that are SECURITY DEFINER see everything: each says one thing that is
-- of no tenant, or hands out ids alone.

-- 1. Tenants at or below some roots. Walks the parents, not the paths: a path not yet written hides nobody and
--    opens nothing.
CREATE FUNCTION tenants_at_or_below(roots bigint[]) RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER AS $$
    WITH RECURSIVE below AS (
        SELECT id FROM tenant WHERE id = ANY(roots)
        UNION
        SELECT t.id FROM tenant t JOIN below b ON t.parent_id = b.id
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM below
$$;

-- 2. Whether anything was heard in an hour: a device with a sample, or a request.
CREATE FUNCTION hour_is_heard(of_cluster integer, of_hour timestamptz, of_version integer) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT EXISTS (SELECT FROM hourly_utilization
                    WHERE hour = of_hour AND cluster_id = of_cluster AND sampled_minutes > 0)
        OR EXISTS (SELECT FROM ledger_usage
                    WHERE hour = of_hour AND cluster_id = of_cluster AND version = of_version)
$$;

-- 3. The first and the newest day with cost.
CREATE FUNCTION days_with_cost(OUT first date, OUT newest date)
LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT min(day), max(day) FROM daily_cost_total $$;

-- 4. Who bears a part of a cost pool: a tenant may see the pool's row when it is among them, without a look into
--    lines that it may not see.
ALTER TABLE cost_pool ADD COLUMN tenant_ids integer[] NOT NULL DEFAULT '{}';
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'cost_pool'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER append_only', part);
        EXECUTE format(
            'UPDATE %s p SET tenant_ids = b.ids FROM (
                 SELECT cluster_id, hour, version, pool_number, array_agg(DISTINCT tenant_id) AS ids
                   FROM ledger_line WHERE tenant_id IS NOT NULL GROUP BY 1, 2, 3, 4) b
              WHERE (p.cluster_id, p.hour, p.version, p.number) = (b.cluster_id, b.hour, b.version, b.pool_number)', part);
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER append_only', part);
    END LOOP;
END $$;

-- 5. A new partition is closed for everybody but through its parent: security enforced, and no policy of its own.
--    Whoever writes facts makes partitions, and need not own tables for it.
CREATE OR REPLACE FUNCTION make_month_partitions(from_time timestamptz, to_time timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET timezone = 'UTC' AS $$
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
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
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

-- What runs as its owner finds our tables and nobody else's of the same name.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tenants_at_or_below', 'hour_is_heard', 'days_with_cost', 'make_month_partitions'] LOOP
        EXECUTE format('ALTER FUNCTION %I SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
