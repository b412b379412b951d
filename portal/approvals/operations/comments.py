"""Comments, and whoever is named in them."""

import re
from datetime import datetime

from django.db import transaction

from portal.accounts.models import Person, User
from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of_person
from portal.approvals.models import ChangeComment, ChangeRequest
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.tell import tell_of
from portal.approvals.queries.inbox import visible

LONGEST = 5_000
_MENTION = re.compile(r"(?<!\w)@([\w.+-]{1,150})")


def comment_on(change: ChangeRequest, person: Person, text: str, now: datetime) -> ChangeComment:
    """Add a comment; people named after an @ are told, if they may see the change. Raises CannotChange."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise CannotChange(f"a comment has 1 to {LONGEST:,} characters")
    with transaction.atomic():
        made = ChangeComment.objects.create(request=change, person=person, text=text, at=now)
        named = [one for one in mentioned(text) if _may_see(one, change)]
        if named:
            tell_of(change, f"mentions you ({person.name})", now, named)
    return made


def mentioned(text: str) -> list[Person]:
    """People whose username stands after an @."""
    names = {name.rstrip(".").casefold() for name in _MENTION.findall(text)}
    users = User.objects.filter(is_active=True, username__in=names).select_related("person")
    return [user.person for user in users]


def _may_see(person: Person, change: ChangeRequest) -> bool:
    viewer = viewer_of_person(person)
    scope = viewer.scope(Permission.APPROVALS)
    return viewer.may(Permission.APPROVALS) and visible(scope, person).filter(pk=change.pk).exists()
