"""A preview as plain values: exact decimals, ISO times, unknown is null."""

from collections.abc import Sequence
from typing import Any

from attribution.operations.preview.beside import Beside
from attribution.operations.preview.preview import Preview
from portal.exports.plain import amount_text, minutes_text, share_text, time_text

COLUMNS = (
    "tenant", "use", "currency", "stands", "proposed", "difference", "stands_device_minutes",
    "proposed_device_minutes", "stands_unpriced_lines", "proposed_unpriced_lines",
)  # fmt: skip


def preview_body(found: Preview) -> dict[str, Any]:
    """The answer of `POST /api/v1/preview`, and of the command."""
    return {
        "from": time_text(found.start),
        "to": time_text(found.end),
        "totals": _rows(found.totals),
        "by_tenant": _rows(found.by_tenant),
        "by_use": _rows(found.by_use),
        "rows": _rows(found.by_tenant_and_use),
        "pool_hours": [row._asdict() for row in found.pool_hours],
        "windows": found.windows,
        "windows_waiting": found.stale,
        "windows_from_strips": found.from_strips,
        "coverage": {
            "device_minutes": share_text(found.coverage.device_minutes),
            "requests": share_text(found.coverage.requests),
            "bill_amount": {name: share_text(part) for name, part in found.coverage.bill_amount.items()},
        },
        "assumptions": list(found.assumptions),
        "inputs_hash": found.inputs_hash,
        "rows_hash": found.rows_hash,
    }


def cells(row: Beside) -> tuple[Any, ...]:
    """A value for each of COLUMNS."""
    return (
        row.tenant,
        row.use,
        row.currency,
        amount_text(row.stands),
        amount_text(row.proposed),
        amount_text(row.difference),
        minutes_text(row.stands_minutes),
        minutes_text(row.proposed_minutes),
        row.stands_unpriced,
        row.proposed_unpriced,
    )


def _rows(rows: Sequence[Beside]) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, cells(row), strict=True)) for row in rows]
