"""The increase of a counter with one loop and one remembered value."""


def naive_increase(samples: list[float | None]) -> float:
    """Return the increase; the first sample is the predecessor."""
    added, last = 0.0, None
    for sample in samples:
        if sample is None:
            continue
        if last is not None:
            added += sample if sample < last else sample - last
        last = sample
    return added
