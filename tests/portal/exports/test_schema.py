"""The schema says what the API does."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from portal.exports.answers import _BODIES

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client: Client, capsys: Any) -> Any:
    client.force_login(get_user_model().objects.create_user("reader"))
    response = client.get("/api/v1/schema", headers={"Accept": "application/json"})
    assert response.status_code == 200
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")  # the generator prints what it is not sure of
    return json.loads(response.content)


def test_every_question_is_described_with_all_its_parameters(schema: Any) -> None:
    for question in _BODIES:
        described = schema["paths"][f"/api/v1/{question.name}"]["get"]
        parameters = {parameter["name"]: parameter for parameter in described["parameters"]}
        assert set(parameters) == set(question.parameters)
        assert {name for name, p in parameters.items() if p.get("required")} == {"from", "to"}
        if question.dimensions:
            assert set(parameters["group_by"]["schema"]["items"]["enum"]) == set(question.dimensions)
        assert {"200", "400", "401", "403"} <= set(described["responses"])


def test_rows_are_described_with_their_columns(schema: Any) -> None:
    answer = schema["paths"]["/api/v1/costs"]["get"]["responses"]["200"]["content"]["application/json"]
    row = answer["schema"]["properties"]["rows"]["items"]["properties"]
    assert {"tenant", "hour", "currency", "amount", "status"} <= set(row)
    assert row["amount"] == {"type": "string", "nullable": True, "format": "decimal"}


def test_programs_sign_in_with_a_bearer_token(schema: Any) -> None:
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}


def test_schema_and_pages_are_for_those_who_signed_in(client: Client) -> None:
    assert client.get("/api/v1/schema").status_code == 401
    assert client.get("/api/v1/docs").headers["Location"] == "/login/?next=/api/v1/docs"
