"""Properties of how a provider's pool is divided, beside fractions."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.billed_account import BilledAccount, account_in, account_of
from attribution.domain.billed_model import plain_model
from attribution.domain.provider_shares import GatewayUse, KeyUse, TokenCount, divided, tokens_of

COUNTS = st.integers(0, 10**9)
KEYS = st.lists(st.builds(KeyUse, st.integers(0, 3), COUNTS), max_size=5)
SEEN = st.lists(st.builds(GatewayUse, st.integers(0, 4), st.just(7), st.booleans(), COUNTS), max_size=5)


def naive(keys, elsewhere, seen):
    """Shares of the whole by tenant; None: nobody's."""
    used = sum(use.weight for use in keys)
    unknown = sum(use.weight for use in keys if not use.tenant_id)
    counted = sum(use.weight for use in seen)
    shares = {}
    if not used:
        return (
            {} if not counted else {u.tenant_id: sum_of(seen, u.tenant_id, counted) for u in seen if u.weight}
        )
    if not counted and used == unknown:
        return {}
    for use in keys:
        if use.tenant_id and use.weight:
            shares[use.tenant_id] = shares.get(use.tenant_id, 0) + Fraction(use.weight, used)
    whole = max(counted, unknown + elsewhere)
    for use in seen:
        if use.weight and unknown:
            part = Fraction(unknown, used) * Fraction(use.weight, whole)
            shares[use.tenant_id] = shares.get(use.tenant_id, 0) + part
    rest = Fraction(unknown, used) * (1 - Fraction(counted, whole)) if unknown else 0
    return shares | ({None: rest} if rest else {})


def sum_of(seen, tenant, counted):
    return Fraction(sum(use.weight for use in seen if use.tenant_id == tenant), counted)


@given(KEYS, COUNTS, SEEN)
def test_shares_are_those_of_fractions(keys, elsewhere, seen):
    unknown = sum(use.weight for use in keys if not use.tenant_id)
    parts = divided(keys, unknown + elsewhere, seen)
    total = sum(part.weight for part in parts)
    found = {}
    for part in parts:
        for tenant, weight in zip(part.share.tenant.tolist(), part.share.weight.tolist(), strict=True):
            key = None if part.share.reason else tenant
            share = Fraction(part.weight, total) * Fraction(weight, int(part.share.weight.sum()))
            found[key] = found.get(key, 0) + share
    wanted = naive(keys, elsewhere, seen)
    assert found.keys() == wanted.keys()
    # Weights of more than 62 bits are scaled down together: by less than one part in 2**55.
    assert all(abs(found[key] - wanted[key]) < Fraction(1, 2**50) for key in wanted)


@given(st.builds(BilledAccount, *[st.text(max_size=9)] * 6))
def test_an_account_is_read_as_it_was_written(account):
    assert account_in(account.text) == account


def test_tags_come_before_the_account():
    charge = {"tags": {"resourceTags/user:Project": "p"}, "sub_account_id": "1234"}
    assert account_of(charge).labels == (("project", "p"),)


def test_models_have_one_plain_name():
    names = ("openai/gpt-4.1-2025-04-14", "GPT-4.1", "azure/gpt-4.1")
    assert {plain_model(name) for name in names} == {"gpt-4-1"}
    assert plain_model("claude-sonnet-4.5") == plain_model("claude-sonnet-4-5-20250929")
    assert plain_model("claude-sonnet-4-5-20250929 (priority tier)") != plain_model(
        "claude-sonnet-4-5-20250929"
    )


def test_input_is_what_was_computed_anew():
    count = TokenCount(1000, 700, 200, 50)
    assert [tokens_of(count, name) for name in ("input", "cached_input", "cache_write", "output")] == [
        100, 700, 200, 50,
    ]  # fmt: skip
    assert tokens_of(TokenCount(None, None, None, None), "input") is None
