-- The audit trail: one event a row, each holding the hash of the one before it.

CREATE TABLE audit_event (
    number bigint PRIMARY KEY CHECK (number > 0),
    previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
    hash bytea NOT NULL CHECK (length(hash) = 32),
    recorded_at timestamptz NOT NULL,     -- when it was chained: never runs back
    transaction_at timestamptz NOT NULL,  -- when the transaction began
    transaction_id text NOT NULL,         -- events of one transaction belong together
    actor text NOT NULL,                  -- "user:lena", "token:1a2b3c4d", "worker:ingest.pull", "unknown (…)"
    via text NOT NULL,                    -- "POST /login/", "manage.py apply"
    request_id text NOT NULL,
    database_role text NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]*$'),
    object text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb,
    detail jsonb NOT NULL
);
CREATE INDEX audit_event_by_time ON audit_event (recorded_at);
CREATE INDEX audit_event_by_actor ON audit_event (actor, number);
CREATE INDEX audit_event_by_kind ON audit_event (kind, number);
CREATE INDEX audit_event_by_object ON audit_event (object, object_id, number);

-- The number and hash of the newest event. A row of ours and not a sequence: a sequence leaves gaps when a
-- transaction is rolled back. `genesis` names this log: it stands where event 1 has its predecessor's hash.
CREATE TABLE audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number bigint NOT NULL,
    hash bytea NOT NULL,
    genesis bytea NOT NULL
);

-- 244 random bits from two UUIDs, whitened; PostgreSQL 15 has no random bytes without an extension.
INSERT INTO audit_head (number, hash, genesis)
SELECT 0, start, start FROM (SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))) s(start);

-- What a transaction has done so far. Nobody else ever sees a row of it: at commit they become events.
CREATE UNLOGGED TABLE audit_pending (
    place bigint GENERATED ALWAYS AS IDENTITY,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    actor text NOT NULL,
    via text NOT NULL,
    request_id text NOT NULL,
    kind text NOT NULL,
    object text NOT NULL,
    object_id text NOT NULL,
    before jsonb,
    after jsonb,
    detail jsonb NOT NULL,
    PRIMARY KEY (transaction_id, place)
);
CREATE UNLOGGED TABLE audit_turn (transaction_id xid8 PRIMARY KEY);

-- Each look at the whole chain, and what it found ("" for nothing wrong).
CREATE TABLE audit_check (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checked_at timestamptz NOT NULL DEFAULT now(),
    number bigint NOT NULL,
    hash bytea NOT NULL,
    anchored bigint NOT NULL,
    fault text NOT NULL,
    seconds double precision NOT NULL
);

-- What is hashed: the binary wire form of these columns, which is unambiguous and the same in every version.
CREATE FUNCTION audit_content(e audit_event) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT record_send(ROW(e.number, e.previous_hash, e.recorded_at, e.transaction_at, e.transaction_id, e.actor, e.via,
                           e.request_id, e.database_role, e.kind, e.object, e.object_id, e.before, e.after, e.detail))
$$;

-- A setting of the transaction that is going on; "" when it was never set.
CREATE FUNCTION audit_setting(name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('apportion.' || name, true), '')
$$;

-- Puts one event on this transaction's list. SECURITY DEFINER: the application may call it and not write tables.
CREATE FUNCTION audit_record(kind text, object text, object_id text, before jsonb, after jsonb, detail jsonb)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    INSERT INTO audit_pending (actor, via, request_id, kind, object, object_id, before, after, detail)
    VALUES (coalesce(nullif(audit_setting('actor'), ''), format('unknown (database role %s)', session_user)),
            audit_setting('via'), audit_setting('request_id'), kind, object, object_id, before, after, detail)
$$;

