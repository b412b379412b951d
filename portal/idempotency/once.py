"""`Idempotency-Key` on a POST, as the draft of the IETF's HTTP API group has it.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: the same key with the same
content gets the same answer, with another content 422. A second POST that comes while the first is being
answered waits for it and gets its answer, which spares its sender the 409 that the draft would allow.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from portal.accounts.models import ServiceToken
from portal.accounts.person_of import person_of
from portal.idempotency.models import KeptAnswer

HEADER = "Idempotency-Key"
LONGEST = 200  # characters of a key
KEPT = timedelta(days=1)


class Answer(NamedTuple):
    """A status and a body of JSON."""

    status: int
    body: bytes


def once(request: Request, sent: bytes, deed: Callable[[], Answer], *, required: bool = True) -> HttpResponse:
    """Do it for a new key, in one transaction with its answer; for a known one say again what was said.

    Refusals are answers too. What fails altogether (an exception of `deed`) leaves no key behind, so that the
    same POST may be tried again. `sent` is the content that the key stands for, beside method and address.
    """
    key = request.headers.get(HEADER, "")
    if not key and not required:
        return _response(deed())
    if not 1 <= len(key) <= LONGEST:
        return JsonResponse({"error": f"{HEADER}: a header of 1 to {LONGEST} characters"}, status=400)
    who, asked = _who(request), _hash(request, sent)
    with transaction.atomic():
        kept = _begin(request, who, key, asked)
        if kept is None:
            return _again(who, key, asked)
        answer = deed()
        KeptAnswer.objects.filter(pk=kept.pk).update(status=answer.status, answer=answer.body.decode())
    return _response(answer)


def forget(now: datetime) -> int:
    """Delete answers that are older than KEPT; returns how many there were."""
    return KeptAnswer.objects.filter(at__lt=now - KEPT).delete()[0]


def _begin(request: Request, who: str, key: str, asked: str) -> KeptAnswer | None:
    """The place for the answer, None where there is one; waits for whoever is making it."""
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                person=person_of(request), who=who, key=key, asked=asked, at=datetime.now(UTC)
            )
    except IntegrityError:
        return None


def _again(who: str, key: str, asked: str) -> HttpResponse:
    kept = KeptAnswer.objects.filter(who=who, key=key).first()
    if kept is None:  # answered after our snapshot was taken
        return JsonResponse({"error": f"this {HEADER} is being answered: ask again"}, status=409)
    if kept.asked != asked:
        return JsonResponse({"error": f"this {HEADER} was used for something else"}, status=422)
    return _response(Answer(kept.status, kept.answer.encode()))


def _who(request: Request) -> str:
    kind = "token" if isinstance(request.user, ServiceToken) else "account"
    return f"{kind} {request.user.pk}"


def _hash(request: Request, sent: bytes) -> str:
    where = f"{request.method} {request.get_full_path()} {request.content_type}"
    return hashlib.sha256(where.encode() + b"\n" + sent).hexdigest()


def _response(answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, content_type="application/json", status=answer.status)
    response["Cache-Control"] = "private, no-store"
    return response
