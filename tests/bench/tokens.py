"""The API by a service token beside the same by a session, and what checking a token takes.

`python -m tests.bench.tokens`: in a database of its own, turn by turn: a busy machine is busy for both.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

ROUNDS = size(300, 5)
DAY = datetime(2026, 3, 4, tzinfo=UTC)
ADDRESS = "/api/v1/costs?from=2026-03-04&to=2026-03-05&group_by=tenant"


def main() -> int:
    """Print medians and the ratio."""
    with scratch_database():
        from django.conf import settings
        from django.test import Client

        settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["*"], False
        settings.EXPORT_RATE = "100000000/min"
        user, token = reader()
        session, program = Client(), Client(headers={"Authorization": f"Bearer {token}"})
        session.force_login(user)
        by_session, by_token, check, floor = turns(
            lambda: asked(session), lambda: asked(program), lambda: checked(token), nothing
        )
        print(f"medians of {ROUNDS} turns, in ms")
        print(f"{'costs by session':<28} {by_session:8.2f}")
        print(f"{'costs by token':<28} {by_token:8.2f}   ratio {by_token / by_session:.2f}")
        print(f"{'the check of the token alone':<28} {check:8.2f}   one statement")
        print(f"{'a statement that asks nothing':<28} {floor:8.2f}")
        print(f"{'its hash alone':<28} {hashing(token):8.4f}")
    return 0


def reader() -> tuple[Any, str]:
    """Somebody of finance with a token, and a day of figures."""
    from portal.accounts.models import Role
    from portal.accounts.tokens import create_token
    from tests.support.books import fill, small_books
    from tests.support.people import somebody

    fill(small_books(), DAY, 24)
    user = somebody("frida", Role.FINANCE)
    now = datetime.now(UTC)
    return user, create_token(
        owner=user.person, name="BI", scopes=["costs"], tenant=None, expires_in=None, now=now
    )


def asked(client: Any) -> None:
    """One answer, read to its end."""
    answer = client.get(ADDRESS)
    assert answer.status_code == 200, answer.status_code
    b"".join(answer.streaming_content)


def checked(token: str) -> None:
    """What every request of a program pays for: the token, and what its owner may now."""
    from portal.accounts.tokens import token_for
    from portal.accounts.viewer import viewer_of

    found = token_for(token, datetime.now(UTC))
    assert found is not None
    assert viewer_of(found).scopes


def nothing() -> None:
    """What any statement costs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def hashing(token: str) -> float:
    """Milliseconds of one hash: it is SHA-256, since 256 random bits need no slow one."""
    from portal.accounts.tokens import _digest

    began = time.perf_counter()
    for _ in range(1_000):
        _digest(token)
    return time.perf_counter() - began


def turns(*deeds: Callable[[], None]) -> list[float]:
    """The median milliseconds of each."""
    taken: list[list[float]] = [[] for _ in deeds]
    for deed in deeds:
        deed()
    for _ in range(ROUNDS):
        for deed, times in zip(deeds, taken, strict=True):
            began = time.perf_counter()
            deed()
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]


if __name__ == "__main__":
    sys.exit(main())
