"""Who bears what a provider billed: whose key or project it is, else those whose tokens were counted."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from attribution.domain.distribution import Kept
from attribution.domain.ledger import Share, nobody
from attribution.domain.tokens import Coefficients, scaled_token_work
from attribution.domain.work import within_64_bits

_USUAL = Coefficients()


class TokenCount(NamedTuple):
    """Tokens of some requests; `given` include cached and written ones. None is unknown."""

    given: int | None
    cached: int | None
    written: int | None
    output: int | None


class KeyUse(NamedTuple):
    """What a provider counted of one key of the billed account; tenant 0: no rule knows it."""

    tenant_id: int
    weight: int


class GatewayUse(NamedTuple):
    """What gateways counted of one tenant (0: unknown) and model, by outcome."""

    tenant_id: int
    model_id: int
    failed: bool
    weight: int


class Part(NamedTuple):
    """A part of a pool's amount, by weight, and who shares it."""

    weight: int
    share: Share


def tokens_of(count: TokenCount, token_class: str) -> int | None:
    """Tokens of a class (input is what was computed anew); of no class: the usual work of all of them.

    None where they are not known. A gateway does not tell written tokens apart: they are input to it.
    """
    given, cached, written, output = count
    match token_class:
        case "output":
            return output
        case "cached_input":
            return cached
        case "cache_write" if written is not None:
            return written
        case "input" | "cache_write":
            return None if given is None else max(given - (cached or 0) - (written or 0), 0)
    if given is None or output is None:
        return None
    return scaled_token_work(given, min(cached or 0, given), output, _USUAL)


def direct(tenant_id: int, gateway: Iterable[GatewayUse] = ()) -> list[Part]:
    """All to the tenant that a rule names; what its failed requests used of it is told by the gateway."""
    own = [use for use in gateway if use.tenant_id == tenant_id and use.weight]
    return [Part(1, _share(own or [GatewayUse(tenant_id, 0, False, 1)], "measured"))]


def divided(keys: Sequence[KeyUse], all_unknown: int, gateway: Sequence[GatewayUse]) -> list[Part]:
    """By the keys' own tokens where rules know them, the rest by what gateways counted of the model.

    `all_unknown` are the tokens that the provider counted of the model under any key that no rule knows:
    what gateways counted less than that is nobody's, and says so. Empty when nothing tells who it was.
    """
    known = [use for use in keys if use.tenant_id and use.weight]
    rest = sum(use.weight for use in keys if not use.tenant_id)
    if not any(use.weight for use in keys):
        rest, all_unknown = 1, 0
    seen = sum(use.weight for use in gateway)
    if not known and not seen:
        return []
    whole = max(seen, all_unknown, rest if not seen else 0) or 1
    shares = [GatewayUse(use.tenant_id, 0, False, use.weight * whole) for use in known]
    shares += [use._replace(weight=use.weight * rest) for use in gateway if use.weight and rest]
    parts = [Part(sum(use.weight for use in shares), _share(shares, "modelled"))] if shares else []
    if unexplained := rest * (whole - seen):
        parts.append(Part(unexplained, nobody(Kept.NOT_AT_THE_GATEWAY, "modelled")))
    return parts


def _share(uses: Iterable[GatewayUse], basis: str) -> Share:
    sums: dict[tuple[int, int, bool], int] = {}
    for use in uses:
        key = (use.tenant_id, use.model_id, use.failed)
        sums[key] = sums.get(key, 0) + use.weight
    keys = sorted(sums)
    weights = within_64_bits([sums[key] for key in keys])
    return Share(
        np.array([key[0] for key in keys], dtype=np.int64),
        np.array([key[1] for key in keys], dtype=np.int64),
        np.array([key[2] for key in keys], dtype=bool),
        np.array(weights, dtype=np.int64),
        basis,
        "",
    )
