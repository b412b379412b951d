"""Spend at a provider is divided by project and key, else by tokens; what nobody explains says so."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.models import Organization, Service, ServiceRule, Source, TenantRule
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from attribution.operations.replace_bill import Charge, replace_bill
from attribution.queries.unit_costs import unit_costs
from attribution.queries.unknown_meters import unknown_meters
from ingest.operations.pull_bills import pull_bills
from portal.accounts.models import Role
from tests.support.feeds import declare_source
from tests.support.fleet import Fleet, small_fleet
from tests.support.readers import signed_in
from tests.support.report_server import (
    KEY,
    ReportServer,
    anthropic_cost,
    anthropic_usage,
    openai_cost,
    openai_usage,
    report_server,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
DAY = datetime(2026, 3, 4, tzinfo=UTC)
TEN, ELEVEN = DAY.replace(hour=10), DAY.replace(hour=11)
COSTS, USAGE = "organization/costs", "organization/usage/completions"
REPORT, MESSAGES = "organizations/cost_report", "organizations/usage_report/messages"


@pytest.fixture
def fleet() -> Fleet:
    return small_fleet()


@pytest.fixture
def server(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportServer]:
    monkeypatch.setenv("ADMIN_KEY", KEY)
    with report_server() as running:
        yield running


def rule(fleet: Fleet, kind: str, pattern: str) -> None:
    TenantRule.objects.create(kind=kind, pattern=pattern, create_under=fleet.holding)


def pull(server: ReportServer, kind: str = "openai", now: datetime = NOW) -> None:
    settings = {"admin_key_env": "ADMIN_KEY", "url": server.url, "from": "2026-03-01T00:00:00+00:00"}
    if not Source.objects.filter(name="models").exists():
        declare_source("models", kind, **settings)
    pull_bills(source_name="models", now=now)
    attribute_range(DAY, DAY + timedelta(days=1))


def gateway(fleet: Fleet, hour: datetime, *rows: dict[str, Any], model: str = "openai/gpt-4.1") -> None:
    """Requests at a gateway: tenant, outcome and tokens."""
    (model_id,) = intern_models([model])
    usage = []
    for row in rows:
        (label,) = intern_labels([("tenant", row.pop("tenant"))])
        usage.append(UsageRow(hour, 0, label, model_id, row.pop("outcome", "success"), 1, **row))
    span = (hour, hour + timedelta(hours=1))
    record_usage(source_id=fleet.gateway.pk, cluster_id=0, level="gateway", rows=usage, replace_hours=span)


def lines(*columns: str) -> list[tuple[Any, ...]]:
    """Sums of the current lines of bills by some columns, in units."""
    named = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {named}, (sum(l.amount_nano) / 1e9)::numeric(20, 6) FROM ledger_line l
                  JOIN attribution_window w USING (cluster_id, hour, version)
                  JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                    = (l.cluster_id, l.hour, l.version, l.pool_number)
                  LEFT JOIN tenant t ON t.id = l.tenant_id
                 WHERE p.bill_id IS NOT NULL GROUP BY {named} ORDER BY {named}"""
        )
        return cursor.fetchall()


def test_a_rule_on_the_key_or_the_project_gives_the_tenant(fleet: Fleet, server: ReportServer) -> None:
    rule(fleet, "api_key", "key_own")
    rule(fleet, "project", "proj_own")
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input", project="proj_own", key="key_own"))
    server.add(COSTS, DAY, **openai_cost(2, "gpt-4.1, input", project="proj_own", key="key_other"))
    server.add(COSTS, DAY, **openai_cost(4, "web search tool calls", project="proj_own", key=None))
    server.add(COSTS, DAY, **openai_cost(8, "gpt-4.1, input", project="proj_else", key=None))
    pull(server)
    assert lines("p.kind", "t.name", "l.basis", "l.reason") == [
        ("provider_api", "key_own", "measured", "", Decimal(1)),
        ("provider_api", "proj_own", "measured", "", Decimal(2)),
        (
            "provider_api", None, "measured",
            "no rule knows the billed project or key, and no gateway counted its tokens", Decimal(8),
        ),
        ("tool_calls", "proj_own", "measured", "", Decimal(4)),
    ]  # fmt: skip


