"""Hashes that an approval can be bound to: of all that a preview rests on, and of what it showed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from attribution.domain.state_cells import LAYOUT
from attribution.models.bill import Bill
from attribution.models.distribution_rule import DistributionRule
from attribution.models.entitlement import Entitlement
from attribution.models.price import Price
from attribution.models.reserve import Reserve
from attribution.operations.preview.beside import Beside
from attribution.operations.preview.reach import WindowNow
from attribution.operations.proposal import SCOPES, Proposal, Proposed

_DECLARED = (DistributionRule, Entitlement, Price, Reserve)
# Ids of proposed rows are made up; a book that is proposed has no other sign than its currency.
_CONTENT = (
    "method", "weights", "owner_id", "devices", "quota", "rate_nano",
    "weight_input", "weight_cached", "weight_output",
)  # fmt: skip


def hash_of_inputs(proposal: Proposal, start: datetime, end: datetime, windows: Iterable[WindowNow]) -> str:
    """Of the proposal, the range, all that is declared, and the windows with what they are made of."""
    digest = sha256(LAYOUT)
    for part in (start.isoformat(), end.isoformat(), *_proposed(proposal), *_declared()):
        digest.update(part.encode() + b"\n")
    for window in windows:
        digest.update(window.mark.encode() + b"\n")
    return digest.hexdigest()


def hash_of_rows(rows: Sequence[Beside]) -> str:
    """Of every figure by tenant and use."""
    return sha256(repr([tuple(map(str, row)) for row in rows]).encode()).hexdigest()


def stale_bills(start: datetime, end: datetime) -> int:
    """How many current bills of the range have yet to derive their cost pools."""
    return Bill.objects.filter(
        current=True, pools_stale=True, period_start__lt=end, period_end__gt=start
    ).count()


def _proposed(proposal: Proposal) -> list[str]:
    kinds: Sequence[Sequence[Proposed[Any]]] = (
        proposal.rules, proposal.entitlements, proposal.prices, proposal.reserves, proposal.fits,
    )  # fmt: skip
    return sorted(_text(proposed) for kind in kinds for proposed in kind)


def _text(proposed: Proposed[Any]) -> str:
    row = proposed.row
    scope = [getattr(row, name) for name in SCOPES[type(row)]]
    content = [getattr(row, name, None) for name in _CONTENT]
    currency = row.book.currency if isinstance(row, Price) and not proposed.withdrawn else None
    span = (row.valid.lower, row.valid.upper)
    return repr((type(row).__name__, scope, content, currency, span, proposed.withdrawn))


def _declared() -> Iterator[str]:
    for kind in _DECLARED:
        for row in kind._default_manager.order_by("pk").values_list():
            yield repr((kind.__name__, row))
