"""What is sent piece by piece is sent when its request's transaction has ended: by then all is read."""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client

from portal.accounts.models import Role
from tests.portal.isolation.test_matrix import DOORS, address, reader
from tests.support.books import fill, small_books

pytestmark = pytest.mark.django_db
CHECKOUT = Path(__file__).resolve().parents[3]
DAY = datetime(2026, 3, 4, tzinfo=UTC)
RANGE = "from=2026-03-04&to=2026-03-05"
# Every answer that is sent piece by piece.
STREAMS = (
    f"/?{RANGE}&format=csv",
    f"/network/?{RANGE}&format=csv",
    f"/network/?{RANGE}&format=csv&table=shares",
    f"/reconciliation/?{RANGE}&format=csv",
    f"/reconciliation/?{RANGE}&format=csv&table=engines",
    f"/reconciliation/?{RANGE}&format=csv&table=providers",
    f"/token-weights/?{RANGE}&format=csv",
    "/audit/?format=csv",
    "/api/v1/audit?format=csv",
    f"/api/v1/costs?{RANGE}&format=csv&group_by=tenant,service,hour",
    *(
        f"/api/v1/{question}?{RANGE}&format={form}"
        for form in ("json", "csv")
        for question in (
            "costs", "unit-costs", "utilization", "reconciliation", "engine-residuals",
            "provider-residuals", "unknown-meters", "transfer-bytes", "transfers", "token-fits",
        )
    ),
)  # fmt: skip
Place = tuple[str, str]
# Bytes that are made already; sent as a piece only so that the event is written after their snapshot.
MADE_BEFORE: set[Place] = {
    (str(CHECKOUT / "portal/preview/page.py"), "_csv"),
    (str(CHECKOUT / "portal/preview/views.py"), "_given"),
}


def places(folder: Path = CHECKOUT / "portal") -> set[Place]:
    """Where the code makes an answer that is sent piece by piece: file and function."""
    found = set()
    for path in folder.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                name = getattr(function, "name", "<lambda>")
                found |= {(str(path), name) for call in ast.walk(function) if _streams(call)}
    return found


def _streams(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("StreamingHttpResponse", "FileResponse")


@contextmanager
def passed() -> Iterator[set[Place]]:
    """The places that make such an answer within."""
    seen: set[Place] = set()
    usual = StreamingHttpResponse.__init__

    def begin(self: Any, *args: Any, **more: Any) -> None:
        frame = sys._getframe(1)
        seen.add((frame.f_code.co_filename, frame.f_code.co_name))
        usual(self, *args, **more)

    StreamingHttpResponse.__init__ = begin
    try:
        yield seen
    finally:
        StreamingHttpResponse.__init__ = usual


def late_questions(response: Any) -> list[str]:
    """What an answer asks the database while it is sent, but for the event that it was taken."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if "audit_record" not in sql:
            asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for _ in response.streaming_content:
            pass
    return asked


@pytest.fixture
def auditor() -> Client:
    fill(small_books(), DAY, 3)
    return reader(Role.AUDITOR, None).client


def test_nothing_is_asked_while_an_answer_is_sent(auditor: Client) -> None:
    with passed() as seen:
        for stream in STREAMS:
            response = auditor.get(stream)
            assert response.status_code == 200, stream
            assert response.streaming, stream
            assert late_questions(response) == [], stream
    assert seen | MADE_BEFORE == places(), (
        "STREAMS does not ask a place that sends piece by piece: add its address"
    )


def test_no_other_address_is_sent_piece_by_piece(auditor: Client) -> None:
    known = {stream.partition("?")[0] for stream in STREAMS}
    found = set()
    for route, door in DOORS.items():
        for form in ("", "&format=csv", "&format=json"):
            response = auditor.get(f"{address(route)}?{door.query}{form}")
            if response.streaming:
                found.add(address(route))
                late_questions(response)
    assert found == known


def test_an_answer_that_asks_late_is_seen(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage twin: the log read while it is sent, as it once was."""
    monkeypatch.setattr("portal.audit_log.api.spooled", lambda pieces: pieces)
    with pytest.raises(AssertionError, match="audit"):
        test_nothing_is_asked_while_an_answer_is_sent(auditor)


def test_a_new_place_is_found(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("def new(request):\n    return http.FileResponse(open('x'))\n")
    assert places(tmp_path) == {(str(tmp_path / "new.py"), "new")}
