"""A preview says, to the nano-unit, what applying the same and attributing anew then publishes."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from attribution import models
from attribution.domain.hours import day_bounds
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.preview.preview import Preview, preview
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.propose import propose
from tests.support.fleet import NAN, Fleet, devices_hour, requests_hour
from tests.support.fleet_file import FLEET, apply_text
from tests.support.focus_files import write_bill

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 1, tzinfo=UTC)
HOURS = [START + timedelta(hours=number) for number in range(6)]
END = START + timedelta(days=1)

RULES = """
[[distribution]]
use = "idle"
method = "proportional"
"""
BASE = (
    (
        FLEET.replace(RULES.strip(), "")
        .replace(
            'kind = "team"\npattern = "cards"\ntenant = "Cards"',
            'kind = "tenant"\npattern = "*"\ncreate_under = "Bank"',
        )
        .replace("[[source]]", '[[tenant]]\nname = "Loans"\nparent = "Bank"\n\n[[source]]', 1)
    )
    + """
[[cluster]]
name = "c2"
provider = "cloud"
region = "eu-1"
control_model = "hybrid"
[[pool]]
cluster = "c2"
name = "h100"
accelerator = "H100"
nodes = ["m*"]
[[source]]
name = "metrics2"
kind = "openmetrics"
cluster = "c2"
signals = ["dcgm"]
[[source]]
name = "gateway"
kind = "request_log"
[[source]]
name = "bills"
kind = "focus"
provider = "cloud"
[[distribution]]
use = "shared"
method = "proportional"
"""
)


def fleet_of(cluster: str, pool: str, source: str) -> Fleet:
    """Handles on what was applied."""
    service, holding = models.Service.objects.get(name="chat"), models.Tenant.objects.get(name="Bank")
    sources = {row.name: row for row in models.Source.objects.all()}
    return Fleet(
        models.Cluster.objects.get(name=cluster),
        models.Pool.objects.get(name=pool),
        service,
        sources[source],
        sources["gateway"],
        sources["bills"],
        holding,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six hours of two clusters, one of them without a price, and a bill of support and of one node."""
    return filled(tmp_path, START)


def filled(tmp_path: Path, start: datetime, base: str = BASE) -> Path:
    """The same, from a moment on."""
    apply_text(tmp_path, base)
    one, two = fleet_of("c1", "a100", "metrics"), fleet_of("c2", "h100", "metrics2")
    for place in range(len(HOURS)):
        hour = start + timedelta(hours=place)
        busy = [(place * minute % 7) / 10 for minute in range(60)]
        devices_hour(one, hour, {
            "n1": {"busy": busy}, "n2": {}, "n3": {"pod": None}, "n4": {"pending": [0.0, 2.0] * 30},
            "n5": {"busy": [NAN] * 9 + [0.0] * 51}, "n6": {"ready": [0.0] * 20 + [1.0] * 40},
        })  # fmt: skip
        devices_hour(two, hour, {"m1": {"busy": busy[::-1]}, "m2": {}})
        rows = [
            {"tenant": name, "requests": 3 + number * place, "duration_us": 1000 + 77 * number + place}
            for number, name in enumerate(("Cards", "Loans", "found"))
        ]
        rows.append({"tenant": "Cards", "outcome": "failed", "requests": 1, "duration_us": 13})
        rows.append({"tenant": None, "requests": 1, "duration_us": 501})
        requests_hour(one, hour, rows)
    bill = write_bill(
        tmp_path / "bill.csv",
        {"EffectiveCost": "12.3456789", "ServiceName": "Support", "ResourceId": "",
         "ChargeDescription": "support",
         "ServiceCategory": "Other", "ChargePeriodStart": zulu(start),
         "ChargePeriodEnd": zulu(start + timedelta(days=1))},
        {"EffectiveCost": "7.77", "ChargePeriodStart": zulu(start + timedelta(hours=1)),
         "ChargePeriodEnd": zulu(start + timedelta(hours=2))},
    )  # fmt: skip
    call_command("import_bill", str(bill), source="bills", stdout=StringIO())
    attribute_range(start, start + timedelta(days=1))
    return tmp_path


def zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def previewed(fragment: str, start: datetime = START, end: datetime = END) -> Preview:
    return preview(start=start, end=end, proposal=propose(parse_fragment(fragment, "fragment.toml")))


def published(start: datetime = START, end: datetime = END) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """(tenant, use, currency) → amount and lines without a price, of what stands."""
    table = costs_by(start, end, (CostDimension.TENANT, CostDimension.USE))
    return {(*row.group, row.currency): (row.amount_nano, row.unpriced_lines) for row in table.rows}