-- Events are numbered at the end of the transaction, when it waits for nothing else any more: foreign keys that
-- are checked at commit come first, because `audit_turn` is queued behind them. So the lock on `audit_head` is
-- always the last one, and two transactions cannot wait for each other.
CREATE FUNCTION audit_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_turn VALUES (NEW.transaction_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_queue AFTER INSERT ON audit_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_queue();

CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    head audit_head;
    waiting audit_pending;
    e audit_event;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    FOR waiting IN SELECT * FROM audit_pending WHERE transaction_id = NEW.transaction_id ORDER BY place LOOP
        e.number := head.number + 1;
        e.previous_hash := head.hash;
        e.recorded_at := clock_timestamp();
        e.transaction_at := transaction_timestamp();
        e.transaction_id := waiting.transaction_id::text;
        e.actor := waiting.actor;
        e.via := waiting.via;
        e.request_id := waiting.request_id;
        e.database_role := session_user;
        e.kind := waiting.kind;
        e.object := waiting.object;
        e.object_id := waiting.object_id;
        e.before := waiting.before;
        e.after := waiting.after;
        e.detail := waiting.detail;
        e.hash := sha256(audit_content(e));
        INSERT INTO audit_event SELECT e.*;
        head.number := e.number;
        head.hash := e.hash;
    END LOOP;
    UPDATE audit_head SET number = head.number, hash = head.hash;
    DELETE FROM audit_pending WHERE transaction_id = NEW.transaction_id;
    DELETE FROM audit_turn WHERE transaction_id = NEW.transaction_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_turn
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- Nobody but the functions above writes: a statement of somebody else is a trigger's first level.
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'never' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_is_append_only';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('never');
CREATE TRIGGER only_the_chain BEFORE INSERT ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('others');
CREATE TRIGGER append_only BEFORE INSERT OR DELETE OR TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('never');
CREATE TRIGGER only_the_chain BEFORE UPDATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('others');
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_pending
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('never');
CREATE TRIGGER only_the_chain BEFORE DELETE ON audit_pending
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('others');
CREATE TRIGGER only_the_chain BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON audit_turn
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('others');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_check
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses('never');

-- Watched tables. Arguments of their triggers: columns that are secret (it is only said that they changed), columns
-- that change all the time and say nothing, and the primary key.
CREATE FUNCTION audit_without_secrets(secrets text[], shown jsonb, other jsonb, word text)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT shown || coalesce(jsonb_object_agg(name, CASE WHEN shown -> name = 'null' THEN NULL
                                                         WHEN shown -> name = other -> name THEN '(secret)'
                                                         ELSE word END), '{}')
      FROM unnest(secrets) name WHERE shown ? name
$$;

CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    secrets text[] := TG_ARGV[0];
    quiet text[] := TG_ARGV[1];
    keys text[] := TG_ARGV[2];
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    word text := CASE TG_OP WHEN 'INSERT' THEN 'row_added' WHEN 'UPDATE' THEN 'row_changed' ELSE 'row_removed' END;
    row_id text;
BEGIN
    IF TG_OP = 'UPDATE' AND before - quiet = after - quiet THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(coalesce(after, before) ->> name, '/' ORDER BY place) INTO row_id
      FROM unnest(keys) WITH ORDINALITY key (name, place);
    PERFORM audit_record(word, TG_TABLE_NAME, coalesce(row_id, ''),
                         audit_without_secrets(secrets, before, after, '(secret)'),
                         audit_without_secrets(secrets, after, before, '(new secret)'), '{}');
    RETURN NULL;
END $$;

-- TRUNCATE tells no rows; how many there were is what can be said.
CREATE FUNCTION audit_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    rows bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO rows;
    IF rows > 0 THEN
        PERFORM audit_record('table_emptied', TG_TABLE_NAME, '', NULL, NULL, jsonb_build_object('rows', rows));
    END IF;
    RETURN NULL;
END $$;

-- Watch a table, again with other columns where it is watched already. True when something was changed.
CREATE FUNCTION audit_watch(name regclass, secrets text[], quiet text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    keys text[];
    wanted text;
BEGIN
    SELECT coalesce(array_agg(a.attname::text ORDER BY place), '{}') INTO keys
      FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY key (number, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
     WHERE i.indrelid = name AND i.indisprimary;
    wanted := format('EXECUTE FUNCTION audit_row(%L, %L, %L)', secrets::text, quiet::text, keys::text);
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = name AND tgname = 'audit_row' AND tgenabled = 'O'
                  AND pg_get_triggerdef(oid) LIKE '%' || wanted)
       AND EXISTS (SELECT FROM pg_trigger WHERE tgrelid = name AND tgname = 'audit_truncate' AND tgenabled = 'O') THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TRIGGER IF EXISTS audit_row ON %s; DROP TRIGGER IF EXISTS audit_truncate ON %1$s', name);
    EXECUTE format('CREATE TRIGGER audit_row AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW %s', name, wanted);
    EXECUTE format('CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_truncate()', name);
    RETURN true;
END $$;

SELECT audit_record('log_begun', 'audit', '', NULL, NULL, '{}');
