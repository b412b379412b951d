-- A change whose evidence says that a rule of residency or compatibility is not met is not submitted nor agreed to,
-- whatever path it takes. Evidence that the product freezes anew may say so: that is how approvals become void.
CREATE FUNCTION change_rules_are_met() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    IF NOT (NEW.state <> OLD.state AND NEW.state IN ('approved', 'scheduled', 'carried_out')
            OR NEW.state = 'submitted' AND OLD.state = 'draft'
            OR NEW.state = 'submitted' AND NEW.hash <> OLD.hash
               AND EXISTS (SELECT FROM change_revision r WHERE r.request_id = NEW.id AND r.number = NEW.revision
                              AND r.made_by_id IS NOT NULL))
    THEN
        RETURN NEW;
    END IF;
    SELECT check_ ->> 'rule' INTO broken
      FROM change_revision r, jsonb_path_query(r.content::jsonb, '$.evidence.checks[*]') check_
     WHERE r.request_id = NEW.id AND r.number = NEW.revision
       AND check_ @> '{"blocks": true, "ok": false}'
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'change %: the rule % is not met', NEW.id, broken
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_rules_are_met';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER change_rules_are_met BEFORE UPDATE ON change_request
    FOR EACH ROW EXECUTE FUNCTION change_rules_are_met();
