"""Pages of OpenAI's cost and usage reports, as its API gives them: three projects, four keys."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from portal.demo.request_logs import answered
from portal.demo.rhythm import rhythm
from portal.demo.span import DAY, HOUR, Span

SOURCE = "openai-costs"
# (project, key, thousand tokens of input a working day): the last key is nobody's.
_KEYS = (
    ("proj_meridian_search", "key_search_prod", 21_000),
    ("proj_meridian_labs", "key_devtools", 6_400),
    ("proj_meridian_labs", "key_hackathon", 900),
)
_MINI, _NANO = "gpt-4.1-mini-2025-04-14", "gpt-4.1-nano-2025-04-14"
# Dollars a million tokens, and of `mini` tokens of the class for one of input.
_CLASSES = (
    ("input", Decimal("0.40"), Decimal(1)),
    ("cached input", Decimal("0.10"), Decimal("0.6")),
    ("output", Decimal("1.60"), Decimal("0.12")),
)
_NANO_PRICES = (Decimal("0.10"), Decimal("0.025"), Decimal("0.40"))
# Of `nano` everybody shares one key. Somebody has it in a notebook, past our own log.
_SHARED = ("proj_meridian_gateway", "key_gateway")
_PAST_THE_LOG = 1.04
_REQUEST_TOKENS = 1_500


Results = Callable[[Span, datetime], Iterator[dict[str, Any]]]


class Hour(NamedTuple):
    """What a key used of a model in an hour; input without the cached part."""

    requests: int
    fresh: int
    cached: int
    output: int


def write_openai_costs(folder: Path, span: Span) -> list[Path]:
    """A page for each month."""
    return _write(folder, span, SOURCE, DAY, _costs)


def write_openai_usage(folder: Path, span: Span) -> list[Path]:
    """A page for each month, by the hour."""
    return _write(folder, span, "openai-usage", HOUR, _used)


def _write(
    folder: Path,
    span: Span,
    name: str,
    width: timedelta,
    results: Results,
) -> list[Path]:
    paths = []
    for first, after in span.months():
        days = [day for day in span.each_day() if first <= day < after]
        if days:
            path = folder / f"{name}-{first:%Y-%m}.json"
            starts = [day + number * width for day in days for number in range(DAY // width)]
            path.write_text(json.dumps(_page(span, starts, width, results)), encoding="utf-8")
            paths.append(path)
    return paths


def _page(span: Span, starts: list[datetime], width: timedelta, results: Results) -> dict[str, Any]:
    buckets = [
        {
            "object": "bucket",
            "start_time": int(start.timestamp()),
            "end_time": int((start + width).timestamp()),
            "results": list(results(span, start)),
        }
        for start in starts
    ]
    return {"object": "page", "data": buckets, "has_more": False, "next_page": None}


def _costs(span: Span, day: datetime) -> Iterator[dict[str, Any]]:
    for project, key, thousands in _KEYS:
        much = _thousands(span, key, thousands, day)
        for name, price, ratio in _CLASSES:
            yield _cost(much * ratio * price / 1_000, f"{_MINI}, {name}", project, key)
    hours = [_shared(span).get(day + number * HOUR) for number in range(24)]
    for place, ((name, _, _), price) in enumerate(zip(_CLASSES, _NANO_PRICES, strict=True), 1):
        if tokens := sum(used[place] for used in hours if used):
            yield _cost(tokens * price / 1_000_000, f"{_NANO}, {name}", *_SHARED)


def _cost(dollars: Decimal, line: str, project: str, key: str) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        # A text, as the API gives long amounts: no float in between.
        "amount": {"value": format(dollars, "f"), "currency": "usd"},
        "line_item": line,
        "project_id": project,
        "api_key_id": key,
    }


def _thousands(span: Span, key: str, thousands: int, day: datetime) -> Decimal:
    """Of input tokens a day."""
    random = span.random("openai", key, f"{day:%Y-%m-%d}")
    return Decimal(int(thousands * random.uniform(0.8, 1.2) * (1 if day.weekday() < 5 else 0.2)))


def _used(span: Span, hour: datetime) -> Iterator[dict[str, Any]]:
    day = hour.replace(hour=0)
    of_day = rhythm("office", np.array([int((day + number * HOUR).timestamp()) for number in range(24)]))
    for project, key, thousands in _KEYS:
        fresh = float(_thousands(span, key, thousands, day)) * 1_000 * of_day[hour.hour] / of_day.sum()
        parts = [int(fresh * float(ratio)) for _, _, ratio in _CLASSES]
        yield _usage(Hour(int(fresh / _REQUEST_TOKENS) + 1, *parts), _MINI, project, key)
    if found := _shared(span).get(hour):
        yield _usage(found, _NANO, *_SHARED)


def _usage(used: Hour, model: str, project: str, key: str) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": used.fresh + used.cached,
        "input_cached_tokens": used.cached,
        "output_tokens": used.output,
        "num_model_requests": used.requests,
        "project_id": project,
        "api_key_id": key,
        "model": model,
    }


@lru_cache(maxsize=2)
def _shared(span: Span) -> dict[datetime, Hour]:
    """What the log of `answers` counted, failed requests with it, and what came past it."""
    log = answered("answers", span)
    hours, place = np.unique(log["ts"].to_numpy().astype("datetime64[h]"), return_inverse=True)
    given, cached, output = (
        np.bincount(place, log[name].to_numpy()) * _PAST_THE_LOG
        for name in ("input_tokens", "cached_tokens", "output_tokens")
    )
    requests = np.bincount(place) * _PAST_THE_LOG
    rows = np.round([requests, given - cached, cached, output]).astype(np.int64).T.tolist()
    starts = [datetime.fromtimestamp(hour * 3_600, UTC) for hour in hours.astype(np.int64).tolist()]
    return {start: Hour(*row) for start, row in zip(starts, rows, strict=True)}
