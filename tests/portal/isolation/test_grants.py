"""What each role may do to each table, written down once more: a new grant is a decision, and seen here."""

import pytest
from django.db import connection

from portal.isolation.decisions import Writers
from portal.isolation.roles import APP, INGEST, REPORT
from portal.isolation.tables import TABLES

pytestmark = pytest.mark.django_db
READ, WRITE = "select", "delete insert select update"
# By hand, and not from portal/isolation/policies.py: who may what, by who writes a table.
EXPECTED = {
    (Writers.BOTH, APP): WRITE,
    (Writers.BOTH, INGEST): WRITE,
    (Writers.APP, APP): WRITE,
    (Writers.APP, INGEST): "",
    (Writers.INGEST, APP): READ,
    (Writers.INGEST, INGEST): WRITE,
    (Writers.OWNER, APP): READ,
    (Writers.OWNER, INGEST): READ,
}
# Tables that the web process must never write, whatever is said in tables.py.
NEVER_BY_APP = {
    "audit_event", "audit_head", "audit_pending", "audit_turn", "ledger_line", "ledger_usage",
    "ledger_version", "ledger_work", "cost_pool", "daily_cost", "daily_cost_tenant", "daily_cost_total",
    "daily_usage",
    "daily_usage_tenant", "daily_usage_total", "hourly_utilization", "named_for_tenant", "device_strip",
    "usage_hour", "transfer_hour", "measure_hour", "engine_phase_hour", "charge", "bill", "bill_total",
    "bill_pool", "bill_quantity", "bill_run", "batch", "rejection", "django_migrations",
    "change_transition",
}  # fmt: skip
# Whole tables that BI logins read; of two more they read some columns.
OF_REPORTS = {
    "organization", "exchange_rate", "provider", "region", "tenant", "entitlement", "cluster", "pool",
    "service", "served_model", "ledger_line", "ledger_usage", "hourly_utilization", "daily_cost",
    "daily_cost_tenant",
    "daily_usage", "daily_usage_tenant",
}  # fmt: skip
COLUMNS = {
    "attribution_window": "cluster_id dirty_at hour version",
    "cost_pool": "cluster_id currency estimated hour kind number part pool_id service_id version",
}


# What workers read of people: whom to tell what became of a change.
OF_WORKERS = {
    "accounts_user": "email id is_active is_superuser person_id username",
    "membership": "given_at given_by_id id provider role tenant_id user_id",
    "person": "id name",
    "service_token": "id owner_id",
}


def granted() -> dict[tuple[str, str], str]:
    """Privileges by table and role, also those that came by PUBLIC."""
    found: dict[tuple[str, str], str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, r.role, string_agg(lower(p.name), ' ' ORDER BY p.name)
                 FROM pg_class c, unnest(%s::text[]) r(role),
                      unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                                   'TRIGGER']) p(name)
                WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
                  AND NOT c.relispartition AND has_table_privilege(r.role, c.oid, p.name)
                GROUP BY 1, 2""",
            [[APP, INGEST, REPORT]],
        )
        for table, role, names in cursor.fetchall():
            found[table, role] = names
    return found


def differences() -> list[str]:
    """Grants that are not as declared."""
    found = granted()
    expected = {(table, role): EXPECTED[decided.writers, role]
                for table, decided in TABLES.items() for role in (APP, INGEST)}  # fmt: skip
    expected |= {(table, REPORT): READ for table in OF_REPORTS}
    keys = sorted(set(found) | {key for key, names in expected.items() if names})
    return [
        f"{role} on {table}: {found.get((table, role), '') or 'nothing'}, "
        f"not {expected.get((table, role), '') or 'nothing'}"
        for table, role in keys
        if found.get((table, role), "") != expected.get((table, role), "")
    ]


def test_every_grant_is_as_it_was_decided() -> None:
    assert not differences(), "a grant is a decision: portal/isolation/tables.py, and this file"


def test_the_web_process_never_writes_figures_nor_the_audit_trail() -> None:
    found = granted()
    assert {table for table in NEVER_BY_APP if found.get((table, APP)) != READ} == set()


def test_workers_read_of_people_whom_to_tell_and_no_more() -> None:
    found = granted()
    people = [table for table, decided in TABLES.items() if decided.writers is Writers.APP]
    assert {"accounts_user", "membership", "service_token", "django_session", "mfa_authenticator"} < set(
        people
    )
    assert [table for table in people if (table, INGEST) in found] == []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, string_agg(column_name, ' ' ORDER BY column_name)
                 FROM information_schema.column_privileges
                WHERE grantee = %s AND table_schema = current_schema() AND table_name = ANY(%s)
                GROUP BY 1""",
            [INGEST, people],
        )
        assert dict(cursor.fetchall()) == OF_WORKERS


def test_bi_logins_read_some_columns_of_some_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, string_agg(column_name, ' ' ORDER BY column_name)
                 FROM information_schema.column_privileges
                WHERE grantee = %s AND table_schema = current_schema() AND NOT table_name = ANY(%s)
                GROUP BY 1""",
            [REPORT, sorted(OF_REPORTS)],
        )
        assert dict(cursor.fetchall()) == COLUMNS


@pytest.mark.parametrize(
    "sabotage",
    [
        f"GRANT INSERT ON audit_event TO {APP}",
        f"GRANT TRUNCATE ON ledger_line TO {INGEST}",
        f"GRANT SELECT ON bill TO {REPORT}",
        f"REVOKE SELECT ON tenant FROM {APP}",
        "GRANT SELECT ON accounts_user TO PUBLIC",
    ],
)
def test_a_grant_that_nobody_decided_is_found(sabotage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sabotage)
    assert differences()
