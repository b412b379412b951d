from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.distribution import Kept, Method
from attribution.domain.ledger import Rule, Share
from attribution.domain.money import NANO, largest_remainder
from attribution.domain.shares_of import distributed
from tests.support.worked_cases import worked_case


def distribute(amount, method, serving=None, entitlement=None, fixed=None, owner=None):
    """Parts by tenant and why the platform has one: names for ids around what the ledger uses."""
    names = sorted({*(serving or {}), *(entitlement or {}), *(fixed or {}), owner} - {None})
    ids = {None: 0} | {name: place for place, name in enumerate(names, 1)}
    back = {number: name for name, number in ids.items()}
    work = sorted((ids[name], weight) for name, weight in (serving or {}).items() if weight)
    columns = [np.array(column, dtype=np.int64) for column in zip(*work, strict=True)] if work else None
    share = distributed(
        Rule(
            1,
            method,
            {ids[name]: part for name, part in (fixed or {}).items()},
            ids[owner] if owner else None,
        ),
        Share(columns[0], columns[0] * 0, columns[0] < 0, columns[1], "modelled", "") if columns else None,
        {ids[name]: weight for name, weight in (entitlement or {}).items()},
    )
    parts = largest_remainder(amount, share.weight.tolist())
    named = {back[number]: part for number, part in zip(share.tenant.tolist(), parts, strict=True)}
    return named, (share.reason or None) if None in named else None


TENANTS = st.sampled_from("abcde")
SHARES = st.dictionaries(TENANTS, st.decimals(0, "0.2", places=4), max_size=5)


def test_the_worked_cases_of_distribution():
    case = worked_case("distribution")
    fixed = {tenant: Decimal(share) for tenant, share in case["fixed"].items()}
    for name, expected in case["expected"].items():
        method = Method.EVEN if name.startswith("even") else Method(name)
        parts = distribute(
            case["amount_nano"], method, serving=case["serving"], entitlement=case["entitlement"], fixed=fixed
        )[0]
        assert {("null" if tenant is None else tenant): part for tenant, part in parts.items()} == expected


def test_two_accelerators_on_one_node_distribute_each_within_itself():
    case = worked_case("two_accelerators_one_node")
    borne = dict.fromkeys(case["borne_nano"], 0)
    for pool in case["pools"].values():
        parts = distribute(pool["amount_nano"], Method.PROPORTIONAL, serving=pool["use"])[0]
        for tenant, part in parts.items():
            borne[tenant] += part
    assert borne == case["borne_nano"]


def test_each_method_names_who_bears():
    rules = {"serving": {"a": 25, "b": 75, "z": 0}, "entitlement": {"a": 1, "b": 1, "c": 2}, "owner": "o"}
    rules["fixed"] = {"a": Decimal("0.7"), "b": Decimal("0.3")}
    assert distribute(100, Method.KEEP, **rules) == ({None: 100}, Kept.BY_RULE)
    assert distribute(100, Method.PROPORTIONAL, **rules) == ({"a": 25, "b": 75}, None)
    assert distribute(100, Method.ENTITLEMENT, **rules) == ({"a": 25, "b": 25, "c": 50}, None)
    assert distribute(101, Method.EVEN, **rules) == ({"a": 51, "b": 50}, None)
    assert distribute(-100, Method.FIXED, **rules) == ({"a": -70, "b": -30}, None)
    assert distribute(100, Method.OWNER, **rules) == ({"o": 100}, None)


@pytest.mark.parametrize(
    ("method", "kept"),
    [
        (Method.KEEP, Kept.BY_RULE),
        (Method.PROPORTIONAL, Kept.NOTHING_SERVED),
        (Method.EVEN, Kept.NOTHING_SERVED),
        (Method.ENTITLEMENT, Kept.NO_ENTITLEMENT),
        (Method.FIXED, Kept.NO_FIXED_SHARE),
        (Method.OWNER, Kept.NO_OWNER),
    ],
)
def test_where_nobody_can_be_named_the_platform_bears_it_and_says_why(method, kept):
    assert distribute(NANO, method) == ({None: NANO}, kept)


def test_nobody_bears_the_part_of_an_unknown_tenant():
    by = {"a": 1, None: 3}
    assert distribute(100, Method.PROPORTIONAL, serving=by) == (
        {"a": 25, None: 75},
        Kept.SERVED_WITHOUT_TENANT,
    )
    assert distribute(100, Method.EVEN, serving=by) == ({"a": 100}, None)
    only = distribute(100, Method.PROPORTIONAL, serving={None: 3})
    assert only == ({None: 100}, Kept.SERVED_WITHOUT_TENANT)


def test_what_fixed_shares_leave_stays_with_the_platform():
    fixed = {"a": Decimal("0.7")}
    assert distribute(10, Method.FIXED, fixed=fixed) == ({"a": 7, None: 3}, Kept.BEYOND_FIXED_SHARES)


@pytest.mark.parametrize("share", ["1.1", "-0.1"])
def test_fixed_shares_above_one_or_below_zero_are_refused(share):
    with pytest.raises(ValueError, match="fixed shares"):
        distribute(10, Method.FIXED, fixed={"a": Decimal(share)})


@given(
    st.integers(-(10**15), 10**15),
    st.sampled_from(Method),
    st.dictionaries(st.one_of(st.none(), TENANTS), st.integers(0, 10**9)),
    st.dictionaries(TENANTS, st.integers(0, 100)),
    SHARES,
    st.one_of(st.none(), TENANTS),
)
def test_whatever_the_rule_the_parts_sum_to_the_amount(amount, method, serving, entitlement, fixed, owner):
    parts, kept = distribute(
        amount, method, serving=serving, entitlement=entitlement, fixed=fixed, owner=owner
    )
    assert sum(parts.values()) == amount
    assert (None in parts) == (kept is not None)
