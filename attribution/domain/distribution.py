"""Who bears what is not serving: idle, reserve, loading and other amounts of a service or pool."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from attribution.domain.money import split

T = TypeVar("T", bound=Hashable)


class Method(StrEnum):
    """How a rule distributes an amount."""

    KEEP = "keep"
    PROPORTIONAL = "proportional"
    ENTITLEMENT = "entitlement"
    EVEN = "even"
    FIXED = "fixed"
    OWNER = "owner"


class Kept(StrEnum):
    """Why an amount, or a part of it, stays with the platform."""

    BY_RULE = "kept by rule"
    NOTHING_SERVED = "nothing was served to share it by"
    NO_ENTITLEMENT = "no tenant is entitled"
    NO_FIXED_SHARE = "no fixed shares are declared"
    NO_OWNER = "no owner is named"
    SERVED_WITHOUT_TENANT = "served to an unknown tenant"
    BEYOND_FIXED_SHARES = "the fixed shares leave a rest"


class Distributed(NamedTuple, Generic[T]):
    """Parts by tenant, which sum to the amount; None is the platform, and `kept` says why it bears any."""

    parts: dict[T | None, int]
    kept: Kept | None


def distribute(
    amount: int,
    method: Method,
    *,
    serving: Mapping[T | None, int | Fraction] | None = None,
    entitlement: Mapping[T, int | Fraction] | None = None,
    fixed: Mapping[T, Decimal] | None = None,
    owner: T | None = None,
) -> Distributed[T]:
    """Distribute an amount of nano-units among tenants.

    `serving` and `entitlement` are weights; None in `serving` is work of unknown tenants, whose part
    nobody else bears: it stays with the platform. EVEN is over the tenants that were served. `fixed`
    are shares of 1; what they leave stays with the platform (ValueError above 1 or below 0). Where
    nobody can be named the whole amount stays, with the reason.
    """
    if method is Method.OWNER and owner is not None:
        return Distributed({owner: amount}, None)
    weights, why_part, why_whole = _weights(method, serving or {}, entitlement or {}, fixed or {})
    bearing = {tenant: weight for tenant, weight in weights.items() if weight}
    parts = split(amount, bearing)
    if not parts:
        return Distributed({None: amount}, why_whole)
    return Distributed(parts, why_part if None in parts else None)


Weights = dict[T | None, int | Fraction]


def _weights(
    method: Method,
    serving: Mapping[T | None, int | Fraction],
    entitlement: Mapping[T, int | Fraction],
    fixed: Mapping[T, Decimal],
) -> tuple[Weights[T], Kept | None, Kept]:
    """Return the weights of a method, why the platform has a part, and why it may have the whole."""
    match method:
        case Method.PROPORTIONAL:
            return dict(serving), Kept.SERVED_WITHOUT_TENANT, Kept.NOTHING_SERVED
        case Method.EVEN:
            served: Weights[T] = {key: 1 for key, work in serving.items() if work and key is not None}
            return served, None, Kept.NOTHING_SERVED
        case Method.ENTITLEMENT:
            entitled: Weights[T] = {key: weight for key, weight in entitlement.items() if weight}
            return entitled, None, Kept.NO_ENTITLEMENT
        case Method.FIXED:
            return _fixed(fixed), Kept.BEYOND_FIXED_SHARES, Kept.NO_FIXED_SHARE
        case Method.OWNER:
            return {}, None, Kept.NO_OWNER
        case Method.KEEP:
            return {}, None, Kept.BY_RULE


def _fixed(shares: Mapping[T, Decimal]) -> Weights[T]:
    if not any(shares.values()):
        return {}
    exact: Weights[T] = {tenant: Fraction(share) for tenant, share in shares.items()}
    rest = 1 - sum(exact.values(), Fraction(0))
    if rest < 0 or any(share < 0 for share in exact.values()):
        raise ValueError(f"fixed shares: expected 0 or more, in sum 1 at most; found {list(shares.values())}")
    return exact | {None: rest}
