"""The overview page, on a real ledger."""

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.domain.money import to_nano
from attribution.models import Tenant
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from attribution.queries.filters import CostFilters
from attribution.queries.scope import TenantScope
from portal.costs import overview
from tests.support.ledger import USD, CostPool, Line, Used, publish_window
from tests.support.scene import person, scene

pytestmark = pytest.mark.django_db
MARCH = "/?from=2026-03-01&to=2026-03-10"
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


def text(response: Any) -> str:
    """The words of a page."""
    assert response.status_code == 200
    page = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def rows(response: Any) -> list[dict[str, str]]:
    """The CSV's rows."""
    body = b"".join(response.streaming_content).decode()
    assert body[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(body[1:])))


def nano(row: dict[str, str], column: str = "cost") -> int:
    return to_nano(Decimal(row[column])) if row[column] else 0


@pytest.mark.parametrize("group", ["tenant", "service", "model", "cluster", "pool", "kind", "use"])
@pytest.mark.parametrize("narrow", ["", "&service=chat", "&use=serving", "&tenant=holding", "&pool=c1/a100"])
def test_page_csv_and_ledger_agree_to_the_last_digit(finance: Client, group: str, narrow: str) -> None:
    made = scene()
    filters = {
        "": {}, "&service=chat": {"service": {made.fleet.service.pk}}, "&use=serving": {"use": {"serving"}},
        "&tenant=holding": {"tenant": {t.pk for t in [made.fleet.holding, *made.tenants.values()]}},
        "&pool=c1/a100": {"pool": {made.fleet.pool.pk}},
    }[narrow]  # fmt: skip
    kept = CostFilters(**{name: frozenset(ids) for name, ids in filters.items()})
    table = costs_by(START, END, [CostDimension(group)], kept)
    said = rows(finance.get(f"{MARCH}&group={group}{narrow}&format=csv"))
    assert sorted(nano(row) for row in said) == sorted(row.amount_nano or 0 for row in table.rows)
    (total,) = table.totals
    cents = f"{Decimal(total.amount_nano or 0).scaleb(-9):,.2f}"
    assert f"Total {cents}" in text(finance.get(f"{MARCH}&group={group}{narrow}"))


