"""`/api/v1/explain` over HTTP: the figure, its pages, its permalink, and what a tenant may see."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from attribution.models import Service
from attribution.queries.explain.figures import OF_EVERYBODY, Figure
from portal.accounts.models import Role
from tests.support.books import HOUR, Books, fill, small_books
from tests.support.ledger import CostPool, Line, publish_window
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
RANGE = "from=2026-03-04&to=2026-03-05"


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 3)
    secret = Service.objects.create(name="bank-only")
    line = Line("serving", 5, made.tenants["bank"].pk, secret.pk)
    publish_window(made.clusters["east"].pk, DAY.replace(hour=5), [CostPool([line])])
    return made


def ask(client: Client, path: str) -> Any:
    """The answer's data."""
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def of_costs(client: Client, more: str) -> Any:
    """Totals of the costs question."""
    response = client.get(f"/api/v1/costs?{RANGE}{more}")
    return json.loads(response.getvalue())["totals"]


def test_a_cost_is_explained_with_the_amount_that_costs_say(books: Books) -> None:
    client = signed_in(Role.FINANCE)
    for more in ("", "&tenant=retail", "&use=idle", "&tenant=&service=", "&kind=accelerator&pool=east/a100"):
        found = ask(client, f"explain?{RANGE}{more}&currency=USD")
        totals = {total["currency"]: total for total in of_costs(client, more)}
        assert found["value"] == totals.get("USD", {"amount": None})["amount"]
        assert found["formula"]["expression"] == "sum(lines)"
        assert found["unit"] == "USD"


def test_the_pages_of_pools_and_lines_add_up_to_the_figure(books: Books) -> None:
    client = signed_in(Role.FINANCE)
    whole = Decimal(ask(client, f"explain?{RANGE}&currency=USD&tenant=retail")["value"])
    for kind, column in (("pools", "in_figure"), ("lines", "amount")):
        total, address = Decimal(0), f"explain/{kind}?{RANGE}&currency=USD&tenant=retail&limit=4"
        page = ask(client, address)
        rounds = 0
        while True:
            total += sum(Decimal(row[column] or 0) for row in page["rows"])
            rounds += 1
            if page["next"] is None:
                break
            page = ask(client, f"{address}&after={page['next']}")
        assert total == whole
        assert rounds > 1


def test_every_figure_is_answered(books: Books) -> None:
    client = signed_in(Role.FINANCE)
    for figure in Figure:
        found = ask(client, f"explain?{RANGE}&figure={figure}")
        assert found["figure"] == figure
        assert (found["value"] is None) == (found["reason"] is not None)
        assert found["inputs"]


def test_a_tenant_may_not_ask_what_is_everybodys(books: Books) -> None:
    client = signed_in(Role.TENANT_LEAD, books.tenants["retail"])
    for figure in Figure:
        response = client.get(f"/api/v1/explain?{RANGE}&figure={figure}")
        assert response.status_code == (403 if figure in OF_EVERYBODY else 200)


def test_nothing_of_others_is_in_a_tenants_evidence(books: Books) -> None:
    client = signed_in(Role.TENANT_LEAD, books.tenants["retail"])
    for path in (
        f"explain?{RANGE}",
        f"explain/pools?{RANGE}",
        f"explain/lines?{RANGE}",
        f"explain/changes?{RANGE}&from_version=2026-01-01",
    ):
        text = json.dumps(ask(client, path))
        for word in ("bank", "risk-team", "bank-only", "EUR"):
            assert word not in text, path
    rows = ask(client, f"explain/pools?{RANGE}")["rows"]
    assert rows
    assert {row["amount"] for row in rows} == {None}


@pytest.mark.parametrize(("name", "foreign"), [("tenant", "bank"), ("service", "bank-only")])
@pytest.mark.parametrize("path", ["explain", "explain/pools", "explain/lines", "explain/changes"])
def test_a_foreign_name_is_answered_exactly_like_an_absent_one(
    books: Books, path: str, name: str, foreign: str
) -> None:
    client = signed_in(Role.TENANT_LEAD, books.tenants["retail"])
    said, absent = (client.get(f"/api/v1/{path}?{RANGE}&{name}={value}") for value in (foreign, "no-such"))
    assert (said.status_code, absent.status_code) == (400, 400)
    assert said.content.decode() == absent.content.decode().replace("no-such", foreign)


@pytest.mark.parametrize(
    ("more", "parameter"),
    [
        ("&figure=luck", "figure"),
        ("&currency=dollars", "currency"),
        ("&as_of=yesterday", "as_of"),
        ("&seen=1:2:3:4", "seen"),
        ("&seen=5:2:", "seen"),
        ("&colour=red", "colour"),
        ("&tenant=nobody", "tenant"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(books: Books, more: str, parameter: str) -> None:
    response = signed_in(Role.FINANCE).get(f"/api/v1/explain?{RANGE}{more}")
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter
    assert response.json()["allowed"]


@pytest.mark.parametrize("after", ["x", "2026-03-04T00:00:00Z", "2026-03-04,1,1", "2026-03-04T00:00:00Z,a,1"])
def test_a_wrong_place_is_refused(books: Books, after: str) -> None:
    response = signed_in(Role.FINANCE).get(f"/api/v1/explain/lines?{RANGE}&after={after}")
    assert (response.status_code, response.json()["parameter"]) == (400, "after")


def test_whoever_has_no_role_is_refused_and_strangers_must_sign_in(books: Books, client: Client) -> None:
    assert client.get(f"/api/v1/explain?{RANGE}").status_code == 401
    client.force_login(get_user_model().objects.create_user("nobody"))
    assert client.get(f"/api/v1/explain?{RANGE}").status_code == 403


def test_a_permalink_gives_the_same_figure_after_the_ledger_has_changed(books: Books) -> None:
    client = signed_in(Role.FINANCE)
    first = ask(client, f"explain?{RANGE}&tenant=bank&currency=USD")
    line = Line("serving", 7, books.tenants["bank"].pk)
    publish_window(books.clusters["east"].pk, DAY, [CostPool([line], pool=books.pools["east"].pk)])
    publish_window(books.clusters["west"].pk, DAY + 9 * HOUR, [CostPool([line])])
    now = ask(client, f"explain?{RANGE}&tenant=bank&currency=USD")
    again = ask(client, first["permalink"].removeprefix("/api/v1/"))
    assert again["value"] == first["value"] != now["value"]
    assert again["pinned"]["as_expected"] is True
    assert (again["pinned"]["current"], now["pinned"]["current"]) == (False, True)
    assert again["permalink"] == first["permalink"]
    wrong = ask(client, f"explain?{RANGE}&tenant=bank&currency=USD&pin={first['pinned']['pin']}")
    assert wrong["pinned"]["as_expected"] is False
