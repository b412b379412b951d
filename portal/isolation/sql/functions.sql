-- What policies ask. Run by every `migrate` (portal/isolation/policies.py).

-- The web process: settings that a request makes for its own transaction (attribution/queries/seen.py). Without
-- them nothing is seen.
CREATE OR REPLACE FUNCTION sees_everybody() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('apportion.tenants', true), '') = '*'
$$;
CREATE OR REPLACE FUNCTION seen_tenants() RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN value IN ('', '*') THEN '{}' ELSE value END::integer[]
      FROM (SELECT coalesce(current_setting('apportion.tenants', true), '')) AS given(value)
$$;
CREATE OR REPLACE FUNCTION seen_person() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('apportion.person', true), '')::bigint
$$;
CREATE OR REPLACE FUNCTION seen_token() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('apportion.token', true), '')
$$;

-- BI over SQL: by the name of the login, which it cannot change; settings it could.
CREATE OR REPLACE FUNCTION report_sees_everybody() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT EXISTS (SELECT FROM report_login WHERE role_name = session_user AND tenant_id IS NULL)
$$;
CREATE OR REPLACE FUNCTION report_tenants() RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER AS $$
    SELECT tenants_at_or_below(coalesce(array_agg(tenant_id::bigint), '{}'))
      FROM report_login WHERE role_name = session_user AND tenant_id IS NOT NULL
$$;
