"""The table of an overview, one page of it, with totals of all pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.html import format_html
from django.utils.safestring import SafeString

from attribution.domain.unit_cost import UnitCost, cost_per_success
from attribution.queries.overview import GroupBy, GroupRequests, Key
from attribution.queries.status import Status
from portal.components.drawings import share_bar, sparkline
from portal.components.figures import Delta, relative_delta
from portal.components.formats import DASH, amount, cents, change, counted, percent, plain
from portal.components.icons import triangle
from portal.components.rounding import displayed_parts, displayed_shares
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.costs.asked import Asked, Idle
from portal.costs.headlines import places_for
from portal.costs.rows import GroupRow, total_now
from portal.costs.sums import known

PAGE = 50
DAY = timedelta(days=1)
Daily = Mapping[tuple[Key, str], Mapping[date, int | None]]


@dataclass(frozen=True)
class Sheet:
    """What a table shows: all rows in order, those on this page, and how they are addressed."""

    asked: Asked
    currency: str
    title: str
    caption: str
    rows: Sequence[GroupRow]
    total: GroupRequests | None
    href: Callable[[GroupRow], str]
    explained: Callable[[GroupRow], str]
    counts_requests: bool
    compared: bool

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-len(self.rows) // PAGE))

    @property
    def page(self) -> int:
        """The page that is shown: the last one where the address asks for a later one."""
        return min(self.asked.page, self.pages)

    @property
    def shown(self) -> Sequence[GroupRow]:
        """The rows of this page."""
        return self.rows[(self.page - 1) * PAGE : self.page * PAGE]

    @property
    def place(self) -> str:
        """Where we are."""
        first = (self.page - 1) * PAGE
        return f"Rows {plain(first + 1)}–{plain(first + len(self.shown))} of {plain(len(self.rows))}"


@dataclass(frozen=True)
class SheetFigures:
    """Everything of a page of a table but the names: those may change while the figures stay."""

    columns: Sequence[Column]
    cells: Sequence[Sequence[Cell]]
    foot: Row


def sheet_figures(sheet: Sheet, daily: Daily) -> SheetFigures:
    """Costs as shown add up to the total as shown, over all pages; so do shares to 100.0 %."""
    places = cents(sheet.currency)
    costs = displayed_parts([row.cost.now for row in sheet.rows], places)
    shares = displayed_shares([row.cost.now for row in sheet.rows])
    largest = max((share for share in shares if share is not None), default=None)
    start = (sheet.page - 1) * PAGE
    cells = [
        _cells(sheet, row, costs[start + place], shares[start + place], largest, daily)
        for place, row in enumerate(sheet.shown)
    ]
    return SheetFigures(_columns(sheet), cells, _foot(sheet, known(costs), shares))


def table_of(sheet: Sheet, figures: SheetFigures) -> Table:
    """The table of a page; its rows must have been given their names."""
    return Table(
        title=sheet.title,
        caption=sheet.caption,
        columns=figures.columns,
        rows=[
            Row([_name(sheet, row), *cells], quiet=row.key == 0)
            for row, cells in zip(sheet.shown, figures.cells, strict=True)
        ],
        foot=[figures.foot],
        note=counted(len(sheet.rows), "row"),
    )


def _columns(sheet: Sheet) -> list[Column]:
    def sorted_by(sort: str, label: str, hint: str = "") -> Column:
        chosen = sheet.asked.sort == sort
        return Column(label, True, sheet.asked.address(sort=sort), "descending" if chosen else "", hint)

    columns = [Column(str(sheet.asked.by).capitalize()), sorted_by("cost", "Cost")]
    if sheet.compared:
        columns.append(sorted_by("change", "Change", "Complete days against the baseline"))
    columns.append(Column("Daily, own" if sheet.asked.idle is Idle.SHARED else "Daily"))
    if sheet.counts_requests:
        columns += [sorted_by("unit", "Per 1k successful"), sorted_by("successes", "Successful requests")]
    return [*columns, Column("Share", True)]


def _cells(
    sheet: Sheet,
    row: GroupRow,
    cost: int | None,
    share: Fraction | None,
    largest: Fraction | None,
    daily: Daily,
) -> list[Cell]:
    cells = [
        Cell(amount(cost, cents(sheet.currency)), sheet.explained(row) if row.cost.now is not None else "")
    ]
    if sheet.compared:
        cells.append(_change(row.cost.firm, row.cost.before))
    cells.append(Cell(drawing=_spark(sheet.asked, daily.get((row.key, sheet.currency), {}))))
    if sheet.counts_requests:
        cells += [
            _unit(row.unit, said=row.key != 0),
            Cell(plain(row.requests.successes if row.requests else None)),
        ]
    return [*cells, Cell(drawing=share_bar(share, largest))]


def _name(sheet: Sheet, row: GroupRow) -> Cell:
    platform = row.key == 0 and sheet.asked.by is GroupBy.TENANT
    return Cell(row.name, sheet.href(row), tag=Tag("borne by the platform") if platform else _firmness(row))


def _firmness(row: GroupRow) -> Tag | None:
    if row.cost.now is None:
        return Tag("no price", "warn") if row.cost.unpriced_lines else Tag("bears nothing")
    if row.cost.unpriced_lines:
        return Tag("partly unpriced", "warn")
    if row.cost.now == 0:
        return Tag("bears nothing")
    return Tag("est.") if row.cost.status is Status.ESTIMATED else None


def _unit(unit: UnitCost | None, *, said: bool = False) -> Cell:
    if unit is None or unit.value is None:
        return Cell(DASH, under=str(unit.reason) if said and unit and unit.reason else "")
    value = unit.value * 1000
    return Cell(plain(value, places_for(value)))


def _change(firm: int | None, before: int | None) -> Cell:
    delta = relative_delta(change(firm, before), "down")
    if delta is None:
        return Cell("new" if firm and not before else DASH)
    return Cell(drawing=drawn(delta))


def drawn(delta: Delta) -> SafeString:
    """A change as components/delta.html draws it, without the cost of a template for every row."""
    arrow = (
        format_html('{}<span class="sr">{} </span>', triangle(delta.direction), delta.direction)
        if delta.direction
        else ""
    )
    return format_html(
        '<span class="delta{}">{}{}</span>', f" {delta.tone}" if delta.tone else "", arrow, delta.text
    )


def _spark(asked: Asked, days: Mapping[date, int | None]) -> SafeString:
    count = (asked.last - asked.first).days + 1
    return sparkline([days.get(asked.first + DAY * place) for place in range(count)])


def _foot(sheet: Sheet, cost: int | None, shares: Sequence[Fraction | None]) -> Row:
    firm, before = (known(getattr(row.cost, name) for row in sheet.rows) for name in ("firm", "before"))
    cells = [Cell("Total"), Cell(amount(cost, cents(sheet.currency)))]
    if sheet.compared:
        cells.append(_change(firm, before))
    cells.append(Cell())
    if sheet.counts_requests:
        unit = cost_per_success(total_now(sheet.rows), sheet.total.successes if sheet.total else None)
        cells += [
            Cell(_unit(unit).text),
            Cell(plain(sheet.total.successes if sheet.total else None)),
        ]
    whole = sum((share for share in shares if share is not None), Fraction(0))
    return Row([*cells, Cell(percent(whole) if whole else DASH)])
