"""`/api/v1/explain`: a figure with all that it rests on, its evidence in pages, and what changed it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.operations.split_again import split_again
from attribution.queries.explain.changes import changes_of_ranges, changes_of_versions
from attribution.queries.explain.device_hours import device_hours
from attribution.queries.explain.dropped import RowsDropped
from attribution.queries.explain.explanation import explain
from attribution.queries.explain.figures import Figure
from attribution.queries.explain.lines import evidence_lines
from attribution.queries.explain.pool_hours import pool_hours
from attribution.queries.explain.versions import pinned_versions
from portal.accounts.permissions import Permission
from portal.accounts.viewer import Viewer, viewer_of
from portal.audit.exporting import noted_whole
from portal.explain.bill_rows import PARAMETERS, bill_rows_body
from portal.explain.body import changes_body, explanation_body, pinned_body
from portal.explain.hour_body import hour_body, minutes_body
from portal.explain.hours import HOUR, MINUTES, asking_hour, device_paging
from portal.explain.names import Names
from portal.explain.parameters import CHANGES, OWN, PAGING, asking, asking_changes, paging
from portal.explain.permalink import permalink
from portal.explain.rows import lines_body, pools_body
from portal.exports.errors import BadParameter
from portal.exports.parameters import Texts

T = TypeVar("T", bound=Callable[..., Any])
_WORDS = {
    "figure": "Which figure; a cost without it.",
    "from": "First moment. ISO 8601: a day of the reporting time zone, or a time.",
    "to": "End, exclusive.",
    "below": "no: a tenant means itself, without what is below it. yes without it.",
    "as_of": "As it stood at this moment; what stands now without it.",
    "seen": "The snapshot of a permalink: which transactions had ended by then.",
    "pin": "The hash of a permalink: the answer says whether it is still the same.",
    "from_version": "The earlier moment: as it stood then.",
    "to_version": "The later moment; now without it.",
    "base_from": "Instead of from_version: first moment of the range to compare with.",
    "base_to": "Its end, exclusive.",
    "after": "`next` of the page before.",
    "limit": "At most so many rows, 1,000 at most.",
    "bill": "The number of a bill, as cost pools name it.",
    "part": "The part of the kind, as cost pools name it.",
    "resource": "The machine that a pool names.",
    "hour": "The start of the hour.",
    "version": "A published version; the one that stands without it.",
    "currency": "A code of three letters; the organization's without it.",
}


def described(name: str, summary: str, parameters: tuple[str, ...], **more: str) -> Callable[[T], T]:
    """Describe a view's GET."""
    get = extend_schema(
        operation_id=name,
        summary=summary,
        description="Amounts are exact decimal strings. Unknown is null, never 0. See docs/explain.md.",
        tags=["v1"],
        parameters=[
            OpenApiParameter(
                each,
                int if each in ("limit", "cluster_id") else str,
                OpenApiParameter.QUERY,
                required=each in ("from", "to", "hour", "bill"),
                enum=list(Figure) if each == "figure" else None,
                description=(_WORDS | more).get(each, "A name or word; empty: without one. Repeatable."),
            )
            for each in parameters
        ],
        responses={
            (code, "application/json"): OpenApiResponse({"type": "object"}, description=words)
            for code, words in (
                (200, "The answer"),
                (400, "Which parameter is wrong, and what is allowed"),
                (401, "Not signed in"),
                (403, "Not for this role or token"),
            )
        },
    )
    decorate: Callable[[T], T] = extend_schema_view(get=get)
    return decorate


class EvidenceView(APIView, ABC):
    """GET only, JSON only; BadParameter and NotAllowed become 400 and 403."""

    renderer_classes = [JSONRenderer]

    def get(self, request: Request) -> HttpResponse:
        """Answer as whoever asks may see it."""
        texts = {name: [str(text) for text in values] for name, values in request.query_params.lists()}
        texts.pop("format", None)
        body = self.body(texts, viewer_of(request.user), request.path)
        name = request.path.rpartition("/v1/")[2]
        content = noted_whole(msgspec.json.encode(body) + b"\n", object=name, query=texts)
        response = HttpResponse(content, content_type="application/json")
        response["Cache-Control"] = "private, no-store"
        response["Vary"] = "Accept, Authorization, Cookie"
        return response

    @abstractmethod
    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """The answer as plain values."""


