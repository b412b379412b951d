"""The data-health page."""

import pytest
from django.test import Client

from tests.support.scene import person, scene

pytestmark = pytest.mark.django_db


def test_without_a_source_it_says_how_to_declare_one(client: Client) -> None:
    scene()
    client.force_login(person("otto", "operator"))
    assert "No source is declared" in client.get("/data-health/").content.decode()
