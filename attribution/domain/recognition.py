"""What kind of cost a charge is: a table of rules with its sources, read once."""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# AWS, Azure and Google Cloud instance families with accelerators (their documentation, 2026-06).
_ACCELERATED = re.compile(
    r"(?:^|[:_\s/])(?:p[2-6][a-z]*|g[4-7][a-z]*|trn\d\w*|inf\d\w*|dl\d\w*)\.(?:\d*x?large|metal)|"
    r"standard_n[cdgv]\w*\d|\ba[2-4]-(?:high|mega|ultra|edge)gpu|\bg2-standard|"
    r"\b(?:gpu|tpu|[abh]100|h200|b[23]00|l40s?|mi[23]\d\dx?|gaudi)\b",
    re.IGNORECASE,
)
_ACCELERATOR_COLUMNS = ("sku_meter", "x_UsageType", "x_usage_type", "charge_description", "service_name")


class Recognised(NamedTuple):
    """The kind of cost pool a charge goes to, and which part of that kind."""

    kind: str
    part: str


class _Rule(NamedTuple):
    recognised: Recognised
    conditions: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]
    accelerator: bool


@lru_cache(maxsize=1)
def _rules() -> tuple[_Rule, ...]:
    table = tomllib.loads((Path(__file__).parent / "recognition.toml").read_text())
    return tuple(_rule(entry) for entry in table["rule"])


def _rule(entry: dict[str, Any]) -> _Rule:
    conditions = tuple(
        (tuple(columns.split("|")), re.compile(pattern, re.IGNORECASE))
        for columns, pattern in entry["when"].items()
        if columns != "accelerator"
    )
    return _Rule(Recognised(entry["kind"], entry["part"]), conditions, bool(entry["when"].get("accelerator")))


def recognise(charge: Mapping[str, str | None], *, of_a_node: bool) -> Recognised:
    """The cost pool of a charge, from its text columns (snake_case FOCUS names and `x_` columns).

    `of_a_node`: its resource is, or is named like, a node of a pool. Every charge is recognised: the last
    rule takes what none has claimed to the platform.
    """
    accelerator = of_a_node or has_accelerator(charge)
    for rule in _rules():
        if rule.accelerator and not accelerator:
            continue
        if all(_found(charge, columns, pattern) for columns, pattern in rule.conditions):
            return rule.recognised
    raise AssertionError("the last rule of recognition.toml has no condition")


def has_accelerator(charge: Mapping[str, str | None]) -> bool:
    """Whether the line says of itself that it pays for an accelerator."""
    details = charge.get("sku_price_details")
    if details:
        try:
            count = json.loads(details).get("GpuCount")
        except (ValueError, AttributeError):
            count = None
        if count is not None:
            return str(count) not in ("0", "0.0", "")
    return any(_ACCELERATED.search(charge.get(column) or "") for column in _ACCELERATOR_COLUMNS)


def _found(charge: Mapping[str, str | None], columns: tuple[str, ...], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(charge.get(column) or "") for column in columns)
