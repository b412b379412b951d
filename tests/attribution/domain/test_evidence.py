"""What divides pools that are no device-minutes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.evidence import GIBIBYTE, Measured, measured_portions, transfer_portions
from attribution.domain.ledger import CostPool, Transfer
from attribution.domain.money import largest_remainder
from tests.oracles.naive_bytes import naive_byte_split

CLASSES = ("internet", "inter_region", "inter_zone", "same_zone", "all")


def pool(kind: str, part: str, amount: int = 0) -> CostPool:
    """A cost pool of no service."""
    return CostPool(0, kind, part, 0, 0, "", 1, 0, False, "USD", amount)


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["internet", "inter_region", "inter_zone"]),
    st.lists(
        st.tuples(st.sampled_from(CLASSES), st.sampled_from("123"), st.integers(0, 10**13)), max_size=12
    ),
)
def test_bytes_split_money_as_on_paper(amount: int, part: str, sent: list[tuple[str, str, int]]) -> None:
    rows = [Transfer(name, int(sender), 0, size) for name, sender, size in sent]
    portions = transfer_portions(pool("network", part), rows, 0)
    naive = naive_byte_split(amount, part, sent)
    if naive is None:
        assert portions == []
        return
    parts = largest_remainder(amount, [portion.weight for portion in portions])
    assert parts is not None
    assert {str(portion.service_id): own for portion, own in zip(portions, parts, strict=True)} == naive


def test_bytes_of_no_known_class_only_model_a_class() -> None:
    rows = [Transfer("all", 1, 0, 5)]
    (found,) = transfer_portions(pool("egress", "internet"), rows, 0)
    assert found.basis == "modelled"
    (exact,) = transfer_portions(pool("egress", "internet"), [*rows, Transfer("internet", 2, 0, 1)], 0)
    assert (exact.service_id, exact.basis) == (2, "measured")


def test_a_gateways_pool_goes_by_all_bytes_that_leave_a_zone() -> None:
    rows = [Transfer("internet", 1, 0, 3), Transfer("inter_zone", 1, 0, 4), Transfer("same_zone", 2, 0, 90)]
    assert [(p.service_id, p.weight) for p in transfer_portions(pool("network", "nat"), rows, 0)] == [(1, 7)]
    assert transfer_portions(pool("network", "inter_region"), rows, 0) == []


def test_a_bill_is_not_divided_by_bytes_in_another_providers_clusters() -> None:
    rows = [Transfer("internet", 1, 0, 3, provider_id=7), Transfer("internet", 2, 0, 4, provider_id=8)]
    assert [p.service_id for p in transfer_portions(pool("egress", "internet"), rows, 7)] == [1]


@pytest.mark.parametrize(
    ("kind", "part", "what", "basis"),
    [
        ("tool_calls", "tool_calls", "tool_calls", "measured"),
        ("observability", "logs", "log_bytes", "measured"),
        ("observability", "metrics", "active_series", "measured"),
        ("observability", "traces", "spans", "measured"),
        ("observability", "monitoring", "active_series", "modelled"),
    ],
)
def test_each_kind_goes_by_what_is_counted_for_it(kind: str, part: str, what: str, basis: str) -> None:
    rows = [Measured(what, 0, 3, 0, 2), Measured(what, 0, 3, 0, 1), Measured(what, 0, 4, 0, 1)]
    found = measured_portions(pool(kind, part), rows, 0, {})
    assert [(p.tenant_id, p.weight, p.basis) for p in found] == [(3, 3, basis), (4, 1, basis)]
    assert measured_portions(pool("platform", "other"), rows, 0, {}) == []


def test_a_models_bytes_are_those_of_the_services_that_use_it() -> None:
    rows = [Measured("artifact_bytes", 0, 0, 5, 3 * GIBIBYTE), Measured("artifact_bytes", 0, 0, 6, GIBIBYTE)]
    found = measured_portions(pool("storage", "object"), rows, 0, {5: [1, 2]})
    weights = {(p.service_id, p.model_id): p.weight / found[0].weight for p in found}
    assert weights == {(1, 5): 1, (2, 5): 1, (0, 6): pytest.approx(2 / 3)}
    assert [p.quantity for p in found] == [1.5, 1.5, 1.0]
    named = measured_portions(
        pool("storage", "object"), [Measured("artifact_bytes", 9, 0, 5, 1)], 0, {5: [1]}
    )
    assert [p.service_id for p in named] == [9]
