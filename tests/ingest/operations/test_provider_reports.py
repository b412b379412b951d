"""OpenAI's and Anthropic's own cost and usage reports, over HTTP, to bills and ledger lines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from attribution.models import Organization
from ingest.models import Batch, BillRun, Rejection
from ingest.operations.pull_bills import pull_bills
from ingest.sources import report_pages
from ingest.sources.errors import SourceError
from tests.support.bill_ledger import charges, current_bills, ledger, rows_by
from tests.support.feeds import declare_source
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
HOURS = [DAY + timedelta(hours=hour) for hour in range(24)]
COSTS, USAGE = "organization/costs", "organization/usage/completions"
REPORT, MESSAGES = "organizations/cost_report", "organizations/usage_report/messages"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportServer]:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    Organization.objects.get_or_create(pk=1)
    with report_server() as running:
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client waited; it does not really."""
    slept: list[float] = []
    monkeypatch.setattr(report_pages.time, "sleep", slept.append)
    return slept


def declare(server: ReportServer, kind: str = "openai", **settings: Any) -> None:
    declare_source(
        "models", kind, admin_key_env="OPENAI_ADMIN_KEY", url=server.url,
        **{"from": "2026-03-01T00:00:00+00:00"} | settings,
    )  # fmt: skip


def pull(now: datetime = NOW) -> list[tuple[str, str, str]]:
    return [(each.month, each.state.value, each.detail) for each in pull_bills(source_name="models", now=now)]


def test_openai_costs_become_a_bill_of_projects_and_keys_and_balance_in_the_ledger(
    server: ReportServer,
) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(0.06, "gpt-4.1-2025-04-14, input"))
    server.add(COSTS, DAY, **openai_cost("1.13080438340307526750", "gpt-4.1-2025-04-14, output", key=None))
    server.add(COSTS, DAY, **openai_cost(0.25, "web search tool calls", project="proj_b"))

    assert pull() == [("2026-03", "imported", "")]
    assert current_bills() == [
        ("2026-03", 1, 3, Decimal("1.44080438340307526750"), Decimal("1.44080438340307526750"))
    ]
    assert charges("sub_account_id", "resource_id", "sku_meter", "effective_cost") == [
        ("proj_a", "key_a", "gpt-4.1-2025-04-14, input", Decimal("0.06")),
        ("proj_a", None, "gpt-4.1-2025-04-14, output", Decimal("1.13080438340307526750")),
        ("proj_b", "key_a", "web search tool calls", Decimal("0.25")),
    ]
    uses = ledger(HOURS)
    assert sum(uses.values()) == Decimal("1.440804383"), "the bill, rounded once"
    assert abs(uses["provider"] - Decimal("1.190804383")) < Decimal("24e-9"), "less than a unit an hour"
    assert rows_by("p.kind") == {"provider_api": uses["provider"], "tool_calls": uses["shared"]}
    query = dict(server.asked)[COSTS]
    assert query["group_by"] == ["project_id", "line_item", "api_key_id"]
    assert query["end_time"] == [str(int(NOW.replace(hour=0, minute=0).timestamp()))], "full days only"


def test_anthropic_amounts_are_cents(server: ReportServer) -> None:
    declare(server, "anthropic")
    server.add(REPORT, DAY, **anthropic_cost("123.78912", "claude-sonnet-4-5", "uncached_input_tokens"))
    server.add(
        REPORT,
        DAY,
        **anthropic_cost("2.5", None, None, cost_type="web_search", description="Web Search Usage"),
    )
    server.add(
        REPORT,
        DAY,
        **anthropic_cost("1", None, None, cost_type="code_execution", description="Code Execution Usage"),
    )
    pull()
    assert current_bills() == [("2026-03", 1, 3, Decimal("1.2728912"), Decimal("1.2728912"))]
    ledger(HOURS)
    assert rows_by("p.kind") == {"provider_api": Decimal("1.2378912"), "tool_calls": Decimal("0.035")}


