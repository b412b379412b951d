"""The API's answers: the figures of the queries, as JSON, as CSV and on the command line."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from tests.support.books import HOUR, Books, fill, small_books, tenant_below
from tests.support.ledger import CostPool, Line, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
RANGE = "from=2026-03-04&to=2026-03-05"
QUESTIONS = {
    "costs": "group_by=tenant,use,pool,hour",
    "unit-costs": "group_by=tenant,service,model",
    "utilization": "group_by=pool,service,day,hour",
    "reconciliation": "",
}


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 4)
    return made


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def body(response: Any) -> bytes:
    """A streamed answer whole."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_amounts_are_exact_decimal_strings(reader: Client, books: Books) -> None:
    data = json.loads(body(reader.get(f"/api/v1/costs?{RANGE}&group_by=tenant,use")))
    table = costs_by(DAY, DAY + 24 * HOUR, [CostDimension.TENANT, CostDimension.USE])
    assert data["currency"] is None
    assert len(data["rows"]) == len(table.rows) == data["row_count"]
    for said, row in zip(data["rows"], table.rows, strict=True):
        assert (said["tenant"], said["use"], said["currency"]) == (*row.group, row.currency)
        if row.amount_nano is None:
            assert said["amount"] is None
        else:
            assert Decimal(said["amount"]).scaleb(9) == row.amount_nano
            assert len(said["amount"].partition(".")[2]) == 9
    totals = {total["currency"]: Decimal(total["amount"]) for total in data["totals"]}
    for currency, total in totals.items():
        of_rows = [Decimal(row["amount"] or 0) for row in data["rows"] if row["currency"] == currency]
        assert sum(of_rows) == total


@pytest.mark.parametrize("question", QUESTIONS)
def test_csv_has_exactly_the_rows_of_json(reader: Client, books: Books, question: str) -> None:
    address = f"/api/v1/{question}?{RANGE}&{QUESTIONS[question]}"
    rows = json.loads(body(reader.get(address)))["rows"]
    response = reader.get(f"{address}&format=csv")
    text = body(response).decode("utf-8-sig")
    assert body(reader.get(address, headers={"Accept": "text/csv"})).decode("utf-8-sig") == text
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(text, newline="")))
    expected = [["" if cell is None else str(cell) for cell in row.values()] for row in rows]
    assert table[1:] == expected
    assert question == "reconciliation" or len(rows) > 1
    assert not rows or table[0] == list(rows[0])


@pytest.mark.parametrize("question", ["costs", "unit-costs", "utilization"])
@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_command_prints_the_bytes_of_the_api(
    reader: Client, books: Books, question: str, form: str
) -> None:
    grouping = QUESTIONS[question].partition("=")[2]
    api = body(reader.get(f"/api/v1/{question}?{RANGE}&group_by={grouping}&format={form}&service=chat"))
    out = io.StringIO()
    call_command(
        question.replace("-", "_"), "--from", "2026-03-04", "--to", "2026-03-05", "--group-by", grouping,
        "--format", form, "--service", "chat", stdout=out,
    )  # fmt: skip
    assert out.getvalue().encode() == api


def test_a_command_refuses_in_the_words_of_the_api(books: Books) -> None:
    with pytest.raises(
        CommandError, match="--group-by 'colour' is nothing to group by; allowed: tenant, ser"
    ):
        call_command("costs", "--from", "2026-03-04", "--to", "2026-03-05", "--group-by", "colour")


def test_limit_and_offset_cut_rows_and_leave_totals(reader: Client, books: Books) -> None:
    address = f"/api/v1/costs?{RANGE}&group_by=tenant,use"
    whole = json.loads(body(reader.get(address)))
    part = json.loads(body(reader.get(f"{address}&limit=3&offset=2")))
    assert part["rows"] == whole["rows"][2:5]
    assert (part["totals"], part["row_count"]) == (whole["totals"], whole["row_count"])


def test_a_day_is_one_of_the_reporting_zone_and_a_time_is_utc(reader: Client) -> None:
    small_books("America/New_York")
    spans = [
        json.loads(body(reader.get(f"/api/v1/costs?from={start}&to={end}")))
        for start, end in [
            ("2026-03-08", "2026-03-09"),
            ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00"),
            ("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"),
            ("2026-03-08T10:30:00+05:30", "2026-03-09T09:30:00%2B05:30"),
        ]
    ]
    assert {(span["from"], span["to"]) for span in spans} == {
        ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")
    }


def test_names_filter_with_everything_below_and_pools_by_either_name(reader: Client, books: Books) -> None:
    def tenants(query: str) -> set[str | None]:
        rows = json.loads(body(reader.get(f"/api/v1/costs?{RANGE}&group_by=tenant&{query}")))["rows"]
        return {row["tenant"] for row in rows}

    assert tenants("tenant=retail") == {"retail", "chat-team", "search-team"}
    assert tenants("tenant=bank&tenant=chat-team") == {"bank", "risk-team", "chat-team"}
    assert tenants("tenant=") == {None}
    pools = [
        json.loads(body(reader.get(f"/api/v1/costs?{RANGE}&group_by=pool&pool={pool}")))["rows"]
        for pool in ("a100", "east/a100")
    ]
    assert [[row["pool"] for row in rows] for rows in pools] == [["east/a100", "west/a100"], ["east/a100"]]


def test_cells_that_a_spreadsheet_would_run_are_made_text(reader: Client) -> None:
    books = small_books()
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "plain", 'a"b,c']
    lines = [Line("idle", -5, tenant_below(name, None).pk) for name in names]
    publish_window(books.clusters["east"].pk, DAY, [CostPool(lines)])
    text = body(reader.get(f"/api/v1/costs?{RANGE}&group_by=tenant&format=csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["tenant"] for row in rows} == {f"'{name}" for name in names[:7]} | set(names[7:])
    assert {row["amount"] for row in rows} == {"-0.000000005"}


def test_many_rows_stream_in_pieces(reader: Client) -> None:
    books = small_books()
    lines = [Line("serving", place, tenant_below(f"t{place:04}", None).pk) for place in range(1200)]
    publish_window(books.clusters["east"].pk, DAY, [CostPool(lines)])
    response: Any = reader.get(f"/api/v1/costs?{RANGE}&group_by=tenant,hour")
    pieces = list(response.streaming_content)
    assert len(pieces) == 5
    assert len(json.loads(b"".join(pieces))["rows"]) == 1200


def test_answers_are_not_kept_by_shared_caches(reader: Client) -> None:
    assert reader.get(f"/api/v1/costs?{RANGE}").headers["Cache-Control"] == "private, no-store"


def test_every_answer_says_how_far_and_how_firm_it_is(reader: Client, books: Books) -> None:
    data = json.loads(body(reader.get(f"/api/v1/costs?{RANGE}")))
    assert data["complete_through"] == "2026-03-04T04:00:00Z"
    assert data["status"] == "mixed"
    assert set(data["coverage"]) == {"device_minutes", "requests", "bill_amount"}
    assert set(data["coverage"]["bill_amount"]) <= {"EUR", "USD"}
