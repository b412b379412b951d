"""Who has agreed to a change, who is still missing, and what whoever decides is told."""

from portal.approvals.domain.states import State
from portal.approvals.models import ChangeRequest


def seats_shown(change: ChangeRequest) -> list[tuple[str, str]]:
    """Each seat with who has taken it, "" while nobody has."""
    taken: dict[str, list[str]] = {}
    for one in change.decisions.filter(hash=change.hash, agrees=True).select_related("person", "for_person"):
        name = one.person.name + (f" for {one.for_person.name}" if one.for_person else "")
        taken.setdefault(one.seat, []).append(name)
    return [(seat_words(seat), taken[seat].pop(0) if taken.get(seat) else "") for seat in change.seats]


def decided_words(change: ChangeRequest) -> str:
    """For whoever has just decided: what the change is now, and who has yet to agree."""
    missing = [seat for seat, who in seats_shown(change) if not who]
    if change.state != State.SUBMITTED or not missing:
        return f"Change {change.pk} is {change.get_state_display()}."
    return f"You agreed to change {change.pk}. Still missing: {', '.join(missing)}."


def seat_words(seat: str) -> str:
    """A seat for people: "finance or platform owner"."""
    return seat.replace("|", " or ").replace("_", " ")
