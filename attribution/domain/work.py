"""Usage rows of a (service, hour) become work: who did how much of it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from attribution.domain.ledger import Work
from attribution.domain.shares import choose_evidence
from attribution.domain.tokens import Coefficients
from attribution.domain.usage import Outcome, UsageRow


class ServedRow(NamedTuple):
    """A usage row whose labels the rules have resolved; ids are 0 where they could not be."""

    tenant_id: int
    model_id: int
    row: UsageRow


def work_of(rows: Sequence[ServedRow], coefficients: Coefficients) -> Work:
    """Weigh the rows of one (service, hour) by the best evidence they have.

    Unfinished requests are neither successes nor failures: what was done for them stays in serving.
    """
    choice = choose_evidence([row.row for row in rows], coefficients)
    sums: dict[tuple[int, int, bool], int] = defaultdict(int)
    for served, weight in zip(rows, choice.weights, strict=True):
        sums[(served.tenant_id, served.model_id, served.row.outcome is Outcome.FAILED)] += weight
    keys = sorted(key for key in sums if sums[key])
    weights = _within_64_bits([sums[key] for key in keys])
    return Work(
        tenant=np.array([key[0] for key in keys], dtype=np.int64),
        model=np.array([key[1] for key in keys], dtype=np.int64),
        failed=np.array([key[2] for key in keys], dtype=bool),
        weight=np.array(weights, dtype=np.int64),
        basis=str(choice.basis or "policy"),
        reason=choice.reason,
    )


def policy_work(tenant_id: int, reason: str) -> Work:
    """All work of a service that one tenant has to itself."""
    one = np.ones(1, dtype=np.int64)
    return Work(one * tenant_id, one * 0, np.zeros(1, dtype=bool), one, "policy", reason)


def _within_64_bits(weights: list[int]) -> list[int]:
    """Scale down together what does not fit: below 2**62 in sum, and nothing that was there becomes 0."""
    excess = max(sum(weights).bit_length() - 62, 0)
    return [max(weight >> excess, 1) for weight in weights] if excess else weights