@described("explain", "Why a figure is what it is", OWN)
class ExplainView(EvidenceView):
    """Formula, inputs, rules, prices, bills, coverage, rounding, exclusions, and the versions of it all."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """The explanation, with an address that gives it for ever."""
        wanted = asking(texts, viewer)
        found = explain(wanted.asked)
        return explanation_body(found, wanted.pin) | {"permalink": permalink(path, texts, found.pinned)}


@described("explain_pools", "The cost pools behind a figure, hour by hour", (*OWN, *PAGING))
class PoolsView(EvidenceView):
    """A page of cost pools."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """Their parts in the figure sum to its cost."""
        wanted = asking(texts, viewer, (*OWN, *PAGING))
        after, limit = paging(texts)
        asked = wanted.asked
        pinned = pinned_versions(asked.span, asked.filters, asked.as_of)
        page = pool_hours(asked, pinned, currency=asked.currency, after=after, limit=limit)
        rows = pools_body(page, Names(), bound=asked.tenants.bound)
        return {"pinned": pinned_body(pinned, wanted.pin), **rows}


@described("explain_lines", "The ledger lines behind a figure", (*OWN, *PAGING))
class LinesView(EvidenceView):
    """A page of lines."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """Their amounts sum to the figure's cost."""
        wanted = asking(texts, viewer, (*OWN, *PAGING))
        after, limit = paging(texts)
        asked = wanted.asked
        pinned = pinned_versions(asked.span, asked.filters, asked.as_of)
        page = evidence_lines(asked, pinned, currency=asked.currency, after=after, limit=limit)
        return {"pinned": pinned_body(pinned, wanted.pin), **lines_body(page, Names())}


@described("explain_hour", "How one hour of a cluster was split, step by step", HOUR)
class HourView(EvidenceView):
    """Its cost pools, their parts with what weighs them, and the weights of tenants."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """Split again from the facts of now; `same` says whether that gives the published lines."""
        cluster_id, hour, version = asking_hour(texts, viewer, HOUR)
        return hour_body(split_again(cluster_id=cluster_id, hour=hour, version=version), Names())


@described("explain_minutes", "The devices of one hour of a cluster, minute by minute", MINUTES)
class MinutesView(EvidenceView):
    """A page of devices: who held each, and its state in every minute."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """Strips as the facts have them now."""
        cluster_id, hour, _ = asking_hour(texts, viewer, MINUTES, Permission.UTILIZATION)
        after, limit = device_paging(texts)
        rows, last = device_hours(cluster_id, hour, after=after, limit=limit)
        return minutes_body(rows, last, Names())


@described("explain_bill_rows", "The rows of a bill behind its cost pools", PARAMETERS)
class BillRowsView(EvidenceView):
    """A page of rows: file, line, resource, charge period, effective cost, and the part in the range."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """As they stand in the bill's files; bills of past versions too."""
        return bill_rows_body(texts, viewer)


@described("explain_changes", "What changed a cost: volume, price, mix, rule, late data", CHANGES)
class ChangesView(EvidenceView):
    """Two versions of a range, or two ranges."""

    def body(self, texts: Texts, viewer: Viewer, path: str) -> dict[str, Any]:
        """Terms that sum to the difference to the nano-unit. Raises BadParameter where rows are dropped."""
        before, after, versions = asking_changes(texts, viewer)
        try:
            return changes_body((changes_of_versions if versions else changes_of_ranges)(before, after))
        except RowsDropped as refusal:
            raise BadParameter(f"cannot be compared: {refusal}", "from", None) from None
