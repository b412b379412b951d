"""Every table of the database is decided about, and is as it was decided."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from attribution.operations.partitions import make_partitions
from attribution.queries.scope import TenantScope
from attribution.queries.seen import seeing
from portal.isolation.apps import undecided_models
from portal.isolation.policies import keep_policies
from portal.isolation.roles import APP, INGEST, REPORT
from portal.isolation.tables import TABLES
from tests.support.books import fill, small_books

DAY = datetime(2026, 3, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db
# Schemas that are not ours: what runs through them has no tenant's figures.
OTHERS = {"pgmq": "messages name sources and hours, never figures"}
# They run as their owner and see everything: each gives ids, a yes or no, or days, or makes what is empty.
SEE_EVERYTHING = {
    "tenants_at_or_below": "ids below ids that one has",
    "hour_is_heard": "yes or no, of the whole product",
    "days_with_cost": "two days, of the whole product",
    "state_of_names": "counts and hashes over the names of the whole product, for the process' own memory",
    "make_month_partitions": "makes empty partitions",
    "report_sees_everybody": "of the login that asks",
    "report_tenants": "of the login that asks",
    "report_names": "of the login that asks: ids that its tenants' figures name",
    "seen_names": "ids that the figures of the seen tenants name",
    "see_account": "an account's own roles, and shows what these may see",
    "see_token": "a token with its owner's roles, and shows what these may see to who has its hash",
}
# The audit trail's own, tested in tests/portal/audit: triggers, and the one door for events.
AUDIT = "audit_"
WHAT_TO_DO = "Decide who sees it: add a line to portal/isolation/tables.py, whose head says which."


def rows(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def undecided() -> list[str]:
    found = rows("""
        SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
           AND relnamespace = current_schema()::regnamespace ORDER BY 1""")
    return [name for (name,) in found if name not in TABLES]


def unforced() -> list[str]:
    """Tables without the security or the policies that were decided."""
    found = rows("""
        SELECT relname, relispartition, relrowsecurity AND relforcerowsecurity,
               ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid ORDER BY 1)
          FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace""")
    faults = []
    for name, is_partition, forced, policies in found:
        decided = TABLES.get(name)
        if is_partition:
            wanted: list[str] | None = []
        elif decided is None or not decided.using:
            wanted = None
        else:
            wanted = ["app", "keepers", *(["report"] if decided.report else [])]
        if wanted is not None and (not forced or policies != wanted):
            faults.append(f"{name}: forced {forced}, policies {policies}")
    return sorted(faults)


def test_somebody_has_decided_about_every_table() -> None:
    assert not undecided(), f"Nobody has decided who sees {undecided()}. {WHAT_TO_DO}"
    gone = set(TABLES) - {name for (name,) in rows("SELECT relname FROM pg_class")}
    assert not gone, f"portal/isolation/tables.py decides about tables that are not there: {sorted(gone)}"


def test_a_table_without_a_reason_or_a_policy_is_no_decision() -> None:
    assert [name for name, decided in TABLES.items() if not decided.using and not decided.reason] == []


def test_every_table_is_as_it_was_decided() -> None:
    assert unforced() == []


def test_a_new_partition_is_closed_and_has_no_grants() -> None:
    make_partitions(DAY.replace(year=2031), DAY.replace(year=2031, hour=5))
    (made,) = rows("SELECT count(*) FROM pg_class WHERE relname = 'ledger_line_2031_03'")[0]
    assert made == 1
    assert unforced() == []
    granted = rows(
        """
        SELECT relname FROM pg_class WHERE relispartition AND relnamespace = current_schema()::regnamespace
           AND relkind = 'r' AND EXISTS (SELECT FROM unnest(%s::text[]) role
                                          WHERE has_table_privilege(role, oid, 'SELECT'))""",
        [APP, INGEST, REPORT],
    )
    assert granted == []


def test_a_new_table_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (tenant_id integer)")
    assert "forgotten" in undecided()


def test_without_a_decision_a_table_is_closed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (tenant_id integer); INSERT INTO forgotten VALUES (1)")
    assert keep_policies()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL ROLE apportion_app")
        cursor.execute("SELECT count(*) FROM forgotten")
        assert cursor.fetchone() == (0,)
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "sabotage",
    [
        "DROP POLICY app ON daily_cost",
        "ALTER TABLE ledger_line NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE tenant DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY everybody ON service USING (true)",
    ],
)
def test_a_guard_taken_away_is_found(sabotage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sabotage)
    assert len(unforced()) == 1


def test_views_see_with_the_eyes_of_who_asks() -> None:
    found = rows("""
        SELECT relname FROM pg_class
         WHERE relkind IN ('v', 'm') AND relnamespace = current_schema()::regnamespace
           AND NOT (relkind = 'v' AND coalesce(reloptions, '{}') @> '{security_invoker=true}')""")
    assert found == [], (
        "views need WITH (security_invoker = true); materialized views have no policies: use a table"
    )


def test_what_sees_everything_is_listed_and_answers_only_who_needs_it() -> None:
    found = rows("""
        SELECT proname, has_function_privilege('public', oid, 'EXECUTE'), coalesce(proconfig::text, '')
          FROM pg_proc WHERE prosecdef AND prorettype <> 'trigger'::regtype
           AND pronamespace = current_schema()::regnamespace""")
    ours = {row[0]: row[1:] for row in found if not row[0].startswith(AUDIT)}
    assert set(ours) == set(SEE_EVERYTHING), (
        "a SECURITY DEFINER function sees every tenant: say here why it may"
    )
    for name, (public, config) in ours.items():
        assert not public, f"{name}: everybody may execute it"
        assert "search_path" in config, f"{name}: its search_path is the caller's"


def unshared() -> list[str]:
    """Functions of ours in policies that keep PostgreSQL from sharing a statement out among its workers."""
    found = rows("""
        SELECT DISTINCT proname FROM pg_proc f
          JOIN pg_policy ON pg_get_expr(polqual, polrelid) LIKE '%%' || proname || '(%%'
         WHERE proparallel <> 's' AND pronamespace = current_schema()::regnamespace ORDER BY 1""")
    return [name for (name,) in found]


def test_policies_leave_statements_to_several_workers() -> None:
    assert unshared() == [], "mark them PARALLEL SAFE in portal/isolation/sql/functions.sql"
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION seen_flags() PARALLEL UNSAFE")
    assert unshared() == ["seen_flags"]


def test_a_sum_of_some_tenants_may_be_worked_out_by_a_worker() -> None:
    books = small_books()
    fill(books, DAY, 2)
    asked = """SELECT s.name, count(*), sum(amount_nano)
                 FROM daily_cost JOIN service s ON s.id = service_id GROUP BY 1"""
    with seeing(TenantScope(frozenset({books.tenants["retail"].pk}))):
        alone = rows(f"{asked} ORDER BY 1")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 1")
            cursor.execute("SET LOCAL debug_parallel_query = on")  # a worker for whatever may have one
        plan = [line for (line,) in rows(f"EXPLAIN (ANALYZE) {asked}")]
        assert rows(f"{asked} ORDER BY 1") == alone
    assert len(alone) > 1
    assert any("Workers Launched" in line and not line.endswith(" 0") for line in plan), plan


def test_policies_have_a_copy_of_the_first_nets_question_of_their_own() -> None:
    """Asked by two roles in turns, one function's statements are planned anew each time."""
    assert not keep_policies()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION names_of_tenants(of_tenants integer[], of_dimension text)"
            " RETURNS integer[] LANGUAGE sql STABLE AS $$ SELECT ARRAY[7] $$"
        )
    assert keep_policies(), "what is copied has changed"
    assert rows("SELECT names_for_policies('{1}', 'service')") == [([7],)]


