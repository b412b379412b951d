"""Provider totals against gateway totals, by model."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from attribution.models import Source, TenantRule
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from attribution.queries.provider_residuals import provider_residuals
from tests.support.fleet import HOUR, Fleet, small_fleet
from tests.support.scene import person

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(days=1)


@pytest.fixture
def fleet() -> Fleet:
    """Provider: 1,000 output tokens, 400 under a known key. Gateway: 500, and 70 on a day it has not."""
    fleet = small_fleet()
    TenantRule.objects.create(kind="api_key", pattern="key_own", create_under=fleet.holding)
    source = Source.objects.create(name="openai", kind="openai")
    model, alias = intern_models(["gpt-4.1-2025-04-14", "openai/gpt-4.1"])
    project, own, shared = intern_labels(
        [("project", "p"), ("api_key", "key_own"), ("api_key", "key_shared")]
    )
    counted = [(own, 400), (shared, 600)]
    rows = [
        UsageRow(HOUR, project, key, model, "success", 1, output_tokens=tokens) for key, tokens in counted
    ]
    record_usage(source_id=source.pk, cluster_id=0, level="provider", rows=rows, batch_id=1)
    seen = [
        UsageRow(HOUR, 0, 0, alias, "success", 1, output_tokens=500),
        UsageRow(HOUR + timedelta(hours=20), 0, 0, alias, "success", 1, output_tokens=70),
    ]
    record_usage(source_id=fleet.gateway.pk, cluster_id=0, level="gateway", rows=seen, batch_id=2)
    return fleet


def test_the_residual_is_what_neither_a_rule_nor_a_gateway_knows(fleet: Fleet) -> None:
    rows = {row.measure: row for row in provider_residuals(HOUR.replace(hour=0), END)}
    output = rows["output_tokens"]
    assert (output.source, output.model) == ("openai", "gpt-4-1")
    assert (output.provider, output.by_rule, output.gateway, output.residual) == (1000, 400, 500, 100)
    assert output.residual_percent == Decimal("10.00")
    unknown = rows["input_tokens"]
    assert (unknown.provider, unknown.residual, unknown.residual_percent) == (None, None, None)


def test_page_csv_and_api_say_the_same(fleet: Fleet, client: Client) -> None:
    client.force_login(person("frida", "finance"))
    days = {"from": "2026-03-04", "to": "2026-03-05"}
    answer: Any = client.get("/api/v1/provider-residuals", days)
    api = json.loads(b"".join(answer.streaming_content))
    (row,) = (row for row in api["rows"] if row["measure"] == "output_tokens")
    assert (row["provider"], row["by_rule"], row["gateway"], row["residual"]) == (1000, 400, 500, 100)
    days = {"from": "2026-03-04", "to": "2026-03-04"}
    page = client.get("/reconciliation/", days).content.decode()
    assert "Providers against gateways" in page
    assert "+10.00%" in page
    answer = client.get("/reconciliation/", days | {"format": "csv", "table": "providers"})
    text = b"".join(answer.streaming_content).decode()
    assert "gpt-4-1,output_tokens,1000,400,500,100,10.00" in text


def test_a_tenants_reader_is_refused(fleet: Fleet, client: Client) -> None:
    client.force_login(person("lea", "tenant_lead", fleet.holding))
    days = {"from": "2026-03-04", "to": "2026-03-05"}
    assert client.get("/api/v1/provider-residuals", days).status_code == 403


def test_nothing_is_counted_in_an_empty_range(fleet: Fleet) -> None:
    assert provider_residuals(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)) == []
