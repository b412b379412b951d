"""Which accelerators a charge pays for: `tables/instances.toml`, read once."""

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from attribution.domain.tables import groups

# Families of AWS, Azure and Google Cloud with accelerators, for sizes that the table does not have yet.
_ACCELERATED = re.compile(
    r"(?:^|[:_\s/])(?:p[2-6][a-z0-9\-]*|g[3-7][a-z]*|trn\d\w*|inf\d\w*|dl\d\w*)\.(?:\d*x?large|metal)|"
    r"standard_n[cdgv]\w*\d|\ba[2-4]x?-(?:high|mega|ultra|edge)gpu|\bg[24]-standard|"
    r"\b(?:gpu|tpu|[abh]100|h200|b[23]00|l40s?|mi[23]\d\dx?|gaudi)\b",
    re.IGNORECASE,
)
_TYPE_COLUMNS = (
    "x_InstanceType", "product_instance_type", "product/instanceType", "x_UsageType", "x_usage_type",
    "line_item_usage_type", "lineItem/UsageType", "sku_meter", "x_SkuMeterName", "MeterName",
    "charge_description",
)  # fmt: skip
ACCELERATOR_COLUMNS = (*_TYPE_COLUMNS, "service_name", "sku_price_details")


class Accelerators(NamedTuple):
    """How many devices of a model; a number below one is a share of a device. None: not known."""

    model: str | None
    number: Fraction | None


@cache
def instance_types() -> dict[str, Accelerators]:
    """Accelerators by machine type, in lower case with "_" and "-" as they are written."""
    types = {}
    for group in groups("instances"):
        for name, text in group["types"].items():
            count, _, model = text.partition(" ")
            types[name.lower()] = Accelerators(model, Fraction(count))
    return types


@cache
def _any_type() -> re.Pattern[str]:
    # The longest first: "p5.4xlarge" stands in no other name, but "NC24s_v3" would be found in "NC24s_v3s".
    names = sorted(instance_types(), key=len, reverse=True)
    either = "|".join(re.escape(name).replace("_", "[_ ]") for name in names)
    return re.compile(rf"(?<![a-z0-9.])(?:standard[_ ])?({either})(?![a-z0-9])", re.IGNORECASE)


def accelerators_of(charge: Mapping[str, str | None]) -> Accelerators | None:
    """What accelerators a line says that it pays for; None: it names none.

    `SkuPriceDetails.GpuCount` is believed first (0 is none), then the machine type; a family that only the
    pattern knows has neither model nor count.
    """
    details = _details(charge.get("sku_price_details"))
    named = _named(
        str(details.get("InstanceType") or ""), *(charge.get(name) or "" for name in _TYPE_COLUMNS)
    )
    if (told := details.get("GpuCount")) is not None:
        count = _count(told)
        return Accelerators(named.model if named else None, count) if count is None or count > 0 else None
    if named:
        return named
    some = any(_ACCELERATED.search(charge.get(column) or "") for column in (*_TYPE_COLUMNS, "service_name"))
    return Accelerators(None, None) if some else None


def has_accelerator(charge: Mapping[str, str | None]) -> bool:
    """Whether the line says of itself that it pays for an accelerator."""
    return accelerators_of(charge) is not None


def _named(*texts: str) -> Accelerators | None:
    for text in texts:
        if found := _any_type().search(text):
            return instance_types()[_spelled(found[1])]
    return None


def _spelled(name: str) -> str:
    return name.lower().replace(" ", "_")


def _details(text: str | None) -> dict[str, object]:
    try:
        details = json.loads(text) if text else {}
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _count(told: object) -> Fraction | None:
    try:
        return Fraction(str(told).strip())
    except (ValueError, ZeroDivisionError):
        return None
