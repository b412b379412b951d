"""Pods of a tenant's own namespace, through the real database: policy names whose they are."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from attribution.models import ServiceRule, Tenant, TenantRule
from attribution.operations.attribute_windows import attribute_range
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.utilization import utilization
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
USD = 10**9


@pytest.fixture
def fleet() -> Fleet:
    """Two devices at 6.00 an hour; namespace `ns` is that of tenant `vision`."""
    fleet = small_fleet()
    price(fleet, 6 * USD)
    vision = Tenant.objects.create(name="vision", parent=fleet.holding)
    TenantRule.objects.create(kind="namespace", pattern="ns", tenant=vision)
    return fleet


def borne() -> dict[tuple[object, ...], int | None]:
    """Nano-units by tenant, use and basis."""
    by = [CostDimension.TENANT, CostDimension.USE, CostDimension.BASIS]
    return {row.group: row.amount_nano for row in costs_by(HOUR, END, by).rows}


def test_a_pod_without_a_service_costs_its_namespaces_tenant(fleet: Fleet) -> None:
    ServiceRule.objects.all().delete()
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}, "n2": {"busy": 0.0}})
    attribute_range(HOUR, END)
    assert borne() == {("vision", "serving", "policy"): 6 * USD, (None, "idle", "measured"): 6 * USD}


def test_a_service_without_requests_costs_the_tenant_of_its_pods(fleet: Fleet) -> None:
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}, "n2": {"ready": 0.0}})
    attribute_range(HOUR, END)
    assert borne() == {("vision", "serving", "policy"): 6 * USD, ("vision", "loading", "policy"): 6 * USD}


def test_requests_say_better_than_the_namespace_who_was_served(fleet: Fleet) -> None:
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(fleet, HOUR, [{"tenant": "search", "requests": 1}])
    attribute_range(HOUR, END)
    assert borne() == {("search", "serving", "modelled"): 6 * USD}


def test_a_namespace_rule_holds_from_its_first_hour_on(fleet: Fleet) -> None:
    TenantRule.objects.filter(kind="namespace").update(valid=DateTimeTZRange(END, None))
    for hour in (HOUR, END):
        devices_hour(fleet, hour, {"n1": {"busy": 0.9}})
    attribute_range(HOUR, END + timedelta(hours=1))
    rows = costs_by(HOUR, END + timedelta(hours=1), [CostDimension.HOUR, CostDimension.TENANT]).rows
    assert [row.group[1] for row in rows] == [None, "vision"]


def test_minutes_of_a_pool_are_the_same_whoever_the_namespaces_belong_to(fleet: Fleet) -> None:
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.9}, "n2": {"pod": None}})
    attribute_range(HOUR, END)
    total = utilization(HOUR, END, []).total
    assert total is not None
    assert total.device_minutes == 120
