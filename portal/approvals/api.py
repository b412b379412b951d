"""Changes over REST: the signed feed and its acknowledgement, and requests: list, detail, submit, decide."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from attribution.queries.scope import EVERYBODY
from attribution.queries.seen import seeing
from portal.accounts.models import ServiceToken
from portal.accounts.permissions import Permission
from portal.accounts.person_of import person_of
from portal.accounts.recent import authenticated_lately
from portal.accounts.viewer import viewer_of
from portal.approvals.asked_by_program import BODY, asked_by_program, superseded_by, text_in, triggered_by
from portal.approvals.domain.recordable import unrecordable
from portal.approvals.domain.states import State
from portal.approvals.models import ChangePublication, ChangeRequest
from portal.approvals.operations.ask import draft_change
from portal.approvals.operations.carry_out import acknowledge
from portal.approvals.operations.conclude import conclude, moved_words
from portal.approvals.operations.edit import edit_change
from portal.approvals.operations.errors import CannotChange, NotYours
from portal.approvals.operations.signature import signed
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import Who, who_is
from portal.approvals.queries.inbox import visible
from portal.exports.errors import BadParameter, NotAllowed
from portal.idempotency.once import HEADER, Answer, once

PAGE = 100
_KEY = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=True)
Said = tuple[int, dict[str, Any]]
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
        after = _whole_number(request, "after") or 0
        found = list(ChangePublication.objects.filter(pk__gt=after).order_by("pk")[:PAGE])
        entries = [{"cursor": one.pk, **json.loads(one.body)} for one in found]
        cursor = found[-1].pk if found else after
        body = json.dumps(
            {"changes": entries, "cursor": cursor, "more": len(found) == PAGE}, ensure_ascii=False
        )
        headers = signed(f"feed-{after}-{cursor}", body, datetime.now(UTC))
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
        sent = _sent(request)
        done, words = sent.get("done"), str(sent.get("words", ""))[:2000]
        if not isinstance(done, bool):
            return JsonResponse({"error": "done: true or false"}, status=400)

        def deed(who: Who, now: datetime) -> Said:
            change = acknowledge(pk, done=done, words=words, who=who, now=now)
            if change.state == State.SUBMITTED:
                return 409, _short(change) | {"error": change.history.latest("number").words}
            return 200, _short(change)

        return _once(request, deed)


class RequestsView(APIView):
    """Changes that one may know of, and a new one."""

    @extend_schema(
        operation_id="change_requests",
        tags=["changes"],
        responses={200: OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter("before", int, description="The id of the last one that one has.")],
        summary="Changes, the newest first",
    )
    def get(self, request: Request) -> HttpResponse:
        """At most a hundred below the id `before`."""
        found, before = _visible(request).order_by("-pk"), _whole_number(request, "before")
        if before is not None:
            found = found.filter(pk__lt=before)
        return JsonResponse({"change_requests": [_short(one) for one in found[:PAGE]]})

    @extend_schema(
        operation_id="ask_for_change",
        tags=["changes"],
        request={"application/json": BODY},
        parameters=[_KEY],
        responses={201: OpenApiTypes.OBJECT},
        summary="Submit a change: kind, title, why, plan, tenant, not_before",
    )
    def post(self, request: Request) -> HttpResponse:
        """Evidence is computed at once, so it takes seconds."""
        _may_ask(request)
        sent = _sent(request)
        return _once(request, lambda who, now: (201, _short(_ask(sent, who, now))))


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

    @extend_schema(
        operation_id="edit_change",
        tags=["changes"],
        request=_OBJECT,
        parameters=[_KEY],
        responses={200: OpenApiTypes.OBJECT},
        summary='Another revision: {"title": "…", "why": "…", "plan": {…}, "hash": "…"}; approvals are void',
    )
    def put(self, request: Request, pk: int) -> HttpResponse:
        """`hash` is that of what was edited: it is refused when somebody else was faster."""
        _may_ask(request)
        if not _visible(request).filter(pk=pk).exists():
            return JsonResponse({"error": "there is no such change"}, status=404)
        sent = _sent(request)
        plan, seen = sent.get("plan"), str(sent.get("hash", ""))
        if not isinstance(plan, dict) or not seen:
            return JsonResponse({"error": "title, why, plan (an object) and hash are needed"}, status=400)
        if "not_before" in sent:
            wrong = "not_before stands as it was asked for: take the change back and ask again"
            return JsonResponse({"error": wrong}, status=400)

        def deed(who: Who, now: datetime) -> Said:
            title, why = (text_in(sent, key) for key in ("title", "why"))
            let: Any = {"on_behalf_of": triggered_by(sent)}
            done = edit_change(pk, title=title, why=why, plan=plan, who=who, now=now, seen=seen, **let)
            return 200, _short(done) | {"hash": done.hash}

        return _once(request, deed)


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
            if not viewer_of(request.user).may(Permission.APPROVE_CHANGES):
                raise NotAllowed("decisions: it needs a token with the scope approve-changes")
            if not change.tokens_decide:
                return JsonResponse({"error": "its policy lets no token decide"}, status=403)
        elif not authenticated_lately(request._request):
            return JsonResponse({"error": "confirm that it is you, then decide"}, status=403)
        sent = _sent(request)
        agrees, seen, words = sent.get("agrees"), str(sent.get("hash", "")), str(sent.get("words", ""))
        if not isinstance(agrees, bool):
            return JsonResponse({"error": "agrees: true or false"}, status=400)

        def deed(who: Who, now: datetime) -> Said:
            done = conclude(pk, agrees=agrees, seen=seen, who=who, now=now, words=words)
            if done.moved:
                moved = {"error": moved_words(done.moved), "moved": done.moved, "hash": done.change.hash}
                return 409, _short(done.change) | moved
            return 200, _short(done.change)

        return _once(request, deed)


def _ask(sent: Mapping[str, Any], who: Who, now: datetime) -> ChangeRequest:
    asked, let = asked_by_program(sent), triggered_by(sent)
    former = superseded_by(sent, who.person)
    change = draft_change(asked, who=who, now=now, on_behalf_of=let, supersedes=former)
    return submit_change(change.pk, who=who, now=now)


def _once(request: Request, deed: Callable[[Who, datetime], Said]) -> HttpResponse:
    """The deed, once for its Idempotency-Key; a refusal undoes what the deed has done, and is its answer."""

    def answered() -> Answer:
        try:
            with seeing(EVERYBODY, person=person_of(request).pk):
                status, said = deed(who_is(request.user), datetime.now(UTC))
        except CannotChange as refusal:
            status, said = 403 if isinstance(refusal, NotYours) else 409, {"error": str(refusal)}
        return Answer(status, json.dumps(said).encode())

    return once(request, json.dumps(request.data, sort_keys=True).encode(), answered)


def _may_ask(request: Request) -> None:
    viewer = viewer_of(request.user)
    if not viewer.may(Permission.REQUEST_CHANGES) or viewer.scope(Permission.REQUEST_CHANGES).bound:
        raise PermissionDenied(
            "over REST changes are asked for, and edited, by a role that may for everybody, and by a token "
            "with the scope request-changes; the lead of a tenant asks on the page Approvals"
        )


def _whole_number(request: Request, name: str) -> int | None:
    """A parameter of the address, None where it is not given. Raises BadParameter."""
    text = request.query_params.get(name, "")
    if text and (not text.isdecimal() or not text.isascii() or len(text) > 18):
        raise BadParameter("has to be a whole number", name, text)
    return int(text) if text else None


def _may_carry_out(request: Request) -> None:
    if not viewer_of(request.user).may(Permission.CARRY_OUT) or not isinstance(request.user, ServiceToken):
        raise NotAllowed("published changes: it needs a token with the scope changes")


def _sent(request: Request) -> dict[str, Any]:
    """The body, where it is an object; nothing otherwise. Raises BadParameter for what cannot be kept."""
    if wrong := unrecordable(request.data):
        place, expected = wrong
        raise BadParameter(f"has to be {expected}", place, None)
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
        "not_before": change.wanted_at.isoformat() if change.wanted_at else None,
        "expires_at": change.expires_at.isoformat() if change.expires_at else None,
    }
