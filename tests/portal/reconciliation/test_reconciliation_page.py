"""The reconciliation page."""

import pytest
from django.test import Client

from tests.support.scene import person, scene

pytestmark = pytest.mark.django_db


def test_without_a_bill_it_says_how_to_import_one(client: Client) -> None:
    scene()
    client.force_login(person("frida", "finance"))
    assert "import_bill" in client.get("/reconciliation/").content.decode()
