"""What the page with the form of a change shows, whether it is asked for or edited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attribution.queries.organization import organization
from attribution.queries.periods import PeriodState, periods
from attribution.queries.scope import TenantScope
from portal.approvals.domain.kinds import MONTHS, PLACED, PUBLISHED, Kind
from portal.approvals.forms import FORMS, parts_of
from portal.approvals.readers import choices_for
from portal.approvals.standing_now import standing_now
from portal.costs.parts import USES

_OF_MONTHS = MONTHS | {Kind.ADJUSTMENT}


def form_of(kind: Kind, scope: TenantScope, given: Mapping[str, str] | None, now: datetime) -> dict[str, Any]:
    """The template's context: words, choices, and the fields as they were `given`."""
    return {
        "kind": kind,
        "about": FORMS.get(kind, ""),
        "placed": kind in PLACED and kind is not Kind.RESIDENCY_EXCEPTION,
        "parts": parts_of(kind, given or {}),
        "published": kind in PUBLISHED,
        "given": given,
        "choices": choices_for(scope),
        "months": _months(kind) if kind in _OF_MONTHS else {},
        "currency": organization().currency,
        "standing": standing_now(kind, now),
        "uses": {key: words for key, words in USES.items() if key != "adjustment"},
    }


def _months(kind: Kind) -> dict[str, str]:
    """What closes is open, what is opened again or adjusted is closed; newest first."""
    wanted = PeriodState.OPEN if kind is Kind.PERIOD_CLOSE else PeriodState.CLOSED
    return {f"{one.month:%Y-%m}": f"{one.month:%B %Y}" for one in periods() if one.state is wanted}
