"""Credits of a row: those that lower a price, and those that pay for it."""

from decimal import Context, Decimal
from typing import Any, NamedTuple

from ingest.sources.focus.cells import BadCell, decimal_of
from ingest.sources.gcp_export.flatten import decode

_EXACT = Context(prec=100)
# Google "Types of credits" (2026-06). A promotion pays for usage and lowers no price; all other types
# (committed and sustained use, discounts, free tier, reseller margin …) make the usage itself cheaper.
PROMOTION = "PROMOTION"


class Credits(NamedTuple):
    """The sum of what makes the usage cheaper, and each promotion as (name, amount); amounts are negative."""

    discount: Decimal
    promotions: tuple[tuple[str, Decimal], ...]
    committed: bool


def credits_of(text: str | None) -> Credits:
    """Read the list of credits. Raises BadCell."""
    discount, promotions, committed = Decimal(0), [], False
    for credit in _listed(text):
        amount = decimal_of("credits.amount", str(credit.get("amount")))
        kind = str(credit.get("type") or "")
        committed = committed or kind.startswith("COMMITTED_USAGE")
        if kind == PROMOTION:
            promotions.append((str(credit.get("full_name") or credit.get("name") or kind), amount))
        else:
            discount = _EXACT.add(discount, amount)
    return Credits(discount, tuple(promotions), committed)


def _listed(text: str | None) -> list[dict[str, Any]]:
    if text is None:
        return []
    try:
        listed = decode(text)
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list) or not all(isinstance(credit, dict) for credit in listed):
        raise BadCell("credits", 'a JSON list such as [{"type": "DISCOUNT", "amount": -0.5}]', text)
    return listed
