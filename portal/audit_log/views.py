"""`/audit/`: the log, and one event of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from attribution.queries.organization import organization
from portal.accounts.needs import roles_with
from portal.accounts.permissions import Permission
from portal.accounts.reader import reader_of
from portal.audit.state import State, chain_state
from portal.audit_log import tables
from portal.audit_log.api import csv_of
from portal.audit_log.asked import BIGGEST, TEXTS, number_of, text_of
from portal.audit_log.queries import SEARCHED, Event, Wanted, event, events_page, words
from portal.audit_log.words import kind_words, object_words, subject
from portal.components.day_range import DayRange, day_range
from portal.components.filters import ContextBar, Field, Option, narrowing
from portal.components.times import moment
from portal.exports.errors import BadParameter
from portal.exports.limits import refused_export
from portal.frame.guarded import guarded

REFUSED = f"The audit trail is for {roles_with(Permission.AUDIT)}."
PAGE, DAYS = 50, 30


def log_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The log as it was asked for: page and CSV are the same events in the same order."""
    _admit(request)
    zone, given = organization().zone, request.GET.dict()
    today = datetime.now(UTC).astimezone(zone).date()
    days = day_range(given, (today - timedelta(days=DAYS - 1), today))
    wanted, mistakes = _wanted(given, days, zone)
    if given.get("format") == "csv" and not mistakes and not days.mistakes:
        return refused_export(request) or csv_of({name: [text] for name, text in given.items()}, wanted)
    found = guarded("audit events", lambda: events_page(wanted, PAGE))
    rows, following = found.value or ([], None)
    own = {name: text for name, text in given.items() if name not in ("before", "format")}
    context: dict[str, Any] = {
        "bar": _bar(given, days, mistakes, zone),
        "state": guarded("audit state", lambda: _state(chain_state(), zone)),
        "shown": found,
        "table": tables.log_table(rows, zone) if rows else None,
        "not_yet": f"The newest {SEARCHED:,} events of these days have no such text; there are older ones.",
        "csv": f"?{urlencode(own | {'format': 'csv'})}",
        "next": f"?{urlencode(own | {'before': following})}" if following else "",
        "previous": f"?{urlencode(own)}" if wanted.before else "",
        "narrowed": any(given.get(name) for name in TEXTS),
    }
    return render(request, "audit_log/log.html", context)


def event_page(request: HttpRequest, number: int) -> HttpResponse:
    """One event whole. One that never was is a 404 to who may see the log, and a 403 to others."""
    _admit(request)
    found = event(number) if 0 < number < BIGGEST else None
    if found is None:
        raise Http404
    zone = organization().zone
    context = {
        "event": found,
        "title": f"{kind_words(found.kind)}: {subject(found)}",
        "facts": tables.facts(found, zone),
        "difference": tables.difference_table(found),
        "others": _others(found),
        "previous": reverse("audit-event", args=[number - 1]) if number > 1 else "",
        "next": reverse("audit-event", args=[number + 1]) if event(number + 1) else "",
    }
    return render(request, "audit_log/event.html", context)


def _admit(request: HttpRequest) -> None:
    if not reader_of(request).may(Permission.AUDIT):
        raise PermissionDenied(REFUSED)


def _wanted(given: dict[str, str], days: DayRange, zone: ZoneInfo) -> tuple[Wanted, dict[str, str]]:
    """What the address asks for; what cannot be understood is left out and said beside its field."""
    start, end = days.bounds(zone)
    facts: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    for name in TEXTS:
        try:
            facts[name] = text_of({name: [given.get(name, "")]}, name)
        except BadParameter as mistake:
            mistakes[name] = mistake.error
    try:
        facts["before"] = number_of({"before": [given.get("before", "")]}, "before", BIGGEST)
    except BadParameter:
        facts["before"] = None
    return Wanted(start=start, end=end, **facts), mistakes


def _bar(given: dict[str, str], days: DayRange, mistakes: dict[str, str], zone: ZoneInfo) -> ContextBar:
    known = guarded("words of the audit log", words).value or {"kind": [], "object": []}
    of_days = days.bar(zone)
    fields = [
        *of_days.fields,
        Field("actor", "Who", given.get("actor", ""), error=mistakes.get("actor", "")),
        Field("kind", "What", options=_options(known["kind"], given.get("kind", ""), kind_words)),
        Field("object", "Of what", options=_options(known["object"], given.get("object", ""), object_words)),
        Field("text", "Containing", given.get("text", ""), kind="search", error=mistakes.get("text", "")),
    ]
    hidden = [(name, given[name]) for name in ("object_id", "request_id") if given.get(name)]
    return ContextBar(fields, of_days.said, hidden)


def _options(known: Sequence[str], chosen: str, words_of: Callable[[str], str]) -> list[Option]:
    listed = sorted({*known, chosen} - {""}, key=words_of)
    return narrowing({word: words_of(word) for word in listed}, chosen)


def _state(state: State, zone: ZoneInfo) -> dict[str, Any]:
    problem = state.problem(datetime.now(UTC))
    return {
        "problem": problem,
        "tone": "danger" if state.fault else "warn",
        "facts": [
            ("Newest event", f"{state.number:,}"),
            ("Its hash", state.hash),
            (
                "Verified",
                f"to event {state.held:,}, {moment(state.checked_at, zone)}" if state.checked_at else "never",
            ),
            (
                "Anchored",
                f"to event {state.anchored:,}, {moment(state.anchored_at, zone)}"
                if state.anchored_at
                else "never",
            ),
        ],
    }


def _others(found: Event) -> str:
    """The address of all events of the same request."""
    if not found.request_id:
        return ""
    day = found.recorded_at.date()
    span = {"from": (day - timedelta(days=1)).isoformat(), "to": (day + timedelta(days=1)).isoformat()}
    return f"{reverse('audit-log')}?{urlencode({'request_id': found.request_id} | span)}"
