"""PostgreSQL itself shows a tenant its own, and nothing to whoever has said nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import Error, connection, transaction
from django.test import Client

from attribution.models import DistributionRule, Entitlement, Service
from attribution.queries.scope import EVERYBODY, NOBODY, TenantScope
from attribution.queries.seen import see, seeing
from portal.accounts.models import Membership, Role
from portal.saved_views.models import SavedView
from tests.support.books import Books, fill, small_books
from tests.support.ledger import CostPool, Line, publish_window

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 2)
    secret = Service.objects.create(name="bank-only")
    bank = made.tenants["bank"]
    line = Line("serving", 5, bank.pk, secret.pk)
    publish_window(made.clusters["east"].pk, DAY.replace(hour=5), [CostPool([line])])
    Entitlement.objects.create(tenant=bank, quota=5)
    DistributionRule.objects.create(use="idle", method="fixed", weights={"bank": "1"})
    DistributionRule.objects.create(use="loading", method="keep")
    return made


def column(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def retail(books: Books) -> TenantScope:
    return TenantScope(frozenset({books.tenants["retail"].pk}))


OF_TENANTS = (
    "ledger_line",
    "ledger_usage",
    "daily_cost",
    "daily_usage",
    "daily_cost_tenant",
    "daily_usage_tenant",
)


@pytest.mark.parametrize("table", OF_TENANTS)
def test_a_tenant_sees_its_subtree_in_every_table_of_figures(books: Books, table: str) -> None:
    own = retail(books).tenant_ids()
    whole = set(column(f"SELECT DISTINCT tenant_id FROM {table}"))
    assert own is not None
    assert whole - own
    with seeing(retail(books)):
        assert set(column(f"SELECT DISTINCT tenant_id FROM {table}")) == whole & own
    with seeing(EVERYBODY):
        assert set(column(f"SELECT DISTINCT tenant_id FROM {table}")) == whole
    with seeing(NOBODY):
        assert column(f"SELECT tenant_id FROM {table}") == []


def test_names_of_others_are_not_there(books: Books) -> None:
    with seeing(retail(books)):
        assert set(column("SELECT name FROM tenant")) == {"retail", "chat-team", "search-team"}
        assert "bank-only" not in column("SELECT name FROM service")
        assert column("SELECT name FROM service")
        assert column("SELECT quota FROM entitlement") == []
        assert column("SELECT use FROM distribution_rule") == ["loading"]
    with seeing(EVERYBODY):
        assert {"bank", "risk-team"} < set(column("SELECT name FROM tenant"))
        assert "bank-only" in column("SELECT name FROM service")
        assert len(column("SELECT use FROM distribution_rule")) == 2


def test_cost_pools_are_seen_by_who_bears_a_part(books: Books) -> None:
    borne = "SELECT count(*) FROM cost_pool WHERE tenant_ids && %s::integer[]"
    own = sorted(retail(books).tenant_ids() or ())
    (expected,) = column(borne, own)
    with seeing(retail(books)):
        assert column("SELECT count(*) FROM cost_pool") == [expected]
        assert expected > 0
        assert column("SELECT count(*) FROM daily_cost_total") == [0]
    assert column("SELECT count(*) FROM cost_pool")[0] > expected


def test_a_saved_view_is_its_owners_even_before_who_sees_everything() -> None:
    one, other = (get_user_model().objects.create_user(name) for name in ("lena", "otto"))
    SavedView.objects.create(user=one, name="mine", address="/")
    with seeing(EVERYBODY, person=other.person_id):
        assert not SavedView.objects.exists()
    with seeing(NOBODY, person=one.person_id):
        assert SavedView.objects.get().name == "mine"
    with (
        seeing(EVERYBODY, person=other.person_id),
        pytest.raises(Error, match="row-level security"),
        transaction.atomic(),
    ):
        SavedView.objects.create(user=one, name="forged", address="/")


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE ledger_line SET amount_nano = 0",
        "DELETE FROM daily_cost",
        "UPDATE cost_pool SET amount_nano = 0",
        "TRUNCATE ledger_usage",
        "ALTER TABLE daily_cost DISABLE ROW LEVEL SECURITY",
        "DROP POLICY app ON daily_cost",
        "SELECT * FROM ledger_line_2026_03",
        "SET row_security = off; SELECT * FROM daily_cost",
        "UPDATE report_login SET tenant_id = NULL; SELECT make_month_partitions(now(), now())",
        "INSERT INTO audit_event SELECT * FROM audit_event",
        "CREATE TABLE mine (x int)",
    ],
)
def test_who_serves_pages_cannot_write_the_ledger_nor_take_policies_away(
    books: Books, forbidden: str
) -> None:
    with (
        seeing(EVERYBODY),
        pytest.raises(Error, match=r"denied|must be owner|would be affected"),
        transaction.atomic(),
    ):
        column(forbidden)


def test_a_tenant_cannot_write_for_another(books: Books) -> None:
    bank = books.tenants["bank"].pk
    with seeing(retail(books)), pytest.raises(Error, match="row-level security"), transaction.atomic():
        Entitlement.objects.create(tenant_id=bank, quota=7)
    with seeing(retail(books)):
        assert Entitlement.objects.update(quota=9) == 0


def test_what_was_seen_is_seen_again_afterwards(books: Books) -> None:
    count = "SELECT count(*) FROM tenant"
    with seeing(retail(books)):
        (own,) = column(count)
        with seeing(EVERYBODY):
            assert column(count)[0] > own
        with pytest.raises(ZeroDivisionError), seeing(EVERYBODY):
            raise ZeroDivisionError
        with pytest.raises(Error), seeing(EVERYBODY):
            column("SELECT 1/0")
        assert column(count) == [own]
        see(NOBODY)
        assert column(count) == [0]


@contextmanager
def filters_forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if somebody had written a query without a scope."""
    with monkeypatch.context() as patch:
        patch.setattr(TenantScope, "tenant_ids", lambda self: None)
        yield


def test_the_second_net_holds_when_the_first_is_cut(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    user = get_user_model().objects.create_user("lena")
    Membership.objects.create(user=user, role=Role.TENANT_LEAD, tenant=books.tenants["retail"])
    client.force_login(user)
    address = "/api/v1/costs?from=2026-03-04&to=2026-03-05&group_by=tenant,service"
    whole = b"".join(client.get(address).streaming_content)
    with filters_forgotten(monkeypatch):
        texts = [b"".join(client.get(f"{address}{more}").streaming_content) for more in ("", ",hour")]
        assert all(b"chat-team" in text for text in texts)
        for text in (*texts, client.get("/?from=2026-03-04&to=2026-03-04").content):
            assert not [name for name in (b"bank", b"risk-team", b"bank-only") if name in text]
    assert b"bank" not in whole


def test_without_policies_the_cut_net_is_seen(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sabotage twin: the test above can fail."""
    with connection.cursor() as cursor:
        for table in ("daily_cost", "tenant", "service"):
            cursor.execute(f"DROP POLICY app ON {table}; CREATE POLICY app ON {table} USING (true)")
    with pytest.raises(AssertionError):
        test_the_second_net_holds_when_the_first_is_cut(books, monkeypatch)
