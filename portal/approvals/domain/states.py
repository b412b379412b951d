"""Which way a change goes. The database holds the same table and refuses every other step."""

from enum import StrEnum


class State(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"
    CARRIED_OUT = "carried_out"
    VERIFIED = "verified"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """For people."""
        return self.value.replace("_", " ")


S = State
# From → to. `approved` and `scheduled` go back to `submitted` when their approvals are void.
TRANSITIONS: frozenset[tuple[State, State]] = frozenset(
    (before, after)
    for before, many in {
        S.DRAFT: (S.SUBMITTED, S.WITHDRAWN, S.SUPERSEDED),
        S.SUBMITTED: (S.APPROVED, S.REJECTED, S.EXPIRED, S.WITHDRAWN, S.SUPERSEDED),
        S.APPROVED: (S.SCHEDULED, S.SUBMITTED, S.EXPIRED, S.WITHDRAWN, S.SUPERSEDED),
        S.SCHEDULED: (S.CARRIED_OUT, S.FAILED, S.SUBMITTED, S.EXPIRED, S.WITHDRAWN, S.SUPERSEDED),
        S.CARRIED_OUT: (S.VERIFIED, S.FAILED),
        S.VERIFIED: (S.ROLLED_BACK,),
        S.FAILED: (S.ROLLED_BACK,),
    }.items()
    for after in many
)
# Something is still to be decided about these.
UNDECIDED = frozenset({S.DRAFT, S.SUBMITTED, S.APPROVED, S.SCHEDULED})
DONE = frozenset(State) - UNDECIDED


def may_become(before: State, after: State) -> bool:
    """Whether the step is one of the table's."""
    return (before, after) in TRANSITIONS
