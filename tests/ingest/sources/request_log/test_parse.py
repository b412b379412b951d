"""Cells of request logs become arrays, and the sums of a naive reading."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.file_list import NamedFile
from ingest.sources.request_log import client
from ingest.sources.request_log.client import open_log
from ingest.sources.request_log.columns import measures, moments, names, texts
from ingest.sources.request_log.mapping import mapping_of
from ingest.sources.request_log.outcomes import OUTCOMES, Outcomes
from ingest.sources.request_log.parse import context_of, parse_chunk
from ingest.sources.request_log.sums import add, empty

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("200", "success"), ("204", "success"), ("succeeded", "success"), ("SUCCESS", "success"),
        ("OK", "success"), ("completed", "success"), ("stop", "success"), ("302", "failed"),
        ("404", "failed"), ("500", "failed"), ("Failed", "failed"), ("error: oom", "failed"),
        ("timeout", "failed"), ("timed_out", "failed"), ("cancelled", "unfinished"),
        ("canceled", "unfinished"), ("aborted", "unfinished"), ("pending", "unfinished"),
        ("499", "unfinished"), ("unfinished", "unfinished"), ("2000", None), ("wibble", None), (None, None),
    ],
)  # fmt: skip
def test_usual_statuses_are_known(status: str | None, outcome: str | None) -> None:
    place = Outcomes({}).place(status)
    assert (OUTCOMES[place] if place >= 0 else None) == outcome


def test_times_are_read_in_all_their_ways() -> None:
    good = datetime(2026, 3, 4, 10, 15, tzinfo=UTC)
    at = int(good.timestamp())
    ways = [
        "2026-03-04T10:15:00Z",
        "2026-03-04 12:15:00+02:00",
        "2026-03-04T10:15:00.000000+0000",
        at,
        at * 1000,
    ]
    micros, bad = moments(ways, naive_utc=False)
    assert micros.tolist() == [at * 10**6] * len(ways)
    assert not bad.any()

    _, bad = moments(
        ["2026-03-04T10:15:00", "", None, "x", "2026-02-30T00:00:00Z", True, [], -5], naive_utc=False
    )
    assert bad.all()
    for stamps in (pa.array([good], pa.timestamp("ns", "Europe/Oslo")), pa.array([good.isoformat()])):
        assert moments(stamps, naive_utc=False)[0].tolist() == [at * 10**6]
    bare = pa.array([datetime(2026, 3, 4, 10, 15), None], pa.timestamp("ms"))  # noqa: DTZ001  # as files have it
    assert moments(bare, naive_utc=False)[1].tolist() == [True, True]
    assert moments(bare, naive_utc=True)[1].tolist() == [False, True]


def test_measures_are_whole_units_or_unknown_or_bad() -> None:
    values = [
        1.5,
        2,
        "0.25",
        None,
        "",
        Decimal("0.1"),
        float("nan"),
        -1,
        "x",
        float("inf"),
        True,
        10**400,
        "1e3",
    ]
    numbers, bad = measures(values, 1_000_000, 10**15)
    assert numbers[:7].tolist() == [1_500_000, 2_000_000, 250_000, -1, -1, 100_000, -1]
    assert bad.tolist() == [False] * 7 + [True] * 5 + [False]
    tokens, bad = measures(pa.array([1.0, 2.5, None]), 1, 10**12)
    assert (tokens[0], tokens[2], bad.tolist()) == (1, -1, [False, True, False])


def test_texts_take_whole_numbers_and_nothing_else() -> None:
    array, bad = texts(["a", 200, 200.0, None, "", 1.5, True, ["x"], "\ud800"])
    assert array.to_pylist()[:5] == ["a", "200", "200", None, None]
    assert bad.tolist() == [False] * 5 + [True] * 4
    dictionary = pa.array(["a", None, "a"]).dictionary_encode()
    assert names(dictionary, {None: 0, "a": 1}.__getitem__)[0].tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("given_settings", "why"),
    [
        ({"columns": {"time": "ts"}}, "status is missing"),
        ({"columns": {"time": "t", "status": "s", "duration_s": "a", "duration_ms": "b"}}, "one unit"),
        ({"naive_times": "CET"}, 'expected "utc" or nothing'),
    ],
)
def test_a_wrong_mapping_is_refused(given_settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        mapping_of(given_settings)


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 4))  # noqa: DTZ001  # bounds
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "ts": MOMENTS.map(lambda at: f"{at:%FT%TZ}"),
            "tenant": st.sampled_from(["a", "b", "", None]),
            "model": st.sampled_from(["m", None, float("nan")]),
            "status": st.sampled_from(["200", 500, "cancelled", "wibble", None]),
            "duration_s": st.one_of(st.none(), st.integers(-1, 100), st.just(float("nan"))),
        }
    ),
    max_size=40,
)


def nothing(value: object) -> bool:
    return value is None or value != value


def naive(records: list[dict[str, Any]]) -> tuple[dict[tuple[Any, ...], list[Any]], int]:
    """Groups with their count and sum, and the number of rejected records; one plain loop."""
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0])
    rejected = 0
    outcomes = {"200": "success", "500": "failed", "cancelled": "unfinished"}
    for record in records:
        outcome = outcomes.get(str(record["status"]))
        seconds = record["duration_s"]
        if outcome is None or (not nothing(seconds) and seconds < 0):
            rejected += 1
            continue
        hour = datetime.fromisoformat(record["ts"]).replace(minute=0, second=0)
        model = None if nothing(record["model"]) else record["model"]
        group = groups[hour, record["tenant"] or None, model, outcome]
        group[0] += 1
        group[1] = None if group[1] is None or nothing(seconds) else group[1] + seconds * 10**6
    return groups, rejected


@given(RECORDS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_are_those_of_a_plain_loop_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(client, "RECORDS_AT_ONCE", 7)
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    columns = {"time": "ts", **{name: name for name in ("tenant", "model", "status", "duration_s")}}
    context = context_of("a.jsonl", mapping_of({"columns": columns}), NOW)
    sums, rejected = empty(), 0
    for chunk in open_log(NamedFile("a.jsonl", path), context.mapping):
        usable, rejections = parse_chunk(chunk, context)
        sums = add(sums, usable)
        rejected += len(rejections)

    groups, naive_rejected = naive(records)
    tenants, models = list(context.tenant.codes), list(context.model.codes)
    found = {}
    for (hour, _, tenant, model, outcome), count, total in zip(
        sums.keys.tolist(), sums.requests.tolist(), sums.measures["duration_us"].tolist(), strict=True
    ):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        found[at, tenants[tenant], models[model], OUTCOMES[outcome]] = [count, None if total < 0 else total]
    assert found == dict(groups)
    assert rejected == naive_rejected
    assert np.sum(sums.requests) + rejected == len(records)
