"""Which model a line of a bill is for: named by the seller, or told by its meter (`tables/models.toml`)."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from attribution.domain.recognition import USAGE_COLUMNS
from attribution.domain.tables import groups

# The column in which OpenAI's and Anthropic's lines have it.
MODEL_COLUMN = "x_Model"
_DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8}|default|latest|00\d)$")
# `-v1:0`, and `-1:0` of OpenAI's models, are versions of Bedrock.
_VERSION = re.compile(r"-v\d+(:\d+(:\d+k)?)?$|-\d:\d$|-preview(-\d{2}-\d{2,4})?$")
# Bedrock's inference profiles and vendors stand before the name.
_VENDOR = re.compile(
    r"^((us|us-gov|eu|apac|au|ca|jp|global)\.)?"
    r"((ai21|amazon|anthropic|cohere|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|writer|zai)\.)?"
)


@lru_cache(maxsize=50_000)
def plain_model(name: str) -> str:
    """A model's name without its date and version and without who serves it: gateways and bills then agree.

    `openai/gpt-4.1-2025-04-14` and `gpt-4.1` are one; `claude-sonnet-4.5`, `claude-sonnet-4-5` and
    `bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0` too.
    """
    plain = _VENDOR.sub("", name.strip().lower().rsplit("/", 1)[-1])
    plain = _DATED.sub("", _VERSION.sub("", plain))
    return plain.replace(".", "-")


def billed_model(charge: Mapping[str, str | None]) -> str:
    """The plain name of a line's model, "" where the line says none that the table knows."""
    if named := charge.get(MODEL_COLUMN):
        return plain_model(named)
    return _told(tuple(charge.get(name) or "" for name in (*USAGE_COLUMNS, "service_name")))


def meter_of(charge: Mapping[str, str | None]) -> str:
    """What a seller calls the line's meter: the first column that says something."""
    return next((text for name in USAGE_COLUMNS if (text := (charge.get(name) or "").strip())), "")


@lru_cache(maxsize=10_000)
def _told(texts: tuple[str, ...]) -> str:
    for pattern, model in _rows():
        for text in texts:
            if found := pattern.search(text):
                return plain_model(_filled(model, found))
    return ""


def _filled(model: str, found: re.Match[str]) -> str:
    for number, text in enumerate(found.groups(), 1):
        model = model.replace(f"{{{number}}}", (text or "").strip().replace(" ", "-"))
    return re.sub(r"-{2,}", "-", model).strip("-")


@cache
def _rows() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(row["when"], re.IGNORECASE), row["model"])
        for group in groups("models")
        for row in group["row"]
    )
