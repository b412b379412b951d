"""Changes over REST: the signed feed and its acknowledgement, and requests: list, detail, submit, decide."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.queries.names import tenant_id_named
from attribution.queries.scope import EVERYBODY
from attribution.queries.seen import seeing
from portal.accounts.models import ServiceToken
from portal.accounts.permissions import Permission
from portal.accounts.recent import authenticated_lately
from portal.accounts.viewer import viewer_of
from portal.approvals.domain.canonical import hash_of
from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangePublication, ChangeRequest, KeptAnswer
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.signature import signed
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import Who, who_is
from portal.approvals.queries.inbox import visible
from portal.exports.errors import NotAllowed

PAGE = 100
_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
_OBJECT = {"application/json": OpenApiTypes.OBJECT}


class FeedView(APIView):
    """What is scheduled for others to carry out."""

    @extend_schema(
        operation_id="changes",
        tags=["changes"],
        responses={200: OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter("after", int, description="The cursor of the last answer; 0 at first.")],
        summary="Published changes, signed as Standard Webhooks signs",
    )
    def get(self, request: Request) -> HttpResponse:
        """At most a hundred, in their order; `cursor` is for the next call."""
        _may_carry_out(request)
        text = str(request.query_params.get("after", "0"))
        if not text.isdecimal() or not text.isascii() or len(text) > 18:
            return JsonResponse({"error": "after: a whole number", "parameter": "after"}, status=400)
        found = list(ChangePublication.objects.filter(pk__gt=int(text)).order_by("pk")[:PAGE])
        entries = [{"cursor": one.pk, **json.loads(one.body)} for one in found]
        cursor = found[-1].pk if found else int(text)
        body = json.dumps(
            {"changes": entries, "cursor": cursor, "more": len(found) == PAGE}, ensure_ascii=False
        )
        headers = signed(f"feed-{text}-{cursor}", body, datetime.now(UTC))
        return HttpResponse(
            body, content_type="application/json", headers=headers | {"Cache-Control": "no-store"}
        )


class AckView(APIView):
    """Whoever carried a change out says so."""

    @extend_schema(
        operation_id="acknowledge_change",
        tags=["changes"],
        request=_OBJECT,
        parameters=[_KEY],
        responses={200: OpenApiTypes.OBJECT},
        summary='Say that a change was carried out: {"done": true, "words": ""}',
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """`done` false: it could not be."""
        _may_carry_out(request)
        done, words = _sent(request).get("done"), str(_sent(request).get("words", ""))[:2000]
        if not isinstance(done, bool):
            return JsonResponse({"error": "done: true or false"}, status=400)
        return _once(
            request, lambda who, now: _short(acknowledge(pk, done=done, words=words, who=who, now=now))
        )


class RequestsView(APIView):
    """Changes that one may know of, and a new one."""

    @extend_schema(
        operation_id="change_requests",
        tags=["changes"],
        responses={200: OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter("before", int)],
        summary="Changes, the newest first",
    )
    def get(self, request: Request) -> HttpResponse:
        """At most a hundred below the id `before`."""
        found = _visible(request).order_by("-pk")
        text = str(request.query_params.get("before", ""))
        if text.isdecimal() and len(text) < 18:
            found = found.filter(pk__lt=int(text))
        return JsonResponse({"change_requests": [_short(one) for one in found[:PAGE]]})

    @extend_schema(
        operation_id="ask_for_change",
        tags=["changes"],
        request=_OBJECT,
        parameters=[_KEY],
        responses={201: OpenApiTypes.OBJECT},
        summary="Submit a change: kind, title, why, plan, tenant",
    )
    def post(self, request: Request) -> HttpResponse:
        """Evidence is computed at once, so it takes seconds."""
        viewer = viewer_of(request.user)
        scope = viewer.scope(Permission.REQUEST_CHANGES)
        if not viewer.may(Permission.REQUEST_CHANGES) or scope.bound:
            raise PermissionDenied
        return _once(request, lambda who, now: _short(_ask(_sent(request), who, now)), status=201)


class RequestView(APIView):
    """One change, with plan and evidence."""

    @extend_schema(
        operation_id="change_request",
        tags=["changes"],
        responses={200: OpenApiTypes.OBJECT},
        summary="A change with its plan, evidence and hash",
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Somebody bound to a tenant is given the plan; evidence tells of others as well."""
        change = _visible(request).filter(pk=pk).first()
        if change is None:
            return JsonResponse({"error": "there is no such change"}, status=404)
        content = content_of(change)
        if viewer_of(request.user).scope(Permission.APPROVALS).bound:
            content.pop("evidence")
        return JsonResponse(_short(change) | {"hash": change.hash, "content": content})


