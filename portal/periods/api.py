"""`GET /api/v1/periods`: where each month stands."""

from datetime import UTC, datetime
from typing import Any

from django.http import JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.queries.adjustments import adjustment_sums
from attribution.queries.late import LateFacts, late_facts
from attribution.queries.periods import Period, Step
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of
from portal.exports.errors import NotAllowed
from portal.exports.plain import amount_text, time_text
from portal.periods.domain import Items
from portal.periods.queries import months


class PeriodsView(APIView):
    """For roles that see periods; a reader bound to tenants may not."""

    renderer_classes = [JSONRenderer]

    @extend_schema(
        operation_id="periods",
        summary="Where each month stands: state, checklist, steps, adjustments, content hash",
        description="Newest first. Figures of a closed month are those that were closed.",
        tags=["v1"],
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, description="The months"),
            401: OpenApiResponse(OpenApiTypes.OBJECT, description="Not signed in"),
            403: OpenApiResponse(OpenApiTypes.OBJECT, description="Not for this role or token"),
        },
    )
    def get(self, request: Request) -> JsonResponse:
        """All months that have begun."""
        if not viewer_of(request.user).may(Permission.PERIODS):
            raise NotAllowed("periods")
        late = late_facts()
        rows = [_row(period, items, late.get(period.month)) for period, items in months(datetime.now(UTC))]
        response = JsonResponse({"row_count": len(rows), "rows": rows})
        response["Cache-Control"] = "private, no-store"
        return response


def _row(period: Period, items: Items, late: LateFacts | None) -> dict[str, Any]:
    return {
        "month": f"{period.month:%Y-%m}",
        "state": period.state.value,
        "from": time_text(period.start),
        "to": time_text(period.end),
        "exported_at": time_text(period.exported_at) if period.exported_at else None,
        "dropped_at": time_text(period.dropped_at) if period.dropped_at else None,
        "came_after_drop": _late(late) if late else None,
        "checklist": list(items),
        "steps": [_step(step) for step in period.steps],
        "adjustments": [
            {
                "corrects": f"{one.corrected:%Y-%m}",
                "posted_to": f"{one.posted:%Y-%m}",
                "kind": one.kind,
                "use": one.use,
                "currency": one.currency,
                "amount": amount_text(one.amount_nano),
                "hours": one.hours,
                "change": one.change_id,
            }
            for one in adjustment_sums(period.month)
        ],
    }


def _late(came: LateFacts) -> dict[str, Any]:
    return {
        "hours": came.hours,
        "from": time_text(came.first),
        "last_at": time_text(came.last_at),
        "bills": [
            {
                "source": one.source,
                "export": one.export or None,
                "version": one.version,
                "currency": one.currency,
                "says": amount_text(one.says_nano),
                "told": amount_text(one.told_nano),
                "not_posted": amount_text(one.not_posted_nano),
            }
            for one in came.bills
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.deed,
        "change": step.change_id,
        "requested_by": step.requested_by,
        "requested_at": time_text(step.requested_at),
        "reason": step.reason or None,
        "outcome": step.outcome or None,
        "decided_by": step.decided_by or None,
        "decided_at": time_text(step.decided_at) if step.decided_at else None,
        "decided_why": step.decided_why or None,
        "as_of": time_text(step.as_of) if step.as_of else None,
        "content_hash": step.content_hash.hex() if step.content_hash else None,
    }
