"""Comments, and whoever is named in them."""

import re
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Lower

from portal.accounts.models import Person, User
from portal.approvals.models import ChangeComment, ChangeRequest
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.tell import tell_of
from portal.approvals.queries.told import may_see

LONGEST = 5_000
_MENTION = re.compile(r"(?<!\w)@([\w.+-]{1,150})")


def comment_on(change: ChangeRequest, person: Person, text: str, now: datetime) -> ChangeComment:
    """Add a comment; people named after an @ are told, if they may see the change. Raises CannotChange."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise CannotChange(f"a comment has 1 to {LONGEST:,} characters")
    with transaction.atomic():
        made = ChangeComment.objects.create(request=change, person=person, text=text, at=now)
        named = [one for one in mentioned(text) if may_see(one, change)]
        if named:
            tell_of(change, f"mentions you ({person.name})", now, named)
    return made


def mentioned(text: str) -> list[Person]:
    """People whose username stands after an @, in any case of letters."""
    names = {name.rstrip(".").lower() for name in _MENTION.findall(text)}
    users = User.objects.annotate(small=Lower("username")).filter(is_active=True, small__in=names)
    return [user.person for user in users.select_related("person").order_by("pk")]
