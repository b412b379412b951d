"""What was worked out for a page, kept in this process for as long as its days stay as they are.

An overview adds up tens of thousands of rows, and the same one is opened again and again. Things are kept
under the stamps of their days: a roll-up changes these in the transaction that changes the days, so what is
old is never found again, in any process, at any moment. Names are no part of days and are not kept.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from django.db import connection

from portal.costs.overview import Setting

T = TypeVar("T")
MOST = 64

_kept: OrderedDict[tuple[object, ...], object] = OrderedDict()
_lock = Lock()


def keep(what: str, of_page: Setting, compute: Callable[[], T], *more: object) -> T:
    """Something that depends on a page's setting, on its days, on `more`, and on nothing else."""
    question, asked = of_page.question, of_page.asked
    key = (
        what,
        connection.settings_dict["NAME"],
        question.state,
        repr(question.parameters),
        asked.address(page=asked.page),
        of_page.scope.bound,
        *more,
    )
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]  # type: ignore[return-value]  # `what` has one type
    value = compute()
    with _lock:
        _kept[key] = value
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return value
