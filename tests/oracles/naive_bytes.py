"""A transfer cost split by bytes as one would on paper, and bytes of a bill summed row by row."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracles.naive_split import naive_split

# Class of route, sender, bytes.
Sent = tuple[str, str, int]


def naive_byte_split(amount: int, part: str, sent: Iterable[Sent]) -> dict[str, int] | None:
    """By the bytes of the class; without any, by bytes of which no class is known; None: nobody to name."""
    sent = list(sent)
    for name in (part, "all"):
        by_sender: dict[str, int] = {}
        for transfer_class, sender, size in sent:
            if transfer_class == name:
                by_sender[sender] = by_sender.get(sender, 0) + size
        senders = sorted(sender for sender in by_sender if by_sender[sender])
        if senders:
            parts = naive_split(amount, [by_sender[sender] for sender in senders])
            assert parts is not None
            return dict(zip(senders, parts, strict=True))
    return None


def naive_billed_bytes(
    charges: Iterable[tuple[datetime, datetime, Decimal, int]], start: datetime, end: datetime
) -> Fraction:
    """Bytes in [start, end) of charges (start, end, gigabytes, bytes of one), spread evenly by second."""
    total = Fraction(0)
    for first, last, gigabytes, size in charges:
        overlap = max(min(last, end) - max(first, start), timedelta(0))
        total += (
            Fraction(gigabytes)
            * size
            * Fraction(overlap / timedelta(seconds=1))
            / Fraction((last - first) / timedelta(seconds=1))
        )
    return total
