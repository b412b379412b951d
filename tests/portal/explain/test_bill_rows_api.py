"""Rows of a bill over HTTP: where each stands, where it went, and how much of it falls into a range."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from attribution.models import Bill, Device, Pool
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.interning import DeviceName, intern_devices
from attribution.operations.replace_bill import Charge, replace_bill
from portal.accounts.models import Role
from tests.support.fleet import HOUR, Fleet, devices_hour, small_fleet
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=3)


def charge(number: int, start: datetime, end: datetime, cost: str, **facts: Any) -> Charge:
    amount = Decimal(cost)
    facts = {"charge_category": "Usage"} | facts
    return Charge(number, "bill.csv", number + 1, start, end, "USD", amount, amount, None, None, **facts)


@pytest.fixture
def fleet() -> Fleet:
    """Three hours of one node, billed by the hour; one that nobody saw; support for the three hours."""
    made = small_fleet()
    hours = [HOUR + timedelta(hours=place) for place in range(3)]
    for hour in hours:
        devices_hour(made, hour, {"n1": {"busy": 0.5}})
    node = {"resource_id": "n1", "service_category": "Compute", "sku_meter": "A100 80GB node"}
    unseen = node | {"resource_id": "n-silent"}
    charges = [
        *(charge(place, hour, hour + timedelta(hours=1), f"1.{place}0000000001", **node)
          for place, hour in enumerate(hours)),
        charge(3, hours[0], hours[0] + timedelta(hours=1), "32.7726", **unseen),
        charge(4, HOUR, END, "10", service_name="Enterprise Support", charge_category="Purchase"),
    ]  # fmt: skip
    replace_bill(
        source_id=made.bills.pk,
        export="",
        period_start=datetime(2026, 3, 1, tzinfo=UTC),
        period_end=datetime(2026, 4, 1, tzinfo=UTC),
        content_hash=b"one",
        charges=charges,
        files=[{"name": "bill.csv"}],
        rejected=0,
        imported_at=END,
    )
    attribute_range(HOUR, END)
    return made


def ask(client: Client, path: str) -> Any:
    """The answer's data."""
    response = client.get(f"/api/v1/explain{path}")
    assert response.status_code == 200, response.content
    return json.loads(response.content)


RANGE = "from=2026-03-04T10:00:00Z&to=2026-03-04T13:00:00Z"


def test_every_cost_pool_leads_to_its_rows_and_they_sum_to_it(fleet: Fleet) -> None:
    client = signed_in(Role.FINANCE)
    bill = ask(client, f"?{RANGE}")["bills"][0]
    assert (bill["version"], bill["rows"], bill["effective_rounded"]) == (1, 5, "46.072600000")
    pools = ask(client, f"/pools?{RANGE}")["rows"]
    assert len(pools) == 7
    for pool in pools:
        start = datetime.fromisoformat(pool["hour"])
        end = (start + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        where = "&".join(
            f"{name}={pool[name] or ''}" for name in ("cluster", "pool", "service", "kind", "part")
        )
        rows = ask(client, f"/bill-rows?bill={pool['bill']}&from={pool['hour']}&to={end}&{where}")["rows"]
        total = sum(Fraction(row["in_range"]) for row in rows)
        # A bill is rounded once and its pools are a split of that: each within a nano-unit of its rows.
        assert rows
        assert abs(total - Fraction(pool["amount"])) < Fraction(1, 10**9)


def test_a_row_says_where_it_stands_and_what_of_it_is_in_the_range(fleet: Fleet) -> None:
    client = signed_in(Role.FINANCE)
    bill = ask(client, f"?{RANGE}")["bills"][0]["bill"]
    (row,) = ask(
        client, f"/bill-rows?bill={bill}&from=2026-03-04T11:00:00Z&to=2026-03-04T12:00:00Z&kind=platform"
    )["rows"]
    assert (row["file"], row["line"], row["effective"]) == ("bill.csv", 5, "10")
    assert row["in_range"] == "3.333333333333333333"
    assert row["charge_period_end"] == "2026-03-04T13:00:00Z"
    assert row["provider_service"] == "Enterprise Support"


def test_rows_come_in_pages(fleet: Fleet) -> None:
    client = signed_in(Role.FINANCE)
    bill = ask(client, f"?{RANGE}")["bills"][0]["bill"]
    numbers, after = [], ""
    while after is not None:
        page = ask(client, f"/bill-rows?bill={bill}&{RANGE}&limit=2{after and f'&after={after}'}")
        numbers += [row["row"] for row in page["rows"]]
        after = page["next"]
    assert numbers == [0, 1, 2, 3, 4]


def test_bills_are_not_for_tenants_and_analysts(fleet: Fleet) -> None:
    for role, tenant in ((Role.ANALYST, None), (Role.TENANT_LEAD, fleet.holding)):
        client = signed_in(role, tenant)
        for bill in (1, 10**8):
            assert client.get(f"/api/v1/explain/bill-rows?bill={bill}&{RANGE}").status_code == 403


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("bill=99999999", "bill"), ("bill=x", "bill"), ("", "bill")],
)
def test_a_bill_that_is_none_is_named(fleet: Fleet, query: str, parameter: str) -> None:
    response = signed_in(Role.FINANCE).get(f"/api/v1/explain/bill-rows?{RANGE}&{query}")
    assert (response.status_code, response.json()["parameter"]) == (400, parameter)


def test_a_row_of_a_divided_node_says_what_of_it_is_in_the_pool(fleet: Fleet) -> None:
    """Node n1 gets a device of another pool for half of the third hour: 60 to 30 device-minutes."""
    other = Pool.objects.create(cluster=fleet.cluster, name="l4", nodes=["n*"], device_models=["L4"])
    fleet.pool.device_models = ["A100"]
    fleet.pool.save()
    (device,) = intern_devices(fleet.cluster.pk, [DeviceName("n1", "GPU-l4", "L4")])
    hour = END - timedelta(hours=1)
    Device.objects.filter(pk=device).update(first_seen=hour, last_seen=hour + timedelta(minutes=29))
    Bill.objects.update(pools_stale=True)
    attribute_range(HOUR, END)
    client = signed_in(Role.FINANCE)
    bill = Bill.objects.get().pk
    third = "from=2026-03-04T12:00:00Z&to=2026-03-04T13:00:00Z&kind=accelerator&part=nodes"
    for pool, part, share in (("c1/a100", 2, Fraction(2, 3)), (f"c1/{other.name}", 1, Fraction(1, 3))):
        (row,) = ask(client, f"/bill-rows?bill={bill}&{third}&pool={pool}")["rows"]
        assert (row["node"], row["divided_by"], row["pool"]) == ("n1", "device-minutes", pool)
        assert abs(Fraction(row["node_share"]) - share) < Fraction(1, 10**17)
        assert abs(Fraction(row["in_range"]) - Fraction("1.20000000001") * part / 3) < Fraction(1, 10**17)
    (whole,) = ask(client, f"/bill-rows?bill={bill}&{third}")["rows"]
    assert (whole["node"], whole["in_range"]) == (None, "1.200000000010000000")