def proposed(found: Preview) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The same of a preview; what would bear nothing has no line to be published."""
    rows = {
        (row.tenant, row.use, row.currency): (row.proposed, row.proposed_unpriced)
        for row in found.by_tenant_and_use
    }
    return {key: value for key, value in rows.items() if value != (0, 0)}


def stands(found: Preview) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = {
        (row.tenant, row.use, row.currency): (row.stands, row.stands_unpriced)
        for row in found.by_tenant_and_use
    }
    return {key: value for key, value in rows.items() if value != (0, 0)}


def nonzero(rows: dict[tuple[Any, ...], tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {key: value for key, value in rows.items() if value != (0, 0)}


PRICE = '[[price_book]]\nname = "new"\ncurrency = "USD"\n[[price_book.price]]\n'
OLD_RESERVE = '[[reserve]]\ncluster = "c1"\npool = "a100"\nservice = "chat"\nkind = "warm"\ndevices = 2\n'
OLD_PRICE = '[[price_book.price]]\ncluster = "c1"\npool = "a100"\nper_device_hour = "1.35"\n'
# What is proposed, and the fleet.toml that would be applied: (fragment, text to replace, text in its place).
CASES = {
    "idle to those who serve": (RULES, "", RULES),
    "idle by fixed shares": (
        (rule := '[[distribution]]\nuse = "idle"\npool = "c1/a100"\nmethod = "fixed"\n'
                 'weights = { Cards = "0.7", Loans = "0.1" }\n'),
        "", rule,
    ),
    "loading kept by the platform": (
        (rule := '[[distribution]]\nuse = "loading"\nmethod = "keep"\n'), "", rule,
    ),
    "serving evenly": ((rule := '[[distribution]]\nuse = "serving"\nmethod = "even"\n'), "", rule),
    "unallocated to an owner, for two hours": (
        (rule := '[[distribution]]\nuse = "unallocated"\nmethod = "owner"\nowner = "Loans"\n'
                 "from = 2026-05-01T02:00:00Z\nto = 2026-05-01T04:00:00Z\n"), "", rule,
    ),
    "support by entitlement": (
        (rule := '[[distribution]]\nuse = "shared"\nmethod = "entitlement"\n'),
        '[[distribution]]\nuse = "shared"\nmethod = "proportional"\n', rule,
    ),
    "a smaller reserve of a service": (
        OLD_RESERVE.replace("devices = 2", "devices = 1"),
        OLD_RESERVE,
        OLD_RESERVE.replace("devices = 2", "devices = 1"),
    ),
    "a failover reserve of the whole pool": (
        (rule := '[[reserve]]\ncluster = "c1"\npool = "a100"\nkind = "failover"\ndevices = 1\n'), "", rule,
    ),
    "no reserve": (
        '[[withdraw.reserve]]\ncluster = "c1"\npool = "a100"\nservice = "chat"\nkind = "warm"\n',
        OLD_RESERVE, "",
    ),
    "another price": (
        PRICE + 'cluster = "c1"\npool = "a100"\nper_device_hour = "2.718281828"\n',
        '"1.35"', '"2.718281828"',
    ),
    "a first price": (
        (rule := PRICE + 'cluster = "c2"\npool = "h100"\nper_device_hour = "3.14"\n'), "", rule,
    ),
    "no price": ('[[withdraw.price]]\ncluster = "c1"\npool = "a100"\n', OLD_PRICE, ""),
    "another entitlement": (
        (rule := '[[entitlement]]\ntenant = "Loans"\nquota = 5\n'
                 '[[distribution]]\nuse = "no_data"\nmethod = "entitlement"\n'),
        "", rule,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_preview_is_what_applying_it_publishes(folder: Path, name: str) -> None:
    fragment, old, new = CASES[name]
    before = published()
    found = previewed(fragment)
    assert (found.stale, found.from_strips) == (0, 0)
    assert stands(found) == nonzero(before)
    assert published() == before
    assert not models.Window.objects.filter(dirty_at__isnull=False).exists()
    whole = BASE.replace(old, new) if old else BASE + new
    assert whole != BASE
    apply_text(folder, whole)
    assert attribute_range(START, END).failed == 0
    assert proposed(found) == nonzero(published())
    assert published() != before


@pytest.mark.parametrize("name", [name for name in CASES if "price" not in name])
def test_who_bears_may_change_and_what_it_costs_does_not(folder: Path, name: str) -> None:
    found = previewed(CASES[name][0])
    assert [row.difference for row in found.totals] == [0]
    assert sum(row.difference or 0 for row in found.by_tenant) == 0
    assert any(row.difference for row in found.by_tenant_and_use)
    for rows in (found.by_tenant_and_use, found.by_use, found.by_tenant):
        assert sum(row.proposed or 0 for row in rows) == found.totals[0].proposed


def test_what_becomes_priced_is_named_and_has_no_difference(folder: Path) -> None:
    found = previewed(CASES["a first price"][0])
    hours = {(row.pool, row.priced_by): (row.stands, row.proposed) for row in found.pool_hours}
    assert hours[("c2/h100", "unpriced")] == (6, 0)
    assert hours[("c2/h100", "price_book")] == (0, 6)
    assert found.totals[0].stands_unpriced > 0
    assert found.totals[0].proposed_unpriced == 0


def test_a_proposed_price_counts_only_where_no_bill_pays(folder: Path) -> None:
    found = previewed(CASES["another price"][0])
    hours = {(row.pool, row.priced_by): (row.stands, row.proposed) for row in found.pool_hours}
    assert hours[("c1/a100", "invoiced")] == (1, 1)
    said = (
        "1 pool-hours are invoiced: there a price book counts only where a node of several pools is divided"
    )
    assert said in found.assumptions


# A day of 23 hours and one of 25, in Berlin; the six hours go over the change of the clock.
CLOCKS = {
    "spring": (datetime(2026, 3, 28, 22, tzinfo=UTC), "2026-03-29", 23),
    "autumn": (datetime(2026, 10, 24, 21, tzinfo=UTC), "2026-10-25", 25),
}
KINDS = {
    "a rule": "idle to those who serve",
    "a reserve": "a smaller reserve of a service",
    "a price": "another price",
    "an entitlement": "another entitlement",
    "a withdrawal": "no reserve",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_over_a_change_of_the_clock_it_is_still_what_applying_publishes(
    tmp_path: Path, clock: str, kind: str
) -> None:
    first, day, count = CLOCKS[clock]
    base = BASE.replace('currency = "USD"\n', 'currency = "USD"\nreporting_time_zone = "Europe/Berlin"\n', 1)
    filled(tmp_path, first, base)
    start, end = day_bounds(date.fromisoformat(day), ZoneInfo("Europe/Berlin"))
    assert end - start == timedelta(hours=count)
    fragment, old, new = CASES[KINDS[kind]]
    found = previewed(fragment, start, end)
    before = published(start, end)
    assert stands(found) == nonzero(before)
    apply_text(tmp_path, base.replace(old, new) if old else base + new)
    assert attribute_range(first, end).failed == 0
    assert proposed(found) == nonzero(published(start, end))
    assert published(start, end) != before


def test_a_range_may_begin_and_end_within_a_day(folder: Path) -> None:
    start, end = HOURS[1], HOURS[4]
    fragment = CASES["unallocated to an owner, for two hours"][0]
    found = previewed(fragment, start, end)
    assert stands(found) == nonzero(published(start, end))
    apply_text(folder, BASE + fragment)
    attribute_range(START, END)
    assert proposed(found) == nonzero(published(start, end))


def test_the_hash_of_inputs_holds_until_something_changes(folder: Path) -> None:
    fragment = CASES["idle to those who serve"][0]
    first = previewed(fragment)
    assert previewed(fragment) == first
    assert previewed(CASES["no reserve"][0]).inputs_hash != first.inputs_hash
    apply_text(folder, BASE.replace('"1.35"', '"1.36"'))
    waiting = previewed(fragment)
    # Six hours of c1, and a whole day of what belongs to no cluster: the bill's support.
    assert waiting.stale == 6 + 24
    assert "30 of 36 windows wait to be attributed" in waiting.assumptions[1]
    attribute_range(START, END)
    after = previewed(fragment)
    assert len({found.inputs_hash for found in (first, waiting, after)}) == 3
    assert after.rows_hash != first.rows_hash


def test_a_preview_cannot_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage: an attribution that makes tenants inside of a preview is refused by PostgreSQL."""
    from django.db import InternalError

    from attribution.operations.preview import compute

    def writes(*args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO daily_cost SELECT * FROM daily_cost")

    monkeypatch.setattr(compute, "load_windows", writes)
    with pytest.raises(InternalError, match="read-only transaction"):
        previewed(CASES["idle to those who serve"][0])
    # Afterwards the connection may write again.
    models.Tenant.objects.filter(name="Cards").update(owner="somebody")


def test_without_kept_states_strips_are_read_and_nothing_is_kept(folder: Path) -> None:
    fragment = CASES["no reserve"][0]
    expected = previewed(fragment)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM window_states")
        found = previewed(fragment)
        cursor.execute("SELECT count(*) FROM window_states")
        assert cursor.fetchone() == (0,)
    assert found.from_strips == 6 + 24
    assert found.by_tenant_and_use == expected.by_tenant_and_use


def test_a_new_tenant_in_facts_that_wait_is_unknown_and_not_made(folder: Path) -> None:
    one = fleet_of("c1", "a100", "metrics")
    requests_hour(one, HOURS[0], [{"tenant": "newcomer", "requests": 5}])
    found = previewed(CASES["idle to those who serve"][0])
    assert found.stale > 0
    assert not models.Tenant.objects.filter(name="newcomer").exists()
