"""Saved pages of usage reports are what the API would have said."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.support.feeds import declare_source
from tests.support.fleet import small_fleet
from tests.support.report_server import anthropic_usage, openai_cost, openai_usage

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _sources() -> None:
    small_fleet()
    declare_source("models", "openai")
    declare_source("claude", "anthropic")


def used(given: int, output: int) -> dict[str, Any]:
    return openai_usage("gpt-4.1", given, 0, output)


def page(path: Path, *hours: tuple[datetime, list[dict[str, Any]]]) -> Path:
    """Times as OpenAI and as Anthropic say them: each reads its own."""
    data = [
        {
            "start_time": int(start.timestamp()),
            "end_time": int(start.timestamp()) + 3600,
            "starting_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
            "results": results,
        }
        for start, results in hours
    ]
    path.write_text(json.dumps({"object": "page", "data": data, "has_more": False, "next_page": None}))
    return path


def counted() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.name, u.hour, u.requests, u.input_tokens, u.output_tokens
                 FROM usage_hour u JOIN source s ON s.id = u.source_id ORDER BY 1, 2, 4"""
        )
        return cursor.fetchall()


def test_pages_of_some_days_replace_these_days_and_the_same_again_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = TEN + timedelta(days=1)
    one = page(tmp_path / "1.json", (TEN, [used(100, 20)]))
    two = page(tmp_path / "2.json", (later, [used(7, 3)]))
    call_command("import_usage", str(one), str(two), source="models")
    first = counted()
    assert [(row[1], row[3], row[4]) for row in first] == [(TEN, 100, 20), (later, 7, 3)]
    call_command("import_usage", str(one), str(two), source="models")
    assert counted() == first
    assert "2 rows of 2 days, 0 of them new or changed" in capsys.readouterr().out
    call_command(
        "import_usage",
        str(page(tmp_path / "3.json", (TEN, [used(1, 1)]))),
        source="models",
    )
    assert [(row[1], row[3]) for row in counted()] == [(TEN, 1), (later, 7)]


def test_anthropics_pages_are_read_by_its_own_rules(tmp_path: Path) -> None:
    saved = page(tmp_path / "a.json", (TEN, [anthropic_usage("claude-sonnet-4-5", 10, 0, 0, 5)]))
    call_command("import_usage", str(saved), source="claude")
    assert [row[0] for row in counted()] == ["claude"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{", "it is no page of a usage report"),
        ('{"data": [{"results": 5}]}', "expected buckets with a list"),
    ],
)
def test_a_file_that_is_no_page_is_refused_and_nothing_of_the_others_is_used(
    tmp_path: Path, said: str, words: str
) -> None:
    good = page(tmp_path / "good.json", (TEN, [used(100, 20)]))
    bad = tmp_path / "bad.json"
    bad.write_text(said)
    with pytest.raises(CommandError, match=words):
        call_command("import_usage", str(good), str(bad), source="models")
    assert counted() == []


def test_a_row_that_tells_no_usage_is_rejected_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = used(100, 20) | {"input_tokens": -3}
    saved = page(tmp_path / "p.json", (TEN, [used(1, 1), wrong]))
    call_command("import_usage", str(saved), source="models")
    assert "rejected p.json row 2" in capsys.readouterr().out
    assert len(counted()) == 1


def test_another_source_or_a_page_of_costs_is_refused(tmp_path: Path) -> None:
    saved = page(tmp_path / "p.json", (TEN, [used(1, 1)]))
    with pytest.raises(CommandError, match="sources of kind openai or anthropic: claude, models"):
        call_command("import_usage", str(saved), source="bills")
    costs = page(tmp_path / "c.json", (TEN, [openai_cost("1.5", "gpt-4.1, input")]))
    with pytest.raises(CommandError, match="no row of it counts anything: is it a page of the cost report"):
        call_command("import_usage", str(costs), source="models")
    assert counted() == []
