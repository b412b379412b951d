"""No answer leaves out hours without saying so."""

from datetime import datetime

from attribution.queries.dropped import dropped_months_of
from attribution.queries.organization import organization
from attribution.queries.span import span_of
from portal.exports.errors import BadParameter
from portal.exports.parameters import Asked
from portal.exports.plain import time_text
from portal.exports.questions import (
    COSTS,
    ENGINE_RESIDUALS,
    PROVIDER_RESIDUALS,
    TRANSFER_BYTES,
    TRANSFERS,
    UNIT_COSTS,
)

_FROM_ROWS = frozenset({TRANSFERS, TRANSFER_BYTES, ENGINE_RESIDUALS, PROVIDER_RESIDUALS})
# Of whole days from roll-ups, which stay.
_FROM_DAYS = frozenset({COSTS, UNIT_COSTS})
KEPT = "costs, unit costs and utilization of whole days are kept"


def refuse_dropped(asked: Asked) -> None:
    """Raises BadParameter where rows that would be read were dropped by retention."""
    if not _reads_rows(asked):
        return
    if months := dropped_months_of(asked.start, asked.end):
        named = ", ".join(f"{month:%Y-%m}" for month in months)
        raise BadParameter(
            f"reaches hours of {named}, whose rows retention dropped; {KEPT}", "from", time_text(asked.start)
        )


def dropped_words(start: datetime, end: datetime) -> str:
    """For the notice of a page whose tables are read from rows; "" where all are there."""
    months = ", ".join(f"{month:%B %Y}" for month in dropped_months_of(start, end))
    return f"Retention dropped the rows of hours of {months}: what they said is not in" if months else ""


def _reads_rows(asked: Asked) -> bool:
    if asked.question in _FROM_ROWS:
        return True
    whole = span_of(asked.start, asked.end, organization().zone).days is not None
    return asked.question in _FROM_DAYS and (not whole or "hour" in asked.group_by)
