"""A figure held against plotly's own schema."""

from typing import Any

from portal.charts.chart import Chart


def checked(chart: Chart) -> Chart:
    """The chart, or ValueError that names what plotly does not know in its figure.

    The library checks every value, which takes longer than a page may: the gallery and the tests ask it,
    the pages send the same plain data.
    """
    from plotly import graph_objects

    figure: dict[str, Any] = chart.figure
    graph_objects.Figure(figure)
    return chart
