-- What policies ask. Run by every `migrate` (portal/isolation/policies.py). All are parallel safe: one that is not, and
-- no statement on its tables is shared out among PostgreSQL's workers.

-- The web process: settings that a request makes for its own transaction (attribution/queries/seen.py). Without
-- them nothing is seen. Single expressions, which PostgreSQL writes into the statement instead of calling them.
-- One setting, so that no half of it is left behind: `*`, or ids, and after a bar the same as flags (below).
CREATE OR REPLACE FUNCTION sees_everybody() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('apportion.tenants', true), '') = '*'
$$;
CREATE OR REPLACE FUNCTION seen_tenants() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(nullif(split_part(current_setting('apportion.tenants', true), '|', 1), ''), '*'), '{}')::integer[]
$$;
CREATE OR REPLACE FUNCTION seen_flags() RETURNS boolean[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(split_part(current_setting('apportion.tenants', true), '|', 2), '')::boolean[]
$$;
CREATE OR REPLACE FUNCTION seen_person() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('apportion.person', true), '')::bigint
$$;
-- The first net's question under a second name, for policies alone. PostgreSQL keeps one plan of each statement of a
-- function, and makes it anew when another role calls: a page asks as itself and through policies as the owner, in turns.
DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('names_of_tenants(integer[], text)'::regprocedure),
                    'names_of_tenants', 'names_for_policies');
END $$;
-- Names that the seen tenants' figures have. As the owner: its own policy on that table need not be asked.
CREATE OR REPLACE FUNCTION seen_names(of_dimension text) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
BEGIN
    RETURN names_for_policies(seen_tenants(), of_dimension);
END $$;