def test_guards_see_what_they_guard_against() -> None:
    found = rows("""
        SELECT proname FROM pg_proc WHERE prorettype = 'trigger'::regtype AND NOT prosecdef
           AND pronamespace = current_schema()::regnamespace""")
    assert found == [], "a trigger that looks through the eyes of whoever writes may miss rows"


def misled() -> list[str]:
    """Functions that run as their owner, and would take a table of a session's own for one of ours."""
    found = rows("""
        SELECT p.oid::regprocedure::text FROM pg_proc p
         WHERE p.prosecdef AND p.pronamespace = current_schema()::regnamespace
           AND NOT coalesce(p.proconfig, '{}') @> ARRAY[format('search_path=%%I, pg_temp', current_schema())]
         ORDER BY 1""")
    return [name for (name,) in found]


def test_what_runs_as_the_owner_looks_for_no_table_among_a_sessions_own() -> None:
    assert misled() == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION audit_queue() SET search_path = public")
        cursor.execute("ALTER FUNCTION seen_names(text) RESET search_path")
    assert misled() == ["audit_queue()", "seen_names(text)"]


def test_no_other_schema_has_tables_of_ours() -> None:
    found = rows("""
        SELECT DISTINCT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
         WHERE relkind IN ('r', 'p') AND relnamespace <> current_schema()::regnamespace
           AND nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'""")
    assert {name for (name,) in found} <= set(OTHERS)


def test_every_model_is_decided_about_before_there_is_a_database() -> None:
    assert undecided_models() == []


def test_nothing_is_done_where_nothing_has_changed() -> None:
    assert not keep_policies()
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE report_login IS ''")
    assert keep_policies()
    assert not keep_policies()
    assert unforced() == []


def test_switched_off_there_is_no_security_and_on_again_there_is() -> None:
    assert keep_policies(on=False)
    assert rows("SELECT relname FROM pg_class WHERE relrowsecurity") == []
    assert keep_policies(on=True)
    assert unforced() == []
