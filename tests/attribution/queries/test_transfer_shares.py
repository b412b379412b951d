"""Who bears the network's cost, by class and bytes."""

from datetime import timedelta
from pathlib import Path

import pytest

from attribution.operations.attribute_windows import attribute_range
from attribution.queries.filters import CostFilters
from attribution.queries.scope import TenantScope
from attribution.queries.status import Status
from attribution.queries.transfer_shares import TransferShare, transfer_shares
from ingest.models import Connection
from ingest.operations.import_bill import import_bill
from tests.attribution.operations.test_every_pool import USD, sent
from tests.oracles.naive_bytes import naive_byte_split
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet
from tests.support.whole_bill import whole_bill

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Tenant a alone at the service; of 90 bytes 60 are the service's, 30 of an unknown pod."""
    made = small_fleet()
    Connection.objects.create(source=made.bills, settings={"export": ""}, signals=[])
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    sent(
        made,
        ("internet", "ns/chat-n1", 60),
        ("internet", "ns/elsewhere", 30),
        ("inter_zone", "ns/chat-n1", 1),
    )
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    return made


def internet(shares: list[TransferShare]) -> dict[str | None, TransferShare]:
    return {share.tenant: share for share in shares if share.transfer_class == "internet"}


def test_bytes_and_money_of_a_class_are_those_of_a_split_on_paper(fleet: Fleet) -> None:
    shares = internet(transfer_shares(HOUR, END))
    naive = naive_byte_split(90 * USD // 100, "internet", [("internet", "a", 60), ("internet", "", 30)])
    assert naive is not None
    assert {tenant or "": share.amount_nano for tenant, share in shares.items()} == naive
    assert {tenant: share.transferred for tenant, share in shares.items()} == {"a": 60, None: 30}
    assert {(share.kind, share.currency, share.status) for share in shares.values()} == {
        ("egress", "USD", Status.INVOICED)
    }


def test_a_scope_and_a_filter_narrow_it(fleet: Fleet) -> None:
    shares = transfer_shares(HOUR, END)
    tenant = CostFilters(tenant=frozenset({0}))
    assert transfer_shares(HOUR, END, tenant) == [share for share in shares if share.tenant is None]
    nobody = TenantScope(frozenset({-1}))
    assert transfer_shares(HOUR, END, scope=nobody) == []
    assert transfer_shares(END, END + timedelta(hours=1)) == []


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="not after its start"):
        transfer_shares(HOUR, HOUR)
