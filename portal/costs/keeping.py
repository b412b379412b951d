"""What was drawn for a page, kept in this process for as long as its days stay as they are.

An overview adds up tens of thousands of rows, and the same one is opened again and again. Things are kept
under the stamps of their days: a roll-up changes these in the transaction that changes the days, so what is
old is never found again, in any process, at any moment. Names are part of that state.
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


def keep(
    of_page: Setting, compute: Callable[[], T], good: Callable[[T], bool], more: tuple[object, ...]
) -> T:
    """What depends on a page's setting, on its days, on `more`, and on nothing else; kept if it is `good`."""
    question, asked = of_page.question, of_page.asked
    address = asked.address(page=asked.page)
    name = connection.settings_dict["NAME"]
    key = (name, question.state, repr(question.parameters), address, of_page.scope.bound, *more)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]  # type: ignore[return-value]  # there is one kind of thing
    value = compute()
    if good(value):
        with _lock:
            _kept[key] = value
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return value
