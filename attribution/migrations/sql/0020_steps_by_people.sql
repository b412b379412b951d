-- A step of a period is a change that people agreed to: `change_id` is that change, and the people are numbers of people,
-- since two may share a name and one may have several. Who they are, the portal knows; here they only differ.
ALTER TABLE period_step
    DROP CONSTRAINT period_step_two_people,
    ADD COLUMN change_id bigint,
    ADD COLUMN requested_person bigint,
    ADD COLUMN decided_people bigint[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT period_step_two_people CHECK (
        outcome <> 'confirmed' OR (requested_person IS NOT NULL AND cardinality(decided_people) >= 1
                                   AND array_position(decided_people, NULL) IS NULL
                                   AND requested_person <> ALL (decided_people))) NOT VALID;
CREATE INDEX period_step_by_change ON period_step (change_id);

CREATE OR REPLACE FUNCTION period_step_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.outcome <> '')
       OR (TG_OP = 'UPDATE' AND (OLD.outcome <> ''
           OR (OLD.id, OLD.month, OLD.deed, OLD.change_id, OLD.requested_by, OLD.requested_person, OLD.requested_at, OLD.reason)
              IS DISTINCT FROM
              (NEW.id, NEW.month, NEW.deed, NEW.change_id, NEW.requested_by, NEW.requested_person, NEW.requested_at, NEW.reason)))
    THEN
        RAISE EXCEPTION 'month %: a step is asked for, then decided once, and says what it said', NEW.month
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_step_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