class DecideView(APIView):
    """A decision; a token decides only where the policy says so."""

    @extend_schema(
        operation_id="decide_change",
        tags=["changes"],
        request=_OBJECT,
        parameters=[_KEY],
        responses={200: OpenApiTypes.OBJECT},
        summary='{"agrees": true, "hash": "…", "words": ""}',
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """`hash` is that of what was looked at. A session has to have been confirmed lately."""
        change = _visible(request).filter(pk=pk).first()
        if change is None:
            return JsonResponse({"error": "there is no such change"}, status=404)
        if isinstance(request.user, ServiceToken):
            if not change.tokens_decide:
                return JsonResponse({"error": "its policy lets no token decide"}, status=403)
        elif not authenticated_lately(request._request):
            return JsonResponse({"error": "confirm that it is you, then decide"}, status=403)
        agrees, seen = _sent(request).get("agrees"), str(_sent(request).get("hash", ""))
        if not isinstance(agrees, bool):
            return JsonResponse({"error": "agrees: true or false"}, status=400)
        words = str(_sent(request).get("words", ""))

        def deed(who: Who, now: datetime) -> dict[str, Any]:
            done = decide_change(pk, agrees=agrees, seen=seen, who=who, now=now, words=words)
            return _short(go_on(pk, now=now) if done.state == "approved" else done)

        return _once(request, deed)


def _ask(data: Any, who: Who, now: datetime) -> ChangeRequest:
    if data.get("kind") not in list(Kind) or not isinstance(data.get("plan"), dict):
        raise CannotChange(f"kind: one of {', '.join(Kind)}; plan: an object")
    tenant = data.get("tenant")
    tenant_id = tenant_id_named(str(tenant)) if tenant else None
    if tenant and tenant_id is None:
        raise CannotChange(f"tenant: there is no {tenant!r}")
    title, why = str(data.get("title", "")), str(data.get("why", ""))
    change = draft_change(Asked(Kind(data["kind"]), title, why, data["plan"], tenant_id), who=who, now=now)
    return submit_change(change.pk, who=who, now=now)


def _once(
    request: Request, deed: Callable[[Who, datetime], dict[str, Any]], status: int = 200
) -> HttpResponse:
    """Do it for a new Idempotency-Key; for a known one say again what was said, in the deed's transaction."""
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 200:
        return JsonResponse({"error": "Idempotency-Key: a header of 1 to 200 characters"}, status=400)
    who, now = who_is(request.user), datetime.now(UTC)
    asked = hash_of({"path": request.path, "body": json.dumps(request.data, sort_keys=True)})
    try:
        with seeing(EVERYBODY):
            kept = KeptAnswer.objects.create(who=who.via, key=key, body_hash=asked, at=now)
            body = deed(who, now)
            KeptAnswer.objects.filter(pk=kept.pk).update(status=status, answer=json.dumps(body))
    except NotYours as refusal:
        return JsonResponse({"error": str(refusal)}, status=403)
    except CannotChange as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    except IntegrityError:
        return _again(who, key, asked)
    return JsonResponse(body, status=status)


def _again(who: Who, key: str, asked: str) -> HttpResponse:
    kept = KeptAnswer.objects.filter(who=who.via, key=key).first()
    if kept is None:
        raise RuntimeError("refused by the database, and not for the Idempotency-Key")
    if kept.body_hash != asked:
        return JsonResponse({"error": "this Idempotency-Key was used for something else"}, status=422)
    return HttpResponse(kept.answer, content_type="application/json", status=kept.status or 409)


def _may_carry_out(request: Request) -> None:
    if not viewer_of(request.user).may(Permission.CARRY_OUT) or not isinstance(request.user, ServiceToken):
        raise NotAllowed("published changes: it needs a token with the scope changes")


def _sent(request: Request) -> dict[str, Any]:
    """The body, where it is an object; nothing otherwise."""
    return request.data if isinstance(request.data, dict) else {}


def _visible(request: Request) -> Any:
    viewer = viewer_of(request.user)
    if not viewer.may(Permission.APPROVALS):
        raise NotAllowed("changes")
    return visible(viewer.scope(Permission.APPROVALS), who_is(request.user).person)


def _short(change: ChangeRequest) -> dict[str, Any]:
    return {
        "id": change.pk,
        "kind": change.kind,
        "state": str(change.state),
        "title": change.title,
        "seats": change.seats,
        "expires_at": change.expires_at.isoformat() if change.expires_at else None,
    }
