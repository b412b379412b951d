"""The preview page: the figures of the preview, its states, and nothing written."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from attribution.models import Tenant
from attribution.operations.preview.preview import preview
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.propose import propose
from portal.components.formats import amount
from portal.preview.starts import STARTS
from tests.ingest.fleet.test_preview_equals_apply import END, START, folder
from tests.portal.preview.test_preview import TOML, printed, state_of_everything
from tests.support.readers import signed_in

__all__ = ["folder"]
pytestmark = pytest.mark.django_db
DAY = {"from": "2026-05-01", "to": "2026-05-01"}


def address(text: str = TOML, **more: str) -> str:
    return f"/preview/?{urlencode(DAY | {'proposal': text} | more)}"


def words(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def finance(folder: Path) -> Client:
    return signed_in("finance")


def test_every_figure_of_the_preview_is_on_the_page_and_nothing_changes(finance: Client) -> None:
    before = state_of_everything()
    found = preview(start=START, end=END, proposal=propose(parse_fragment(TOML, "x.toml")))
    page = words(finance.get(address()))
    for row in (*found.by_tenant, *found.totals):
        name = row.tenant or ("Nobody: the platform bears it" if row in found.by_tenant else "Total")
        figures = (amount(row.stands), amount(row.proposed), amount(row.difference, signed=True))
        assert re.search(rf"{name}.*? {row.currency} {' '.join(map(re.escape, figures))}", page), name
    assert found.inputs_hash[:16] in page
    assert "facts, bills and all other rules as they are now" in page
    assert state_of_everything() == before


def test_the_csv_has_the_rows_that_the_command_prints(finance: Client, tmp_path: Path) -> None:
    path = tmp_path / "fragment.toml"
    path.write_text(TOML)
    of_page = finance.get(address(format="csv"))
    assert of_page.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = of_page.getvalue().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == list(csv.reader(io.StringIO(printed(path, "csv"))))


def test_before_anything_is_asked_it_says_what_to_do(finance: Client) -> None:
    assert "Nothing was asked yet" in words(finance.get("/preview/"))


@pytest.mark.parametrize("kind", STARTS)
def test_every_kind_has_a_text_to_begin_with_that_names_what_is_missing(finance: Client, kind: str) -> None:
    page = finance.get(f"/preview/?kind={kind}").content.decode()
    first = STARTS[kind].text.splitlines()[0]
    assert first in page
    answer = words(finance.get(address(STARTS[kind].text)))
    if kind == "distribution":
        assert "By tenant" in answer
    else:  # the names in capitals are to be replaced
        assert "The proposal cannot be previewed" in answer
        assert "CLUSTER" in answer or "TENANT" in answer


def test_mistakes_are_named_with_their_lines_and_the_text_is_kept(finance: Client) -> None:
    wrong = '[[distribution]]\nuse = "idel"\nmethod = "even" # <script>\n'
    page = finance.get(address(wrong)).content.decode()
    assert "The proposal cannot be previewed" in page
    assert "proposal:2: " in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page.split("<textarea")[1]
    assert "at most 2,000 characters" in words(finance.get(address("#" * 2001)))


def test_what_changes_nothing_is_said(finance: Client) -> None:
    later = '[[distribution]]\nuse = "idle"\nmethod = "even"\nfrom = 2031-01-01T00:00:00Z\n'
    assert "The proposal changes nothing in these days" in words(finance.get(address(later)))
    empty = urlencode({"from": "2025-01-01", "to": "2025-01-02", "proposal": TOML})
    assert "The ledger has nothing in these days" in words(finance.get(f"/preview/?{empty}"))


def test_a_range_that_takes_too_long_is_refused(finance: Client) -> None:
    long = urlencode({"from": "2025-01-01", "to": "2026-05-01", "proposal": TOML})
    assert "at most 92 days at once" in words(finance.get(f"/preview/?{long}"))


def test_what_fails_is_said_with_its_request(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**options: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("portal.preview.page.preview", broken)
    assert "The preview could not be made" in words(finance.get(address()))


@pytest.mark.parametrize("role", ["analyst", "tenant_lead"])
def test_it_is_not_for_those_who_may_not_propose(folder: Path, role: str) -> None:
    tenant = Tenant.objects.get(name="Bank") if role.startswith("tenant") else None
    response = signed_in(role, tenant).get(address())
    assert response.status_code == 403
    assert "Previews are for the roles" in response.content.decode()


def test_days_that_are_too_many_are_not_taken_for_no_question(finance: Client) -> None:
    page = words(finance.get(address(to="2027-05-01")))
    assert "These days cannot be previewed" in page
    assert "Nothing was asked yet" not in page
