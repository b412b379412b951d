from django.db import migrations

from attribution.migrations._run_sql import run_sql_file

_REVERSE = """
CREATE OR REPLACE FUNCTION period_step_is_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' AND NEW.outcome <> '')
       OR (TG_OP = 'UPDATE' AND (OLD.outcome <> ''
           OR (OLD.id, OLD.month, OLD.deed, OLD.requested_by, OLD.requested_at, OLD.reason)
              IS DISTINCT FROM (NEW.id, NEW.month, NEW.deed, NEW.requested_by, NEW.requested_at, NEW.reason)))
    THEN
        RAISE EXCEPTION 'month %: a step is asked for, then decided once, and says what it said', NEW.month
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'period_step_is_decided_once';
    END IF;
    RETURN NEW;
END $$;
DROP INDEX period_step_by_change;
ALTER TABLE period_step DROP CONSTRAINT period_step_two_people, DROP COLUMN change_id,
    DROP COLUMN requested_person, DROP COLUMN decided_people,
    ADD CONSTRAINT period_step_two_people CHECK (
        outcome NOT IN ('confirmed') OR lower(btrim(decided_by)) <> lower(btrim(requested_by)));
"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0019_isolation")]
    operations = [run_sql_file("0020_steps_by_people.sql", _REVERSE)]
