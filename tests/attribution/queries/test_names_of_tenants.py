"""Names that tenants' figures have: asked tenant by tenant, or name by name, with the same answer."""

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from attribution.queries.names import visible_names
from attribution.queries.scope import TenantScope

pytestmark = pytest.mark.django_db
TENANTS = st.integers(1, 12)
ROWS = st.sets(st.tuples(TENANTS, st.sampled_from(["service", "pool"]), st.integers(1, 9)), max_size=30)


def names(tenants: list[int], dimension: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT names_of_tenants(%s::integer[], %s)", [tenants, dimension])
        return list(cursor.fetchone()[0])


def put(rows: set[tuple[int, str, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE named_for_tenant")
        cursor.executemany("INSERT INTO named_for_tenant VALUES (%s, %s, %s)", sorted(rows))


@given(ROWS, st.lists(TENANTS, max_size=12))
@example({(1, "service", 1), (2, "service", 3)}, [1, 2, 3, 4])  # more tenants than names
@example({(1, "service", 9), (2, "pool", 1)}, [1, 2])  # fewer
@example(set(), [1])
def test_they_are_the_names_of_any_of_the_tenants_each_once(
    rows: set[tuple[int, str, int]], tenants: list[int]
) -> None:
    put(rows)
    for dimension in ("service", "pool"):
        expected = {name for tenant, of, name in rows if of == dimension and tenant in tenants}
        assert sorted(names(tenants, dimension)) == sorted(expected)


def test_of_many_tenants_each_name_is_looked_up_once() -> None:
    """And not each tenant: a lead of a thousand tenants asks this in every statement on names."""
    put({(tenant, "service", name) for tenant in range(1, 2001) for name in (1, 2, 3)})

    def blocks(tenants: list[int]) -> int:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE named_for_tenant")
            for _ in range(2):  # the first one reads the catalogue too
                cursor.execute(
                    "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
                    " SELECT names_of_tenants(%s::integer[], 'service')",
                    [tenants],
                )
                plan = cursor.fetchone()[0][0]["Plan"]
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])

    assert names(list(range(1, 2001)), "service") == [1, 2, 3]
    assert blocks(list(range(1, 2001))) < 60


def test_the_planner_does_not_ask_as_well() -> None:
    """It would, to learn how many ids there are: a stable function of constants is worked out early."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY SEQUENCE calls")
        cursor.execute(
            """CREATE OR REPLACE FUNCTION names_of_tenants(of_tenants integer[], of_dimension text)
               RETURNS integer[] LANGUAGE plpgsql STABLE AS
               $$ BEGIN PERFORM nextval('calls'); RETURN '{1,2}'; END $$"""
        )
        visible_names("service", TenantScope(frozenset({1}), known=frozenset({1, 2, 3})))
        cursor.execute("SELECT last_value, is_called FROM calls")
        assert cursor.fetchone() == (1, True)
