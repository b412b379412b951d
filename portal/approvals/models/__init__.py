"""Changes: what was asked for, who decided, what happened, and what has to leave the house."""

from portal.approvals.models.comment import ChangeComment
from portal.approvals.models.decision import ChangeDecision
from portal.approvals.models.delegation import Delegation
from portal.approvals.models.event import ChangeEvent
from portal.approvals.models.message import ChangeMessage, Channel
from portal.approvals.models.party import ChangeParty
from portal.approvals.models.publication import ChangePublication
from portal.approvals.models.request import ChangeRequest
from portal.approvals.models.revision import ChangeRevision

__all__ = [
    "ChangeComment",
    "ChangeDecision",
    "ChangeEvent",
    "ChangeMessage",
    "ChangeParty",
    "ChangePublication",
    "ChangeRequest",
    "ChangeRevision",
    "Channel",
    "Delegation",
]
