"""Token fits on their page and over REST."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from attribution.models import Service, TokenCoefficients
from attribution.operations.decide_fit import approve_fit, reject_fit
from attribution.operations.propose_fits import propose_fits
from tests.support.fleet import Fleet, small_fleet
from tests.support.scene import person
from tests.support.simulated_engine import Engine, run, steady_load
from tests.support.token_hours import record_engine

pytestmark = pytest.mark.django_db
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 4, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
DAYS = "from=2026-03-01&to=2026-03-05"


@pytest.fixture
def analyst(client: Client) -> Client:
    client.force_login(person("aiko", "analyst"))
    return client


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Service.objects.update(runtime="vllm")
    return made


def fitted(fleet: Fleet, **engine: Any) -> TokenCoefficients:
    record_engine(fleet, run(Engine(noise=0.05, headroom=4, **engine), steady_load(80)), START)
    (fit,) = propose_fits(start=START, end=END, proposed_by="ana", now=NOW)
    return fit


def rows(client: Client) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/token-fits?{DAYS}")
    found: list[dict[str, Any]] = json.loads(b"".join(response.streaming_content))["rows"]
    return found


def text(response: Any) -> str:
    """The words of a page."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_fit_is_answered_with_its_quality_interval_and_span(analyst: Client, fleet: Fleet) -> None:
    fit = fitted(fleet)
    (row,) = rows(analyst)
    assert (row["id"], row["state"], row["method"], row["hours"]) == (fit.pk, "proposed", "regression", 80)
    assert (row["model"], row["accelerator"], row["runtime"]) == ("meta/llama", "A100", "vllm")
    assert (row["data_from"], row["data_to"]) == ("2026-03-01T00:00:00Z", "2026-03-04T08:00:00Z")
    assert Decimal(row["input_us"]) == fit.weight_input
    assert float(row["output_low_us"]) < float(row["output_us"]) < float(row["output_high_us"])
    assert float(row["explained"]) == fit.evidence["explained"]
    assert (row["reason"], row["decided_by"], row["valid_from"]) == (None, None, "2026-03-01T00:00:00Z")
    page = text(analyst.get(f"/token-weights/?{DAYS}"))
    assert "meta/llama on A100 · vllm" in page
    assert f"{fit.weight_input:,}" in page
    assert "A proposed fit weighs nothing yet" in page


def test_what_was_refused_says_why(analyst: Client, fleet: Fleet) -> None:
    fitted(fleet, release=2.5)
    (row,) = rows(analyst)
    assert (row["state"], row["input_us"]) == ("refused", None)
    assert "the coefficients drift" in row["reason"]
    assert "the coefficients drift" in text(analyst.get(f"/token-weights/?{DAYS}"))


def test_a_decision_names_who_made_it(analyst: Client, fleet: Fleet) -> None:
    approve_fit(fit_id=fitted(fleet).pk, by="bo", now=NOW)
    (row,) = rows(analyst)
    assert (row["state"], row["decided_by"], row["decided_at"]) == ("approved", "bo", "2026-03-05T09:00:00Z")
    page = text(analyst.get(f"/token-weights/?{DAYS}"))
    assert "proposed by ana, approved by bo" in page
    assert "weighs nothing yet" not in page


def test_a_rejection_has_its_reason(analyst: Client, fleet: Fleet) -> None:
    reject_fit(fit_id=fitted(fleet).pk, by="bo", reason="a week of <load> tests", now=NOW)
    assert rows(analyst)[0]["reason"] == "a week of <load> tests"
    assert "a week of &lt;load&gt; tests" in analyst.get(f"/token-weights/?{DAYS}").content.decode()


def test_the_csv_is_the_answer_of_the_api(analyst: Client, fleet: Fleet) -> None:
    fitted(fleet)
    page = analyst.get(f"/token-weights/?{DAYS}&format=csv")
    api = analyst.get("/api/v1/token-fits?from=2026-03-01&to=2026-03-06&format=csv")
    assert b"".join(page.streaming_content) == b"".join(api.streaming_content)


def test_without_fits_it_says_what_weighs_instead(analyst: Client) -> None:
    small_fleet()
    assert "No weights were fitted from these days" in text(analyst.get("/token-weights/"))


def test_it_is_not_for_tenants(client: Client, fleet: Fleet) -> None:
    client.force_login(person("lena", "tenant_lead", fleet.holding))
    assert client.get("/token-weights/").status_code == 403
    assert client.get(f"/api/v1/token-fits?{DAYS}").status_code == 403
