-- The functions of the log write its tables and no others. PostgreSQL looks for a table among a session's temporary
-- ones first, unless they are named last: whoever made an `audit_pending` of their own had their deeds written there,
-- and the log did not have them. `"$user"` is a schema that whoever may make schemas could have made.
DO $$
DECLARE
    name regprocedure;
BEGIN
    FOR name IN SELECT p.oid FROM pg_proc p
                 WHERE p.prosecdef AND p.proname LIKE 'audit\_%' AND p.pronamespace = current_schema()::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END $$;
