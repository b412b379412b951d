"""The API in OpenAPI: made of the questions, so that it cannot fall behind them."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view

from attribution.domain.capacity import MINUTE_USES
from attribution.queries.dimensions import WORDS
from portal.exports import (
    costs,
    engine_residuals,
    provider_residuals,
    reconciliation,
    token_fits,
    transfer_bytes,
    transfers,
    unit_costs,
    unknown_meters,
    utilization,
)
from portal.exports.parameters import FORMATS
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

T = TypeVar("T", bound=Callable[..., Any])

_FIGURES = {
    COSTS: costs.FIGURES,
    UNIT_COSTS: unit_costs.FIGURES,
    UTILIZATION: utilization.FIGURES,
    RECONCILIATION: reconciliation.COLUMNS,
    ENGINE_RESIDUALS: engine_residuals.COLUMNS,
    PROVIDER_RESIDUALS: provider_residuals.COLUMNS,
    UNKNOWN_METERS: unknown_meters.COLUMNS,
    TRANSFER_BYTES: transfer_bytes.COLUMNS,
    TRANSFERS: transfers.COLUMNS,
    TOKEN_FITS: token_fits.COLUMNS,
}
_WHOLE = frozenset(
    {"requests", "successes", "failures", "unfinished", "input_tokens", "cached_tokens", "output_tokens",
     "unpriced_lines", "version", "device_minutes", "sampled_minutes", *MINUTE_USES,
     # of what engines, gateways and transfers count
     "engine", "gateway", "provider", "by_rule", "residual", "hours", "engine_alone", "gateway_alone",
     "engine_alone_hours", "gateway_alone_hours", "measured_bytes", "unread_lines", "bytes", "id", "rows"}
)  # fmt: skip
_TIME = "ISO 8601: a day (of the reporting time zone) or a time (UTC unless it says otherwise)"
_DESCRIPTIONS = {
    "from": f"First moment. {_TIME}.",
    "to": f"End, exclusive. {_TIME}.",
    "group_by": "Names separated by commas. Without it: totals.",
    "format": "Instead of the Accept header. CSV has exactly the same rows.",
    "limit": "At most so many rows. Totals are always those of all rows.",
    "offset": "Leave out so many rows first.",
    "currency": "Convert to this one by declared rates: each row names rate, source and date. No rate: null.",
    "tenant": "A name, with everything below it; empty: lines without a tenant. Repeatable.",
    "pool": "`cluster/pool`, or the pool's own name; empty: lines without a pool. Repeatable.",
}


def documented(question: Question) -> Callable[[T], T]:
    """Describe a view's GET by its question."""
    get = extend_schema(
        operation_id=question.name.replace("-", "_"),
        summary=question.summary,
        description="Amounts are exact decimal strings. Unknown is null, never 0.",
        tags=["v1"],
        parameters=[_parameter(question, name) for name in question.parameters],
        responses={
            (200, "application/json"): OpenApiResponse(_answer(question), description="The answer"),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="The same rows"),
            400: OpenApiResponse(_refusal(), description="Which parameter is wrong, and what is allowed"),
            401: OpenApiResponse(OpenApiTypes.OBJECT, description="Not signed in"),
            403: OpenApiResponse(OpenApiTypes.OBJECT, description="Not for this role or token"),
        },
    )
    decorate: Callable[[T], T] = extend_schema_view(get=get)
    return decorate


def _parameter(question: Question, name: str) -> Any:
    choices: Any = {"group_by": question.dimensions, "format": FORMATS}.get(name) or WORDS.get(name)
    whole = name in ("limit", "offset")
    return OpenApiParameter(
        name,
        int if whole else str,
        OpenApiParameter.QUERY,
        required=name in ("from", "to"),
        many=name == "group_by" or name in question.filters,
        explode=False if name == "group_by" else None,
        enum=choices,
        description=_DESCRIPTIONS.get(name, "A name; empty: lines without one. Repeatable."),
    )


def _answer(question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {name: {"type": "string", "nullable": True} for name in question.dimensions}
    row |= {name: _value(name, question) for name in _FIGURES[question]}
    fields: dict[str, Any] = {
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "time_zone": {"type": "string"},
        "group_by": {"type": "array", "items": {"type": "string"}},
        "periods": {"type": "array", "items": {"type": "object"}},
        "complete_through": {"type": "string", "format": "date-time", "nullable": True},
        "currency": {"type": "string", "nullable": True},
        "status": {"type": "string", "nullable": True},
        "coverage": {"type": "object"},
        "totals": {"type": "array", "items": {"type": "object"}},
        "row_count": {"type": "integer"},
        "rows": {"type": "array", "items": {"type": "object", "properties": row}},
    }
    if question is RECONCILIATION:
        fields |= {"balanced": {"type": "boolean"}, "bills": {"type": "array", "items": {"type": "object"}}}
    return {"type": "object", "properties": fields}


def _value(name: str, question: Question) -> dict[str, Any]:
    if name in _WHOLE and not (name == "device_minutes" and question is COSTS):
        return {"type": "integer", "nullable": True}
    decimal = any(part in name for part in ("amount", "cost", "fraction", "minutes"))
    return {"type": "string", "nullable": True} | ({"format": "decimal"} if decimal else {})


def _refusal() -> dict[str, Any]:
    text = {"type": "string"}
    properties = {"error": text, "parameter": text, "found": text | {"nullable": True}}
    return {
        "type": "object",
        "properties": properties | {"allowed": {"type": "array", "items": text}},
    }


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its base is untyped
    """Tells the documentation page how programs sign in."""

    target_class = "portal.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token made by `manage.py create_token`."""
        return {"type": "http", "scheme": "bearer"}
