"""Did you mean …?"""

from collections.abc import Iterable
from difflib import get_close_matches


def one_of(allowed: Iterable[str], found: str, most: int = 12) -> str:
    """`one of a, b, c`, or the nearest where there are many; says which one was probably meant."""
    names = sorted(set(allowed))
    near = get_close_matches(found, names, n=1, cutoff=0.6)
    listed = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    meant = f" (did you mean {near[0]}?)" if near else ""
    return f"one of {listed}{meant}" if names else "nothing: none is declared"
