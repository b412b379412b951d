"""Components as HTML."""

from fractions import Fraction

import pytest
from django.template.loader import render_to_string
from django.templatetags.static import static

from portal.components.figures import Figure, point_delta, relative_delta
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.table_html import body_html
from portal.components.vendored import vendored


def table(*rows: Row) -> Table:
    columns = [Column("Tenant"), Column("Cost", True, "?sort=cost", "descending")]
    return Table("By tenant", "USD", columns, rows, [Row([Cell("Total"), Cell("3.00")])])


def test_a_sentence_below_a_row_is_as_wide_as_the_table_and_escaped() -> None:
    made = table(Row([Cell("a"), Cell("b")], below="because <b>"))
    assert '<tr class="below"><td colspan="2"><span>because &lt;b&gt;</span></td></tr>' in body_html(made)


def test_a_table_has_caption_row_headers_sort_direction_and_foot() -> None:
    html = render_to_string("components/table.html", {"table": table(Row([Cell("a", "/a"), Cell("3.00")]))})
    assert "<caption><span>USD</span></caption>" in html
    assert '<th scope="row" class="short"><a href="/a">a</a>' in html
    assert 'aria-sort="descending"' in html
    assert "<tfoot>" in html


def test_a_row_with_a_cell_too_few_is_an_error_and_not_a_shifted_line() -> None:
    with pytest.raises(ValueError, match="zip"):
        body_html(table(Row([Cell("a")])))


def test_names_of_strangers_are_escaped_in_cells_and_tags() -> None:
    row = Row([Cell("<b>x</b>", under="<i>", tag=Tag("<u>")), Cell("1")])
    html = render_to_string("components/table.html", {"table": table(row)})
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html


def test_a_table_that_stands_upright_on_a_phone_names_its_columns_in_its_cells() -> None:
    rows = [Row([Cell("a"), Cell("3.000000001")])]
    columns = [Column("Tenant"), Column('<i> "Cost"', True)]
    made = Table("By tenant", "USD", columns, rows, [Row([Cell("Total"), Cell("3.0")])], upright=True)
    html = render_to_string("components/table.html", {"table": made})
    assert html.count('class="num" data-column="&lt;i&gt; &quot;Cost&quot;"') == 2
    assert "<i>" not in html
    assert "data-column" not in render_to_string("components/table.html", {"table": table(*rows)})


def test_a_change_names_its_direction_for_those_who_see_no_arrow() -> None:
    figure = Figure("Total", "$5", delta=relative_delta(Fraction(61, 1000), "down"))
    html = render_to_string("components/kpis.html", {"figures": [figure]})
    assert '<span class="sr">up </span>6.1%' in html
    assert "delta bad" in html


def test_a_change_that_is_unknown_or_nothing_says_no_direction() -> None:
    assert relative_delta(None) is None
    nothing = point_delta(Fraction(0))
    assert nothing is not None
    assert (nothing.direction, nothing.text) == ("", "no change")


def test_vendored_files_are_found_by_name() -> None:
    assert vendored("htmx.min.js").startswith(static("vendor/htmx/"))
    with pytest.raises(KeyError):
        vendored("jquery.js")


def test_dates_and_names_stay_on_their_lines_and_sentences_break() -> None:
    long = "It is over the target: nobody has priced the L40S in Amsterdam"
    made = Table(
        "T", "c", [Column("What"), Column("When"), Column("Why")],
        [Row([Cell("a name that is far too long for a phone"), Cell("17 Nov 2026 12:20 UTC"), Cell(long)])],
    )  # fmt: skip
    body = body_html(made)
    assert '<td class="nowrap">17 Nov 2026 12:20 UTC</td>' in body
    assert f"<td>{long}</td>" in body
    assert '<th scope="row">a name' in body
