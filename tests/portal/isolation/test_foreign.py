"""What is another tenant's is answered like what never was: status, headers and body, by every method."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from portal.accounts.models import Role
from portal.approvals import views
from portal.approvals.models import ChangeRequest
from tests.portal.isolation.test_matrix import (
    DOORS,
    RANGE,
    Asker,
    address,
    everybody,
    expected,
    program,
    reader,
)
from tests.support.books import Books, fill, small_books
from tests.support.foreign_things import ForeignThings, foreign_things

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
HOUR = "2026-03-04T01:00Z"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
NOBODYS = 999_999
# What is another one with each request: the form's token, the request's id, and a permalink's moment.
MASKS = (
    re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"'),
    re.compile(rb"[0-9a-f]{12}(?=</code>)"),
    re.compile(rb"(?:apportion-|seen=|pin=|as_of=)[^&\"<]*"),
)
# The length is that of the body, which is compared; with HEAD it is the length that GET has.
EACH_TIME = {"X-Request-ID", "Date", "Expires", "Content-Length"}
Answer = tuple[int, dict[str, str], list[str], bytes]


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 3)
    return made


def answer(response: Any, word: str = "") -> Answer:
    """Status, headers, names of cookies and body, without what differs each time and the `word` asked for."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    for mask in MASKS:
        content = mask.sub(b"", content)
    headers = {name: text for name, text in response.headers.items() if name not in EACH_TIME}
    if word:
        escaped = (
            word,
            quote(word),
            quote(word, ""),
            quote(quote(word, ""), ""),
        )  # in a page, and in the address of another one
        for each in escaped:
            content = content.replace(each.encode(), b"")
            headers = {name: text.replace(each, "") for name, text in headers.items()}
    return response.status_code, headers, sorted(response.cookies), content


def ask(who: Asker, method: str, path: str) -> Any:
    return getattr(who.client, method)(path, headers=dict(who.headers))


# Of those who are bound to retail: who may most, a program, and nobody.
FEW = ("tenant_lead of retail", "finance of retail", "token read of retail", "nobody")


def foreigners(books: Books, few: Sequence[str] = ()) -> Iterator[tuple[str, Asker]]:
    """Everybody bound to retail, programs among them, and who has not signed in; or a `few` of them."""
    askers = everybody(books)
    return ((name, who) for name, who in askers.items() if who.bound and (not few or name in few))


@pytest.mark.parametrize("route", [route for route, door in DOORS.items() if door.narrowed])
def test_a_foreign_name_is_answered_like_an_absent_one(books: Books, route: str) -> None:
    door = DOORS[route]
    for name, who in foreigners(books):
        if 200 not in expected(route, door, who):
            continue
        for parameter in door.narrowed:
            for form in ("", "&format=csv"):
                first, second = (
                    answer(who.get(route, f"{door.query}&{parameter}={word}{form}"), word)
                    for word in ("bank", "bonk")
                )
                assert first == second, (name, parameter, form)


@pytest.mark.parametrize("method", [method for method in METHODS if method != "get"])
def test_other_methods_answer_foreign_names_like_absent_ones_at_every_address(
    books: Books, method: str
) -> None:
    odd = []
    for name, who in foreigners(books, FEW):
        for route, door in DOORS.items():
            if route in ("logout/", "account/sessions/end/") and method == "post":
                continue  # it signs out whoever asks
            who.client.cookies.pop("messages", None)  # of the address before
            first, second = (
                answer(ask(who, method, f"{address(route)}?{door.query}&tenant={w}&service={w}"), w)
                for w in ("bank", "bonk")
            )
            if first != second or b"risk-team" in first[3]:
                odd.append((name, route))
    assert odd == []


def test_head_is_get_without_its_body(books: Books) -> None:
    who = reader(Role.TENANT_LEAD, books.tenants["retail"])
    for route, door in DOORS.items():
        if route == "logout/":
            continue
        path = f"{address(route)}?{door.query}"
        got, head = answer(who.client.get(path)), answer(who.client.head(path))
        assert head[3] == b"", route
        # Some doors take no HEAD: that is said of the address, and not of what it names.
        assert (head[0], head[1].get("Content-Type")) == (got[0], got[1].get("Content-Type")) or head[0] in (
            405,
            302,
        ), route


