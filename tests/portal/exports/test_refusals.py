"""What the API refuses, and how it says so."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.support.books import small_books

pytestmark = pytest.mark.django_db
RANGE = "from=2026-03-04&to=2026-03-05"


@pytest.fixture
def reader(client: Client) -> Client:
    small_books()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.mark.parametrize(
    ("query", "parameter", "found", "allowed"),
    [
        ("to=2026-03-05", "from", None, "2026-11-01T00:00:00Z"),
        ("from=2026-03-04", "to", None, "2026-11-01T00:00:00Z"),
        ("from=&to=2026-03-05", "from", "", "2026-11-01T00:00:00Z"),
        ("from=yesterday&to=2026-03-05", "from", "yesterday", "2026-11-01T00:00:00Z"),
        ("from=2026-02-30&to=2026-03-05", "from", "2026-02-30", "2026-11-01T00:00:00Z"),
        ("from=0001-01-01&to=2026-03-05", "from", "0001-01-01", "2026-11-01T00:00:00Z"),
        ("from=2026-03-04&to=9999-12-31T23:59:59", "to", "9999-12-31T23:59:59", "2026-11-01T00:00:00Z"),
        ("from=2026-03-05&to=2026-03-05", "to", "2026-03-05", "2026-11-01T00:00:00Z"),
        (f"{RANGE}&from=2026-03-01", "from", "2026-03-04, 2026-03-01", None),
        (f"{RANGE}&group_by=colour", "group_by", "colour", "tenant"),
        (f"{RANGE}&group_by=tenant,,use", "group_by", "", "tenant"),
        (f"{RANGE}&group_by=tenant_id)--", "group_by", "tenant_id)--", "tenant"),
        (f"{RANGE}&kind=gpu", "kind", "gpu", "accelerator"),
        (f"{RANGE}&use=Serving", "use", "Serving", "serving"),
        (f"{RANGE}&basis=guess", "basis", "guess", "measured"),
        (f"{RANGE}&tenant=nobody", "tenant", "nobody", "bank"),
        (f"{RANGE}&tenant=%00", "tenant", "\0", "bank"),
        (f"{RANGE}&pool=east/h100", "pool", "east/h100", "east/a100"),
        (f"{RANGE}&format=xml", "format", "xml", "csv"),
        (f"{RANGE}&limit=0", "limit", "0", "a whole number from 1"),
        (f"{RANGE}&limit=1e3", "limit", "1e3", "a whole number from 1"),
        (f"{RANGE}&offset=-1", "offset", "-1", "a whole number from 0"),
        (f"{RANGE}&limit={'9' * 5000}", "limit", "9" * 5000, "a whole number from 1"),
        (f"{RANGE}&page=2", "page", None, "group_by"),
    ],
)
def test_a_bad_parameter_is_a_400_that_says_which_and_what_is_allowed(
    reader: Client, query: str, parameter: str, found: Any, allowed: str | None
) -> None:
    response = reader.get(f"/api/v1/costs?{query}")
    assert response.status_code == 400
    said = response.json()
    assert (said["parameter"], said["found"]) == (parameter, found)
    assert parameter in said["error"]
    assert allowed is None or any(allowed in choice for choice in said["allowed"])


@pytest.mark.parametrize("question", ["unit-costs", "utilization", "reconciliation"])
def test_a_question_allows_only_its_own_parameters(reader: Client, question: str) -> None:
    assert reader.get(f"/api/v1/{question}?{RANGE}&use=serving").json()["parameter"] == "use"
    assert reader.get(f"/api/v1/{question}?{RANGE}&group_by=basis").json()["parameter"] == "group_by"


def test_refusals_are_json_whatever_was_asked_for(reader: Client) -> None:
    response = reader.get("/api/v1/costs?format=csv", headers={"Accept": "text/csv"})
    assert response.status_code == 400
    assert json.loads(response.content)["parameter"] == "from"


def test_nothing_can_be_written(reader: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(reader, method)(f"/api/v1/costs?{RANGE}").status_code == 405


def test_without_signing_in_there_is_a_401_and_no_form(client: Client) -> None:
    response = client.get(f"/api/v1/costs?{RANGE}")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert client.get("/api/v1/nope").status_code == 404
    assert client.get("/api/v1/nope").json() == {"error": "there is no such address in the API"}