-- Ids as an array that is true at the place of each, from the first to the last: `[7:9]={t,f,t}` are 7 and 9. One look
-- at a place takes a third of a look into a hashed set. Null of no ids, and where they lie so far apart that reading it would take
-- longer than it saves.
CREATE OR REPLACE FUNCTION flags_of(ids integer[]) RETURNS boolean[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    flags boolean[];
    first integer;
    last integer;
    one integer;
BEGIN
    SELECT min(id), max(id) INTO first, last FROM unnest(ids) id;
    IF first IS NULL OR last - first >= 64 + 4 * cardinality(ids) THEN
        RETURN NULL;
    END IF;
    flags := array_fill(false, ARRAY[last - first + 1], ARRAY[first]);
    FOREACH one IN ARRAY ids LOOP
        flags[one] := true;
    END LOOP;
    RETURN flags;
END $$;
CREATE OR REPLACE FUNCTION setting_of(ids integer[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws('|', ids::text, flags_of(ids)::text)
$$;

-- What a request of somebody who has signed in begins with: shows the person's own, and the tenants of their
-- roles, to the rest of the transaction, and answers their roles, and with each the ids of all these tenants (null
-- where nothing is kept from them). One round trip; portal/accounts/seen.py asks.
DROP FUNCTION IF EXISTS see_account(bigint);
CREATE FUNCTION see_account(of_user bigint)
RETURNS TABLE (id bigint, user_id bigint, role text, tenant_id bigint, seen integer[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
    account accounts_user%ROWTYPE;
    everybody boolean;
    roots bigint[];
    below integer[];
BEGIN
    SELECT * INTO account FROM accounts_user u WHERE u.id = of_user AND u.is_active;
    SELECT account.is_superuser OR bool_or(m.tenant_id IS NULL), array_agg(m.tenant_id)
      INTO everybody, roots FROM membership m WHERE m.user_id = account.id;
    IF NOT coalesce(everybody, false) AND roots IS NOT NULL THEN
        below := tenants_at_or_below(roots);
    END IF;
    PERFORM set_config('apportion.person', coalesce(account.person_id::text, ''), true),
            set_config('apportion.tenants', CASE WHEN everybody THEN '*' WHEN below IS NULL THEN '' ELSE setting_of(below) END, true);
    RETURN QUERY SELECT m.id, m.user_id, m.role, m.tenant_id::bigint, below FROM membership m
                  WHERE m.user_id = account.id ORDER BY m.id;
END $$;

-- What a request by token begins with: the token of a prefix, its owner's name, and their roles as far as they hold
-- for the token's tenant. To the rest of the transaction it shows what these may see, and nothing unless the hash is
-- right and the token usable. In PL/pgSQL, so that its statements are planned once a connection, also behind a pool
-- where nothing can be prepared. portal/accounts/seen.py asks.
CREATE OR REPLACE FUNCTION see_token(of_prefix text, of_sha256 text, at timestamptz)
RETURNS TABLE (id bigint, prefix text, sha256 text, name text, scopes text[], tenant_id bigint, owner_id bigint,
               created_at timestamptz, expires_at timestamptz, last_used_at timestamptz, revoked_at timestamptz,
               owner text, administrator boolean, roles text[], role_tenants bigint[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
    token service_token%ROWTYPE;
    above bigint[];
    tenants text := '';
BEGIN
    SELECT * INTO token FROM service_token t WHERE t.prefix = of_prefix;
    IF token.tenant_id IS NOT NULL THEN
        WITH RECURSIVE up AS (
            SELECT t.id, t.parent_id FROM tenant t WHERE t.id = token.tenant_id
            UNION SELECT t.id, t.parent_id FROM tenant t JOIN up ON t.id = up.parent_id
        ) SELECT array_agg(up.id) INTO above FROM up;
    END IF;
    SELECT min(p.name), coalesce(bool_or(u.is_superuser), false),
           coalesce(array_agg(m.role) FILTER (WHERE m.role IS NOT NULL), '{}'),
           coalesce(array_agg(coalesce(token.tenant_id, m.tenant_id)) FILTER (WHERE m.role IS NOT NULL), '{}')
      INTO owner, administrator, roles, role_tenants
      FROM person p
      LEFT JOIN accounts_user u ON u.person_id = p.id AND u.is_active
      LEFT JOIN membership m ON m.user_id = u.id AND NOT u.is_superuser
             AND (above IS NULL OR m.tenant_id IS NULL OR m.tenant_id = ANY (above))
     WHERE p.id = token.owner_id;
    IF token.sha256 = of_sha256 AND token.revoked_at IS NULL AND coalesce(at < token.expires_at, true) THEN
        IF token.tenant_id IS NULL AND (administrator OR array_position(role_tenants, NULL) IS NOT NULL) THEN
            tenants := '*';
        ELSIF administrator OR cardinality(role_tenants) > 0 THEN
            tenants := setting_of(tenants_at_or_below(
                CASE WHEN token.tenant_id IS NULL THEN role_tenants ELSE ARRAY[token.tenant_id]::bigint[] END));
        END IF;
        PERFORM set_config('apportion.person', token.owner_id::text, true);
    ELSE
        PERFORM set_config('apportion.person', '', true);
    END IF;
    PERFORM set_config('apportion.tenants', tenants, true);
    IF token.id IS NOT NULL THEN
        RETURN QUERY SELECT token.id, token.prefix::text, token.sha256::text, token.name, token.scopes,
                            token.tenant_id::bigint, token.owner_id, token.created_at, token.expires_at,
                            token.last_used_at, token.revoked_at, owner, administrator, roles, role_tenants;
    END IF;
END $$;

-- BI over SQL: by the name of the login, which it cannot change; settings it could.
CREATE OR REPLACE FUNCTION report_sees_everybody() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
    SELECT EXISTS (SELECT FROM report_login WHERE role_name = session_user AND tenant_id IS NULL)
$$;
CREATE OR REPLACE FUNCTION report_tenants() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
    SELECT tenants_at_or_below(coalesce(array_agg(tenant_id::bigint), '{}'))
      FROM report_login WHERE role_name = session_user AND tenant_id IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION report_flags() RETURNS boolean[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT flags_of(report_tenants())
$$;
CREATE OR REPLACE FUNCTION report_names(of_dimension text) RETURNS integer[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER AS $$
BEGIN
    RETURN names_for_policies(report_tenants(), of_dimension);
END $$;
