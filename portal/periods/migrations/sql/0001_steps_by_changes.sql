-- A step of a month is one of a change that people agreed to, whatever path it takes: the change is of this kind and
-- this month, and it is confirmed when everybody has agreed who has to, nobody of whom has a part in it. People are
-- looked up when it counts, by account and token; their numbers are written here, not by whoever asks.
CREATE FUNCTION period_step_is_of_a_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change change_request;
    planned text;
BEGIN
    SELECT * INTO change FROM change_request WHERE id = NEW.change_id;
    SELECT content::jsonb #>> '{plan,period}' INTO planned FROM change_revision
     WHERE request_id = change.id AND number = change.revision;
    IF change.kind IS DISTINCT FROM 'period_' || NEW.deed OR planned IS DISTINCT FROM to_char(NEW.month, 'YYYY-MM') THEN
        RAISE EXCEPTION 'month %: no change asks for its %', to_char(NEW.month, 'YYYY-MM'), NEW.deed
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_step_is_of_a_change';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.requested_person := person_behind(change.requester_id, change.requester_user_id, change.requester_token_id);
    ELSIF NEW.outcome = 'confirmed' THEN
        IF change.state <> 'scheduled' OR NOT change_is_agreed(change.id, change.hash, change.seats) THEN
            RAISE EXCEPTION 'month %: people who have no part in it have to agree to change % first',
                to_char(NEW.month, 'YYYY-MM'), change.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_step_is_agreed';
        END IF;
        NEW.decided_people := ARRAY(
            SELECT DISTINCT person_behind(d.person_id, d.user_id, d.token_id) FROM change_decision d
             WHERE d.request_id = change.id AND d.hash = change.hash AND d.agrees ORDER BY 1);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_step_is_of_a_change BEFORE INSERT OR UPDATE ON period_step
    FOR EACH ROW EXECUTE FUNCTION period_step_is_of_a_change();
