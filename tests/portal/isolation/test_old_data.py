"""Data that an older release wrote: its migrations bring it where a new installation's is."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.isolation.policies import keep_policies
from tests.portal.isolation.test_catalogue import unforced
from tests.portal.isolation.test_grants import differences
from tests.support.books import fill, small_books

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
KEPT = {
    "named_for_tenant": "SELECT tenant_id, dimension, named_id FROM named_for_tenant ORDER BY 1, 2, 3",
    "cost_pool": "SELECT cluster_id, hour, version, number, tenant_ids FROM cost_pool ORDER BY 1, 2, 3, 4",
    "daily_cost": "SELECT * FROM daily_cost d ORDER BY d",
    "ledger_line": "SELECT * FROM ledger_line l ORDER BY l",
}


def rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def migrate(to: str = "") -> None:
    """Take the ledger back to a migration, with all that is built on it, or bring everything up to date."""
    executor = MigrationExecutor(connection)
    wanted = [("attribution", to)] if to else executor.loader.graph.leaf_nodes()
    executor.migrate(wanted)
    with connection.cursor() as cursor:  # what a command's end would check
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def forget_policies() -> None:
    """As they were before there were any."""
    with connection.cursor() as cursor:
        for table, policy in rows("SELECT polrelid::regclass::text, polname::text FROM pg_policy"):
            cursor.execute(f'DROP POLICY "{policy}" ON {table}')
        cursor.execute("COMMENT ON TABLE report_login IS NULL")


@pytest.mark.parametrize("old", ["0018_adjustments", "0020_steps_by_people"])
def test_what_an_older_release_wrote_is_as_if_written_now(old: str) -> None:
    fill(small_books(), DAY, 3)
    before = {table: rows(sql) for table, sql in KEPT.items()}
    assert all(before.values())
    forget_policies()
    migrate(old)
    assert rows("SELECT to_regclass('named_for_tenant')") == [(None,)]
    migrate()
    assert keep_policies()
    assert {table: rows(sql) for table, sql in KEPT.items()} == before
    assert (unforced(), differences()) == ([], [])
