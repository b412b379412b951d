-- What came for a closed month after it was closed, in money: the difference between what its hours would say now and
-- what they said, posted to an open month. These rows are facts of the window (cluster_id, posted_hour), whose ledger
-- has them as cost pools of part `closed_month`; (cluster_id, hour, version) is what they correct, with the cell: what the
-- cost pool was and what its money went into. Ids are 0 where there is none; version 0: the hour said nothing.
CREATE TABLE adjustment (
    cluster_id integer NOT NULL,
    posted_hour timestamptz NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    posted_at timestamptz NOT NULL,
    hour timestamptz NOT NULL CHECK (hour < posted_hour),
    version integer NOT NULL,
    kind text NOT NULL,
    part text NOT NULL CHECK (part <> 'closed_month'),
    pool_id integer NOT NULL,
    pool_service_id integer NOT NULL,
    resource text NOT NULL,
    bill_id integer NOT NULL,
    estimated boolean NOT NULL,
    currency text NOT NULL,
    use text NOT NULL,
    service_id integer NOT NULL,
    tenant_id integer NOT NULL,
    model_id integer NOT NULL,
    basis text NOT NULL,
    amount_nano bigint NOT NULL CHECK (amount_nano <> 0),
    PRIMARY KEY (cluster_id, posted_hour, number)
);
CREATE INDEX adjustment_by_corrected_hour ON adjustment (hour, cluster_id);
CREATE UNIQUE INDEX adjustment_number ON adjustment (number);

CREATE FUNCTION adjustment_is_posted_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted date;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'adjustments are append-only: % is refused; post the opposite', TG_OP
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'adjustment_is_posted_once';
    END IF;
    FOR wanted IN SELECT DISTINCT month_of(posted_hour) FROM (SELECT DISTINCT posted_hour FROM written) w ORDER BY 1 LOOP
        PERFORM hold_open_month(wanted, TG_TABLE_NAME);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION adjustment_is_posted_once();
CREATE TRIGGER closed_month_insert AFTER INSERT ON adjustment REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION adjustment_is_posted_once();

ALTER TABLE ledger_line DROP CONSTRAINT ledger_line_use_check;
ALTER TABLE ledger_line ADD CONSTRAINT ledger_line_use_check CHECK (use IN ('serving', 'serving_failed', 'loading',
    'stalled', 'warm_reserve', 'failover_reserve', 'idle', 'unallocated', 'unready', 'no_data', 'billed_not_seen',
    'commitment_unused', 'transfer', 'storage', 'provider', 'shared', 'adjustment'));