def test_tax_and_credit_lines_go_to_their_own_pool(server: ReportServer) -> None:
    declare(server)
    for value, line in ((1, "gpt-4.1, input"), (0.19, "VAT"), (-0.5, "Promotional credits")):
        server.add(COSTS, DAY, **openai_cost(value, line))
    pull()
    ledger(HOURS)
    assert rows_by("p.part") == {
        "model_api": Decimal(1),
        "tax": Decimal("0.19"),
        "credit": Decimal("-0.5"),
    }


def test_the_same_report_is_no_news_and_a_restated_day_is_a_new_version(server: ReportServer) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input"))
    pull()
    assert pull() == [("2026-03", "unchanged", "")]
    server.results[COSTS][DAY] = [openai_cost(3, "gpt-4.1, input")]
    assert pull() == [("2026-03", "imported", "")]
    assert current_bills() == [("2026-03", 2, 1, Decimal(3), Decimal(3))]
    assert sum(ledger(HOURS).values()) == 3


def test_a_month_whose_lines_are_all_gone_waits_and_keeps_its_bill(server: ReportServer) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input"))
    pull()
    server.results[COSTS].clear()
    ((month, state, detail),) = pull()
    assert (month, state) == ("2026-03", "waiting")
    assert "it stays" in detail
    assert current_bills()[0][1:3] == (1, 1)


def test_pages_are_followed_to_the_end(server: ReportServer) -> None:
    declare(server)
    server.buckets_a_page = 2
    for day in range(5):
        server.add(COSTS, DAY + timedelta(days=day), **openai_cost(1, "gpt-4.1, input"))
    pull()
    assert current_bills() == [("2026-03", 1, 5, Decimal(5), Decimal(5))]
    assert [query.get("page") for report, query in server.asked if report == COSTS] == [
        None, ["page_2"], ["page_4"],
    ]  # fmt: skip


def test_who_is_asked_to_wait_waits_as_long(server: ReportServer, waits: list[float]) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input"))
    server.faults = ["429 after 7", "500", "503"]
    assert pull() == [("2026-03", "imported", "")]
    assert waits == [7, 2, 4]


def test_who_is_asked_to_wait_for_long_leaves_it_to_the_schedule(
    server: ReportServer, waits: list[float]
) -> None:
    declare(server)
    server.faults = ["429 after 3600"]
    with pytest.raises(SourceError, match=r"HTTP 429.*asks to wait 3600 seconds"):
        pull()
    assert waits == []
    assert "3600" in BillRun.objects.get().detail, "data health shows it"


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (["500"] * 5, "HTTP 500"),
        (["cut"], "page 1 is not whole"),
        (["garbage"], "page 1 is not whole"),
        (["repeat", "repeat"], "repeats an earlier one"),
        (["no cursor"], "names no new page"),
    ],
)
def test_a_report_that_is_not_whole_changes_nothing_and_is_told(
    server: ReportServer, waits: list[float], faults: list[str], said: str
) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input"))
    pull()
    server.results[COSTS][DAY] = [openai_cost(9, "gpt-4.1, input")]
    server.faults = faults
    with pytest.raises(SourceError, match=said):
        pull()
    assert current_bills() == [("2026-03", 1, 1, Decimal(1), Decimal(1))]
    assert BillRun.objects.filter(month="", state="refused").exists()
    server.faults = []
    assert pull() == [("2026-03", "imported", "")]
    assert not BillRun.objects.filter(month="").exists()


def test_a_slow_drip_ends_at_its_limit(server: ReportServer) -> None:
    declare(server, timeout=1)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input " * 20))
    server.faults = ["drip"]
    with pytest.raises(SourceError, match="no whole answer within 1 seconds"):
        pull()


