"""A real web server on somebody's own PostgreSQL: a tenant's lead reads nothing of another tenant."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import requests

from portal.isolation.roles import APP, INGEST
from tests.portal.isolation.test_matrix import DOORS, address
from tests.support.own_server import OWNER, OwnServer
from tests.support.two_tenants import CARDS, FOREIGN
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow
PASSWORD = "a whole new phrase"
DAY = "from=2026-03-04&to=2026-03-05"
# The answers that have figures for whoever may see them; streams are read to their last byte.
FIGURES = (
    f"/?{DAY}&format=csv",
    f"/api/v1/costs?{DAY}&group_by=tenant,service,hour",
    f"/api/v1/costs?{DAY}&group_by=tenant,service,hour&format=csv",
    f"/api/v1/unit-costs?{DAY}&group_by=tenant,service",
    f"/api/v1/unit-costs?{DAY}&group_by=tenant,service&format=csv",
    f"/api/v1/explain/lines?{DAY}",
    f"/explain/?{DAY}",
)
PROPOSAL = urlencode(
    {"proposal": '[[distribution]]\nuse = "billed_not_seen"\nmethod = "even"\n', "from": "2026-03-04",
     "to": "2026-03-04"}
)  # fmt: skip


@dataclass(frozen=True)
class Portal:
    """Its address, and who is signed in there."""

    address: str
    admin: Visitor
    lead: Visitor
    finance: Visitor
    token: str


@pytest.fixture(scope="module")
def portal(own_server: OwnServer) -> Iterator[Portal]:
    """gunicorn as the role of pages; people are made by its own pages, from the first-run address on."""
    with own_server.web() as here:
        said = (own_server.folder / "web.log").read_text()
        path = re.findall(r"https?://[^/]+(/first-run/\S+)", said)[0]
        Visitor(here).post(
            path,
            {"username": "ada", "full_name": "Ada Moreau", "email": "ada@example.org",
             "password1": PASSWORD, "password2": PASSWORD},
        )  # fmt: skip
        admin = Visitor(here).sign_in("ada", PASSWORD)
        for name, role, tenant in (("lena", "tenant_lead", "Bank"), ("frida", "finance", "")):
            page = admin.post("/members/", {"name": name, "full_name": name}, to="/members/invite/")
            link = html.unescape(re.findall(r'readonly value="([^"]+)"', page.text)[0])
            Visitor(here).post(
                link.removeprefix(here), {"password1": PASSWORD, "password2": PASSWORD}
            ).raise_for_status()
            given = {"account": name, "role": role, "tenant": tenant}
            assert "now is" in admin.post("/members/", given, to="/members/give/").text
        token = own_server.done(
            "create_token", "--name", "bi", "--owner", "frida", "--scope", "read", "--tenant", "Bank"
        ).strip()
        lead, finance = (Visitor(here).sign_in(name, PASSWORD) for name in ("lena", "frida"))
        yield Portal(here, admin, lead, finance, token)


def test_it_starts_without_a_warning(portal: Portal, own_server: OwnServer) -> None:
    assert "Warning" not in (own_server.folder / "web.log").read_text()


def foreign(answer: requests.Response) -> list[str]:
    """What of the other tenant stands in an answer."""
    return [word for word in FOREIGN if word in answer.text]


def found_by(visitor: Visitor, **headers: str) -> dict[str, list[str]]:
    """All addresses there are, as a page and as files, that have something of the other tenant."""
    found = {}
    for route, door in DOORS.items():
        if route in ("logout/", "account/closed/"):
            continue
        for query in (door.query, PROPOSAL if route == "preview/" else f"{DAY}&group_by=tenant,service"):
            for form in ("", "&format=csv", "&format=json"):
                path = f"{address(route)}?{query}{form}"
                answer = visitor.get(path, **headers)
                assert answer.status_code < 500, path
                if words := foreign(answer):
                    found[path] = words
    return found


def test_a_lead_reads_its_own_and_nothing_foreign_anywhere(portal: Portal) -> None:
    texts = [portal.lead.get(path).text for path in FIGURES]
    assert [path for path, text in zip(FIGURES, texts, strict=True) if "Cards" not in text] == []
    assert any(CARDS in text for text in texts)
    assert found_by(portal.lead) == {}


def test_a_tenants_token_reads_its_own_and_nothing_foreign_anywhere(portal: Portal) -> None:
    program = Visitor(portal.address)
    key = {"Authorization": f"Bearer {portal.token}"}
    assert CARDS in program.get(FIGURES[1], **key).text
    assert found_by(program, **key) == {}


def test_the_same_walk_finds_the_other_tenant_for_who_may_see_it(portal: Portal) -> None:
    """The sabotage twin: the two tests above can fail."""
    found = found_by(portal.finance)
    assert {word for words in found.values() for word in words} == set(FOREIGN)
    reached = {path.partition("?")[0] for path in found}
    assert {"/", "/api/v1/costs", "/api/v1/unit-costs", "/explain/", "/preview/"} <= reached


def test_a_preview_is_sent_whole_to_finance_and_refused_to_a_lead(portal: Portal) -> None:
    path = f"/preview/?{PROPOSAL}&format=csv"
    sent = portal.finance.get(path)
    assert (sent.status_code, sent.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert len(foreign(sent)) >= 2
    refused = portal.lead.get(path)
    assert (refused.status_code, foreign(refused)) == (403, [])


def test_the_audit_trail_knows_which_role_wrote_what(own_server: OwnServer, portal: Portal) -> None:
    events = "SELECT DISTINCT database_role FROM audit_event WHERE via = %s"
    assert "lena" in portal.admin.get("/members/").text
    assert own_server.rows(OWNER, events, "POST /members/give/") == [(APP,)]
    assert own_server.rows(OWNER, events, "manage.py apply") == [(INGEST,)]
    assert own_server.rows(OWNER, events, "manage.py create_token") == [(OWNER,)]
