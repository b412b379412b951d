"""Asking for a preview, over REST and on the command line: the same figures, and nothing is changed."""

import csv
import io
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from attribution.domain.money import from_nano
from attribution.models import Tenant
from attribution.operations.preview.preview import preview
from ingest.fleet.fragment import parse_fragment
from ingest.fleet.propose import propose
from portal.accounts.tokens import create_token
from tests.ingest.fleet.test_preview_equals_apply import END, START, folder
from tests.support.fleet import HOUR
from tests.support.people import administrator
from tests.support.readers import signed_in

__all__ = ["folder"]
pytestmark = pytest.mark.django_db
RANGE = "from=2026-05-01&to=2026-05-02"
TOML = """
[[distribution]]
use = "idle"
method = "even"
"""
JSON: dict[str, Any] = {"distribution": [{"use": "idle", "method": "even"}]}


def post(client: Client, body: Any, kind: str = "application/json", query: str = RANGE, **more: Any) -> Any:
    return client.post(f"/api/v1/preview?{query}", body, content_type=kind, **more)


def printed(path: Path, form: str) -> str:
    out = StringIO()
    call_command(
        "preview", str(path), "--from", "2026-05-01", "--to", "2026-05-02", "--format", form, stdout=out
    )
    return out.getvalue()


def state_of_everything() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cluster_id, hour, version, lines_hash FROM ledger_version ORDER BY 1, 2, 3")
        versions = cursor.fetchall()
        cursor.execute("SELECT cluster_id, hour, version, dirty_at FROM attribution_window ORDER BY 1, 2")
        return [versions, cursor.fetchall()]


def test_rest_and_command_say_what_the_preview_says_and_change_nothing(folder: Path, tmp_path: Path) -> None:
    before = state_of_everything()
    found = preview(start=START, end=END, proposal=propose(parse_fragment(TOML, "x.toml")))
    answer = json.loads(post(signed_in("finance"), JSON).getvalue())
    assert answer == json.loads(post(signed_in("platform_owner"), TOML, "application/toml").getvalue())
    path = tmp_path / "fragment.toml"
    path.write_text(TOML)
    assert json.loads(printed(path, "json")) == answer
    (total,) = found.totals
    assert answer["totals"][0]["stands"] == format(from_nano(total.stands or 0), "f")
    assert [row["difference"] for row in answer["totals"]] == ["0.000000000"]
    moved = {row["tenant"]: Decimal(row["difference"]) for row in answer["by_tenant"]}
    assert sum(moved.values()) == 0
    assert moved[None] < 0
    assert all(value > 0 for tenant, value in moved.items() if tenant is not None and value)
    assert answer["rows_hash"] == found.rows_hash
    assert state_of_everything() == before


def test_the_csv_has_every_row_and_the_table_every_tenant(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "fragment.toml"
    path.write_text(TOML)
    rows = list(csv.DictReader(io.StringIO(printed(path, "csv"))))
    answer = json.loads(printed(path, "json"))
    assert [row["difference"] for row in rows] == [row["difference"] or "" for row in answer["rows"]]
    table = printed(path, "table")
    for row in answer["by_tenant"]:
        assert (row["tenant"] or "No tenant") in table
    assert "Assumed: facts, bills and all other rules as they are now." in table


@pytest.mark.parametrize("role", ["analyst", "tenant_member", "tenant_lead"])
def test_whoever_may_not_propose_gets_no_preview(folder: Path, role: str) -> None:
    tenant = Tenant.objects.get(name="Bank") if role.startswith("tenant") else None
    response = post(signed_in(role, tenant), JSON)
    assert (response.status_code, response.json()) == (403, {"error": "you may not read previews"})


def test_a_token_needs_the_scope_for_it(folder: Path) -> None:
    for scope, status in (("read", 403), ("preview", 200)):
        text = create_token(
            owner=administrator().person, name=scope, scopes=[scope], tenant=None, expires_in=None, now=HOUR
        )
        assert post(Client(), JSON, headers={"Authorization": f"Bearer {text}"}).status_code == status


def test_whoever_is_not_signed_in_is_told_so() -> None:
    assert post(Client(), JSON).status_code in (401, 403)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("{", "application/json", "JSON in UTF-8"),
        ("[1]", "application/json", "an object with distribution"),
        ('{"distribution": [{"use": "idle", "method": NaN}]}', "application/json", "JSON in UTF-8"),
        (b"\xff", "application/json", "JSON in UTF-8"),
        ("{}", "application/json", "[[distribution]], [[reserve]]"),
        ('{"distribution": [{"use": "idel", "method": "even"}]}', "application/json", "idle"),
        (
            '{"reserve": [{"cluster": "c1", "pool": "a10", "kind": "warm", "devices": 1}]}',
            "application/json",
            "c1/a100",
        ),
        ("[[distribution]]\nuse = 1", "application/toml", "method"),
        (" " * 1_000_001, "application/json", "at most 1,000,000 bytes"),
    ],
)
def test_what_cannot_be_previewed_is_refused_with_what_was_expected(
    folder: Path, body: Any, kind: str, said: str
) -> None:
    response = post(signed_in("finance"), body, kind)
    assert response.status_code == 400
    assert said in json.dumps(response.json()["mistakes"])


@pytest.mark.parametrize("deep", [5, 400, 900, 5_000, 200_000])
def test_what_is_nested_however_deep_is_refused_and_no_failure(folder: Path, deep: int) -> None:
    client = signed_in("finance")
    listed, named = "[" * deep + "]" * deep, '{"a": ' * deep + "1" + "}" * deep
    for body in (f'{{"reserve": {listed}}}', f'{{"reserve": [{{"cluster": {named}}}]}}'):
        assert post(client, body).status_code == 400
    assert post(client, f"reserve = {listed}", "application/toml").status_code == 400


@pytest.mark.parametrize(
    "query", ["", "from=2026-05-01", "from=x&to=2026-05-02", "from=2026-05-02&to=2026-05-01"]
)
def test_a_range_that_cannot_be_is_refused(folder: Path, query: str) -> None:
    response = post(signed_in("finance"), JSON, query=query)
    assert response.status_code == 400
    assert response.json()["parameter"] in ("from", "to")


def test_the_command_refuses_as_clearly(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "fragment.toml"
    path.write_text('[[distribution]]\nuse = "idle"\nmethod = "evn"\n')
    with pytest.raises(CommandError, match=r"fragment.toml:3: .*even"):
        printed(path, "table")
    with pytest.raises(CommandError, match=r"absent\.toml"):
        printed(tmp_path / "absent.toml", "table")
