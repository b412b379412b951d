-- 1. A fit says what it said: figures and evidence stay, and the way is proposed -> approved -> ended.
ALTER TABLE token_coefficients
    ADD CONSTRAINT token_coefficients_weigh_something CHECK (
        CASE WHEN state = 'refused' THEN num_nonnulls(weight_input, weight_cached, weight_output) = 0
             -- BETWEEN, since NaN is above every number
             ELSE num_nonnulls(weight_input, weight_cached, weight_output) = 3
                  AND weight_input BETWEEN 0 AND 999999 AND weight_cached BETWEEN 0 AND 999999
                  AND weight_output BETWEEN 0 AND 999999 AND weight_input + weight_output > 0
        END),
    ADD CONSTRAINT token_coefficients_two_people CHECK (
        proposed_by <> ''
        AND (decided_by = '' OR state = 'rejected' OR lower(btrim(decided_by)) <> lower(btrim(proposed_by)))),
    ADD CONSTRAINT token_coefficients_decision_is_signed CHECK (
        (decided_by = '') = (decided_at IS NULL) AND (ended_by = '') = (ended_at IS NULL)
        AND (state NOT IN ('approved', 'rejected', 'withdrawn') OR decided_by <> '')
        AND (state NOT IN ('superseded', 'withdrawn') OR ended_by <> '')
        AND (state NOT IN ('refused', 'rejected', 'withdrawn') OR reason <> ''));

CREATE FUNCTION token_coefficients_change_only_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'token fit %: a fit is kept, whatever became of it', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'token_coefficients_change_only_state';
    END IF;
    IF (OLD.model_id, OLD.accelerator, OLD.runtime, OLD.data_start, OLD.data_end, OLD.evidence, OLD.evidence_hash,
        OLD.proposed_by, OLD.proposed_at)
       IS DISTINCT FROM
       (NEW.model_id, NEW.accelerator, NEW.runtime, NEW.data_start, NEW.data_end, NEW.evidence, NEW.evidence_hash,
        NEW.proposed_by, NEW.proposed_at)
       OR (OLD.weight_input, OLD.weight_cached, OLD.weight_output)
       IS DISTINCT FROM (NEW.weight_input, NEW.weight_cached, NEW.weight_output)
       OR lower(OLD.valid) IS DISTINCT FROM lower(NEW.valid)
       OR NOT (NEW.state = OLD.state
               OR (OLD.state = 'proposed' AND NEW.state IN ('approved', 'rejected', 'superseded'))
               OR (OLD.state = 'approved' AND NEW.state IN ('superseded', 'withdrawn')))
       OR (OLD.decided_by <> '' AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at))
    THEN
        RAISE EXCEPTION 'token fit %: from % to %, or other figures, is refused; propose a new fit', OLD.id,
            OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'token_coefficients_change_only_state';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION token_coefficients_begin_as_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('proposed', 'refused') OR NEW.decided_by <> '' OR NEW.ended_by <> '' THEN
        RAISE EXCEPTION 'a token fit begins as a proposal, not as %', NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'token_coefficients_begin_as_proposals';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER token_coefficients_begin_as_proposals BEFORE INSERT ON token_coefficients
    FOR EACH ROW EXECUTE FUNCTION token_coefficients_begin_as_proposals();
CREATE TRIGGER token_coefficients_change_only_state BEFORE UPDATE OR DELETE ON token_coefficients
    FOR EACH ROW EXECUTE FUNCTION token_coefficients_change_only_state();

-- 2. Phases that a runtime times itself, with the tokens that it counted in them; null: not told. Few rows
--    (pods x hours), so it is not partitioned.
CREATE TABLE engine_phase_hour (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    source_id integer NOT NULL,
    service_label_id integer NOT NULL,
    model_id integer NOT NULL,
    prefill_us bigint CHECK (prefill_us >= 0),
    decode_us bigint CHECK (decode_us >= 0),
    computed_tokens bigint CHECK (computed_tokens >= 0),
    cached_tokens bigint CHECK (cached_tokens >= 0),
    decoded_tokens bigint CHECK (decoded_tokens >= 0),
    PRIMARY KEY (cluster_id, hour, source_id, service_label_id, model_id)
);
CREATE INDEX engine_phase_hour_by_hour ON engine_phase_hour (hour);

-- 3. By what evidence the work of a service was weighed in an hour of a version, and where it was tokens, by
--    which weights (in millionths) and which approved fit (null: the service's declared weights).
CREATE TABLE ledger_work (
    cluster_id integer NOT NULL,
    hour timestamptz NOT NULL,
    version integer NOT NULL,
    number integer NOT NULL,
    service_id integer NOT NULL,
    model_id integer,
    basis text NOT NULL CHECK (basis IN ('measured', 'modelled', 'policy', 'estimated')),
    reason text NOT NULL,
    token_coefficients_id integer,
    input_millionths bigint,
    cached_millionths bigint,
    output_millionths bigint,
    PRIMARY KEY (cluster_id, hour, version, number)
);
SELECT guard_ledger_table('ledger_work');
