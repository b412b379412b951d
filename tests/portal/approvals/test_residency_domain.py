"""Whose data a rule is about, and which exception covers it, held against leaves one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.approvals.domain.residency import Exempt, Exposure, Stay, concerned, exempting

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# group → bank → cards, loans; group → care
ABOVE = {
    "group": ("group",),
    "bank": ("group", "bank"),
    "cards": ("group", "bank", "cards"),
    "loans": ("group", "bank", "loans"),
    "care": ("group", "care"),
}
LEAVES = ("cards", "loans", "care")
TENANTS = st.sampled_from([*ABOVE])
SERVICES = st.sampled_from(["chat", "code"])


def leaves(tenant: str) -> set[str]:
    return {leaf for leaf in LEAVES if tenant in ABOVE[leaf]}


def exempt(tenant: str | None, service: str | None, end: datetime = NOW + 9 * DAY) -> Exempt:
    return Exempt(7, tenant, service, "far/away", NOW - DAY, end)


@given(st.none() | TENANTS, st.none() | SERVICES, TENANTS, SERVICES)
def test_a_rule_is_about_exactly_the_leaves_that_are_exposed_and_below_it(
    tenant: str | None, service: str | None, exposed: str, by: str
) -> None:
    found = concerned(Stay(tenant, service, (), ("EU",)), [Exposure(exposed, by)], ABOVE)
    below = leaves(exposed) if tenant is None else leaves(exposed) & leaves(tenant)
    naive = below if service in (None, by) else set()
    assert {leaf for one in found for leaf in leaves(one.tenant or "")} == naive


@given(TENANTS, SERVICES, st.none() | TENANTS, st.none() | SERVICES)
def test_an_exception_covers_only_where_it_covers_every_leaf(
    exposed: str, by: str, tenant: str | None, service: str | None
) -> None:
    found = exempting(Exposure(exposed, by), "far/away", [exempt(tenant, service)], ABOVE, NOW, NOW + DAY)
    every = tenant is None or leaves(exposed) <= leaves(tenant)
    if found:
        assert every
        assert service in (None, by)
    elif tenant is None or tenant in ABOVE[exposed]:
        assert service not in (None, by)


def test_an_exception_covers_its_region_and_its_span_alone() -> None:
    one = exempt("bank", None)
    cards = Exposure("cards", "chat")

    def covered(region: str, start: datetime, end: datetime | None) -> bool:
        return exempting(cards, region, [one], ABOVE, start, end) is not None

    assert covered("far/away", NOW, NOW + 9 * DAY)
    assert not covered("far/off", NOW, NOW + DAY)
    assert not covered("far/away", NOW - 2 * DAY, NOW + DAY)
    assert not covered("far/away", NOW, NOW + 9 * DAY + timedelta(seconds=1))
    assert not covered("far/away", NOW, None)
    assert not covered("far/away", NOW, NOW - DAY)  # over by its own words


def test_data_of_nobody_known_is_covered_by_its_service_alone() -> None:
    nobody = Exposure(None, "chat")
    span = (NOW, NOW + DAY)
    assert exempting(nobody, "far/away", [exempt("group", None)], ABOVE, *span) is None
    assert exempting(nobody, "far/away", [exempt(None, "chat")], ABOVE, *span)
    assert concerned(Stay("group", None, (), ()), [nobody], ABOVE) == []
