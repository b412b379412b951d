-- TRUNCATE deletes without asking the triggers of DELETE, and only the owner may do it: it is refused to them as well.
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['change_request', 'change_revision', 'change_party', 'change_decision', 'change_event',
                                'change_comment', 'change_publication'] LOOP
        EXECUTE format('CREATE TRIGGER kept_whole BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept()', kept);
    END LOOP;
END $$;
