"""Meters of providers' bills that tell no known model, as a table of plain values."""

from typing import Any

from attribution.queries.scope import TenantScope
from attribution.queries.unknown_meters import UnknownMeter, unknown_meters
from portal.exports.parameters import Asked
from portal.exports.plain import amount_text, time_text
from portal.exports.tables import Body

COLUMNS = ("source", "meter", "currency", "rows", "amount", "first_seen", "last_seen", "what_to_do")
# What helps at once stands first: the table of models is a part of the release.
WHAT_TO_DO = (
    "a tenant_rule for the billed project, key or tag, or the line under charges of a service, says whose it "
    "is; a row for the meter in attribution/domain/tables/models.toml divides it by the model's tokens"
)


def unknown_meters_body(asked: Asked, scope: TenantScope) -> Body:
    """A row for each source, meter and currency, the dearest first."""
    rows = unknown_meters(asked.start, asked.end)
    return Body({}, COLUMNS, frozenset({"source", "meter"}), rows, _cells, covered=False)


def _cells(row: UnknownMeter) -> tuple[Any, ...]:
    return (
        row.source,
        row.meter,
        row.currency,
        row.rows,
        amount_text(row.amount_nano),
        None if row.first_seen is None else time_text(row.first_seen),
        None if row.last_seen is None else time_text(row.last_seen),
        WHAT_TO_DO,
    )
