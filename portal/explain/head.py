"""The figure itself, as a page shows it: the value, and the facts around it."""

from decimal import Decimal

from attribution.queries.explain.explanation import Explanation
from attribution.queries.explain.value import Value
from attribution.queries.status import Status
from portal.components.figures import Figure
from portal.components.formats import DASH, known_share, percent, plain
from portal.explain.asked import FIGURES
from portal.explain.tables import every_digit_of
from portal.reconciliation.domain import exact


def head_figures(found: Explanation) -> list[Figure]:
    """The figure with every digit, how firm it is, and of which versions."""
    value = found.value
    said = value.reason or ("partly estimated" if found.status is Status.MIXED else found.status or "")
    pinned = found.pinned
    state = "stand now" if pinned.current else "of a past moment"
    return [
        Figure(
            FIGURES[found.asked.figure],
            _value(value),
            _unit(value, found.currency),
            remark=said,
        ),
        Figure("Ledger lines", plain(sum(line.lines for line in found.sums)), remark=found.currency),
        Figure(
            "Cluster-hours",
            plain(len(pinned.windows)),
            remark=f"versions that {state}" if pinned.windows else "",
        ),
    ]


def _value(value: Value) -> str:
    if value.value is None:
        return DASH
    if value.unit == "nano":
        return exact(int(value.value))
    return percent(value.value, 4) if value.unit == "share" else every_digit_of(Decimal(value.value))


def _unit(value: Value, currency: str) -> str:
    if value.value is None or value.unit == "share":
        return ""
    return currency if value.unit == "nano" else f"{currency} {value.unit}"


def facts(found: Explanation) -> list[tuple[str, str]]:
    """Formula, coverage, rounding and versions, as pairs of name and words."""
    pairs = [
        ("Formula", found.formula.words),
        ("Expression", found.formula.expression),
    ]
    if (known := found.coverage) is not None:
        bills = [f"{known_share(share)} of {currency}" for currency, share in known.bill_amount.items()]
        pairs.append(("Coverage of device-minutes", known_share(known.device_minutes)))
        if not found.asked.tenants.bound:
            pairs += [
                ("Coverage of requests", known_share(known.requests)),
                ("Coverage of bills", ", ".join(bills) or DASH),
            ]
    if (moved := found.rounding) is not None:
        pairs.append(
            (
                "Rounding",
                f"largest remainder moved {moved.moved:f} nano-units in sum, {moved.largest:f} at most in one"
                f" of {plain(moved.lines)} lines",
            )
        )
    pairs.append(("Versions", f"{plain(len(found.pinned.windows))} cluster-hours, {found.pinned.digest}"))
    return pairs
