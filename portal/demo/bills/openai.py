"""Pages of OpenAI's cost report, as its API gives them: two projects, three keys."""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.demo.span import DAY, Span

SOURCE = "openai-costs"
# (project, key, thousand tokens of input a working day): the last key is nobody's.
_KEYS = (
    ("proj_meridian_search", "key_search_prod", 21_000),
    ("proj_meridian_labs", "key_devtools", 6_400),
    ("proj_meridian_labs", "key_hackathon", 900),
)
# Dollars a million tokens, and tokens of the class for one of input.
_CLASSES = (
    ("input", Decimal("0.40"), Decimal(1)),
    ("cached input", Decimal("0.10"), Decimal("0.6")),
    ("output", Decimal("1.60"), Decimal("0.12")),
)
_MODEL = "gpt-4.1-mini-2025-04-14"


def write_openai_costs(folder: Path, span: Span) -> list[Path]:
    """A page for each month."""
    paths = []
    for first, after in span.months():
        days = [day for day in span.each_day() if first <= day < after]
        if days:
            path = folder / f"{SOURCE}-{first:%Y-%m}.json"
            path.write_text(_page(span, days), encoding="utf-8")
            paths.append(path)
    return paths


def _page(span: Span, days: list[datetime]) -> str:
    buckets = [
        {
            "object": "bucket",
            "start_time": int(day.timestamp()),
            "end_time": int((day + DAY).timestamp()),
            "results": list(_results(span, day)),
        }
        for day in days
    ]
    return json.dumps({"object": "page", "data": buckets, "has_more": False, "next_page": None})


def _results(span: Span, day: datetime) -> Iterator[dict[str, Any]]:
    for project, key, thousands in _KEYS:
        random = span.random("openai", key, f"{day:%Y-%m-%d}")
        much = Decimal(int(thousands * random.uniform(0.8, 1.2) * (1 if day.weekday() < 5 else 0.2)))
        for name, price, ratio in _CLASSES:
            yield {
                "object": "organization.costs.result",
                # A text, as the API gives long amounts: no float in between.
                "amount": {"value": format(much * ratio * price / 1_000, "f"), "currency": "usd"},
                "line_item": f"{_MODEL}, {name}",
                "project_id": project,
                "api_key_id": key,
            }
