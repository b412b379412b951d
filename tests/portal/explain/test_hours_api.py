"""One hour over HTTP: how it was split, and its devices minute by minute."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from attribution.operations.attribute_windows import attribute_range
from portal.accounts.models import Role
from tests.support.fleet import HOUR, Fleet, devices_hour, price, requests_hour, small_fleet
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
WHEN = "hour=2026-03-04T10:00:00Z"


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    price(made, 6_000_000_001)
    devices_hour(
        made, HOUR, {"n1": {"busy": [0.5] * 40 + [0.0] * 20}, "n2": {"pod": None}, "n3": {"ready": 0.0}}
    )
    requests_hour(
        made,
        HOUR,
        [
            {"tenant": "a", "requests": 2, "duration_us": 20},
            {"tenant": "b", "requests": 1, "duration_us": 10},
        ],
    )
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    return made


def ask(client: Client, path: str) -> Any:
    """The answer's data."""
    response = client.get(f"/api/v1/explain/{path}")
    assert response.status_code == 200, response.content
    return json.loads(response.content)


def test_an_hour_is_split_into_states_and_tenants_by_their_weights(fleet: Fleet) -> None:
    found = ask(signed_in(Role.FINANCE), f"hour?cluster=c1&{WHEN}")
    assert (found["same"], found["version"], found["said"]) == (True, 1, "")
    (pool,) = found["pools"]
    assert pool["amount"] == "18.000000003"
    assert {part["use"]: part["quantity"] for part in pool["parts"]} == {
        "serving": 40, "idle": 20, "unallocated": 60, "loading": 60,
    }  # fmt: skip
    assert sum(Decimal(part["amount"]) for part in pool["parts"]) == Decimal(pool["amount"])
    serving = next(part for part in pool["parts"] if part["use"] == "serving")
    assert [(w["tenant"], w["weight"]) for w in serving["weights"]] == [("a", 20), ("b", 10)]
    assert serving["basis"] == "modelled"


def test_devices_have_a_letter_for_every_minute(fleet: Fleet) -> None:
    client = signed_in(Role.ANALYST)
    first = ask(client, f"minutes?cluster=c1&{WHEN}&limit=2")
    rest = ask(client, f"minutes?cluster=c1&{WHEN}&limit=2&after={first['next']}")
    rows = [*first["rows"], *rest["rows"]]
    assert [row["node"] for row in rows] == ["n1", "n2", "n3"]
    assert rest["next"] is None
    assert rows[0]["states"] == "S" * 40 + "I" * 20
    assert rows[0]["minutes"] == {"serving": 40, "workless": 20}
    assert rows[1]["minutes"] == {"unallocated": 60}
    assert (rows[0]["pod"], rows[0]["pool"]) == ("chat-n1", "c1/a100")
    assert first["letters"]["S"] == "serving"


@pytest.mark.parametrize("what", ["hour", "minutes"])
def test_hours_of_a_cluster_are_for_no_tenants_reader(fleet: Fleet, what: str) -> None:
    client = signed_in(Role.TENANT_LEAD, fleet.holding)
    answers = [client.get(f"/api/v1/explain/{what}?cluster={name}&{WHEN}") for name in ("c1", "no-such")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        (f"cluster=no-such&{WHEN}", "cluster"),
        ("cluster=c1", "hour"),
        ("cluster=c1&hour=2026-03-05T10:00:00Z", "hour"),
        (f"cluster=c1&{WHEN}&version=2", "hour"),
        (f"cluster=c1&{WHEN}&version=two", "version"),
        (f"cluster=c1&{WHEN}&colour=red", "colour"),
    ],
)
def test_a_wrong_hour_is_named(fleet: Fleet, query: str, parameter: str) -> None:
    response = signed_in(Role.FINANCE).get(f"/api/v1/explain/hour?{query}")
    assert (response.status_code, response.json()["parameter"]) == (400, parameter)
