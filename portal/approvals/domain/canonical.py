"""What an approval is bound to: one text for one content, and its hash."""

import json
from hashlib import sha256
from typing import Any


def canonical(content: Any) -> str:
    """JSON with sorted keys and no spaces. Floats are refused: their text is not the same everywhere."""
    _no_floats(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(content: Any) -> str:
    """SHA-256 of the canonical text, in hexadecimal."""
    return sha256(canonical(content).encode()).hexdigest()


def _no_floats(content: Any) -> None:
    if isinstance(content, float):
        raise TypeError(f"{content!r}: a figure is a whole number or a decimal text, not a float")
    for part in (
        content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    ):
        _no_floats(part)
