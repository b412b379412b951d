"""litellm #2171: the dashboard reads the table of requests, and stops loading at 0.7 million rows.

Here an overview reads roll-ups only. That is no matter of seconds, which move with the machine, but of the
tables in the plans of its statements: none is one that grows with requests, hours or lines. One statement
looks into such a table, for whether the newest window has any row at all: by its key, a window at a time.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from tests.support.books import HOUR, fill, small_books
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
# What grows with requests, devices × hours, or lines; their partitions begin with the same names.
GROWING = (
    "ledger_line", "ledger_usage", "ledger_work", "ledger_version", "cost_pool", "usage_hour",
    "transfer_hour", "measure_hour", "engine_phase_hour", "device_strip", "window_states", "charge",
    "bill_pool", "bill_quantity", "request_seen",
)  # fmt: skip
NEWEST = "-- The last attributed hour with facts"
GROUPS = ("tenant", "service", "model", "cluster", "pool", "kind", "use")
RANGE = "from=2026-03-04&to=2026-03-06"


@pytest.fixture
def finance() -> Client:
    books = small_books()
    fill(books, DAY, 3)
    fill(books, DAY + 30 * HOUR, 2, seed=2)
    return signed_in("finance")


def plans(asked: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement with each node of its plan that reads a table."""
    with connection.cursor() as cursor:
        for sql in asked:
            if sql.lstrip().upper().startswith(("SELECT", "WITH", "--")):
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
                plan = cursor.fetchone()[0]
                yield from (
                    (sql, node) for node in _nodes(json.loads(plan) if isinstance(plan, str) else plan)
                )


def _nodes(plan: Any) -> Iterator[dict[str, Any]]:
    if isinstance(plan, list):
        for each in plan:
            yield from _nodes(each)
    elif isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan
        for value in plan.values():
            yield from _nodes(value)


def tables_of(captured: CaptureQueriesContext) -> set[str]:
    """The tables in the plans of what was asked, but for the look whether a window has any row."""
    asked = [query["sql"] for query in captured.captured_queries]
    return {node["Relation Name"] for sql, node in plans(asked) if not sql.startswith(NEWEST)}


def growing(tables: set[str]) -> set[str]:
    return {table for table in tables if table.startswith(GROWING)}


@pytest.mark.parametrize("more", ["", "&idle=shared", "&format=csv", "&compare=none", "&tenant=retail"])
def test_an_overview_reads_roll_ups_only(finance: Client, more: str) -> None:
    for group in GROUPS:
        with CaptureQueriesContext(connection) as captured:
            response = finance.get(f"/?{RANGE}&group={group}{more}")
            assert response.status_code == 200
            if response.streaming:
                b"".join(response)
        tables = tables_of(captured)
        assert growing(tables) == set(), group
        assert any(table.startswith("daily_") for table in tables)


def test_whether_a_window_has_rows_is_asked_by_its_key(finance: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        finance.get(f"/?{RANGE}")
    newest = [query["sql"] for query in captured.captured_queries if query["sql"].startswith(NEWEST)]
    assert newest
    with connection.cursor() as cursor:  # five windows are quicker read whole; a year's are not
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off")
        cursor.execute("SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off")
    for _, node in plans(newest):
        if growing({node["Relation Name"]}):
            assert "Index" in node["Node Type"], node
            assert all(name in node["Index Cond"] for name in ("cluster_id", "hour", "version"))


def test_whole_days_of_costs_are_read_from_roll_ups_too(finance: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        costs_by(DAY, DAY + 48 * HOUR, (CostDimension.TENANT, CostDimension.DAY))
    assert growing(tables_of(captured)) == set()


def test_a_page_that_read_lines_would_be_seen(finance: Client) -> None:
    """The sabotage: what does read lines is found by the same look at its plans."""
    with CaptureQueriesContext(connection) as captured:
        costs_by(DAY, DAY + HOUR, (CostDimension.TENANT,))
    assert any(table.startswith("ledger_line") for table in growing(tables_of(captured)))
