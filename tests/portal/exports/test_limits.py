"""Nobody takes figures endlessly, and nobody is limited by what another one takes."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.portal.audit_log.conftest import member
from tests.support.books import small_books
from tests.support.scene import scene

pytestmark = pytest.mark.django_db
COSTS = "/api/v1/costs?from=2026-03-04&to=2026-03-05"


@pytest.fixture
def two_a_minute(settings: Any) -> None:
    cache.clear()
    settings.EXPORT_RATE = "2/min"


def status(client: Client, address: str) -> int:
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


@pytest.mark.usefixtures("two_a_minute")
def test_the_third_time_in_a_minute_is_refused_and_says_when_to_come_again() -> None:
    small_books()
    frida, otto = member("finance"), member("operator")
    assert [status(frida, COSTS) for _ in range(3)] == [200, 200, 429]
    answer = frida.get(COSTS)
    assert answer.json()["error"].startswith("Request was throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert status(otto, COSTS) == 200


@pytest.mark.usefixtures("two_a_minute")
def test_downloads_of_pages_count_together_with_the_api_and_pages_do_not() -> None:
    scene()
    frida = member("finance")
    assert [status(frida, "/audit/") for _ in range(4)] == [200] * 4
    assert status(frida, COSTS) == status(frida, "/audit/?format=csv") == 200
    page = frida.get("/audit/?format=csv")
    assert (page.status_code, page.headers["Retry-After"].isdigit()) == (429, True)
    assert "Too many downloads" in page.content.decode()
    assert status(frida, "/?format=csv") == 429
    assert status(frida, "/audit/") == 200
    assert Client().get("/api/v1/costs").status_code == 401
