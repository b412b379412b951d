"""Costs from every ledger line, one at a time in Python: no roll-up, no grouping in SQL."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

NAMES = ("tenant", "service", "model", "cluster", "pool", "kind", "use", "basis", "hour")


def current_lines(start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Lines of the current versions whose hour starts in [start, end), with names instead of ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.name, s.name, m.name, c.name, pc.name || '/' || po.name, p.kind, l.use, l.basis,
                      l.hour, p.currency, l.amount_nano, l.usage_nano, p.estimated, l.tenant_id
                 FROM ledger_line l
                 JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                   = (l.cluster_id, l.hour, l.version, l.pool_number)
                 JOIN attribution_window w ON (w.cluster_id, w.hour, w.version)
                                            = (l.cluster_id, l.hour, l.version)
                 LEFT JOIN tenant t ON t.id = l.tenant_id LEFT JOIN service s ON s.id = l.service_id
                 LEFT JOIN served_model m ON m.id = l.model_id LEFT JOIN cluster c ON c.id = l.cluster_id
                 LEFT JOIN pool po ON po.id = p.pool_id LEFT JOIN cluster pc ON pc.id = po.cluster_id"""
        )
        names = (*NAMES, "currency", "amount", "usage", "estimated", "tenant_id")
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row for row in rows if start <= row["hour"] < end]


def naive_costs(
    start: datetime,
    end: datetime,
    group_by: tuple[str, ...],
    zone: str = "UTC",
    keep: Callable[[dict[str, Any]], bool] = lambda line: True,
) -> dict[tuple[Any, ...], tuple[int | None, int]]:
    """(*group, currency) → (sum of known amounts or None, lines without an amount)."""
    sums: dict[tuple[Any, ...], list[int | None]] = defaultdict(list)
    for line in current_lines(start, end):
        if keep(line):
            line["day"] = line["hour"].astimezone(ZoneInfo(zone)).date()
            sums[(*(line[name] for name in group_by), line["currency"])].append(line["amount"])
    return {
        key: (
            sum(a for a in amounts if a is not None) if any(a is not None for a in amounts) else None,
            sum(a is None for a in amounts),
        )
        for key, amounts in sums.items()
    }
