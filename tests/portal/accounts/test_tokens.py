"""Tokens of programs."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import ServiceToken
from portal.accounts.tokens import token_for
from tests.support.books import small_books
from tests.support.people import administrator

pytestmark = pytest.mark.django_db
RANGE = "from=2026-03-04&to=2026-03-05"


def made(*arguments: str) -> str:
    """A token as the command prints it."""
    out = StringIO()
    administrator("root")
    call_command("create_token", "--owner", "root", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def status(token: str, question: str = "costs") -> int:
    """The status that the API answers a program with, read to its end."""
    answer: Any = asked(token, question)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def asked(token: str, question: str = "costs") -> Any:
    """The beginning of an answer."""
    return Client().get(f"/api/v1/{question}?{RANGE}", headers={"Authorization": f"Bearer {token}"})


def test_a_token_is_printed_once_and_only_its_hash_is_kept() -> None:
    text = made("--name", "BI", "--scope", "read")
    (token,) = ServiceToken.objects.all()
    assert text.startswith(f"apn_{token.prefix}_")
    assert text.split("_")[2] not in repr(token.__dict__)
    assert token.sha256 not in text


def test_a_token_reads_what_its_scopes_name_and_nothing_else() -> None:
    reader, narrow = made("--name", "a", "--scope", "read"), made("--name", "b", "--scope", "costs")
    questions = ("costs", "unit-costs", "utilization", "reconciliation")
    assert [status(reader, question) for question in questions] == [200, 200, 200, 200]
    assert [status(narrow, question) for question in questions] == [200, 403, 403, 403]


def test_each_of_a_tokens_scopes_counts_also_beside_read() -> None:
    both = made("--name", "a", "--scope", "read", "--scope", "audit")
    assert [status(both, question) for question in ("costs", "reconciliation", "audit")] == [200, 200, 200]
    assert [status(made("--name", "b", "--scope", one), "audit") for one in ("read", "audit")] == [
        403,
        200,
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--scope", "write"],
            "'write' is no scope of a token; allowed: read, costs, unit-costs, utilization",
        ),
        (["--scope", "read", "--tenant", "nobody"], "there is no tenant 'nobody'"),
        (["--scope", "utilization", "--tenant", "retail"], "allowed: read, costs, unit-costs"),
        (["--scope", "read", "--expires", "0"], "expected a number of days"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused_in_words(arguments: list[str], said: str) -> None:
    small_books()
    with pytest.raises(CommandError, match=said):
        made("--name", "x", *arguments)
    assert not ServiceToken.objects.exists()


def test_a_token_of_a_tenant_reads_costs_and_unit_costs_of_its_subtree_only() -> None:
    small_books()
    token = made("--name", "x", "--scope", "read", "--tenant", "retail")
    questions = ("costs", "unit-costs", "utilization", "reconciliation")
    assert [status(token, question) for question in questions] == [200, 200, 403, 403]


def test_revoked_and_expired_tokens_are_refused_like_unknown_ones() -> None:
    kept, gone = (
        made("--name", "a", "--scope", "read"),
        made("--name", "b", "--scope", "read", "--expires", "1"),
    )
    now = datetime.now(UTC)
    assert token_for(gone, now) is not None
    assert token_for(gone, now + timedelta(days=1)) is None
    call_command("revoke_token", gone.split("_")[1], stdout=StringIO())
    wrong = kept[:-1] + ("0" if kept[-1] != "0" else "1")
    answers = [
        Client().get(f"/api/v1/costs?{RANGE}", headers={"Authorization": f"Bearer {text}"})
        for text in (gone, wrong, "apn_00000000_0", "x", "apn__", "apn_é_é")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert status(kept) == 200
    with pytest.raises(CommandError, match="no token with this prefix is in use"):
        call_command("revoke_token", gone)


def test_a_header_that_is_no_token_is_refused() -> None:
    for header in ("Bearer", "Bearer a b"):
        assert Client().get(f"/api/v1/costs?{RANGE}", headers={"Authorization": header}).status_code == 401


def test_the_last_use_is_noted_but_not_at_every_request() -> None:
    text = made("--name", "a", "--scope", "read")
    uses: list[Any] = []
    for ago in (None, 30, 90):
        if ago:
            ServiceToken.objects.update(last_used_at=datetime.now(UTC) - timedelta(seconds=ago))
        before = ServiceToken.objects.get().last_used_at
        assert status(text) == 200
        uses.append(ServiceToken.objects.get().last_used_at != before)
    assert uses == [True, False, True]


def test_the_last_use_is_noted_behind_the_answer() -> None:
    """Within the request nothing is written and no row is locked: nobody waits for another's long answer."""
    text = made("--name", "a", "--scope", "read")
    answer = asked(text)
    assert answer.status_code == 200
    assert ServiceToken.objects.get().last_used_at is None
    b"".join(answer.streaming_content)
    assert ServiceToken.objects.get().last_used_at is not None


def test_a_wrong_token_is_not_used() -> None:
    text = made("--name", "a", "--scope", "read")
    assert status(text[:-1] + ("0" if text[-1] != "0" else "1")) == 401
    assert ServiceToken.objects.get().last_used_at is None


def test_a_token_is_checked_in_one_statement() -> None:
    text = made("--name", "a", "--scope", "read")
    with CaptureQueriesContext(connection) as said:
        assert status(text) == 200
    about = ("service_token", "membership", "accounts_user", "see_token")
    before = [query["sql"] for query in said if any(word in query["sql"] for word in about)]
    assert [sql.startswith("UPDATE") for sql in before] == [False, True], before


def test_a_bad_token_is_not_saved_by_a_good_session() -> None:
    from django.contrib.auth import get_user_model

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    answer = client.get(f"/api/v1/costs?{RANGE}", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_the_comparison_of_hashes_a_prefix_would_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: prefixes are no secret, lists show them."""
    text = made("--name", "a", "--scope", "read")
    guess = f"apn_{text.split('_')[1]}_{'0' * 64}"
    assert status(guess) == 401
    monkeypatch.setattr("portal.accounts.tokens.hmac.compare_digest", lambda *given: True)
    assert status(guess) == 200


def test_without_the_look_at_its_state_a_revoked_token_would_still_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: the row stays, for the list and the log."""
    text = made("--name", "a", "--scope", "read")
    call_command("revoke_token", text.split("_")[1], stdout=StringIO())
    assert status(text) == 401
    monkeypatch.setattr(ServiceToken, "usable", lambda *given: True)
    assert status(text) == 200
