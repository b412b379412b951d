"""The one place that turns parameters into an answer: the API, the commands and the pages ask here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attribution.queries.coverage import coverage
from attribution.queries.freshness import complete_through
from attribution.queries.organization import organization
from attribution.queries.periods import months_of, states_of
from attribution.queries.span import span_of
from ingest.queries.complete import feeds_complete_through
from portal.accounts.viewer import Viewer
from portal.exports.costs import cost_body
from portal.exports.dropped import refuse_dropped
from portal.exports.engine_residuals import engine_residual_body
from portal.exports.errors import NotAllowed
from portal.exports.parameters import Asked, Texts, understand
from portal.exports.plain import share_text, time_text
from portal.exports.provider_residuals import provider_residual_body
from portal.exports.questions import (
    COSTS,
    ENGINE_RESIDUALS,
    PROVIDER_RESIDUALS,
    RECONCILIATION,
    TOKEN_FITS,
    TRANSFER_BYTES,
    TRANSFERS,
    UNIT_COSTS,
    UNKNOWN_METERS,
    UTILIZATION,
    Question,
)
from portal.exports.reconciliation import reconciliation_body
from portal.exports.tables import Body
from portal.exports.token_fits import token_fits_body
from portal.exports.transfer_bytes import transfer_bytes_body
from portal.exports.transfers import transfers_body
from portal.exports.unit_costs import unit_cost_body
from portal.exports.unknown_meters import unknown_meters_body
from portal.exports.utilization import utilization_body

_BODIES: dict[Question, Callable[..., Body]] = {
    COSTS: cost_body,
    UNIT_COSTS: unit_cost_body,
    UTILIZATION: utilization_body,
    RECONCILIATION: reconciliation_body,
    ENGINE_RESIDUALS: engine_residual_body,
    PROVIDER_RESIDUALS: provider_residual_body,
    UNKNOWN_METERS: unknown_meters_body,
    TRANSFER_BYTES: transfer_bytes_body,
    TRANSFERS: transfers_body,
    TOKEN_FITS: token_fits_body,
}


@dataclass(frozen=True)
class Answer:
    """`head` is all but the rows, in order; `rows` have a plain value for each of `columns`.

    Values are text, whole numbers or None. Cells of `text_columns` are strangers' words.
    """

    asked: Asked
    head: dict[str, Any]
    columns: tuple[str, ...]
    text_columns: frozenset[str]
    records: Sequence[Any]
    cells: Callable[[Any], tuple[Any, ...]]

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows from the first one; each is made when it is asked for."""
        return map(self.cells, self.records)


def answer(question: Question, texts: Texts, viewer: Viewer) -> Answer:
    """Answer a question as this viewer may see it.

    Raises NotAllowed without the permission, and BadParameter for what cannot be understood.
    """
    if not viewer.may(question.permission):
        raise NotAllowed(question.name)
    scope = viewer.scope(question.permission)
    asked = understand(question, texts, scope)
    refuse_dropped(asked)
    body = _BODIES[question](asked, scope)
    through = complete_through(
        asked.start, asked.end, feeds_complete_through=feeds_complete_through(asked.start, asked.end)
    )
    head: dict[str, Any] = {
        "from": time_text(asked.start),
        "to": time_text(asked.end),
        "time_zone": organization().zone.key,
        "group_by": list(asked.group_by),
        "periods": [
            {"month": f"{month:%Y-%m}", "state": state.value}
            for month, state in states_of(
                months_of(span_of(asked.start, asked.end, organization().zone))
            ).items()
        ],
        "complete_through": None if through is None else time_text(through),
    }
    if body.covered:
        found = coverage(asked.start, asked.end, asked.filters, scope, body.costs)
        head["coverage"] = {
            "device_minutes": share_text(found.device_minutes),
            "requests": share_text(found.requests),
            "bill_amount": {currency: share_text(share) for currency, share in found.bill_amount.items()},
        }
    last = None if asked.limit is None else asked.offset + asked.limit
    head |= body.head | {"row_count": len(body.rows), "limit": asked.limit, "offset": asked.offset}
    return Answer(asked, head, body.columns, body.text_columns, body.rows[asked.offset : last], body.cells)
