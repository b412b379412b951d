"""The estate is as large and as varied as it promises."""

import tomllib
from collections import Counter
from typing import Any

import pytest

from portal.demo.demand import FLOWS, UNMATCHED
from portal.demo.fleet import TEAMS, fleet
from portal.demo.world import world


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return tomllib.loads(fleet(world()))


def test_120_devices_of_three_models_in_whole_nodes() -> None:
    groups = world().groups
    assert sum(group.devices for group in groups) == 120
    assert len({group.accelerator for group in groups}) == 3
    assert all(group.nodes for group in groups)


def test_the_small_estate_has_ten_devices() -> None:
    assert sum(group.devices for group in world(small=True).groups) == 10


def test_all_control_models_in_four_regions_of_two_residency_zones(declared: dict[str, Any]) -> None:
    assert {cluster["control_model"] for cluster in declared["cluster"]} == {
        "bare_metal", "self_managed_kubernetes", "managed_kubernetes", "managed_endpoint", "hybrid",
    }  # fmt: skip
    assert len(declared["provider"]) == 3
    assert len(declared["region"]) == 4
    assert len({region["residency_zone"] for region in declared["region"]}) == 2


def test_nine_services_and_twelve_tenants_in_two_levels(declared: dict[str, Any]) -> None:
    assert len(declared["service"]) == 9
    parents = {tenant["name"]: tenant.get("parent") for tenant in declared["tenant"]}
    assert len(parents) == 12
    units = {name for name, parent in parents.items() if parent is None}
    assert len(units) == 3
    assert {parent for parent in parents.values() if parent} == units


def test_every_team_but_one_has_a_rule(declared: dict[str, Any]) -> None:
    patterns = {rule["pattern"] for rule in declared["tenant_rule"] if rule["kind"] == "team"}
    assert {flow.team for flow in FLOWS if flow.via == "gateway"} - patterns == {UNMATCHED}


def test_rules_name_tenants_that_are_declared(declared: dict[str, Any]) -> None:
    assert set(TEAMS.values()) <= {tenant["name"] for tenant in declared["tenant"]}


def test_both_kinds_of_reserve_and_every_method_but_even_are_declared(declared: dict[str, Any]) -> None:
    assert {reserve["kind"] for reserve in declared["reserve"]} == {"warm", "failover"}
    methods = Counter(rule["method"] for rule in declared["distribution"])
    assert set(methods) == {"entitlement", "proportional", "owner", "fixed"}


def test_one_pool_has_neither_a_price_nor_a_bill(declared: dict[str, Any]) -> None:
    priced = {(price["cluster"], price["pool"]) for book in declared["price_book"] for price in book["price"]}
    pools = {(pool["cluster"], pool["name"]) for pool in declared["pool"]}
    assert pools - priced == {("ams-hybrid", "lab-l40s")}
    assert not world().group("ams-hybrid", "lab-l40s").instance
