"""Lists of changes as tables."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest
from portal.components.table import Cell, Column, Row, Table, Tag
from portal.components.times import moment

_TONES = {
    State.SUBMITTED: "warn",
    State.APPROVED: "info",
    State.SCHEDULED: "info",
    State.CARRIED_OUT: "info",
    State.VERIFIED: "ok",
    State.FAILED: "danger",
    State.REJECTED: "danger",
}


def inbox_table(title: str, changes: Sequence[ChangeRequest], zone: ZoneInfo) -> Table:
    """Each change with its state, who asked, and until when it can be decided."""
    columns = [
        Column("Change"),
        Column("Kind"),
        Column("State"),
        Column("Asked by"),
        Column("Tenant"),
        Column("Expires"),
    ]
    return Table(title, "Newest first", columns, [_row(change, zone) for change in changes])


def state_tag(change: ChangeRequest) -> Tag:
    """The state in a word and a tone."""
    state = State(change.state)
    return Tag(state.label, _TONES.get(state, ""))


def _row(change: ChangeRequest, zone: ZoneInfo) -> Row:
    asked = Cell(change.requester.name, under=moment(change.submitted_at or change.created_at, zone))
    open_ = change.state in (State.SUBMITTED, State.APPROVED)
    return Row(
        [
            Cell(change.title, href=reverse("change", args=[change.pk]), under=f"change {change.pk}"),
            Cell(change.label),
            Cell(tag=state_tag(change)),
            asked,
            Cell(change.tenant.name if change.tenant else "–"),
            Cell(moment(change.expires_at, zone) if open_ else "–"),
        ]
    )
