"""How large a benchmark is: as large as the bars say, or small, to see that it runs (BENCH_SIZE=small)."""

import os


def size(usual: int, small: int) -> int:
    """The usual number, or the small one where BENCH_SIZE asks for it. ValueError for any other word."""
    asked = os.environ.get("BENCH_SIZE", "usual")
    if asked not in ("usual", "small"):
        raise ValueError(f"BENCH_SIZE: expected usual or small, found {asked!r}")
    return small if asked == "small" else usual
