"""Non-negative least squares by trying every set of columns that may be above zero."""

from itertools import combinations

import numpy as np


def naive_nnls(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Of all sets of columns whose plain solution is nowhere negative, the one with the least error."""
    count = columns.shape[1]
    best, least = np.zeros(count), float(target @ target)
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            found = np.linalg.lstsq(columns[:, chosen], target, rcond=None)[0]
            error = float(((columns[:, chosen] @ found - target) ** 2).sum())
            if (found >= 0).all() and error < least:
                best, least = np.zeros(count), error
                best[list(chosen)] = found
    return best
