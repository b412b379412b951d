"""The gallery's table: tenants with costs, changes, drawings, an unknown and a total."""

import math
from fractions import Fraction

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.components.drawings import share_bar, sparkline
from portal.components.figures import relative_delta
from portal.components.formats import DASH, amount, plain
from portal.components.rounding import displayed_shares
from portal.components.table import Cell, Column, Row, Table, Tag

CENT = 10_000_000
# name, cents, change in thousandths, cost per 1k successes, successful requests
ROWS: tuple[tuple[str, int, int, str, int | None], ...] = (
    ("checkout-assist", 18_420_11, 61, "3.98", 4_631_822),
    ("search-rerank", 14_207_90, -34, "1.21", 11_741_998),
    ("support-copilot", 9_812_44, 188, "9.13", 1_074_711),
    ("fraud-scoring", 6_120_08, -12, "0.77", 7_948_155),
    ("docs-qa", 3_904_75, 4, "14.02", 278_512),
    ("batch-embeddings", 2_711_32, -81, "0.09", 30_125_777),
    ("Unallocated", 3_868_20, 224, DASH, None),
)


def tenants() -> Table:
    """Seven lines whose shares sum to 100.0% and whose costs sum to the total."""
    costs = [row[1] * CENT for row in ROWS]
    shares = displayed_shares(costs)
    largest = max(share for share in shares if share is not None)
    lines = [_line(row, share, largest) for row, share in zip(ROWS, shares, strict=True)]
    total = Row(
        [
            Cell("Total"),
            Cell(amount(sum(costs))),
            _change(39),
            Cell(),
            Cell("1.06"),
            Cell("55,800,975"),
            Cell("100.0%"),
        ]
    )
    return Table(
        title="By tenant",
        caption="USD, effective cost, idle shown separately, UTC days, price book 2026-11 r3",
        columns=[
            Column("Tenant", sort_href="?sort=tenant"),
            Column("Cost", True, "?sort=cost", "descending"),
            Column("Change", True, "?sort=change"),
            Column("Daily"),
            Column("Per 1k successful", True),
            Column("Successful requests", True),
            Column("Share", True),
        ],
        rows=lines,
        foot=[total],
        note="7 rows, sorted by cost",
    )


def _line(row: tuple[str, int, int, str, int | None], share: Fraction | None, largest: Fraction) -> Row:
    name, cost, change, unit_cost, successes = row
    tag = Tag("no tenant label since 14 Nov", "warn") if successes is None else None
    values = [math.sin(day * (cost % 7 + 2)) + math.sin(day * 2 * math.pi / 7) for day in range(22)]
    return Row(
        [
            Cell(name, "#tables", tag=tag),
            Cell(amount(cost * CENT)),
            _change(change),
            Cell(drawing=sparkline(values)),
            Cell(unit_cost),
            Cell(plain(successes)),
            Cell(drawing=share_bar(share, largest)),
        ]
    )


def _change(thousandths: int) -> Cell:
    delta = relative_delta(Fraction(thousandths, 1000), "down")
    return Cell(drawing=SafeString(render_to_string("components/delta.html", {"delta": delta}).strip()))


def digits_table() -> Table:
    """Figures with all their digits, which stand upright on a phone."""
    return Table(
        title="To the nano-unit",
        upright=True,
        caption="USD; on a phone each row is a list",
        columns=[Column("Hour"), Column("Use"), Column("Quantity", True), Column("Amount", True)],
        rows=[
            Row([Cell("1 Nov 2026 00:00 UTC", under="c1"), Cell("Serving", under="rule 4"),
                 Cell("480", under="device-minutes"), Cell("54,427.946599441")],
                below="What is unknown stays unknown."),
            Row([Cell("1 Nov 2026 01:00 UTC"), Cell("Idle"), Cell(DASH), Cell("\N{MINUS SIGN}8.101158132")]),
        ],
        foot=[Row([Cell("Total"), Cell(), Cell(), Cell("54,419.845441309")])],
    )  # fmt: skip
