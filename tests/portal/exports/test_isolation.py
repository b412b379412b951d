"""A tenant sees its own subtree: not others, not the platform, not even that they are there."""

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attribution.models import Service
from portal.accounts.models import Membership, Role
from tests.support.books import Books, fill, small_books
from tests.support.ledger import CostPool, Line, publish_window

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


@pytest.fixture
def lead(client: Client, books: Books) -> Client:
    """The lead of retail."""
    user = get_user_model().objects.create_user("lena")
    Membership.objects.create(user=user, role=Role.TENANT_LEAD, tenant_id=books.tenants["retail"].pk)
    client.force_login(user)
    return client


def body(response: Any) -> bytes:
    """A streamed answer whole."""
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("question", ["costs", "unit-costs"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_nothing_of_others_is_in_any_answer(lead: Client, question: str, form: str) -> None:
    dimensions = "tenant,service,model"
    for more in ("", ",hour" if question == "costs" else ""):
        address = f"/api/v1/{question}?{RANGE}&group_by={dimensions}{more}&format={form}"
        text = body(lead.get(address)).decode()
        assert "chat-team" in text
        for word in ("bank", "risk-team", "bank-only", "EUR"):
            assert word not in text
        if form == "json":
            assert {row["tenant"] for row in json.loads(text)["rows"]} == {
                "retail",
                "chat-team",
                "search-team",
            }


@pytest.mark.parametrize(
    ("parameter", "foreign", "absent"),
    [("tenant", "bank", "no-such"), ("tenant", "risk-team", "no-such"), ("service", "bank-only", "no-such")],
)
@pytest.mark.parametrize("question", ["costs", "unit-costs"])
def test_a_foreign_name_is_answered_exactly_like_an_absent_one(
    lead: Client, question: str, parameter: str, foreign: str, absent: str
) -> None:
    answers = [lead.get(f"/api/v1/{question}?{RANGE}&{parameter}={name}") for name in (foreign, absent)]
    assert [answer.status_code for answer in answers] == [400, 400]
    said, absent_said = (answer.content.decode() for answer in answers)
    assert said == absent_said.replace(absent, foreign)
    assert said.count(foreign) == 2  # what was asked, twice: never among the allowed


def test_lines_without_a_tenant_are_not_for_a_tenant(lead: Client) -> None:
    data = json.loads(body(lead.get(f"/api/v1/costs?{RANGE}&tenant=")))
    assert (data["rows"], data["totals"]) == ([], [])


def test_totals_are_those_of_the_subtree(lead: Client, books: Books) -> None:
    own = json.loads(body(lead.get(f"/api/v1/costs?{RANGE}")))
    root = Client()
    root.force_login(get_user_model().objects.create_superuser("root"))
    asked = json.loads(body(root.get(f"/api/v1/costs?{RANGE}&tenant=retail")))
    assert own["totals"] == asked["totals"]
    assert own["coverage"]["bill_amount"] == {}
    assert own["coverage"]["requests"] is None


@pytest.mark.parametrize("zone_end", ["2026-03-05", "2026-03-04T07:00:00Z"], ids=["roll-ups", "lines"])
@pytest.mark.parametrize(
    "question", ["costs?group_by=tenant,use", "costs?", "costs?currency=USD", "unit-costs?group_by=service"]
)
def test_coverage_is_that_of_the_lines_that_the_answer_is_about_and_asked_with_them(
    lead: Client, books: Books, question: str, zone_end: str
) -> None:
    own = [books.tenants[name].pk for name in ("retail", "chat-team", "search-team")]
    unseen = Line("no_data", 7, own[0], quantity=17.0)
    publish_window(books.clusters["east"].pk, DAY.replace(hour=6), [CostPool([unseen])])
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.use, l.quantity FROM ledger_line l
                 JOIN attribution_window w USING (cluster_id, hour, version)
                 JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                   = (l.cluster_id, l.hour, l.version, l.pool_number)
                WHERE p.kind = 'accelerator' AND l.tenant_id = ANY(%s)""",
            [own],
        )
        lines = [(use, Fraction(quantity or 0)) for use, quantity in cursor.fetchall()]
    whole, seen = sum(q for _, q in lines), sum(q for use, q in lines if use != "no_data")
    with CaptureQueriesContext(connection) as asked:
        data = json.loads(body(lead.get(f"/api/v1/{question}&from=2026-03-04&to={zone_end}")))
    assert 0 < seen < whole
    assert data["coverage"]["device_minutes"] == f"{float(seen / whole):.6f}"
    costs = [query for query in asked if query["sql"].startswith("-- What was borne in")]
    assert len(costs) == (2 if "currency" in question else 1)
