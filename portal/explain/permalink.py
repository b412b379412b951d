"""An address that gives the same figure for ever."""

from urllib.parse import urlencode

from attribution.queries.explain.versions import Pinned
from portal.explain.parameters import PAGING, PINS
from portal.exports.parameters import Texts
from portal.exports.plain import time_text


def permalink(path: str, texts: Texts, pinned: Pinned) -> str:
    """The same question, bound to the versions that answered it: their newest time, snapshot and hash."""
    kept = [
        (name, value) for name, values in texts.items() if name not in (*PINS, *PAGING) for value in values
    ]
    if pinned.as_of is not None:
        kept += [("as_of", time_text(pinned.as_of)), ("seen", pinned.seen), ("pin", pinned.digest)]
    return f"{path}?{urlencode(kept)}"