def test_the_costs_of_a_day_go_to_the_hours_of_its_tokens(fleet: Fleet, server: ReportServer) -> None:
    rule(fleet, "project", "proj_a")
    server.add(COSTS, DAY, **openai_cost(10, "gpt-4.1-2025-04-14, output"))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1-2025-04-14", 999, 0, 300))
    server.add(USAGE, ELEVEN, **openai_usage("gpt-4.1-2025-04-14", 1, 0, 100))
    next_day = DAY + timedelta(hours=33)
    pull(server, now=next_day)
    assert lines("l.hour") == [(TEN, Decimal("7.5")), (ELEVEN, Decimal("2.5"))]
    server.results[USAGE][ELEVEN] = [openai_usage("gpt-4.1-2025-04-14", 1, 0, 300)]
    pull(server, now=next_day + timedelta(hours=1))
    assert lines("l.hour") == [(TEN, Decimal(5)), (ELEVEN, Decimal(5))], "usage that changes moves the costs"


def test_a_shared_key_is_divided_by_the_tokens_of_the_lines_own_class(
    fleet: Fleet, server: ReportServer
) -> None:
    server.add(COSTS, DAY, **openai_cost(9, "gpt-4.1, output"))
    server.add(COSTS, DAY, **openai_cost(3, "gpt-4.1, cached input"))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1", 1000, 300, 300))
    gateway(
        fleet, TEN,
        {"tenant": "a", "input_tokens": 900, "cached_tokens": 100, "output_tokens": 100},
        {"tenant": "b", "input_tokens": 100, "cached_tokens": 200, "output_tokens": 200},
        {"tenant": "a", "outcome": "failed", "input_tokens": 0, "cached_tokens": 0, "output_tokens": 0},
    )  # fmt: skip
    pull(server)
    assert lines("t.name", "l.basis") == [
        ("a", "modelled", Decimal(3 + 1)),
        ("b", "modelled", Decimal(6 + 2)),
    ]


def test_another_model_at_the_gateway_bears_nothing(fleet: Fleet, server: ReportServer) -> None:
    server.add(COSTS, DAY, **openai_cost(9, "gpt-4.1, output"))
    gateway(fleet, TEN, {"tenant": "a", "input_tokens": 5, "output_tokens": 5}, model="llama-3.3-70b")
    pull(server)
    assert [(name, amount) for name, amount in lines("t.name")] == [(None, Decimal(9))]


def test_failed_requests_are_a_use_of_their_own(fleet: Fleet, server: ReportServer) -> None:
    server.add(COSTS, DAY, **openai_cost(4, "gpt-4.1, output"))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1", 0, 0, 400))
    gateway(
        fleet, TEN,
        {"tenant": "a", "input_tokens": 1, "output_tokens": 300},
        {"tenant": "a", "outcome": "failed", "input_tokens": 1, "output_tokens": 100},
    )  # fmt: skip
    pull(server)
    assert lines("l.use") == [("provider", Decimal(3)), ("serving_failed", Decimal(1))]


def test_tokens_that_no_gateway_counted_are_nobodys_and_say_so(fleet: Fleet, server: ReportServer) -> None:
    server.add(COSTS, DAY, **openai_cost(10, "gpt-4.1, output"))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1", 0, 0, 1000))
    gateway(fleet, TEN, {"tenant": "a", "input_tokens": 0, "output_tokens": 700})
    pull(server)
    assert lines("t.name", "l.reason") == [
        ("a", "", Decimal(7)),
        (None, "the provider counted tokens that no gateway did", Decimal(3)),
    ]


def test_a_workspace_is_divided_by_its_keys_and_what_no_rule_knows_of_them_by_the_gateway(
    fleet: Fleet, server: ReportServer
) -> None:
    """10.00 for 1,000 output tokens: 400 of a key with a rule, 600 of a shared one, 300 of them seen."""
    rule(fleet, "api_key", "apikey_own")
    model = "claude-sonnet-4-5-20250929"
    server.add(REPORT, DAY, **anthropic_cost("1000", model, "output_tokens"))
    server.add(MESSAGES, TEN, **anthropic_usage(model, 0, 0, 0, 400, api_key_id="apikey_own"))
    server.add(MESSAGES, TEN, **anthropic_usage(model, 0, 0, 0, 600, api_key_id="apikey_shared"))
    server.add(MESSAGES, TEN, **anthropic_usage(model, 0, 0, 0, 9000, service_tier="priority"))
    gateway(
        fleet, TEN,
        {"tenant": "a", "input_tokens": 0, "output_tokens": 100},
        {"tenant": "b", "input_tokens": 0, "output_tokens": 200},
        model="anthropic/claude-sonnet-4.5",
    )  # fmt: skip
    pull(server, "anthropic")
    assert lines("t.name", "l.basis") == [
        ("a", "modelled", Decimal(1)),
        ("apikey_own", "modelled", Decimal(4)),
        ("b", "modelled", Decimal(2)),
        (None, "modelled", Decimal(3)),
    ], "the Priority Tier, which the costs do not have, weighs nothing"


