"""What kind of cost a charge is: `tables/recognition.toml`, read once."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from attribution.domain.instances import ACCELERATOR_COLUMNS, has_accelerator
from attribution.domain.tables import groups

# Where sellers name what was metered, in FOCUS and in their own exports.
USAGE_COLUMNS = (
    "x_UsageType", "x_usage_type", "line_item_usage_type", "lineItem/UsageType", "sku_meter",
    "charge_description", "x_SkuMeterName", "x_SkuMeterSubcategory", "x_SkuDescription", "MeterName",
    "MeterSubCategory", "sku.description",
)  # fmt: skip
# Classes of route that telemetry can measure too; other parts of network and egress have no such bytes.
BYTE_CLASSES = ("internet", "inter_region", "inter_zone")


class Recognised(NamedTuple):
    """The kind of cost pool a charge goes to, which part of it, and how often one byte is on the bill."""

    kind: str
    part: str
    ways: int = 1


class _Rule(NamedTuple):
    recognised: Recognised
    conditions: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]
    accelerator: bool


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_rule(entry) for group in groups("recognition") for entry in group["rule"])


def _rule(entry: dict[str, Any]) -> _Rule:
    conditions = tuple(
        (tuple(_columns(columns)), re.compile(pattern, re.IGNORECASE))
        for columns, pattern in entry["when"].items()
        if columns != "accelerator"
    )
    recognised = Recognised(entry["kind"], entry["part"], entry.get("ways", 1))
    return _Rule(recognised, conditions, bool(entry["when"].get("accelerator")))


def _columns(names: str) -> Iterator[str]:
    for name in names.split("|"):
        yield from USAGE_COLUMNS if name == "usage" else (name,)


@cache
def columns() -> tuple[str, ...]:
    """Every column that a rule looks at, in a stable order."""
    named = {name for rule in _rules() for names, _ in rule.conditions for name in names}
    return tuple(sorted(named | set(ACCELERATOR_COLUMNS)))


def recognise(charge: Mapping[str, str | None], *, of_a_node: bool) -> Recognised:
    """The cost pool of a charge, from its text columns (snake_case FOCUS names and `x_` columns).

    `of_a_node`: its resource is, or is named like, a node of a pool. Every charge is recognised: the last
    rule takes what none has claimed to the platform.
    """
    return _recognise(tuple(charge.get(name) or "" for name in columns()), of_a_node)


# A bill says the same few things in most of its rows: 1,000 real rows are 278 different ones.
@lru_cache(maxsize=50_000)
def _recognise(texts: tuple[str, ...], of_a_node: bool) -> Recognised:
    charge = dict(zip(columns(), texts, strict=True))
    accelerator = of_a_node or has_accelerator(charge)
    for rule in _rules():
        if rule.accelerator and not accelerator:
            continue
        if all(_found(charge, names, pattern) for names, pattern in rule.conditions):
            return rule.recognised
    raise AssertionError("the last rule of recognition.toml has no condition")


def _found(charge: Mapping[str, str], names: tuple[str, ...], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(charge[name]) for name in names)
