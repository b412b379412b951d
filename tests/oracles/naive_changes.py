"""What changed a cost, as one would do it on paper: line by line, cell by cell, one factor after another."""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection

Line = dict[str, Any]
NAMES = (
    "cluster", "hour", "version", "kind", "part", "pool", "pool_service", "resource", "use", "service",
    "tenant", "amount", "quantity", "rule", "currency",
)  # fmt: skip


def lines_of_versions(versions: dict[tuple[int, Any], int]) -> list[Line]:
    """Every line of some versions by (cluster, hour)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.cluster_id, l.hour, l.version, p.kind, p.part, p.pool_id, p.service_id, p.resource,
                      l.use, l.service_id, l.tenant_id, l.amount_nano, l.quantity, l.rule_id, p.currency
                 FROM ledger_line l JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                                      = (l.cluster_id, l.hour, l.version, l.pool_number)"""
        )
        rows = [dict(zip(NAMES, row, strict=True)) for row in cursor.fetchall()]
    return [row for row in rows if versions.get((row["cluster"], row["hour"])) == row["version"]]


def naive_changes(
    before: list[Line], after: list[Line], keep: Callable[[Line], bool], told: set[tuple[int, Any]] | None
) -> dict[str, int]:
    """Terms of one currency's lines; `told`: hours that before had, None to compare ranges."""
    terms: dict[str, int] = defaultdict(int)
    had, has = _cells(before, keep, told is not None), _cells(after, keep, told is not None)
    for key in had | has:
        name = "late_data" if told is not None and key[:2] in told else "volume"
        if key not in had or key not in has:
            terms[name] += has[key]["part"] if key in has else -had[key]["part"]
            continue
        old, new = had[key], has[key]
        moved = "mix" if old["rules"] == new["rules"] else "rule"
        if not old["pool"]:
            terms["price"] += new["part"] - old["part"]
            continue
        if not old["part"]:
            terms[moved] += new["part"]
            continue
        first = Fraction(old["part"])
        second = (
            round(first * new["minutes"] / old["minutes"])
            if old["minutes"] and new["minutes"] is not None
            else first
        )
        third = round(first * Fraction(new["pool"] or 0, old["pool"]))
        fourth = round(first * Fraction(new["state"], old["state"])) if old["state"] else first
        terms[name] += int(second - first)
        terms["price"] += int(third - second)
        terms["mix"] += int(fourth - third)
        terms[moved] += int(new["part"] - fourth)
    return {name: terms[name] for name in ("volume", "price", "mix", "rule", "late_data")}


def _cells(lines: list[Line], keep: Callable[[Line], bool], by_hour: bool) -> dict[tuple[Any, ...], Any]:
    pools: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        hour = line["hour"] if by_hour else None
        pools[
            (line["cluster"], hour, *(line[n] for n in ("kind", "part", "pool", "pool_service", "resource")))
        ].append(line)
    cells: dict[tuple[Any, ...], Any] = {}
    for pool, of_pool in pools.items():
        for use, service in {(_use(line), line["service"]) for line in of_pool}:
            mine = [line for line in of_pool if (_use(line), line["service"]) == (use, service)]
            cells[(*pool, use, service)] = {
                "pool": _sum(line["amount"] for line in of_pool),
                "minutes": _minutes(of_pool),
                "state": _sum(line["amount"] for line in mine) or 0,
                "part": _sum(line["amount"] for line in mine if keep(line)) or 0,
                "rules": {line["rule"] or 0 for line in mine},
            }
    return cells


def _use(line: Line) -> str:
    return "serving" if line["use"] == "serving_failed" else str(line["use"])


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _minutes(lines: list[Line]) -> Fraction | None:
    cells: dict[tuple[Any, ...], float] = defaultdict(float)
    for line in lines:
        if line["quantity"] is not None:
            cells[(_use(line), line["service"])] += line["quantity"]
    if not cells:
        return None
    return sum(
        (Fraction(Decimal(total).quantize(Decimal("0.000001"))) for total in cells.values()), Fraction(0)
    )
