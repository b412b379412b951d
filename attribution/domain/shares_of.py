"""Weights of an amount by tenant and model: from work, from a rule, from what a pool served."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np

from attribution.domain.distribution import Kept, Method
from attribution.domain.joint_key import joint_key, run_starts
from attribution.domain.ledger import CostPool, Int64, Lines, Rule, Share, Work, nobody
from attribution.domain.money import whole_weights


def of_work(work: Work | None, without: str) -> Share:
    """Shares by work; all to the platform, with the reason, where there is none."""
    if work is None:
        return nobody(without)
    if not work.weight.any():
        return nobody(work.reason or without)
    return Share(work.tenant, work.model, work.failed, work.weight, work.basis, "")


def distributed(rule: Rule, serving: Share | None, entitlement: Mapping[int, int]) -> Share:
    """Shares by a distribution rule; what nobody can be named for stays with the platform, and says why."""
    match rule.method:
        case Method.KEEP:
            return nobody(Kept.BY_RULE)
        case Method.PROPORTIONAL:
            return proportional(serving)
        case Method.EVEN:
            return _even(serving)
        case Method.ENTITLEMENT:
            return _by_weight(entitlement, Kept.NO_ENTITLEMENT)
        case Method.FIXED:
            return _fixed(rule.fixed)
        case Method.OWNER:
            return _by_weight({rule.owner: 1} if rule.owner else {}, Kept.NO_OWNER)


def proportional(serving: Share | None) -> Share:
    """Shares by what was served, whatever came of the requests."""
    if serving is None or not serving.weight.any():
        return nobody(Kept.NOTHING_SERVED)
    return without_outcome(serving)._replace(reason=Kept.SERVED_WITHOUT_TENANT)


def of_model(share: Share, model_id: int) -> Share:
    """The part of a share that is of one model; all of it where none of it names the model (or id 0)."""
    chosen = share.model == model_id
    if not model_id or not (chosen & (share.weight > 0)).any():
        return share
    columns = {name: getattr(share, name)[chosen] for name in ("tenant", "model", "failed", "weight")}
    return share._replace(**columns)


def without_outcome(share: Share) -> Share:
    """One weight a tenant and model: only serving tells what failed requests did."""
    if not share.failed.any():
        return share
    # The keys are sorted by (tenant, model, failed), so that equal ones stand together.
    first = np.ones(len(share.tenant), dtype=bool)
    first[1:] = (share.tenant[1:] != share.tenant[:-1]) | (share.model[1:] != share.model[:-1])
    starts = np.flatnonzero(first)
    return share._replace(
        tenant=share.tenant[starts],
        model=share.model[starts],
        failed=np.zeros(len(starts), dtype=bool),
        weight=np.add.reduceat(share.weight, starts),
    )


def _even(serving: Share | None) -> Share:
    tenants = [] if serving is None else sorted(set(serving.tenant[serving.weight > 0].tolist()) - {0})
    return _by_weight(dict.fromkeys(tenants, 1), Kept.NOTHING_SERVED)


def _fixed(fixed: Mapping[int, Decimal]) -> Share:
    if not any(fixed.values()):
        return nobody(Kept.NO_FIXED_SHARE)
    shares = {tenant: Fraction(share) for tenant, share in fixed.items()}
    rest = 1 - sum(shares.values(), Fraction(0))
    if rest < 0 or any(share < 0 for share in shares.values()):
        raise ValueError(f"fixed shares: expected 0 or more, in sum 1 at most; found {list(fixed.values())}")
    if rest:
        shares[0] = rest
    keys = sorted(shares)
    weights = whole_weights([shares[key] for key in keys])
    return _by_weight(dict(zip(keys, weights, strict=True)), Kept.NO_FIXED_SHARE, Kept.BEYOND_FIXED_SHARES)


def _by_weight(weights: Mapping[int, int], without: Kept, rest: str = "") -> Share:
    tenants = sorted(tenant for tenant in weights if weights[tenant])
    if not tenants:
        return nobody(without)
    count = len(tenants)
    return Share(
        np.array(tenants, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        np.zeros(count, dtype=bool),
        np.array([weights[tenant] for tenant in tenants], dtype=np.int64),
        "policy",
        rest,
    )


def served(lines: Lines, cost_pools: Sequence[CostPool]) -> dict[tuple[int, int], Share]:
    """What each pool (and, under pool id 0, the whole cluster) served in each hour, by tenant and model.

    Weights are the nano-units of serving lines, so that services with different evidence add up.
    """
    if not len(lines.hour):
        return {}
    pool_ids = np.array([pool.pool_id for pool in cost_pools], dtype=np.int64)[lines.pool_number]
    of_pools = np.flatnonzero(pool_ids != 0)
    rows = np.concatenate((np.arange(len(pool_ids)), of_pools))
    pool_ids = np.concatenate((pool_ids, np.zeros_like(of_pools)))
    key = joint_key(lines.hour[rows], pool_ids, lines.tenant[rows], lines.model[rows])
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    weight = np.zeros(len(first), dtype=np.int64)
    np.add.at(weight, place, np.abs(lines.amount)[rows])
    rows, pool_ids = rows[first], pool_ids[first]
    return _by_cell(lines.hour[rows], pool_ids, lines.tenant[rows], lines.model[rows], weight)


def _by_cell(
    hour: Int64, pool_id: Int64, tenant: Int64, model: Int64, weight: Int64
) -> dict[tuple[int, int], Share]:
    starts = run_starts(joint_key(hour, pool_id)).tolist()
    return {
        (int(hour[start]), int(pool_id[start])): Share(
            tenant[start:end],
            model[start:end],
            np.zeros(end - start, dtype=bool),
            weight[start:end],
            "modelled",
            "",
        )
        for start, end in pairwise([*starts, len(hour)])
    }
