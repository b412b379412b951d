"""A rule in an explanation: id, validity, version, and when and how it was applied."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from attribution.models import DistributionRule
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.windows import mark_span_dirty
from portal.audit.actor import Actor
from portal.audit.telling import acting_as
from tests.support.fleet import HOUR, devices_hour, price, requests_hour, small_fleet
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
APPLY = Actor("user:ana", "manage.py apply", "")
RANGE = "from=2026-03-04&to=2026-03-05"


@pytest.fixture
def rule() -> DistributionRule:
    """Idle devices by a rule that somebody applied; everything else by the product's defaults."""
    fleet = small_fleet()
    price(fleet, 6 * 10**9)
    devices_hour(fleet, HOUR, {"n1": {"busy": 0.5}, "n2": {}})
    requests_hour(fleet, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    with acting_as(APPLY):
        made = DistributionRule.objects.create(use="idle", method="proportional")
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    chained()
    return made


def chained() -> None:
    """Events are chained when their transaction ends: now, for this test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rules(client: Client) -> dict[str, dict[str, Any]]:
    answer = json.loads(client.get(f"/api/v1/explain?figure=cost&{RANGE}").content)
    return {each["use"]: each for each in answer["rules"]}


def test_a_declared_rule_names_its_version_and_when_it_was_applied(rule: DistributionRule) -> None:
    client = signed_in("finance")
    told = rules(client)["idle"]
    assert (told["rule"], told["version"], told["method"]) == (rule.pk, 1, "proportional")
    moment = datetime.fromisoformat(told["applied_at"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=10)
    assert told["applied_via"] == "manage.py apply"
    page = re.sub(r"<[^>]+>", " ", client.get("/explain/?from=2026-03-04&to=2026-03-04").content.decode())
    assert "version 1, applied" in " ".join(page.split())


def test_each_writing_of_it_is_a_version(rule: DistributionRule) -> None:
    with acting_as(Actor("user:bo", "manage.py shell", "")):
        DistributionRule.objects.filter(pk=rule.pk).update(method="even")
        chained()
    told = rules(signed_in("finance"))["idle"]
    assert (told["version"], told["applied_via"]) == (2, "manage.py shell")


def test_a_default_of_the_product_was_never_applied(rule: DistributionRule) -> None:
    told = rules(signed_in("finance"))["serving"]
    assert (told["rule"], told["version"], told["applied_at"], told["applied_via"]) == (None,) * 4


def pinned_and_changed(client: Client, rule: DistributionRule, change: Any) -> tuple[str, dict[str, Any]]:
    """The address of a figure under the rule's first version, and the rule that it told; then it changes."""
    answer = json.loads(client.get(f"/api/v1/explain?figure=cost&{RANGE}").content)
    link = answer["permalink"]
    told = as_told(client, link)
    change(DistributionRule.objects.filter(pk=rule.pk))
    chained()
    mark_span_dirty(cluster_id=None, start=None, end=None)
    attribute_range(HOUR, HOUR + timedelta(hours=1))
    return link, told


def as_told(client: Client, link: str) -> dict[str, Any]:
    body = json.loads(client.get(link).content)
    return {each["use"]: each for each in body["rules"]}["idle"]


LATER = DateTimeTZRange(HOUR - timedelta(days=1), None)


def test_a_pinned_figure_shows_the_rule_as_it_was_then(rule: DistributionRule) -> None:
    client = signed_in("finance")
    link, told = pinned_and_changed(client, rule, lambda rules: rules.update(method="even", valid=LATER))
    assert (told["method"], told["version"], told["valid_from"]) == ("proportional", 1, None)
    assert as_told(client, link) == told
    now = rules(client)["idle"]
    assert (now["method"], now["version"]) == ("even", 2)
    assert now["valid_from"] is not None


def test_a_rule_that_was_taken_away_is_still_what_divided_a_pinned_figure(rule: DistributionRule) -> None:
    client = signed_in("finance")
    link, told = pinned_and_changed(client, rule, lambda rules: rules.delete())
    assert as_told(client, link) == told
    page = client.get(link.replace("/api/v1/explain", "/explain/")).content.decode()
    assert "proportional, rule" in page
    assert "taken away since" not in page
    assert rules(client)["idle"]["rule"] is None


def test_without_the_trigger_the_rule_of_then_would_be_forgotten(rule: DistributionRule) -> None:
    """The sabotage: a rule that is written past the trigger has no version, and its figure none to show."""
    client = signed_in("finance")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE distribution_rule DISABLE TRIGGER keep_version")
    link, _ = pinned_and_changed(client, rule, lambda rules: rules.update(method="even"))
    answer = json.loads(client.get(f"/api/v1/explain?figure=cost&{RANGE}").content)
    again = as_told(client, answer["permalink"])
    assert (
        as_told(client, link)["method"] == again["method"] == "proportional"
    )  # wrong: it was divided evenly


@pytest.mark.parametrize("write", ["UPDATE distribution_rule_version SET method = 'even'",
                                   "DELETE FROM distribution_rule_version"])  # fmt: skip
def test_versions_of_rules_are_append_only(rule: DistributionRule, write: str) -> None:
    with (
        pytest.raises(IntegrityError, match="versions of rules are append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(write)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE distribution_rule_version DISABLE TRIGGER append_only")
        cursor.execute(write)
        assert cursor.rowcount == 1
