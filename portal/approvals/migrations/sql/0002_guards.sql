-- What no program, command or person may do to a change, whatever path they take.

-- 1. The steps that there are; domain/states.py has the same, and a test compares them.
CREATE TABLE change_transition (
    from_state text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO change_transition (from_state, to_state) VALUES
    ('draft', 'submitted'), ('draft', 'withdrawn'), ('draft', 'superseded'),
    ('submitted', 'approved'), ('submitted', 'rejected'), ('submitted', 'expired'), ('submitted', 'withdrawn'),
    ('submitted', 'superseded'),
    ('approved', 'scheduled'), ('approved', 'submitted'), ('approved', 'expired'), ('approved', 'withdrawn'),
    ('approved', 'superseded'),
    ('scheduled', 'carried_out'), ('scheduled', 'failed'), ('scheduled', 'submitted'), ('scheduled', 'expired'),
    ('scheduled', 'withdrawn'), ('scheduled', 'superseded'),
    ('carried_out', 'verified'), ('carried_out', 'failed'),
    ('verified', 'rolled_back'), ('failed', 'rolled_back');

-- 2. Accounts and tokens may turn out to be the same person's later, so people are looked up when it counts.
CREATE FUNCTION person_behind(person bigint, account bigint, token bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT u.person_id FROM accounts_user u WHERE u.id = account),
                    (SELECT t.owner_id FROM service_token t WHERE t.id = token), person)
$$;
CREATE FUNCTION has_part_in_change(change bigint, someone bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM change_party p WHERE p.request_id = change
                    AND person_behind(p.person_id, p.user_id, p.token_id) = someone)
$$;

