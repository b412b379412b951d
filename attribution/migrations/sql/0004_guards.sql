-- The database defends the ledger.

-- 1. A published window balances: every cost pool equals the sum of its lines, and every line has its pool.
--    Deferred, so that a run may write pools and lines in any order within its transaction. It hangs on the
--    version row (one per window) and not on the lines (thousands), so it costs one look per window.
CREATE FUNCTION ledger_version_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT coalesce(p.number, l.pool_number) AS pool, p.amount_nano AS pool_amount, l.amount AS lines_amount
      INTO fault
      FROM (SELECT number, amount_nano FROM cost_pool
             WHERE cluster_id = NEW.cluster_id AND hour = NEW.hour AND version = NEW.version) p
      FULL JOIN (SELECT pool_number, sum(amount_nano) AS amount, count(*) - count(amount_nano) AS unpriced
                   FROM ledger_line
                  WHERE cluster_id = NEW.cluster_id AND hour = NEW.hour AND version = NEW.version
                  GROUP BY pool_number) l ON l.pool_number = p.number
     WHERE p.number IS NULL
        OR (p.amount_nano IS NULL AND l.amount IS NOT NULL)
        OR (p.amount_nano IS NOT NULL AND (p.amount_nano <> coalesce(l.amount, 0) OR coalesce(l.unpriced, 0) > 0))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ledger is unbalanced: cluster %, hour %, version %, cost pool %: pool %, lines % nano-units',
            NEW.cluster_id, NEW.hour, NEW.version, fault.pool, fault.pool_amount, fault.lines_amount
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_version_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_version_balances AFTER INSERT ON ledger_version
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_version_balances();

-- 2. What is published stays as it is: lines may only be written by the transaction that publishes them
--    (before its version row exists, or in the same transaction), and nothing is ever changed or deleted.
--    Retention drops whole partitions instead.
CREATE FUNCTION ledger_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger is append-only: % on % is refused; publish a new version instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_is_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_version
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- Statement triggers of a partitioned table do not fire for writes that name a partition, so each partition
-- gets its own (make_month_partitions).
CREATE FUNCTION guard_ledger_table(name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()', name);
    EXECUTE format('CREATE TRIGGER written_once AFTER INSERT ON %s REFERENCING NEW TABLE AS written '
                   'FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_written_once()', name);
END $$;
SELECT guard_ledger_table('cost_pool'), guard_ledger_table('ledger_line'), guard_ledger_table('ledger_usage');

-- 3. A bill's cost pools sum to the bill, in every currency, whenever they are said to be derived.
CREATE FUNCTION bill_pools_sum_to_bill() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT coalesce(t.currency, p.currency) AS currency, t.effective_nano, p.amount INTO fault
      FROM (SELECT currency, effective_nano FROM bill_total WHERE bill_id = NEW.id) t
      FULL JOIN (SELECT currency, sum(amount_nano) AS amount FROM bill_pool WHERE bill_id = NEW.id
                  GROUP BY currency) p ON p.currency = t.currency
     WHERE coalesce(t.effective_nano, 0) <> coalesce(p.amount, 0)
     LIMIT 1;
    IF FOUND AND EXISTS (SELECT FROM bill WHERE id = NEW.id AND NOT pools_stale) THEN
        RAISE EXCEPTION 'cost pools of bill % sum to % nano-units of %, the bill says %',
            NEW.id, fault.amount, fault.currency, fault.effective_nano
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bill_pools_sum_to_bill';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bill_pools_sum_to_bill AFTER INSERT OR UPDATE ON bill
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.pools_stale) EXECUTE FUNCTION bill_pools_sum_to_bill();

-- 4. Partitions, made ahead of the rows that need them; safe to call again and at the same time.
CREATE FUNCTION make_month_partitions(from_time timestamptz, to_time timestamptz) RETURNS integer
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
            END IF;
            made := made + 1;
        END LOOP;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;
