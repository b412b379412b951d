"""To whom a provider billed a line, as far as the line says: project, key, model, class of tokens."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from attribution.domain.billed_model import MODEL_COLUMN, billed_model, meter_of, plain_model
from attribution.domain.billed_quantities import token_class

KINDS = ("provider_api", "tool_calls")
# "user:team" and "resourceTags/user:Team" are the tag "team".
_PREFIX = re.compile(r"^(resourcetags/)?((user|aws|goog|hidden)[:-])?")


class BilledAccount(NamedTuple):
    """Empty texts are unknown. A pool keeps it as the text `project=…&api_key=…` in its `resource`.

    `meter` is kept where it tells no model that `tables/models.toml` knows, so that it can be added there.
    """

    tenant: str = ""
    team: str = ""
    project: str = ""
    api_key: str = ""
    model: str = ""
    tokens: str = ""
    meter: str = ""

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


def account_of(charge: Mapping[str, Any], kind: str = "provider_api") -> BilledAccount:
    """Tags come before the sub-account: a cloud's account is often everybody's, a tag is meant."""
    tags = _tags(charge.get("tags") or {})
    key = charge.get("resource_id") if charge.get("resource_type") == "api_key" else None
    model = billed_model(charge) if kind == "provider_api" else plain_model(charge.get(MODEL_COLUMN) or "")
    return BilledAccount(
        tenant=tags.get("tenant", ""),
        team=tags.get("team", ""),
        project=tags.get("project") or charge.get("sub_account_id") or "",
        api_key=tags.get("api_key") or key or "",
        model=model,
        tokens=token_class(charge) or "",
        meter="" if model or kind != "provider_api" else meter_of(charge),
    )


def _tags(tags: Mapping[str, Any]) -> dict[str, str]:
    return {_PREFIX.sub("", name.lower()): str(value) for name, value in sorted(tags.items()) if value}
