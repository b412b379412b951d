"""The file of identity providers: the example is read, and a mistake is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.accounts.models import Role
from portal.identity_providers.declared import GroupRole


def test_the_example_in_the_documents_is_read(tmp_path: Path) -> None:
    from portal.identity_providers.declared import read_oidc

    text = Path("docs/accounts.md").read_text("utf-8").split("```toml")[1].split("```")[0]
    (tmp_path / "oidc.toml").write_text(text)
    (provider,) = read_oidc(tmp_path / "oidc.toml", {"ACME_CLIENT_SECRET": "s"})
    assert provider.groups[0] == GroupRole("apportion-finance", "finance")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"issuer": "http://id.example.org"}, "starts with https"),
        ({"client_id": ""}, "client_id as text"),
        ({"client_secret_env": "NOT_SET"}, "the variable NOT_SET"),
        ({"group": [{"group": "g", "role": "king"}]}, "a role of tenant_member"),
        ({"group": [{"group": "g", "role": "tenant_lead"}]}, "tenant_lead with a tenant"),
        ({"group": [{"group": "g", "role": "operator", "tenant": "x"}]}, "operator without a tenant"),
        ({"isuer": "x"}, "with some of auth_time, client_id"),
        ({"auth_time": "no"}, "auth_time = true or false"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, table: dict[str, Any], said: str) -> None:
    from portal.identity_providers.declared import _provider

    good = {"issuer": "https://id.example.org", "client_id": "a", "client_secret_env": "S"}
    with pytest.raises(ValueError, match=said):
        _provider("acme", good | table, {"S": "secret"})


def test_the_roles_of_the_file_are_those_that_there_are() -> None:
    from portal.identity_providers.declared import ROLES

    assert list(ROLES) == Role.values
    assert json.dumps(ROLES)
