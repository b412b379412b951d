"""The daily chart: the same figures as a drawing, in words and as a table."""

import json
from datetime import date, timedelta

import plotly.graph_objects as go
import pytest

from portal.charts.daily import Series, daily_cost
from portal.charts.labels import label

UNIT = 1_000_000_000
DAYS = [date(2026, 11, 20) + timedelta(days=index) for index in range(3)]
SERVING = Series("serving", "Serving", [2 * UNIT, 3 * UNIT, None])
IDLE = Series("idle", "Idle", [UNIT // 3, UNIT // 3, UNIT // 3])


def test_the_figure_is_plain_json_with_one_trace_a_component_and_no_colour() -> None:
    chart = daily_cost(DAYS, [SERVING, IDLE], "USD")
    figure = json.loads(json.dumps(chart.figure))
    assert [trace["meta"]["colour"] for trace in figure["data"]] == ["serving", "idle"]
    assert figure["data"][0]["y"] == [2.0, 3.0, None]
    assert figure["data"][0]["customdata"] == ["$2.00", "$3.00", "–"]
    assert "color" not in figure["data"][0]["marker"]
    assert figure["layout"]["barmode"] == "relative"


def test_the_figure_is_one_that_the_library_accepts() -> None:
    figure = daily_cost(DAYS, [SERVING, IDLE], "USD").figure
    assert len(go.Figure(figure).data) == 2


def test_provisional_days_are_faded_and_named() -> None:
    chart = daily_cost(DAYS, [IDLE], "USD", provisional_from=DAYS[2])
    assert chart.figure["data"][0]["marker"]["opacity"] == [1.0, 1.0, 0.45]
    assert "Provisional from 22 Nov 2026 on." in chart.summary
    assert chart.table is not None
    assert [row.cells[0].tag is not None for row in chart.table.rows] == [False, False, True]


def test_every_line_of_the_table_adds_up_to_its_own_total() -> None:
    thirds = [Series(str(key), str(key), [UNIT // 3]) for key in range(3)]
    table = daily_cost(DAYS[:1], thirds, "USD").table
    assert table is not None
    assert [cell.text for cell in table.rows[0].cells] == ["20 Nov 2026", "0.34", "0.33", "0.33", "1.00"]


def test_a_day_of_which_nothing_is_known_has_no_total() -> None:
    table = daily_cost(DAYS[:1], [Series("idle", "Idle", [None])], "USD").table
    assert table is not None
    assert [cell.text for cell in table.rows[0].cells][1:] == ["–", "–"]


def test_the_summary_says_range_total_and_largest_component() -> None:
    said = daily_cost(DAYS, [SERVING, IDLE], "USD").summary
    assert "20–22 Nov 2026" in said
    assert "Total $6." in said
    assert "Serving, 83%" in said


def test_labels_of_strangers_are_drawn_as_they_stand() -> None:
    chart = daily_cost(DAYS, [Series("idle", '<a href="x">%{y}', IDLE.nano)], "USD")
    assert chart.figure["data"][0]["name"] == '&lt;a href="x"&gt;%&#123;y}'
    assert label("a & b") == "a &amp; b"


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one amount a day"):
        daily_cost(DAYS, [Series("idle", "Idle", [1])], "USD")
