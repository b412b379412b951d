"""One hour as plain values: how it was split, and its devices minute by minute."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from attribution.operations.split_again import Split, SplitHour, SplitPool
from attribution.queries.explain.device_hours import LETTERS, STATE_WORDS, DeviceHour
from portal.explain.names import Names
from portal.exports.plain import amount_text, time_text


def hour_body(found: SplitHour, names: Names) -> dict[str, Any]:
    """Pools, parts, weights. Each list stands in the order in which ties of its split are decided."""
    return {
        "cluster": names.cluster.get(found.cluster_id),
        "hour": time_text(found.hour),
        "version": found.version,
        "same": found.same,
        "said": ""
        if found.same
        else "facts or rules have changed since this version was published; this is what they would give now",
        "pools": [_pool(each, names) for each in found.pools],
    }


def _pool(each: SplitPool, names: Names) -> dict[str, Any]:
    pool = each.pool
    return {
        "number": each.number,
        "kind": pool.kind,
        "part": pool.part or None,
        "pool": names.pool.get(pool.pool_id),
        "service": names.service.get(pool.service_id),
        "resource": pool.resource or None,
        "bill": pool.bill_id or None,
        "price": pool.price_id or None,
        "estimated": pool.estimated,
        "currency": pool.currency,
        "amount": amount_text(pool.amount),
        "parts": [_part(part, names) for part in each.splits],
    }


def _part(part: Split, names: Names) -> dict[str, Any]:
    return {
        "use": part.use,
        "service": names.service.get(part.service_id),
        "quantity": quantity_of(part.quantity),
        "unit": part.unit,
        "amount": amount_text(part.amount_nano),
        "basis": part.basis,
        "rule": part.rule_id or None,
        "without_tenant_because": part.reason or None,
        "weights": [
            {
                "tenant": names.tenant.get(weight.tenant_id),
                "model": names.model.get(weight.model_id),
                "use": weight.use,
                "weight": weight.weight,
                "amount": amount_text(weight.amount_nano),
            }
            for weight in part.weights
        ],
    }


def quantity_of(quantity: int | Fraction | None) -> int | str | None:
    """A whole number, or the fraction that it is: a third of a device's minutes has no decimal."""
    return str(quantity) if isinstance(quantity, Fraction) else quantity


def minutes_body(rows: Sequence[DeviceHour], last: int | None, names: Names) -> dict[str, Any]:
    """Devices with a letter a minute; what the letters mean stands beside them."""
    return {
        "letters": {letter: STATE_WORDS[state] for state, letter in LETTERS.items()},
        "rows": [
            {
                "device": row.device,
                "node": row.node,
                "model": row.model or None,
                "pool": names.pool.get(row.pool_id),
                "namespace": row.namespace or None,
                "pod": row.pod or None,
                "container": row.container or None,
                "slice": row.slice or None,
                "share": str(row.share),
                "by_policy": row.by_policy,
                "states": row.states,
                "minutes": row.minutes,
            }
            for row in rows
        ],
        "next": None if last is None else str(last),
    }
