"""Tables of services: their globs, their models, their token weights."""

from collections.abc import Iterator
from decimal import Decimal

from attribution.models import ServiceRuleKind
from ingest.fleet.spec import Release, Row, Service, ServiceRule
from ingest.fleet.table import Table
from ingest.fleet.values import ANY_TEXTS, LOOSE_TEXT, NAME, TEXT, decimal, whole

WEIGHT = decimal("a weight of 0 or more, as a decimal", most=10**5, digits=6)
PRIORITY = whole(-1_000_000, 1_000_000)
_GLOBS = (
    ("pods", ServiceRuleKind.POD.value),
    ("requests", ServiceRuleKind.REQUEST.value),
    ("charges", ServiceRuleKind.CHARGE.value),
)


def read_services(root: Table) -> Iterator[Row]:
    """A row for each service, for each of its globs and for each of its models."""
    for table in root.below("service"):
        service = table.required("name", NAME)
        weights = _weights(table)
        yield Service(
            name=service,
            runtime=table.optional("runtime", LOOSE_TEXT, ""),
            tenant=table.optional("tenant", TEXT, None),
            weight_input=weights[0],
            weight_cached=weights[1],
            weight_output=weights[2],
            place=table.place,
        )
        yield from _globs(table, service)
        for model in table.below("model"):
            yield Release(
                model=model.required("name", TEXT),
                version=model.required("version", TEXT),
                service=service,
                artifact_digest=model.optional("artifact_digest", LOOSE_TEXT, ""),
                place=model.place,
            )


def _globs(table: Table, service: str) -> Iterator[ServiceRule]:
    cluster = table.optional("cluster", TEXT, None)
    priority = table.optional("priority", PRIORITY, 100)
    for key, kind in _GLOBS:
        for pattern in table.optional(key, ANY_TEXTS, ()):
            yield ServiceRule(
                cluster=cluster,
                kind=kind,
                pattern=pattern,
                service=service,
                priority=priority,
                place=table.place,
            )


def _weights(table: Table) -> tuple[Decimal, Decimal, Decimal]:
    defaults = {"input": Decimal(1), "cached": Decimal("0.1"), "output": Decimal(2)}
    if (weights := table.single("token_weights")) is not None:
        defaults = {key: weights.optional(key, WEIGHT, value) for key, value in defaults.items()}
        weights.close()
    return defaults["input"], defaults["cached"], defaults["output"]
