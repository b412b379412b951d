-- What policies ask. Run by every `migrate` (portal/isolation/policies.py).

-- The web process: settings that a request makes for its own transaction (attribution/queries/seen.py). Without
-- them nothing is seen. Single expressions, which PostgreSQL writes into the statement instead of calling them.
CREATE OR REPLACE FUNCTION sees_everybody() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('apportion.tenants', true), '') = '*'
$$;
CREATE OR REPLACE FUNCTION seen_tenants() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(nullif(current_setting('apportion.tenants', true), ''), '*'), '{}')::integer[]
$$;
CREATE OR REPLACE FUNCTION seen_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('apportion.person', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION seen_token() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('apportion.token', true), '')
$$;
-- Services, models, clusters or pools that the seen tenants' figures name. As the owner and in PL/pgSQL, so that
-- a statement on names is planned without this question, and its plan is kept.
CREATE OR REPLACE FUNCTION seen_names(of_dimension text) RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT named_id FROM named_for_tenant
                  WHERE tenant_id = ANY (seen_tenants()) AND dimension = of_dimension);
END $$;

-- What a request of somebody who has signed in begins with: shows the person's own, and the tenants of their
-- roles, to the rest of the transaction, and answers their roles. One round trip; portal/accounts/seen.py asks.
CREATE OR REPLACE FUNCTION see_account(of_user bigint)
RETURNS TABLE (id bigint, user_id bigint, role text, tenant_id bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER AS $$
DECLARE
    account accounts_user%ROWTYPE;
    everybody boolean;
    roots bigint[];
BEGIN
    SELECT * INTO account FROM accounts_user u WHERE u.id = of_user AND u.is_active;
    SELECT account.is_superuser OR bool_or(m.tenant_id IS NULL), array_agg(m.tenant_id)
      INTO everybody, roots FROM membership m WHERE m.user_id = account.id;
    PERFORM set_config('apportion.person', coalesce(account.person_id::text, ''), true),
            set_config('apportion.token', '', true),
            set_config('apportion.tenants', CASE WHEN everybody THEN '*' WHEN roots IS NULL THEN ''
                                                 ELSE tenants_at_or_below(roots)::text END, true);
    RETURN QUERY SELECT m.id, m.user_id, m.role, m.tenant_id::bigint FROM membership m
                  WHERE m.user_id = account.id ORDER BY m.id;
END $$;

-- BI over SQL: by the name of the login, which it cannot change; settings it could.
CREATE OR REPLACE FUNCTION report_sees_everybody() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT EXISTS (SELECT FROM report_login WHERE role_name = session_user AND tenant_id IS NULL)
$$;
CREATE OR REPLACE FUNCTION report_tenants() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT tenants_at_or_below(coalesce(array_agg(tenant_id::bigint), '{}'))
      FROM report_login WHERE role_name = session_user AND tenant_id IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION report_names(of_dimension text) RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT named_id FROM named_for_tenant
                  WHERE tenant_id = ANY (report_tenants()) AND dimension = of_dimension);
END $$;