def test_a_service_of_the_charge_takes_its_gateway_rows_under_any_name(
    fleet: Fleet, server: ReportServer
) -> None:
    service = Service.objects.create(name="frontier")
    ServiceRule.objects.create(service=service, kind="request", pattern="smart")
    ServiceRule.objects.create(service=service, kind="charge", pattern="OpenAI API")
    server.add(COSTS, DAY, **openai_cost(8, "gpt-4.1, output"))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1", 0, 0, 8))
    gateway(
        fleet, TEN,
        {"tenant": "a", "input_tokens": 0, "output_tokens": 2},
        {"tenant": "b", "input_tokens": 0, "output_tokens": 6},
        model="smart",
    )  # fmt: skip
    pull(server)
    assert lines("t.name") == [("a", Decimal(2)), ("b", Decimal(6))]


def test_a_clouds_model_line_goes_by_its_tag_then_by_its_account(fleet: Fleet) -> None:
    rule(fleet, "team", "pay*")
    rule(fleet, "project", "1234")
    shared = {
        "billing_currency": "USD", "list_cost": None, "contracted_cost": None, "charge_category": "Usage",
        "service_name": "Amazon Bedrock", "sku_meter": "USE1-Claude4.6Opus-input-tokens",
        "charge_period_start": TEN, "charge_period_end": ELEVEN, "file": "b.csv", "line": 2,
    }  # fmt: skip
    costs = {"billed_cost": Decimal(3), "effective_cost": Decimal(3)}
    charges = [
        Charge(1, sub_account_id="1234", tags={"user:Team": "payments"}, **shared, **costs),
        Charge(2, sub_account_id="1234", **shared, **costs),
        Charge(3, sub_account_id="9999", **shared, **costs),
    ]
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=DAY.replace(day=1),
        period_end=DAY.replace(month=4, day=1), content_hash=b"1", charges=charges, files=[], rejected=0,
        imported_at=NOW,
    )  # fmt: skip
    attribute_range(TEN, ELEVEN)
    assert lines("t.name") == [("1234", Decimal(3)), ("payments", Decimal(3)), (None, Decimal(3))]


def cloud_bill(fleet: Fleet, *lines_of: tuple[str, str, str]) -> None:
    """Lines of one hour: service, meter, cost."""
    charges = [
        Charge(
            place, file="b.csv", line=place, billing_currency="USD", list_cost=None, contracted_cost=None,
            charge_category="Usage", service_name=service, sku_meter=meter, charge_period_start=TEN,
            charge_period_end=ELEVEN, billed_cost=Decimal(cost), effective_cost=Decimal(cost),
        )
        for place, (service, meter, cost) in enumerate(lines_of, 1)
    ]  # fmt: skip
    replace_bill(
        source_id=fleet.bills.pk, export="", period_start=DAY.replace(day=1),
        period_end=DAY.replace(month=4, day=1), content_hash=b"1", charges=charges, files=[], rejected=0,
        imported_at=NOW,
    )  # fmt: skip
    attribute_range(TEN, ELEVEN)


def test_a_clouds_meter_is_divided_by_the_tokens_of_its_model_at_the_gateway(fleet: Fleet) -> None:
    """Claude at Bedrock, Gemini at Vertex AI, GPT at Azure; each by its own model and class of tokens."""
    for model, of_a, of_b in (
        ("bedrock/us.anthropic.claude-opus-4-6-v1:0", 1, 3),
        ("vertex_ai/gemini-2.5-flash", 3, 1),
        ("azure/gpt-4.1", 1, 1),
    ):
        gateway(
            fleet, TEN,
            {"tenant": "a", "input_tokens": 100 * of_a, "output_tokens": 10},
            {"tenant": "b", "input_tokens": 100 * of_b, "output_tokens": 30},
            model=model,
        )  # fmt: skip
        fleet.gateway = Source.objects.create(name=f"beside {model}", kind="request_log")
    cloud_bill(
        fleet,
        ("Amazon Bedrock", "USE1-Claude4.6Opus-input-tokens-cross-region-global", "4"),
        ("Amazon Bedrock", "USE1-Claude4.6Opus-output-tokens-cross-region-global", "40"),
        ("Vertex AI", "Gemini 2.5 Flash GA Text Input - Predictions", "400"),
        ("Foundry Models", "gpt 4.1 Inp glbl Tokens", "4000"),
    )
    assert lines("t.name", "l.basis") == [
        ("a", "modelled", Decimal(1 + 10 + 300 + 2000)),
        ("b", "modelled", Decimal(3 + 30 + 100 + 2000)),
    ]


