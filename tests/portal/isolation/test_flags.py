"""Tenants as flags by their ids: a quick yes beside the list of ids, which decides."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from attribution.models import Tenant
from attribution.queries.scope import TenantScope
from attribution.queries.seen import see, seeing

pytestmark = pytest.mark.django_db
IDS = st.sets(st.integers(1, 64), max_size=40)
FAR = {1, 2_000_000}


def one(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


@given(IDS)
@example(set())
@example({7})
@example({1, 64})
def test_they_are_true_at_the_places_of_the_ids_and_nowhere_else(ids: set[int]) -> None:
    in_order = "SELECT array_positions(flags_of(%s::integer[]), true)"
    assert (one(in_order, list(ids)) or []) == sorted(ids)


def test_ids_far_apart_have_none() -> None:
    assert one("SELECT flags_of(%s::integer[])", sorted(FAR)) is None
    assert one("SELECT setting_of(%s::integer[])", sorted(FAR)) == "{1,2000000}"
    assert one("SELECT setting_of(%s::integer[])", [7, 9]) == "{7,9}|[7:9]={t,f,t}"
    assert one("SELECT setting_of(%s::integer[])", []) == "{}"


def family(*ids: int) -> None:
    """A root with these tenants below it, and a stranger between each two of them."""
    root = Tenant.objects.create(pk=ids[0], name="root")
    for pk in ids[1:]:
        Tenant.objects.create(pk=pk, name=f"child-{pk}", parent=root)
        Tenant.objects.create(pk=pk - 1, name=f"stranger-{pk - 1}")


@pytest.mark.parametrize("ids", [(1000, 1002, 1004), (1000, 1002, 2_000_000)])
@pytest.mark.parametrize("cut", [False, True])
def test_the_same_is_seen_with_them_and_without(ids: tuple[int, ...], cut: bool) -> None:
    family(*ids)
    with seeing(TenantScope(frozenset({1000}))):
        if cut:
            one("SELECT set_config('apportion.tenants', seen_tenants()::text, true)")
        assert one("SELECT seen_flags() IS NULL") == (cut or ids[-1] == 2_000_000)
        assert one("SELECT array_agg(id ORDER BY id) FROM tenant") == list(ids)


def test_none_of_them_stays_behind_when_something_else_is_seen() -> None:
    family(1000, 1002)
    with seeing(TenantScope(frozenset({1000}))):
        see(TenantScope(frozenset({1001})))
        assert one("SELECT array_agg(id) FROM tenant") == [1001]
        see(TenantScope(frozenset()))
        assert one("SELECT count(*) FROM tenant") == 0
