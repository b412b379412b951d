"""Identity providers and what their groups mean, as code: the TOML file that APPORTION_OIDC names."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROLES = (
    "tenant_member",
    "tenant_lead",
    "finance",
    "platform_owner",
    "analyst",
    "operator",
    "auditor",
    "administrator",
)
KNOWN = {"name", "issuer", "client_id", "client_secret_env", "groups_claim", "scopes", "group", "auth_time"}
LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class GroupRole:
    """Who is in `group` has `role`, of `tenant` by its name, or everywhere ("")."""

    group: str
    role: str
    tenant: str = ""


@dataclass(frozen=True)
class OidcProvider:
    """One identity provider; /oidc/<key>/callback/ is the address to register there.

    `auth_time`: it says when it asked somebody who they are, as OpenID Connect has it for `max_age`.
    """

    key: str
    name: str
    issuer: str
    client_id: str
    secret: str
    groups_claim: str
    scopes: tuple[str, ...]
    groups: tuple[GroupRole, ...]
    auth_time: bool = True

    @property
    def origin(self) -> str:
        """Where its sign-in page is."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def for_allauth(self) -> dict[str, Any]:
        """The entry of SOCIALACCOUNT_PROVIDERS' APPS."""
        return {
            "provider_id": self.key,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {
                "server_url": self.issuer,
                "scope": list(self.scopes),
                "token_auth_method": "client_secret_basic",
                "oauth_pkce_enabled": True,
            },
        }


def read_oidc(path: Path, environ: Mapping[str, str]) -> tuple[OidcProvider, ...]:
    """The providers of the file. Raises ValueError naming the place, what was expected and what was found."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ValueError(f"a readable file ({problem.strerror}: {path})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"TOML ({path}: {problem})") from None
    providers = found.get("provider")
    if not isinstance(providers, dict) or set(found) != {"provider"}:
        raise ValueError(f"tables [provider.KEY] and nothing else ({path})")
    return tuple(_provider(key, table, environ) for key, table in providers.items())


def _provider(key: str, table: Any, environ: Mapping[str, str]) -> OidcProvider:
    where = f"[provider.{key}]"
    if not isinstance(table, dict) or set(table) - KNOWN or not key.replace("-", "").isalnum():
        raise ValueError(f"{where}: a key of letters and digits, with some of {', '.join(sorted(KNOWN))}")
    for name in ("issuer", "client_id", "client_secret_env"):
        if not isinstance(table.get(name), str) or not table[name]:
            raise ValueError(f"{where}: {name} as text")
    if not isinstance(table.get("auth_time", True), bool):
        raise ValueError(f"{where}: auth_time = true or false")
    secret = environ.get(table["client_secret_env"], "")
    if not secret:
        raise ValueError(f"{where}: the variable {table['client_secret_env']} with the client's secret")
    return OidcProvider(
        key=key,
        name=str(table.get("name", key)),
        issuer=_issuer(where, table["issuer"]),
        client_id=table["client_id"],
        secret=secret,
        groups_claim=str(table.get("groups_claim", "groups")),
        scopes=tuple(table.get("scopes", ["openid", "profile", "email"])),
        groups=tuple(_group(where, row) for row in table.get("group", [])),
        auth_time=table.get("auth_time", True),
    )


def _issuer(where: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise ValueError(f"{where}: an issuer that starts with https://")
    return text.rstrip("/")


def _group(where: str, row: Any) -> GroupRole:
    if not isinstance(row, dict) or set(row) - {"group", "role", "tenant"} or not row.get("group"):
        raise ValueError(f"{where}: group = {{ group = …, role = …, tenant = … }}")
    role, tenant = str(row.get("role", "")), str(row.get("tenant", ""))
    if role not in ROLES:
        raise ValueError(f"{where}: group {row['group']}: a role of {', '.join(ROLES)}")
    bound, everywhere = role.startswith("tenant_"), role in ("platform_owner", "operator", "administrator")
    if (bound and not tenant) or (everywhere and tenant):
        raise ValueError(f"{where}: group {row['group']}: {role} {'with' if bound else 'without'} a tenant")
    return GroupRole(str(row["group"]), role, tenant)