def test_idle_cost_can_be_shown_on_the_tenants_and_no_sum_changes(finance: Client) -> None:
    scene()
    apart = {row["tenant"]: nano(row) for row in rows(finance.get(f"{MARCH}&format=csv"))}
    shared = {row["tenant"]: nano(row) for row in rows(finance.get(f"{MARCH}&idle=shared&format=csv"))}
    assert sum(shared.values()) == sum(apart.values())
    # The ledger's idle, unallocated and failover lines of the scene, another way: its own figures.
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sum(amount_nano)::bigint FROM ledger_line
                WHERE tenant_id IS NULL AND use IN ('idle', 'unallocated', 'failover_reserve')
                  AND hour >= %s AND hour < %s""",
            [START, END],
        )
        (idle,) = cursor.fetchone()
    assert apart["No tenant"] - shared["No tenant"] == idle > 0
    borne = sum(value for name, value in apart.items() if name != "No tenant")
    for name in apart.keys() - {"No tenant"}:
        exact = apart[name] + Fraction(idle) * apart[name] / borne
        assert abs(shared[name] - exact) < 1
    page = text(finance.get(f"{MARCH}&idle=shared"))
    assert "in this view only" in page
    assert f"Total {Decimal(sum(apart.values())).scaleb(-9):,.2f}" in page


def test_whoever_is_bound_to_a_tenant_is_never_shown_the_platforms_idle_cost(client: Client) -> None:
    made = scene()
    client.force_login(person("tessa", "tenant_member", made.tenants["search"]))
    apart, shared = client.get(MARCH), client.get(f"{MARCH}&idle=shared")
    assert "Share with tenants" not in text(apart)
    total = re.compile(r'class="total">([\d,]+\.\d\d)<')
    assert total.findall(shared.content.decode()) == total.findall(apart.content.decode())


def test_the_parts_that_a_page_shows_add_up_to_its_total(finance: Client) -> None:
    scene(tuple(f"tenant {n}" for n in range(7)))
    page = finance.get(MARCH).content.decode()
    table = page[page.index('id="groups"') :]
    total = re.findall(r'class="total">([\d,]+\.\d\d)<', table)[0]
    costs = [
        Decimal(cell)
        for cell in re.findall(r'</th>\s*<td class="num">(?:<a [^>]+>)?([\d.]+)(?:</a>)?</td>', table)
    ]
    assert sum(costs) == Decimal(total.replace(",", ""))


def test_differences_leave_out_days_that_are_not_complete(finance: Client) -> None:
    scene()
    page = text(finance.get(MARCH))
    # The newest window is noon of 10 March, so that day is not complete.
    assert "complete days through 9 Mar 2026 against 1–9 Feb 2026" in page
    assert "1–10 Mar 2026, 10 days in UTC" in page
    assert "What changed" not in text(finance.get(f"{MARCH}&compare=none"))


def test_a_baseline_is_compared_only_where_the_ledger_knows_it(finance: Client) -> None:
    scene()
    # The ledger begins on 1 Feb: of 31 Jan to 2 Feb it knows two days, the counterparts of 4 and 5 Feb.
    address = "/?from=2026-02-03&to=2026-02-05&compare=previous"
    page = text(finance.get(address))
    assert "complete days 4–5 Feb 2026 against 1–2 Feb 2026." in page
    assert "The ledger begins 1 Feb 2026: what it does not know is not compared." in page
    now, before = (
        {row["tenant"]: row["cost"] for row in rows(finance.get(f"/?{span}&compare=none&format=csv"))}
        for span in ("from=2026-02-04&to=2026-02-05", "from=2026-02-01&to=2026-02-02")
    )
    found = rows(finance.get(f"{address}&format=csv"))
    assert {row["tenant"]: row["cost_of_complete_days"] for row in found} == now
    assert {row["tenant"]: row["baseline_cost"] for row in found} == before
    assert {(row["complete_from"], row["complete_to"]) for row in found} == {("2026-02-04", "2026-02-05")}


@pytest.mark.parametrize("days", ["from=2026-02-01&to=2026-02-10", "from=2026-02-25&to=2026-03-04"])
def test_a_baseline_that_the_ledger_does_not_know_is_not_taken_for_nothing(
    finance: Client, days: str
) -> None:
    scene()
    page = text(finance.get(f"/?{days}"))
    assert "The ledger begins 1 Feb 2026: what it does not know is not compared." in page
    assert " Change " not in page.split("By tenant")[1]


def test_without_dates_the_newest_month_with_data_is_shown_and_said(finance: Client) -> None:
    scene()
    page = text(finance.get("/"))
    assert "1–10 Mar 2026" in page
    assert "The newest data is of 10 Mar 2026: periods end there." in page


def test_a_reader_bound_to_a_tenant_finds_no_trace_of_others(client: Client) -> None:
    made = scene()
    tenant = made.tenants["checkout"]
    client.force_login(person("mia", "tenant_member", tenant))
    for query in ("", "&group=service", "&group=use", "&group=pool", "&group=cluster", "&compare=previous"):
        page = text(client.get(MARCH + query))
        assert "search" not in page
        assert "R&amp;D" not in page
        assert "No tenant" not in page
        assert "a100" not in page
    scope = TenantScope(frozenset({tenant.pk}))
    (total,) = costs_by(START, END, [], tenants=scope).totals
    said = rows(client.get(f"{MARCH}&format=csv"))
    assert [row["tenant"] for row in said] == ["checkout"]
    assert nano(said[0]) == total.amount_nano


def test_a_foreign_tenant_is_as_unknown_as_an_absent_one(client: Client) -> None:
    made = scene()
    client.force_login(person("mia", "tenant_member", made.tenants["checkout"]))
    pages = [text(client.get(f"{MARCH}&tenant={name}")).replace(name, "X") for name in ("search", "nobody")]
    assert pages[0] == pages[1]
    assert "no tenant of this name" in pages[0]


def test_whoever_has_no_role_is_told_so(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody"))
    response = client.get("/")
    assert response.status_code == 403
    page = response.content.decode()
    assert "no role that sees costs" in page
    # The start page is where they are: a link to it would lead nowhere.
    assert '<a class="btn" href="/"' not in page
    assert 'href="/account/">Your account</a>' in page


def test_two_currencies_are_never_added(finance: Client) -> None:
    made = scene()
    euros = CostPool([Line("serving", 7 * USD, None, None)], currency="EUR")
    publish_window(made.fleet.cluster.pk, made.day(3, 5, 18), [euros])
    page = text(finance.get(MARCH))
    assert "There is also cost in EUR" in page
    assert "Total cost €7" not in page
    assert [row["cost"] for row in rows(finance.get(f"{MARCH}&currency=EUR&format=csv"))] == ["7.000000000"]
    assert "€7.00" in text(finance.get(f"{MARCH}&currency=EUR"))


def test_what_has_no_price_is_a_dash_and_never_zero(finance: Client) -> None:
    made = scene()
    tenant = Tenant.objects.create(name="unpriced", parent=made.fleet.holding, path="/x/")
    pool = CostPool([Line("serving", None, tenant.pk, made.fleet.service.pk)])
    publish_window(made.fleet.cluster.pk, made.day(3, 5, 18), [pool])
    page = text(finance.get(MARCH))
    assert "unpriced no price –" in page
    assert "not all of it is priced" in page
    (row,) = [row for row in rows(finance.get(f"{MARCH}&format=csv")) if row["tenant"] == "unpriced"]
    assert (row["cost"], row["unpriced_lines"]) == ("", "1")


def test_names_that_a_spreadsheet_would_run_are_defused(finance: Client) -> None:
    scene(("=cmd|' /C calc'!A0", "+1"))
    names = [row["tenant"] for row in rows(finance.get(f"{MARCH}&format=csv"))]
    assert {"'=cmd|' /C calc'!A0", "'+1"} <= set(names)


def test_the_csv_has_all_rows_and_a_page_has_some(finance: Client) -> None:
    scene(tuple(f"tenant {n:03}" for n in range(60)))
    assert len(rows(finance.get(f"{MARCH}&format=csv"))) == 61
    assert "Rows 1–50 of 61" in text(finance.get(MARCH))
    page = text(finance.get(f"{MARCH}&page=99"))
    assert "Rows 51–61 of 61" in page
    for address in ("&page=-1", "&page=x", "&page=9999999999999999999999"):
        assert "of 61" in text(finance.get(MARCH + address))


def test_a_group_that_asked_and_bears_nothing_stays_visible(finance: Client) -> None:
    made = scene()
    tenant = Tenant.objects.create(name="free rider", parent=made.fleet.holding, path="/y/")
    publish_window(made.fleet.cluster.pk, made.day(3, 6, 18), [], [Used(5, 5, 0, tenant.pk)])
    assert "free rider bears nothing 0.00" in text(finance.get(MARCH))


def test_one_part_fails_alone(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    scene()

    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(overview, "devices", broken)
    page = text(finance.get(MARCH))
    assert "GPU utilization –" in page
    assert "Total cost" in page
    monkeypatch.setattr(overview, "grouped", broken)
    page = text(finance.get(f"{MARCH}&compare=none"))
    assert "This table could not be loaded" in page
    assert "no such luck" not in page


def test_what_is_kept_is_never_old(finance: Client) -> None:
    made = scene()
    assert "Total 920.74" in text(finance.get(MARCH))
    more = CostPool([Line("serving", 100 * USD, made.tenants["search"].pk)])
    publish_window(made.fleet.cluster.pk, made.day(3, 5, 18), [more])
    page = text(finance.get(MARCH))
    assert "Total 1,020.74" in page
    Tenant.objects.filter(name="search").update(name="find")
    page = text(finance.get(MARCH))
    assert "find" in page
    assert "search" not in page


def test_mistakes_in_an_address_are_said_and_nothing_breaks(finance: Client) -> None:
    scene()
    for query, said in (
        ("?from=2026-03-10&to=2026-03-01", "is before the first day"),
        ("?from=x&to=2026-03-01", "a day such as"),
        ("?from=2020-01-01&to=2026-03-01", "at most 800 days"),
        ("?period=never", "not one of the choices"),
        ("?group=moon", "not one of the choices"),
        (f"{MARCH[1:]}&use=dancing", "No cost for this selection"),
        (f"{MARCH[1:]}&service=%00", "No cost for this selection"),
    ):
        assert said in text(finance.get(f"/{query}")), query


def test_an_installation_without_figures_says_what_to_do(finance: Client) -> None:
    assert "manage.py apply fleet.toml" in text(finance.get("/"))


@pytest.mark.parametrize("reader", [("finance", None), ("tenant_lead", "checkout")])
def test_a_first_view_takes_at_most_fifteen_statements(reader: tuple[str, str | None]) -> None:
    tenants = scene().tenants
    role, of = reader
    client = Client()
    client.force_login(person("one", role, tenants[of] if of else None))
    with CaptureQueriesContext(connection) as captured:
        client.get(MARCH)
    # All that goes over the wire but BEGIN and COMMIT, which are the outermost savepoint here: the session,
    # who asks and savepoints within are counted. Only tests become the web process' role by statements.
    asked = [query["sql"] for query in captured if not re.search("set_config|current_setting", query["sql"])]
    savepoints = [sql for sql in asked if "SAVEPOINT" in sql]
    assert savepoints[0].split()[-1] == savepoints[-1].split()[-1], "the request's own"
    assert len(asked) - 2 <= 15, asked


def test_every_row_leads_to_the_page_narrowed_to_it(finance: Client) -> None:
    scene()
    for group in ("tenant", "service", "model", "cluster", "pool", "kind", "use"):
        page = finance.get(f"{MARCH}&group={group}").content.decode()
        table = page[page.index('id="groups"') :]
        links = re.findall(r'<th scope="row"[^>]*><a href="([^"]+)"', table)
        assert links, group
        for link in links:
            assert "No cost for this selection" not in text(finance.get("/" + link.replace("&amp;", "&")))