def test_a_meter_without_a_known_model_says_so_and_is_listed(fleet: Fleet) -> None:
    gateway(fleet, TEN, {"tenant": "a", "input_tokens": 5, "output_tokens": 5}, model="fantasia-9")
    cloud_bill(
        fleet,
        ("Amazon Bedrock", "USE1-Fantasia9-input-tokens", "2"),
        ("Amazon Bedrock", "USE1-Fantasia9-output-tokens", "3"),
        ("Amazon Bedrock", "USE1-Claude4.6Opus-input-tokens", "1"),
    )
    unknown = "no rule knows the billed project or key, and tables/models.toml no model of this meter"
    assert lines("t.name", "l.reason") == [
        (None, "no rule knows the billed project or key, and no gateway counted its tokens", Decimal(1)),
        (None, unknown, Decimal(5)),
    ]
    assert [tuple(row) for row in unknown_meters(TEN, ELEVEN)] == [
        ("bills", "USE1-Fantasia9-output-tokens", "USD", 3 * 10**9, 1, TEN, ELEVEN),
        ("bills", "USE1-Fantasia9-input-tokens", "USD", 2 * 10**9, 1, TEN, ELEVEN),
    ]
    client = signed_in(Role.FINANCE)
    days = {"from": "2026-03-04", "to": "2026-03-05", "limit": "1", "offset": "1"}
    response: Any = client.get("/api/v1/unknown-meters", days)
    answer = json.loads(b"".join(response.streaming_content))
    assert answer["row_count"] == 2
    assert [(row["meter"], row["rows"], row["amount"], row["first_seen"]) for row in answer["rows"]] == [
        ("USE1-Fantasia9-input-tokens", 1, "2.000000000", "2026-03-04T10:00:00Z")
    ]
    assert "tenant_rule" in answer["rows"][0]["what_to_do"]
    assert signed_in("tenant_lead", fleet.holding).get("/api/v1/unknown-meters", days).status_code == 403
    page = client.get("/reconciliation/?from=2026-03-04&to=2026-03-04").content.decode()
    assert "Meters without a known model" in page
    assert "USE1-Fantasia9-output-tokens" in page
    Organization.objects.update_or_create(pk=1, defaults={"reporting_time_zone": "Asia/Kolkata"})
    page = client.get("/reconciliation/?from=2026-03-04&to=2026-03-04").content.decode()
    assert "4 Mar 2026 15:30 IST" in page  # in the reporting zone, as every other time
    elsewhere = client.get("/reconciliation/?from=2026-03-05&to=2026-03-05").content.decode()
    assert "Meters without a known model" not in elsewhere


def test_requests_that_only_the_provider_counted_are_no_successes(fleet: Fleet, server: ReportServer) -> None:
    """A tenant known by its project has a cost, and neither requests nor a cost per success."""
    rule(fleet, "project", "proj_a")
    server.add(COSTS, DAY, **openai_cost(3, "gpt-4.1, input", project="proj_a", key=None))
    server.add(USAGE, TEN, **openai_usage("gpt-4.1", 1000, 0, 10))
    pull(server)
    (total,) = unit_costs(DAY, DAY + timedelta(days=1), []).totals
    assert total.loaded_nano == 3 * 10**9
    assert (total.requests.requests, total.requests.successes, total.loaded.value) == (None, None, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, outcome, sum(requests)::int FROM usage_hour GROUP BY 1, 2")
        assert cursor.fetchall() == [("provider", "unfinished", 1)]
    page = signed_in(Role.FINANCE).get("/reconciliation/?from=2026-03-04&to=2026-03-04").content.decode()
    assert "outcome unknown" in page
