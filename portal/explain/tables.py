"""The tables of an explanation."""

from datetime import datetime, tzinfo

from attribution.queries.explain.explanation import Explanation
from attribution.queries.explain.inputs import Input
from attribution.queries.explain.rules import RuleUsed
from portal.components.formats import DASH, plain
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import moment, stretch
from portal.costs.parts import USES
from portal.explain.origins import Origin, origins
from portal.reconciliation.domain import every_digit, exact


def inputs_table(found: Explanation) -> Table:
    """Every name of the expression with its value."""
    return Table(
        title="Inputs",
        upright=True,
        caption="Every name of the expression; money to the nano-unit",
        columns=[Column("Input"), Column("Value", True), Column("Unit"), Column("Ledger rows", True)],
        rows=[
            Row(
                [
                    Cell(each.name),
                    Cell(_input(each)),
                    Cell(found.currency if each.unit == "nano" else each.unit),
                    Cell(plain(each.rows) if each.rows else DASH),
                ]
            )
            for each in found.inputs
        ],
    )


def _input(each: Input) -> str:
    if each.unit == "nano":
        return exact(None if each.value is None else int(each.value))
    return DASH if each.value is None else every_digit_of(each.value)


def every_digit_of(value: object) -> str:
    """A count as a whole number, a decimal with all its digits."""
    if isinstance(value, int):
        return plain(value)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rules_table(found: Explanation, zone: tzinfo) -> Table:
    """How each use was divided."""
    applied = origins((rule.rule_id for rule in found.rules), found.asked.as_of.moment)
    return Table(
        title="Rules",
        upright=True,
        caption=f"{found.currency}; how each use was divided, and why some of it has no tenant",
        columns=[
            Column("Use"),
            Column("Rule"),
            Column("Basis"),
            Column("Valid"),
            Column("Lines", True),
            Column("Amount", True),
        ],
        rows=[
            Row(
                [
                    Cell(USES[rule.use], under="; ".join(rule.reasons)),
                    Cell(_rule(rule), under=_scope(rule)),
                    Cell(rule.basis),
                    Cell(
                        _valid(rule.valid_from, rule.valid_to, zone, rule.rule_id),
                        under=_applied(rule, applied.get(rule.rule_id), zone),
                    ),
                    Cell(plain(rule.lines)),
                    Cell(exact(rule.amount_nano)),
                ]
            )
            for rule in found.rules
        ],
        foot=[Row([Cell("Total"), Cell(), Cell(), Cell(), Cell(), Cell(exact(found.cost_nano))])],
    )


def _applied(rule: RuleUsed, origin: Origin | None, zone: tzinfo) -> str:
    """Of a pinned figure what is kept of the rule; who applied it is told to whoever sees the audit trail."""
    version = rule.version or (origin.version if origin else None)
    at = rule.written_at or (origin.applied_at if origin else None)
    if version is None or at is None:
        return ""
    via = f" by {origin.via}" if origin and origin.via else ""
    return f"version {version}, applied {moment(at, zone)}{via}"


def _rule(rule: RuleUsed) -> str:
    if not rule.rule_id:
        return f"{rule.method}, by default" if rule.method else "default"
    return f"{rule.method or 'taken away since'}, rule {rule.rule_id}"


def _scope(rule: RuleUsed) -> str:
    return ", ".join(filter(None, (rule.pool, rule.service)))


def _valid(start: datetime | None, end: datetime | None, zone: tzinfo, declared: int = 1) -> str:
    if not declared or (start is None and end is None):
        return "always"
    since = f"from {moment(start, zone)}" if start else ""
    until = f"until {moment(end, zone)}" if end else ""
    return " ".join(filter(None, (since, until)))


def prices_table(found: Explanation, zone: tzinfo) -> Table:
    """Rates of price books, and bills with their version."""
    rows = [
        Row(
            [
                Cell(
                    f"Price book {each.book}" if each.book else "a price taken away since", under=each.origin
                ),
                Cell(each.pool or DASH, under=_valid(each.valid_from, each.valid_to, zone)),
                Cell(f"{exact(each.rate_nano)} a device-hour", under=_minutes(each.quantity)),
                Cell(exact(each.amount_nano)),
            ]
        )
        for each in found.prices
    ]
    rows += [
        Row(
            [
                Cell(
                    f"Bill {each.source}{f' · {each.export}' if each.export else ''}",
                    under=f"version {each.version}",
                    tag=None if each.current else Tag("superseded", "warn"),
                ),
                Cell(
                    stretch(each.period_start, each.period_end, zone),
                    under=f"{plain(each.rows)} rows, imported {moment(each.imported_at, zone)}",
                ),
                Cell(
                    DASH if each.effective is None else every_digit(each.effective),
                    under="effective cost of the bill",
                ),
                Cell(exact(each.amount_nano)),
            ]
        )
        for each in found.bills or ()
    ]
    return Table(
        title="Prices and bills",
        upright=True,
        caption=f"{found.currency}; what priced it, and how much of each is in the figure",
        columns=[Column("Source"), Column("For"), Column("Says"), Column("In the figure", True)],
        rows=rows,
    )


def _minutes(quantity: object) -> str:
    return "" if quantity is None else f"{every_digit_of(quantity)} device-minutes"


def exclusions_table(found: Explanation) -> Table:
    """What is not in the figure."""
    return Table(
        title="Not in it",
        upright=True,
        caption="What is left out, and why",
        columns=[Column("What"), Column("Why"), Column("Rows", True), Column("Amount", True)],
        rows=[
            Row(
                [
                    Cell(each.what),
                    Cell(each.why),
                    Cell(plain(each.rows) if each.rows else DASH),
                    Cell(exact(each.amount_nano), under="" if each.amount_nano is None else each.currency),
                ]
            )
            for each in found.exclusions
        ],
    )
