"""A closed month can be held against its hash at any time, and read as of each of its closings."""
# ruff: noqa: E501  # one statement a line

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from attribution.models import Cluster, Pool, Service, Source, Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.explain.asked import Asked
from attribution.queries.explain.explanation import explain
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.versions import AsOf
from attribution.queries.period_content import content_hash, differences
from attribution.queries.periods import period
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.periods import APRIL, MARCH, close, reopen

pytestmark = pytest.mark.django_db(transaction=True)
END = HOUR + timedelta(hours=2)
MARCH_FIRST, APRIL_FIRST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
TABLES = (
    "attribution_window", "ledger_version", "cost_pool", "ledger_line", "ledger_usage", "ledger_work",
    "hourly_utilization", "daily_cost", "daily_cost_total", "daily_cost_tenant", "daily_usage",
    "daily_usage_total", "daily_usage_tenant",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _a_closed_month(transactional_db: None) -> Iterator[None]:
    fleet = small_fleet()
    price(fleet, 10**9)
    for hour in (HOUR, HOUR + timedelta(hours=1)):
        devices_hour(fleet, hour, {"n1": {"busy": 0.5}})
        requests_hour(fleet, hour, [{"tenant": "a", "requests": 1}, {"tenant": "b", "requests": 2}])
    attribute_range(HOUR, END)
    close()
    yield
    empty_facts()


def by_hand(table: str, statement: str) -> None:
    """What a superuser does with the guards put aside."""
    with connection.cursor() as cursor:
        tables = [table]
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table]
        )
        tables += [row[0] for row in cursor.fetchall()]
        for name in tables:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute(statement)
        for name in tables:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def test_the_hash_is_found_again_whatever_the_physical_order() -> None:
    kept = period(MARCH).closings[-1].content_hash
    assert content_hash(MARCH) == kept
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kept AS SELECT * FROM daily_cost ORDER BY use DESC, amount_nano"
        )
    by_hand("daily_cost", "DELETE FROM daily_cost; INSERT INTO daily_cost SELECT * FROM kept")
    assert content_hash(MARCH) == kept
    assert differences(period(MARCH)) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_deleted_is_found(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass, min(ctid) FROM {table} GROUP BY 1")
        real, place = cursor.fetchone()
    by_hand(table, f"DELETE FROM {real} WHERE ctid = '{place}'")
    assert differences(period(MARCH))[0].section == table


CHANGES = {
    "window's version": ("attribution_window", "UPDATE attribution_window SET version = version + 1"),
    "publication": (
        "ledger_version",
        "UPDATE ledger_version SET published_at = published_at + interval '1s'",
    ),
    "a nano-unit": ("ledger_line", "UPDATE ledger_line SET amount_nano = amount_nano + 1 WHERE number = 0"),
    "tenant": ("ledger_line", "UPDATE ledger_line SET tenant_id = tenant_id + 1 WHERE tenant_id IS NOT NULL"),
    "null for empty": ("ledger_line", "UPDATE ledger_line SET rule_id = 0"),
    "reason": ("ledger_line", "UPDATE ledger_line SET reason = 'x'"),
    "reordered": ("ledger_line", "UPDATE ledger_line SET number = 1000 - number"),
    "inserted": (
        "ledger_line",
        f"""INSERT INTO ledger_line (cluster_id, hour, version, number, pool_number, use, amount_nano, unit, basis)
            VALUES (1, '{HOUR}', 9, 0, 0, 'idle', 0, '', 'measured')""",
    ),
    "moved to another hour": ("ledger_line", "UPDATE ledger_line SET hour = hour + interval '5 hours'"),
    "pool": ("cost_pool", "UPDATE cost_pool SET resource = 'other'"),
    "requests": ("ledger_usage", "UPDATE ledger_usage SET successes = successes - 1"),
    "weights": ("ledger_work", "UPDATE ledger_work SET reason = 'other'"),
    "roll-up": ("daily_cost", "UPDATE daily_cost SET amount_nano = amount_nano + 1"),
    "tenant's day": ("daily_cost_tenant", "UPDATE daily_cost_tenant SET tenant_id = tenant_id + 1000000"),
    "busy minutes": (
        "hourly_utilization",
        "UPDATE hourly_utilization SET busy_minutes = busy_minutes + 1e-9",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_is_changed_inserted_or_reordered_is_found(change: str) -> None:
    table, statement = CHANGES[change]
    by_hand(table, statement)
    found = differences(period(MARCH))
    assert found[0].section == table
    assert content_hash(MARCH) != period(MARCH).closings[-1].content_hash


@pytest.mark.parametrize(
    ("section", "statement"),
    [
        ("bill", "UPDATE bill SET content_hash = sha256('x')"),
        ("bill", "UPDATE bill SET version = version + 1"),
        ("bill", "UPDATE bill SET accepted = accepted + 1"),
        ("bill", "UPDATE bill_total SET effective_nano = effective_nano + 1"),
        ("bill", "DELETE FROM bill_total"),
        ("adjustment", "UPDATE adjustment SET amount_nano = amount_nano + 1 WHERE amount_nano <> -1"),
        ("adjustment", "UPDATE adjustment SET tenant_id = tenant_id + 1"),
        ("adjustment", "UPDATE adjustment SET hour = hour - interval '1 hour'"),
        ("adjustment", "UPDATE adjustment SET change_id = 1"),
        ("adjustment", "DELETE FROM adjustment"),
    ],
)
def test_a_bill_and_an_adjustment_that_are_changed_are_found(section: str, statement: str) -> None:
    """April is closed, which has an adjustment of March and a bill."""
    fleet_bills = Source.objects.get(name="bills")
    requests_hour(_fleet(), HOUR, [{"tenant": "c", "requests": 1}])
    charge = Charge(
        1, "b.csv", 2, APRIL_FIRST, APRIL_FIRST + timedelta(hours=1), "USD", Decimal(3), Decimal(3), None, None,
        charge_category="Usage", service_category="Other",
    )  # fmt: skip
    replace_bill(
        source_id=fleet_bills.pk, export="", period_start=APRIL_FIRST,
        period_end=datetime(2026, 5, 1, tzinfo=UTC), content_hash=b"1", charges=[charge], files=[], rejected=0,
        imported_at=datetime(2026, 5, 2, tzinfo=UTC),
    )  # fmt: skip
    attribute_range(HOUR, datetime(2026, 5, 1, tzinfo=UTC))
    close(APRIL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT section FROM period_digest d JOIN period p USING (step_id) WHERE month = %s",
            [APRIL],
        )
        assert {"bill", "adjustment"} <= {row[0] for row in cursor.fetchall()}
    assert differences(period(APRIL)) == []
    table = statement.split()[2] if statement.startswith("DELETE") else statement.split()[1]
    by_hand(table, statement)
    assert [one.section for one in differences(period(APRIL))] == [section]
    assert content_hash(APRIL) != period(APRIL).closings[-1].content_hash


def _fleet() -> Fleet:
    """What the fixture made."""
    return Fleet(
        Cluster.objects.get(), Pool.objects.get(), Service.objects.get(),
        *(Source.objects.get(name=name) for name in ("telemetry", "gateway", "bills")),
        Tenant.objects.get(name="holding"),
    )  # fmt: skip


def test_hashes_that_were_made_to_fit_are_found() -> None:
    by_hand("ledger_line", "UPDATE ledger_line SET amount_nano = amount_nano + 1 WHERE number = 0")
    by_hand("period_digest", "DELETE FROM period_digest WHERE section = 'ledger_line'")
    found = differences(period(MARCH))
    assert {one.section for one in found} == {"ledger_line", "period_digest"}


def test_a_closed_month_is_not_called_one_that_cannot_be_closed() -> None:
    said = StringIO()
    call_command("periods", "check", "2026-03", stdout=said)
    assert said.getvalue().startswith("2026-03 is closed")


def test_the_command_names_the_first_difference() -> None:
    said = StringIO()
    call_command("verify_periods", stdout=said)
    assert said.getvalue().startswith("2026-03: as it was closed, ")
    by_hand("ledger_line", f"UPDATE ledger_line SET amount_nano = amount_nano + 1 WHERE hour = '{HOUR}'")
    with pytest.raises(CommandError, match="1 closed month differs"):
        call_command("verify_periods", stdout=said)
    assert "ledger_line, cluster" in said.getvalue()
    assert "2026-03-04T10" in said.getvalue()


def test_each_closing_can_be_read_for_ever() -> None:
    first = period(MARCH).closings[-1]
    before = {
        row.group: row.amount_nano for row in costs_by(MARCH_FIRST, APRIL_FIRST, [CostDimension.TENANT]).rows
    }
    reopen()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE price SET rate_nano = 5000000000")
        cursor.execute("UPDATE attribution_window SET dirty_at = now()")
    attribute_range(HOUR, END)
    second = close().closings[-1]
    as_of = [
        explain(Asked(Figure.COST, MARCH_FIRST, APRIL_FIRST, as_of=AsOf(step.as_of, step.seen))).cost_nano
        for step in (first, second)
    ]
    assert as_of == [2 * 10**9, 10 * 10**9]
    assert sum(before.values()) == 2 * 10**9


def test_figures_of_a_closed_month_say_that_they_are_closed() -> None:
    days = costs_by(MARCH_FIRST, datetime(2026, 4, 2, tzinfo=UTC), [CostDimension.DAY]).rows
    assert {row.status for row in days} == {"closed"}
    assert {row.status for row in costs_by(MARCH_FIRST, APRIL_FIRST, ()).rows} == {"closed"}
    assert {row.status for row in costs_by(MARCH_FIRST, datetime(2026, 4, 2, tzinfo=UTC), ()).rows} == {
        "estimated"
    }
