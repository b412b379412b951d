"""The overview page, on a real ledger."""

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from portal.costs import overview as assembled
from tests.support.ledger import USD, CostPool, Line, publish_window
from tests.support.scene import Scene, person, scene

pytestmark = pytest.mark.django_db
MARCH = "/?from=2026-03-01&to=2026-03-10"


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


def text(response: Any) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def rows(response: Any) -> list[dict[str, str]]:
    """The CSV's rows."""
    body = b"".join(response.streaming_content).decode()
    assert body[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(body[1:])))


def test_it_opens(finance: Client) -> None:
    scene()
    page = text(finance.get(MARCH))
    print(page)
    assert "Cost per 1k successful requests" in page