def test_a_wrong_key_is_told_without_being_shown(
    server: ReportServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(server)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-nobody")
    with pytest.raises(SourceError, match="HTTP 401; is the key an admin key") as told:
        pull()
    assert "sk-nobody" not in str(told.value)
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    with pytest.raises(SourceError, match=r"OPENAI_ADMIN_KEY \(admin_key_env\) is not set"):
        pull()


def test_an_amount_that_is_no_number_is_rejected_and_the_others_stand(server: ReportServer) -> None:
    declare(server)
    server.add(COSTS, DAY, **openai_cost(1, "gpt-4.1, input"))
    server.add(COSTS, DAY, **openai_cost("NaN", "gpt-4.1, output"))
    pull()
    assert current_bills() == [("2026-03", 1, 1, Decimal(1), Decimal(1))]
    (rejection,) = Rejection.objects.all()
    assert (rejection.column, rejection.found, rejection.line) == ("amount.value", "'NaN'", 2)


def usage_rows() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT u.hour, p.value, k.value, m.name, u.requests, u.input_tokens, u.cached_tokens,
                      u.cache_write_tokens, u.output_tokens
                 FROM usage_hour u LEFT JOIN label p ON p.id = u.service_label_id
                 LEFT JOIN label k ON k.id = u.tenant_label_id LEFT JOIN served_model m ON m.id = u.model_id
                WHERE u.level = 'provider' ORDER BY 1, 2, 3, 4"""
        )
        return cursor.fetchall()


def test_openai_input_includes_the_cached_tokens(server: ReportServer) -> None:
    declare(server)
    server.add(USAGE, HOURS[3], **openai_usage("gpt-4.1", 1000, 800, 500, requests=5))
    pull()
    assert usage_rows() == [(HOURS[3], "proj_a", "key_a", "gpt-4.1", 5, 1000, 800, None, 500)]


def test_anthropic_classes_are_disjoint_and_the_priority_tier_stands_apart(server: ReportServer) -> None:
    declare(server, "anthropic")
    server.add(MESSAGES, HOURS[3], **anthropic_usage("claude-sonnet-4-5", 100, 700, 200, 50))
    server.add(
        MESSAGES, HOURS[3], **anthropic_usage("claude-sonnet-4-5", 1, 2, 3, 4, service_tier="priority")
    )
    pull()
    assert usage_rows() == [
        (HOURS[3], "wrkspc_a", "apikey_a", "claude-sonnet-4-5", None, 1000, 700, 200, 50),
        (HOURS[3], "wrkspc_a", "apikey_a", "claude-sonnet-4-5 (priority tier)", None, 6, 2, 3, 4),
    ]


def test_usage_goes_on_where_it_broke_off_and_settled_days_are_not_asked_again(
    server: ReportServer, waits: list[float]
) -> None:
    declare(server, **{"from": "2026-03-18T00:00:00+00:00"})
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (18, 19)]
    for day in days:
        server.add(USAGE, day, **openai_usage("gpt-4.1", 10, 0, 5))
    server.faults = ["", "", "", *["500"] * 5]  # costs, both reports of the 19th, then the 18th breaks off
    with pytest.raises(SourceError, match="HTTP 500"):
        pull()
    assert [row[0] for row in usage_rows()] == [days[1]]
    pull()
    assert [row[0] for row in usage_rows()] == days
    server.asked.clear()
    pull(NOW + timedelta(days=4))
    asked = {query["start_time"][0] for report, query in server.asked if report == USAGE}
    assert str(int(days[0].timestamp())) in asked, "read before it was settled"
    server.asked.clear()
    pull(NOW + timedelta(days=4))
    assert str(int(days[0].timestamp())) not in {q["start_time"][0] for r, q in server.asked if r == USAGE}


def test_more_cached_than_input_is_rejected_with_its_reason(server: ReportServer) -> None:
    declare(server)
    server.add(USAGE, HOURS[3], **openai_usage("gpt-4.1", 10, 11, 5))
    server.add(USAGE, HOURS[3], **openai_usage("gpt-4.1", 10, 1, 5))
    pull()
    assert len(usage_rows()) == 1
    batch = Batch.objects.get(file_name="usage 2026-03-04")
    assert (batch.accepted, batch.rejected) == (1, 1)
    assert "at most the 10 input tokens" in Rejection.objects.get().reason
