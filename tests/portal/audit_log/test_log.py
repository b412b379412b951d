"""The log to read: page, CSV and API are the same events."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client

from attribution.models import Tenant
from portal.accounts.models import Role, ServiceToken
from portal.accounts.tokens import create_token
from portal.audit.actor import of_command
from portal.audit.exporting import noted
from portal.audit.operations import record
from portal.audit.telling import acting_as
from portal.audit.verify import verify_and_keep
from portal.audit_log import queries, views
from portal.audit_log.plain import COLUMNS
from portal.audit_log.queries import Wanted, all_events, event, events, events_page
from tests.portal.audit.support import chain_now
from tests.portal.audit_log.conftest import member

pytestmark = pytest.mark.django_db


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def status(client: Client, address: str) -> int:
    """The status, with the answer read to its end."""
    answer = client.get(address)
    body(answer)
    return int(answer.status_code)


def sheet(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"))))


def test_each_condition_narrows_and_what_it_names_is_found(happened: dict[str, int]) -> None:
    def numbers(**wanted: Any) -> list[int]:
        return [each.number for each in events(Wanted(**wanted), 100)]

    assert numbers()[:4] == [happened[name] for name in ("worker", "login", "change", "added")]
    assert numbers(actor="user:lena") == numbers(actor="lena") == numbers(request_id="0123456789ab")
    assert numbers(actor="lena") == [happened[name] for name in ("login", "change", "added")]
    assert numbers(actor="len") == []
    assert numbers(kind="row_changed", object="tenant") == [happened["change"]]
    assert numbers(object="accounts_user", object_id="7") == [happened["login"]]
    assert numbers(text="ZÜRICH 100%_X") == [happened["worker"]]
    assert numbers(text="100%%x") == []
    assert numbers(before=happened["change"])[0] == happened["added"]
    now = datetime.now(UTC)
    assert numbers(start=now + timedelta(minutes=1)) == numbers(end=now - timedelta(days=1)) == []
    assert [each.number for each in all_events(Wanted())] == list(range(happened["worker"], 0, -1))
    assert event(happened["worker"] + 1) is None


def test_the_page_the_csv_and_the_api_tell_the_same(happened: dict[str, int], monkeypatch: Any) -> None:
    client = member("auditor")
    chain_now()
    narrowed = "actor=lena&object=tenant"
    page = client.get(f"/audit/?{narrowed}").content.decode()
    rows = sheet(client.get(f"/audit/?{narrowed}&format=csv"))
    answer = client.get(f"/api/v1/audit?{narrowed}").json()
    assert [int(row["number"]) for row in rows] == [happened["change"], happened["added"]]
    assert [each["number"] for each in answer["events"]] == [happened["change"], happened["added"]]
    assert list(rows[0]) == list(answer["events"][0]) == list(COLUMNS)
    for row, data in zip(rows, answer["events"], strict=True):
        assert f"/audit/{row['number']}/" in page
        assert json.loads(row["after"]) == data["after"]
        plain = [name for name in COLUMNS if name not in ("before", "after", "detail")]
        assert {name: row[name] for name in plain} == {name: str(data[name]) for name in plain}
    assert answer["next"] is None
    monkeypatch.setattr("portal.audit_log.queries.ROWS_AT_ONCE", 1)
    assert sheet(client.get(f"/api/v1/audit?{narrowed}&format=csv")) == rows


def test_the_api_hands_out_page_after_page(happened: dict[str, int]) -> None:
    client = member("operator")
    chain_now()
    numbers: list[int] = []
    cursor: int | None = None
    while True:
        more = f"&before={cursor}" if cursor else ""
        answer = client.get(f"/api/v1/audit?limit=3{more}").json()
        numbers += [each["number"] for each in answer["events"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert numbers == list(range(answer["head"]["number"], 0, -1))


def test_who_takes_the_log_or_figures_is_in_it(happened: dict[str, int]) -> None:
    client = member("finance")
    taken = body(client.get("/audit/?actor=lena&format=csv"))
    chain_now()
    (export,) = events(Wanted(kind="export"), 10)
    assert (export.object, export.actor) == ("audit", "user:finance-0")
    assert export.detail["sha256"] == hashlib.sha256(taken).hexdigest()
    assert (export.detail["bytes"], export.detail["complete"]) == (len(taken), True)
    assert export.detail["query"]["actor"] == ["lena"]
    body(client.get("/api/v1/costs?from=2026-03-01&to=2026-03-02"))
    chain_now()
    (export,) = events(Wanted(kind="export", object="costs"), 10)
    assert (export.detail["rows"], export.detail["complete"]) == (0, True)


def test_what_the_command_line_and_explain_give_is_an_event_with_its_hash(happened: dict[str, int]) -> None:
    out = io.StringIO()
    with acting_as(of_command("costs")):
        call_command("costs", "--from", "2026-03-01", "--to", "2026-03-02", "--format", "csv", stdout=out)
    client = member("finance")
    given = [
        ("costs", out.getvalue().encode()),
        ("explain", body(client.get("/api/v1/explain?from=2026-03-01&to=2026-03-02"))),
        ("explain/lines", body(client.get("/api/v1/explain/lines?from=2026-03-01&to=2026-03-02"))),
    ]
    chain_now()
    for name, taken in given:
        (export,) = events(Wanted(kind="export", object=name), 10)
        assert export.detail["sha256"] == hashlib.sha256(taken).hexdigest(), name
        assert (export.detail["bytes"], export.detail["complete"]) == (len(taken), True)
        assert export.detail["query"]["from"] == ["2026-03-01"]
    (printed,) = events(Wanted(kind="export", object="costs"), 10)
    assert printed.actor.startswith("command:")
    assert printed.via == "manage.py costs"


def test_a_preview_is_an_event_by_the_api_and_by_the_command(
    happened: dict[str, int], tmp_path: Path
) -> None:
    fragment = tmp_path / "proposal.toml"
    fragment.write_text("""[[distribution]]\nuse = "idle"\nmethod = "even"\n""")
    taken = []
    for form in ("json", "csv", "table"):
        out = io.StringIO()
        asked = ["--from", "2026-03-01", "--to", "2026-03-02", "--format", form]
        call_command("preview", str(fragment), *asked, stdout=out)
        taken.append(out.getvalue().encode())
    answer = member("finance").post(
        "/api/v1/preview?from=2026-03-01&to=2026-03-02",
        fragment.read_bytes(),
        content_type="application/toml",
    )
    taken.append(body(answer))
    chain_now()
    found = events(Wanted(kind="export", object="preview"), 10)
    assert [one.detail["sha256"] for one in reversed(found)] == [
        hashlib.sha256(each).hexdigest() for each in taken
    ]


def test_who_goes_away_in_the_middle_has_taken_what_was_sent(happened: dict[str, int]) -> None:
    pieces = noted([b"one", b"two"], object="costs", query={}, rows=2)
    assert next(pieces) == b"one"
    pieces.close()
    chain_now()
    (export,) = events(Wanted(kind="export"), 10)
    assert (export.detail["bytes"], export.detail["complete"]) == (3, False)
    assert export.detail["sha256"] == hashlib.sha256(b"one").hexdigest()


def test_roles_that_do_not_include_it_get_nothing_anywhere(happened: dict[str, int]) -> None:
    tenant = Tenant.objects.get().pk
    cache.clear()
    for role in Role.values:
        bound = {"tenant_id": tenant} if role in ("tenant_lead", "tenant_member") else {}
        client = member(role, **bound)
        may = role in ("finance", "platform_owner", "operator", "auditor", "administrator")
        answers = [
            status(client, address)
            for address in (
                "/audit/",
                "/audit/1/",
                "/audit/999999999/",
                "/audit/?format=csv",
                "/api/v1/audit",
            )
        ]
        assert answers == ([200, 200, 404, 200, 200] if may else [403] * 5), role
        assert ("Audit trail" in client.get("/views/").content.decode()) is may
    chain_now()
    refused = {each.actor for each in events(Wanted(kind="refused"), 100) if each.actor.startswith("user:")}
    assert {name.split("-")[0] for name in refused} == {
        "user:tenant_lead",
        "user:tenant_member",
        "user:analyst",
    }
    assert Client().get("/api/v1/audit").status_code == 401
    assert Client().get("/audit/").status_code == 302


def test_a_token_needs_the_scope_of_its_own(happened: dict[str, int]) -> None:
    member("finance")
    owner = get_user_model().objects.get().person

    def status(scope: str) -> int:
        made = create_token(
            name=scope, scopes=[scope], tenant=None, expires_in=None, now=datetime.now(UTC), owner=owner
        )
        return Client().get("/api/v1/audit", headers={"Authorization": f"Bearer {made}"}).status_code

    assert [status("read"), status("audit")] == [403, 200]
    assert ServiceToken.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("what=1", "what"), ("limit=0", "limit"), ("limit=1001", "limit"), ("before=x", "before"),
     ("from=x", "from"), ("from=2026-03-02&to=2026-03-01", "to"), ("format=xml", "format"),
     ("text=a%00b", "text"), ("actor=a&actor=b", "actor"), ("before=99999999999999999999", "before"),
     ("text=" + "x" * 201, "text")],
)  # fmt: skip
def test_the_api_says_which_parameter_is_wrong(happened: dict[str, int], query: str, parameter: str) -> None:
    answer = member("auditor").get(f"/api/v1/audit?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


def test_the_page_says_what_it_cannot_understand_and_never_fails(happened: dict[str, int]) -> None:
    client = member("auditor")
    page = client.get("/audit/?actor=a%00b&before=x&kind=nonsense&from=x&text=%25")
    assert page.status_code == 200
    assert "is no printable text" in page.content.decode()
    assert "No event matches" in client.get("/audit/?actor=nobody-at-all").content.decode()
    assert (
        "Nothing happened in these days"
        in client.get("/audit/?from=2020-01-01&to=2020-01-02").content.decode()
    )


@pytest.mark.parametrize("number", [2**63 - 2, 2**63 - 1, 2**63, 10**30])
def test_an_event_beyond_all_numbers_is_one_that_never_was(happened: dict[str, int], number: int) -> None:
    assert member("auditor").get(f"/audit/{number}/").status_code == 404


def test_a_formula_in_a_name_stays_text(happened: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_record('login', '=1+1', '@SUM(A1)', NULL, NULL, '{}')")
    client = member("auditor")
    chain_now()
    row = sheet(client.get("/audit/?format=csv&object=%3D1%2B1"))[0]
    assert (row["object"], row["object_id"]) == ("'=1+1", "'@SUM(A1)")


def test_an_event_shows_old_and_new_and_no_markup_of_strangers(happened: dict[str, int]) -> None:
    page = member("auditor").get(f"/audit/{happened['change']}/").content.decode()
    assert "&lt;b&gt;lena&lt;/b&gt;" in page
    assert "<b>lena</b>" not in page
    assert page.index("cost centre") < page.index("owner")
    assert "columns did not change" in page
    added = member("auditor").get(f"/audit/{happened['added']}/").content.decode()
    assert "Added: tenant" in added


def test_the_page_says_how_the_chain_stands(happened: dict[str, int], settings: Any, tmp_path: Any) -> None:
    settings.AUDIT_ANCHORS = [tmp_path / "anchors.jsonl"]
    client = member("auditor")
    assert "Nobody has verified the log yet" in client.get("/audit/").content.decode()
    chain_now()
    assert verify_and_keep().fault == ""
    assert "The log held when it was last verified" in client.get("/audit/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_event WHERE number = %s", [happened["login"]])
    verify_and_keep()
    assert f"event {happened['login']:,} is missing" in client.get("/audit/").content.decode()


def test_one_part_fails_alone(happened: dict[str, int], monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no such luck")

    client = member("auditor")
    monkeypatch.setattr(views, "events_page", broken)
    page = client.get("/audit/")
    assert page.status_code == 200
    assert "The events could not be loaded" in page.content.decode()
    assert "Newest event" in page.content.decode()


def test_a_text_is_looked_for_some_events_at_a_time_and_nothing_is_missed(
    happened: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in range(20):
        record("login", object="accounts_user", detail={"name": "needle" if count % 9 == 0 else "hay"})
    chain_now()
    wanted = Wanted(text="NEEDLE")
    whole = [each.number for each in all_events(wanted)]
    assert len(whole) == 3
    monkeypatch.setattr(queries, "SEARCHED", 4)
    assert [each.number for each in all_events(wanted)] == whole
    monkeypatch.setattr(queries, "ROWS_AT_ONCE", 1)
    assert [each.number for each in all_events(wanted)] == whole
    client, address, numbers, pages = member("finance"), "/api/v1/audit?text=needle&limit=2", [], 0
    following: int | None = 10**9
    while following:
        answer = client.get(f"{address}&before={following}").json()
        numbers += [each["number"] for each in answer["events"]]
        following, pages = answer["next"], pages + 1
    assert numbers == whole
    assert pages > 5
    page = client.get("/audit/?text=nowhere-at-all").content.decode()
    assert "have no such text; there are older ones." in page
    assert "Look further back" in page


def test_a_stretch_of_time_ends_the_search(happened: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SEARCHED", 2)
    for span in ({"end": datetime(2020, 1, 1, tzinfo=UTC)}, {"start": datetime(2999, 1, 1, tzinfo=UTC)}):
        assert events_page(Wanted(text="x", **span), 10) == ([], None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_at FROM audit_event WHERE number = %s", [happened["login"]])
        (start,) = cursor.fetchone()
    found = [each.number for each in all_events(Wanted(text="lena", start=start))]
    assert found == [happened["login"]]
