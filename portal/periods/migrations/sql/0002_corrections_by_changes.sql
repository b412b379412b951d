-- An adjustment by hand is one of a change that people agreed to, of the month that it corrects, and moves money without
-- making any.
CREATE FUNCTION adjustment_is_of_a_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
    change change_request;
    planned text;
BEGIN
    FOR wanted IN SELECT DISTINCT change_id FROM written WHERE change_id IS NOT NULL ORDER BY 1 LOOP
        SELECT * INTO change FROM change_request WHERE id = wanted;
        SELECT content::jsonb #>> '{plan,period}' INTO planned FROM change_revision
         WHERE request_id = change.id AND number = change.revision;
        IF change.kind IS DISTINCT FROM 'adjustment' OR change.state <> 'scheduled'
           OR NOT change_is_agreed(change.id, change.hash, change.seats)
           OR EXISTS (SELECT FROM written WHERE change_id = wanted
                         AND to_char(month_of(hour), 'YYYY-MM') IS DISTINCT FROM planned)
        THEN
            RAISE EXCEPTION 'change %: people who have no part in it have to agree to this adjustment of that month first', wanted
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'adjustment_is_of_a_change';
        END IF;
        IF EXISTS (SELECT FROM written WHERE change_id = wanted
                    GROUP BY cluster_id, hour, currency, pool_id HAVING sum(amount_nano) <> 0)
        THEN
            RAISE EXCEPTION 'change %: an adjustment by hand moves money and makes none', wanted
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'adjustment_balances';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER adjustment_is_of_a_change AFTER INSERT ON adjustment REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION adjustment_is_of_a_change();