def differences(books: Books, things: ForeignThings, route: str) -> list[tuple[str, str]]:
    """By whom and by which method a foreign id is told from one that nobody has."""
    found = []
    for name, who in foreigners(books, FEW):
        for method in METHODS:
            answers = []
            for pk in (things.id_in(route), NOBODYS):
                response = ask(who, method, address(route, pk))
                # Where one is sent to may say more: the message of a form.
                where = response.get("Location", "")
                after = who.client.get(where) if where.startswith("/") else None
                path = address(route, pk)
                answers.append((answer(response, path), after and answer(after, path)))
            if answers[0] != answers[1]:
                found.append((name, method))
    return found


@pytest.mark.parametrize("route", [route for route in DOORS if "<int" in route])
def test_what_is_of_others_is_like_what_never_was(books: Books, route: str) -> None:
    things = foreign_things(books)
    assert differences(books, things, route) == []
    assert things.touched() == []


def test_a_door_that_says_that_something_is_there_is_found(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage twin: refused, and not absent."""
    usual = views.change_for

    def telling(scope: Any, person: Any, pk: int) -> Any:
        if ChangeRequest.objects.filter(pk=pk).exists():
            raise PermissionDenied
        return usual(scope, person, pk)

    monkeypatch.setattr(views, "change_for", telling)
    monkeypatch.setattr(settings, "ROLE_OF_REQUESTS", "")  # nor do policies hide it
    things = foreign_things(books)
    found = differences(books, things, "approvals/<int:pk>/")
    assert ("tenant_lead of retail", "get") in found


def hours_of(books: Books, cluster: int) -> Iterator[str]:
    """Addresses of a cluster's hour, its minutes and its bill rows."""
    yield f"/explain/hour/?cluster={cluster}&hour={HOUR}"
    yield f"/explain/hour/?cluster={cluster}&hour={HOUR}&version=1"
    pool = books.pools["east"].pk if cluster != NOBODYS else NOBODYS
    yield f"/api/v1/explain/hour?{RANGE}&cluster_id={cluster}&hour={HOUR}"
    yield f"/api/v1/explain/minutes?{RANGE}&cluster_id={cluster}&pool_id={pool}&hour={HOUR}"
    yield f"/api/v1/explain/bill-rows?bill={1 if cluster != NOBODYS else NOBODYS}"


def test_a_clusters_hour_is_told_to_nobody_who_is_bound(books: Books) -> None:
    cluster = books.clusters["east"].pk
    askers = everybody(books)
    everyones = askers["finance"]
    assert everyones.client.get(f"/explain/hour/?cluster={cluster}&hour={HOUR}").status_code == 200
    assert everyones.client.get(f"/explain/hour/?cluster={NOBODYS}&hour={HOUR}").status_code == 404
    for name, who in askers.items():
        if not who.bound:
            continue
        for there, absent in zip(hours_of(books, cluster), hours_of(books, NOBODYS), strict=True):
            # A program has no page, and a person who has not signed in is sent to do so.
            first, second = (answer(ask(who, "get", path), path) for path in (there, absent))
            assert first == second, (name, there)
            assert first[0] in (302, 401, 403), (name, there)


def pinned(whose: Asker, path: str) -> str:
    """The permalink's pins of an answer of the API."""
    given = ask(whose, "get", path).json()["pinned"]
    return urlencode({name: given[name] for name in ("as_of", "seen", "pin")})


def own_figure(who: Asker, pins: str = "") -> Any:
    """What retail bore, as the API explains it."""
    return ask(who, "get", f"/api/v1/explain?{RANGE}&{pins}").json()["value"]


def test_a_foreign_permalink_is_answered_like_one_of_an_absent_name(books: Books) -> None:
    """Its moment and hash are of the whole product: to a tenant they show its own figures, or none."""
    finance = reader(Role.FINANCE, None)
    narrowed = pinned(finance, f"/api/v1/explain?{RANGE}&tenant=bank")
    whole = pinned(finance, f"/api/v1/explain?{RANGE}")
    lead, token = reader(Role.TENANT_LEAD, books.tenants["retail"]), program("read", "retail")
    api = ("/api/v1/explain", "/api/v1/explain/pools", "/api/v1/explain/lines")
    for who, paths in ((lead, (*api, "/explain/")), (token, api)):
        assert own_figure(who, whole) == own_figure(who)
        for path in paths:
            first, second = (
                answer(ask(who, "get", f"{path}?{RANGE}&{narrowed}&tenant={word}"), word)
                for word in ("bank", "bonk")
            )
            assert first == second, path
            shown = answer(ask(who, "get", f"{path}?{RANGE}&{whole}"))
            assert shown[0] == 200, path
            assert not [word for word in (b"bank", b"risk-team") if word in shown[3]], path
