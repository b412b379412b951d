"""From a preview to the form that asks for it: filled in, for who may ask, and never saying half of it."""

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from ingest.fleet.fragment import parse_fragment, read_fragment
from portal.approvals.domain.kinds import Kind
from portal.approvals.forms import asked_from
from portal.preview.asking import fields_of
from tests.ingest.fleet.test_preview_equals_apply import folder
from tests.support.readers import signed_in

__all__ = ["folder"]
pytestmark = pytest.mark.django_db
IDLE = '[[distribution]]\nuse = "idle"\nmethod = "even"\n'
RESERVE = '[[reserve]]\ncluster = "c1"\npool = "a100"\nservice = "chat"\nkind = "failover"\ndevices = 2\n'
QUOTA = '[[entitlement]]\ntenant = "Bank"\npool = "c1/a100"\nquota = 3\nfrom = 2031-01-01\nto = 2031-02-01\n'
PRICE = (
    '[[price_book]]\nname = "spot"\ncurrency = "EUR"\n[[price_book.price]]\n'
    'cluster = "c1"\npool = "a100"\nper_device_hour = "0.000000001"\n'
)
ASKED = {
    Kind.ALLOCATION_RULE: IDLE,
    Kind.RESERVE: RESERVE,
    Kind.TENANT_QUOTA: QUOTA,
    Kind.PRICE_BOOK: PRICE,
}
LABEL = ">Ask for this change</a>"
MORE = "It says more than a form can"


def page(client: Client, text: str) -> str:
    query = urlencode({"from": "2026-05-01", "to": "2026-05-01", "proposal": text})
    return client.get(f"/preview/?{query}").content.decode()


def address(shown: str) -> str:
    (found,) = re.findall(rf'href="([^"]+)"{LABEL}', shown)
    return html.unescape(found)


@pytest.mark.parametrize("kind", ASKED)
def test_what_the_form_would_send_is_what_was_previewed(kind: Kind) -> None:
    fragment = parse_fragment(ASKED[kind], "x")
    fields = fields_of(fragment)
    assert fields is not None
    plan = asked_from(kind, fields, None).plan
    assert dict(read_fragment(plan["declare"], "x").proposed.rows) == dict(fragment.proposed.rows)


@pytest.mark.parametrize("kind", ASKED)
def test_the_link_opens_the_form_of_that_kind_with_its_fields_filled_in(kind: Kind, folder: Path) -> None:
    client = signed_in("finance")
    where, _, query = address(page(client, ASKED[kind])).partition("?")
    assert where == f"/approvals/new/{kind.value}/"
    form = client.get(f"{where}?{query}").content.decode()
    for name, value in QueryDict(query).items():
        field = re.findall(rf'<select name="{name}".*?</select>|<input[^>]* name="{name}"[^>]*>', form)
        if len(field) != 1:
            raise AssertionError(name)
        if field[0].startswith("<select"):
            chosen = re.findall(r'<option(?: value="([^"]*)")? selected>([^<]*)<', field[0])
            assert [one or words for one, words in chosen] == [value], name
        else:
            assert f'value="{value}"' in field[0], name


def cannot(text: str) -> Any:
    return fields_of(parse_fragment(text, "x"))


@pytest.mark.parametrize(
    "text",
    [
        IDLE + '[[distribution]]\nuse = "loading"\nmethod = "even"\n',
        IDLE + RESERVE,
        '[[distribution]]\nuse = "idle"\nmethod = "fixed"\nweights = { Bank = "0.5" }\n',
        IDLE + "from = 2031-01-01T05:00:00Z\n",
        IDLE + "to = 2031-01-01T05:00:00Z\n",
        PRICE.replace("currency", 'origin = "a letter"\ncurrency'),
        PRICE + '[[price_book.price]]\ncluster = "c1"\npool = "l40s"\nper_device_hour = "1"\n',
        '[[withdraw.entitlement]]\ntenant = "Bank"\n',
        '[[withdraw.distribution]]\nuse = "idle"\n',
        IDLE + '[[withdraw.distribution]]\nuse = "loading"\n',
    ],
)
def test_what_no_form_can_say_is_not_said_by_half(text: str) -> None:
    assert cannot(text) is None


def test_who_may_ask_for_what_no_form_says_is_sent_to_the_api(folder: Path) -> None:
    shown = page(signed_in("finance"), '[[withdraw.distribution]]\nuse = "idle"\n')
    assert "By tenant" in shown
    assert MORE in shown
    assert LABEL not in shown


@pytest.mark.parametrize(
    ("role", "may"), [("operator", RESERVE), ("operator", None), ("auditor", None), ("administrator", None)]
)
def test_who_may_not_ask_for_such_a_change_sees_no_link(folder: Path, role: str, may: str | None) -> None:
    client = signed_in(role)
    if may:
        assert address(page(client, may)).startswith("/approvals/new/reserve/?")
    for text in (IDLE, '[[withdraw.distribution]]\nuse = "idle"\n'):
        shown = page(client, text)
        assert "By tenant" in shown
        assert LABEL not in shown
        assert MORE not in shown


def test_what_an_address_says_is_checked_as_what_is_typed(folder: Path) -> None:
    client = signed_in("finance")
    wild = {"pool": "c1/none", "devices": '"><script>', "service": "<b>", "title": "<i>", "from": "soon"}
    form = client.get(f"/approvals/new/reserve/?{urlencode(wild)}").content.decode()
    assert "<script>" not in form.split("</header>")[-1]
    assert 'value="&quot;&gt;&lt;script&gt;"' in form
    assert "c1/none" not in form
    assert "&lt;b&gt;" not in form
    sent = client.post("/approvals/new/reserve/", wild | {"why": "w", "devices": "2"})
    assert (sent.status_code, "none" in sent.content.decode()) == (422, True)
