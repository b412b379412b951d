"""Tables of rules that plans are held against: where data has to stay, which versions work together."""

from collections.abc import Iterator
from typing import Any

from attribution.domain.requirement import PARTS, example, read_requirement
from ingest.fleet.read_span import read_span
from ingest.fleet.similar import one_of
from ingest.fleet.spec import CompatibilityRule, ResidencyRule, Row
from ingest.fleet.table import Table
from ingest.fleet.values import TEXT, TEXT_TABLE, TEXTS, Unfit, Value


def _some(value: Any) -> dict[str, str]:
    if not (given := TEXT_TABLE.read(value)):
        raise Unfit
    return given


NEEDS = Value[dict[str, str]](f"a table with at least one of {', '.join(PARTS)}", {}, _some)


def read_plan_rules(root: Table) -> Iterator[Row]:
    """Rows in the order of the file, kind by kind."""
    for table in root.below("residency_rule"):
        yield _residency(table)
    for table in root.below("compatibility_rule"):
        yield _compatibility(table)


def _residency(table: Table) -> ResidencyRule:
    start, end = read_span(table)
    row = ResidencyRule(
        name=table.required("name", TEXT),
        tenant=table.optional("tenant", TEXT, None),
        service=table.optional("service", TEXT, None),
        regions=table.optional("regions", TEXTS, ()),
        zones=table.optional("zones", TEXTS, ()),
        text=table.required("text", TEXT),
        source=table.required("source", TEXT),
        start=start,
        end=end,
        place=table.place,
    )
    if not table.has("tenant") and not table.has("service"):
        table.wrong("tenant", "tenant or service, or both: whose data it is", "neither")
    if not table.has("regions") and not table.has("zones"):
        table.wrong("regions", "regions or zones, or both: where it may be", "neither")
    return row


def _compatibility(table: Table) -> CompatibilityRule:
    start, end = read_span(table)
    return CompatibilityRule(
        name=table.required("name", TEXT),
        when=_requirements(table, "when", table.optional("when", TEXT_TABLE, {})),
        needs=_requirements(table, "needs", table.required("needs", NEEDS)),
        accelerators=table.optional("accelerators", TEXTS, ()),
        text=table.required("text", TEXT),
        source=table.required("source", TEXT),
        start=start,
        end=end,
        place=table.place,
    )


def _requirements(table: Table, key: str, given: dict[str, str]) -> dict[str, str]:
    """As they are kept: one spelling of what means the same."""
    read: dict[str, str] = {}
    for part, text in given.items():
        if part not in PARTS:
            table.wrong(key, one_of(PARTS, part), f'"{part}"')
            return {}
        try:
            read[part] = read_requirement(part, text).said
        except ValueError:
            table.wrong(key, f'a version of {part} such as "{example(part)}"', f'"{text}"')
            return {}
    return read
