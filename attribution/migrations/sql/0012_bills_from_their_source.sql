-- An export that arrives late must not replace a newer one: the current version of a bill is never older, by
-- what its provider says of the time it was made, than another version of the same period. Importing checks it
-- under a lock; this refuses whatever comes past that check.
CREATE FUNCTION bill_is_not_older() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.current AND NEW.exported_at IS NOT NULL AND EXISTS (
        SELECT FROM bill b
         WHERE b.source_id = NEW.source_id AND b.export = NEW.export AND b.period_start = NEW.period_start
           AND b.id <> NEW.id AND b.exported_at > NEW.exported_at
    ) THEN
        RAISE EXCEPTION 'bill is older: a version of this period was exported after %', NEW.exported_at
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'bill_is_not_older';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER not_older BEFORE INSERT OR UPDATE OF current, exported_at ON bill
    FOR EACH ROW EXECUTE FUNCTION bill_is_not_older();
