"""To whom a provider billed a line, as far as the line says: project, key, model, class of tokens."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from attribution.domain.billed_quantities import token_class

KINDS = ("provider_api", "tool_calls")
# Columns that name the model a line is for; meters of clouds write it in ways of their own.
MODEL_COLUMN = "x_Model"
# "user:team" and "resourceTags/user:Team" are the tag "team".
_PREFIX = re.compile(r"^(resourcetags/)?((user|aws|goog|hidden)[:-])?")
_DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})$")


class BilledAccount(NamedTuple):
    """Empty texts are unknown. A pool keeps it as the text `project=…&api_key=…` in its `resource`."""

    tenant: str = ""
    team: str = ""
    project: str = ""
    api_key: str = ""
    model: str = ""
    tokens: str = ""

    @property
    def text(self) -> str:
        """All that is known, as one text."""
        return urlencode([(name, value) for name, value in self._asdict().items() if value])

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """What a tenant rule can know, as (kind, value), the most specific first."""
        kinds = ("tenant", "team", "api_key", "project")
        return tuple((kind, value) for kind in kinds if (value := getattr(self, kind)))


@lru_cache(maxsize=50_000)
def account_in(text: str) -> BilledAccount:
    """The account that `text` was made of."""
    known = dict(parse_qsl(text))
    return BilledAccount(**{name: known.get(name, "") for name in BilledAccount._fields})


def account_of(charge: Mapping[str, Any]) -> BilledAccount:
    """Tags come before the sub-account: a cloud's account is often everybody's, a tag is meant."""
    tags = _tags(charge.get("tags") or {})
    key = charge.get("resource_id") if charge.get("resource_type") == "api_key" else None
    return BilledAccount(
        tenant=tags.get("tenant", ""),
        team=tags.get("team", ""),
        project=tags.get("project") or charge.get("sub_account_id") or "",
        api_key=tags.get("api_key") or key or "",
        model=plain_model(charge.get(MODEL_COLUMN) or ""),
        tokens=token_class(charge) or "",
    )


def _tags(tags: Mapping[str, Any]) -> dict[str, str]:
    return {_PREFIX.sub("", name.lower()): str(value) for name, value in sorted(tags.items()) if value}


@lru_cache(maxsize=50_000)
def plain_model(name: str) -> str:
    """A model's name without its date and without who serves it: gateways and providers then agree.

    `openai/gpt-4.1-2025-04-14` and `gpt-4.1` are one; `claude-sonnet-4.5` and `claude-sonnet-4-5` too.
    """
    plain = _DATED.sub("", name.strip().lower().rsplit("/", 1)[-1])
    return plain.replace(".", "-")
