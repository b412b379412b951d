"""An explanation as plain values for JSON: exact decimals, ISO times, unknown is null."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from attribution.queries.explain.changes import Changes
from attribution.queries.explain.explanation import Explanation
from attribution.queries.explain.inputs import Input
from attribution.queries.explain.prices import BillPrice, BookPrice
from attribution.queries.explain.rules import RuleUsed
from attribution.queries.explain.versions import Pinned
from portal.explain.months import months_body
from portal.explain.names import Names
from portal.explain.origins import Origin, origins
from portal.exports.plain import amount_text, bill_text, exact_text, share_text, time_text


def explanation_body(found: Explanation, pin: str) -> dict[str, Any]:
    """Everything but the rows of evidence; `pin` is the hash that a permalink expects, "" without one."""
    asked, value = found.asked, found.value
    applied = origins((rule.rule_id for rule in found.rules), found.asked.as_of.moment)
    money = value.unit == "nano"
    return {
        "figure": asked.figure,
        "from": time_text(asked.span.start),
        "to": time_text(asked.span.end),
        "value": _input_value(value.value, value.unit),
        "unit": found.currency if money else value.unit,
        "reason": value.reason or None,
        "currency": found.currency,
        "status": found.status,
        "formula": {"words": found.formula.words, "expression": found.formula.expression},
        "inputs": [_input(each, found.currency) for each in found.inputs],
        "rules": [_rule(each, applied.get(each.rule_id)) for each in found.rules],
        "prices": [_book(each) for each in found.prices],
        "bills": None if found.bills is None else [_bill(each) for each in found.bills],
        "coverage": _coverage(found),
        "rounding": _rounding(found),
        "exclusions": [
            {
                "what": each.what,
                "why": each.why,
                "rows": each.rows or None,
                "amount": amount_text(each.amount_nano),
                "currency": each.currency or None,
            }
            for each in found.exclusions
        ],
        "months": months_body(found.months),
        "pinned": pinned_body(found.pinned, pin),
    }


def pinned_body(pinned: Pinned, pin: str = "") -> dict[str, Any]:
    """Which versions; `as_expected` is null where no hash was given."""
    return {
        "as_of": time_or_null(pinned.as_of),
        "seen": pinned.seen,
        "pin": pinned.digest,
        "as_expected": None if not pin else pin == pinned.digest,
        "windows": len(pinned.windows),
        "current": pinned.current,
    }


def changes_body(found: Changes) -> dict[str, Any]:
    """What changed: the terms sum to the difference, and so do those of the groups to the terms."""
    names = Names()
    return {
        "currency": found.currency,
        "before": {"amount": amount_text(found.before_nano), **pinned_body(found.before)},
        "after": {"amount": amount_text(found.after_nano), **pinned_body(found.after)},
        "difference": amount_text(found.difference_nano),
        "terms": {name: amount_text(nano) for name, nano in found.terms._asdict().items()},
        "rows": [
            {
                "cluster": names.cluster.get(row.cluster_id),
                "kind": row.kind,
                "pool": names.pool.get(row.pool_id),
                "use": row.use,
                "service": names.service.get(row.service_id),
                "before": amount_text(row.before_nano),
                "after": amount_text(row.after_nano),
                **{name: amount_text(nano) for name, nano in row.terms._asdict().items()},
            }
            for row in found.groups
        ],
    }


def time_or_null(moment: datetime | None) -> str | None:
    """A time in ISO 8601, null for none."""
    return None if moment is None else time_text(moment)


def _input(each: Input, currency: str) -> dict[str, Any]:
    money = each.unit == "nano"
    return {
        "name": each.name,
        "value": _input_value(each.value, each.unit),
        "unit": currency if money else each.unit,
        "rows": each.rows or None,
    }


def _input_value(value: int | Decimal | None, unit: str) -> int | str | None:
    if isinstance(value, int):
        return amount_text(value) if unit == "nano" else value
    return exact_text(value)


def _rule(each: RuleUsed, origin: Origin | None) -> dict[str, Any]:
    return {
        "rule": each.rule_id or None,
        "use": each.use,
        "method": each.method or None,
        "basis": each.basis,
        "pool": each.pool,
        "service": each.service,
        "valid_from": time_or_null(each.valid_from),
        "valid_to": time_or_null(each.valid_to),
        "version": each.version or (origin.version if origin else None),
        "applied_at": time_or_null(each.written_at or (origin.applied_at if origin else None)),
        "applied_via": (origin.via or None) if origin else None,
        "without_tenant_because": list(each.reasons),
        "lines": each.lines,
        "amount": amount_text(each.amount_nano),
    }


def _book(each: BookPrice) -> dict[str, Any]:
    return {
        "price": each.price_id,
        "book": each.book or None,
        "origin": each.origin or None,
        "pool": each.pool,
        "rate_per_device_hour": amount_text(each.rate_nano),
        "valid_from": time_or_null(each.valid_from),
        "valid_to": time_or_null(each.valid_to),
        "device_minutes": exact_text(each.quantity),
        "lines": each.lines,
        "amount": amount_text(each.amount_nano),
    }


def _bill(each: BillPrice) -> dict[str, Any]:
    return {
        "bill": each.bill_id,
        "source": each.source,
        "export": each.export or None,
        "period_start": time_text(each.period_start),
        "period_end": time_text(each.period_end),
        "version": each.version,
        "current": each.current,
        "imported_at": time_text(each.imported_at),
        "rows": each.rows,
        "effective": None if each.effective is None else bill_text(each.effective),
        "effective_rounded": amount_text(each.effective_nano),
        "lines": each.lines,
        "amount": amount_text(each.amount_nano),
    }


def _coverage(found: Explanation) -> dict[str, Any] | None:
    known = found.coverage
    if known is None:
        return None
    return {
        "device_minutes": share_text(known.device_minutes),
        "requests": share_text(known.requests),
        "bill_amount": {currency: share_text(each) for currency, each in known.bill_amount.items()},
    }


def _rounding(found: Explanation) -> dict[str, Any] | None:
    known = found.rounding
    if known is None:
        return None
    return {
        "unit": "nano",
        "lines": known.lines,
        "moved": exact_text(known.moved),
        "largest": exact_text(known.largest),
        "method": "largest remainder: first over states, then over tenants",
    }