-- 3. Agreed: of this very content, in every seat somebody else, nobody of whom has a part in it.
CREATE FUNCTION change_is_agreed(change bigint, content_hash text, seats text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH valid AS (
        SELECT d.seat, person_behind(d.person_id, d.user_id, d.token_id) AS person,
               coalesce(d.for_person_id, person_behind(d.person_id, d.user_id, d.token_id)) AS principal
          FROM change_decision d
         WHERE d.request_id = change AND d.hash = content_hash AND d.agrees
           AND NOT has_part_in_change(change, person_behind(d.person_id, d.user_id, d.token_id))
           AND (d.for_person_id IS NULL OR NOT has_part_in_change(change, d.for_person_id))
    )
    SELECT cardinality(seats) >= 1
       AND (SELECT count(DISTINCT person) >= cardinality(seats)
                   AND count(DISTINCT principal) >= cardinality(seats) FROM valid)
       AND NOT EXISTS (SELECT FROM (SELECT seat, count(*) AS many FROM unnest(seats) seat GROUP BY seat) needed
                        WHERE needed.many > (SELECT count(*) FROM valid WHERE valid.seat = needed.seat))
       AND NOT EXISTS (SELECT FROM change_decision d
                        WHERE d.request_id = change AND d.hash = content_hash AND NOT d.agrees)
$$;

-- 4. Steps: only those of the table, each counted, approvals only for the content that they saw.
CREATE FUNCTION change_request_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.events <> 1 OR NEW.revision <> 0
           OR NEW.requester_id IS DISTINCT FROM person_behind(NEW.requester_id, NEW.requester_user_id, NEW.requester_token_id)
        THEN
            RAISE EXCEPTION 'a change begins as a draft of the person behind the account or token'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
        END IF;
        RETURN NEW;
    END IF;
    IF (OLD.kind, OLD.tenant_id, OLD.requester_id, OLD.requester_user_id, OLD.requester_token_id, OLD.created_at,
        OLD.rolls_back_id)
       IS DISTINCT FROM
       (NEW.kind, NEW.tenant_id, NEW.requester_id, NEW.requester_user_id, NEW.requester_token_id, NEW.created_at,
        NEW.rolls_back_id)
    THEN
        RAISE EXCEPTION 'change %: what it is and who asked for it stays; ask for a new one', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF NEW.state <> OLD.state
       AND NOT EXISTS (SELECT FROM change_transition t WHERE t.from_state = OLD.state AND t.to_state = NEW.state)
    THEN
        RAISE EXCEPTION 'change %: there is no step from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF NEW.events < OLD.events OR NEW.events > OLD.events + 1
       OR (NEW.events = OLD.events
           AND (OLD.state, OLD.hash, OLD.revision, OLD.seats, OLD.title, OLD.wanted_at, OLD.scheduled_for,
                OLD.expires_at, OLD.tokens_decide, OLD.policy, OLD.promised_at, OLD.carried_out_at)
               IS DISTINCT FROM
               (NEW.state, NEW.hash, NEW.revision, NEW.seats, NEW.title, NEW.wanted_at, NEW.scheduled_for,
                NEW.expires_at, NEW.tokens_decide, NEW.policy, NEW.promised_at, NEW.carried_out_at))
    THEN
        RAISE EXCEPTION 'change %: nothing happens without an event', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF (NEW.hash, NEW.revision, NEW.title) IS DISTINCT FROM (OLD.hash, OLD.revision, OLD.title)
       AND (NEW.state NOT IN ('draft', 'submitted') OR NEW.revision <> OLD.revision + 1
            OR NOT EXISTS (SELECT FROM change_revision r
                            WHERE r.request_id = NEW.id AND r.number = NEW.revision AND r.hash = NEW.hash))
    THEN
        RAISE EXCEPTION 'change %: another content is another revision, and has to be approved', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF (NEW.seats, NEW.tokens_decide, NEW.policy, NEW.wanted_at)
       IS DISTINCT FROM (OLD.seats, OLD.tokens_decide, OLD.policy, OLD.wanted_at)
       AND NOT (NEW.state = 'draft' OR (NEW.state = 'submitted' AND NEW.revision <> OLD.revision)
                OR (NEW.state = 'submitted' AND OLD.state = 'draft'))
    THEN
        RAISE EXCEPTION 'change %: who has to agree is settled when it is submitted', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF NEW.state = 'submitted' AND NEW.revision = 0 THEN
        RAISE EXCEPTION 'change %: there is nothing to submit', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_steps';
    END IF;
    IF NEW.state <> OLD.state AND NEW.state IN ('approved', 'scheduled', 'carried_out')
       AND NOT change_is_agreed(NEW.id, NEW.hash, NEW.seats)
    THEN
        RAISE EXCEPTION 'change %: % people who have no part in it have to agree to this plan first', OLD.id,
            cardinality(NEW.seats)
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_agreed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER change_request_steps BEFORE INSERT OR UPDATE ON change_request
    FOR EACH ROW EXECUTE FUNCTION change_request_steps();

-- 5. Whoever asks or edits has a part in it, whether the program that they used says so or not.
CREATE FUNCTION change_request_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_party (request_id, person_id, user_id, token_id, part)
    VALUES (NEW.id, NEW.requester_id, NEW.requester_user_id, NEW.requester_token_id, 'asked');
    RETURN NULL;
END $$;
CREATE TRIGGER change_request_parties AFTER INSERT ON change_request
    FOR EACH ROW EXECUTE FUNCTION change_request_parties();
CREATE FUNCTION change_revision_parties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.made_by_id IS NOT NULL OR NEW.made_by_user_id IS NOT NULL OR NEW.made_by_token_id IS NOT NULL THEN
        INSERT INTO change_party (request_id, person_id, user_id, token_id, part)
        VALUES (NEW.request_id, person_behind(NEW.made_by_id, NEW.made_by_user_id, NEW.made_by_token_id),
                NEW.made_by_user_id, NEW.made_by_token_id, 'edited');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER change_revision_parties AFTER INSERT ON change_revision
    FOR EACH ROW EXECUTE FUNCTION change_revision_parties();
ALTER TABLE change_revision ADD CONSTRAINT change_revision_hash_is_of_its_content
    CHECK (hash = encode(sha256(convert_to(content, 'UTF8')), 'hex'));

-- 6. Decisions: by whoever holds the seat and has no part in it, of the content as it stands.
CREATE FUNCTION holds_seat(someone bigint, seat text, tenant bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM accounts_user u JOIN membership m ON m.user_id = u.id
         WHERE u.person_id = someone AND u.is_active AND m.role = ANY(string_to_array(seat, '|'))
           AND (m.tenant_id IS NULL
                OR EXISTS (SELECT FROM tenant t WHERE t.id = tenant AND t.path LIKE '%/' || m.tenant_id || '/%')))
$$;
CREATE FUNCTION change_decision_is_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change change_request;
    principal bigint;
BEGIN
    -- Waits for an edit or another decision of the same change.
    SELECT * INTO change FROM change_request WHERE id = NEW.request_id FOR NO KEY UPDATE;
    NEW.person_id := person_behind(NEW.person_id, NEW.user_id, NEW.token_id);
    principal := coalesce(NEW.for_person_id, NEW.person_id);
    IF change.state <> 'submitted' OR NEW.hash <> change.hash THEN
        RAISE EXCEPTION 'change %: it is % and its plan may be another one than the one that was looked at',
            change.id, change.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_of_what_stands';
    END IF;
    IF NEW.decided_at >= change.expires_at THEN
        RAISE EXCEPTION 'change %: it expired %', change.id, change.expires_at
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_in_time';
    END IF;
    IF has_part_in_change(change.id, NEW.person_id) OR has_part_in_change(change.id, principal) THEN
        RAISE EXCEPTION 'change %: whoever asked for it or edited it does not decide', change.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_by_another_person';
    END IF;
    IF NEW.token_id IS NOT NULL AND NOT change.tokens_decide THEN
        RAISE EXCEPTION 'change %: its policy lets no token decide', change.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_by_people';
    END IF;
    IF NEW.for_person_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM delegation d WHERE d.person_id = NEW.for_person_id AND d.deputy_id = NEW.person_id
           AND d.start <= NEW.decided_at AND NEW.decided_at < coalesce(d.ended_at, d."end")
           AND NEW.decided_at < d."end")
    THEN
        RAISE EXCEPTION 'change %: nobody made them a deputy', change.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_by_a_deputy';
    END IF;
    IF NOT NEW.seat = ANY(change.seats) OR NOT holds_seat(principal, NEW.seat, change.tenant_id) THEN
        RAISE EXCEPTION 'change %: they have no role for the seat %', change.id, NEW.seat
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_decision_in_a_seat';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER change_decision_is_allowed BEFORE INSERT ON change_decision
    FOR EACH ROW EXECUTE FUNCTION change_decision_is_allowed();

-- 7. Nothing is forgotten.
CREATE FUNCTION change_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: what was asked, said and decided stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_is_kept';
END $$;
CREATE TRIGGER kept BEFORE DELETE ON change_request FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_revision FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_party FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_decision FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_event FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_comment FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON change_publication FOR EACH STATEMENT EXECUTE FUNCTION change_is_kept();

-- 8. At commit every step has its event.
CREATE FUNCTION change_request_has_its_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM change_event e WHERE e.request_id = NEW.id AND e.number = NEW.events
                      AND e.to_state = NEW.state AND e.hash = NEW.hash
                      AND e.from_state = CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END)
    THEN
        RAISE EXCEPTION 'change %: the step to % has no event', NEW.id, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'change_request_has_its_event';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER change_request_has_its_event AFTER INSERT ON change_request
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION change_request_has_its_event();
CREATE CONSTRAINT TRIGGER change_request_step_has_its_event AFTER UPDATE ON change_request
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.events <> OLD.events)
    EXECUTE FUNCTION change_request_has_its_event();
