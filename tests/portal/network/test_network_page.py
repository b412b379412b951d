"""The network page: bytes on the bill against measured bytes, and who bears the money."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from attribution.models import Tenant
from attribution.operations.attribute_windows import attribute_range
from ingest.models import Connection
from ingest.operations.import_bill import import_bill
from tests.attribution.operations.test_every_pool import sent
from tests.attribution.queries.test_billed_bytes import END, GB, a_bill, line
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet
from tests.support.scene import person
from tests.support.whole_bill import whole_bill

pytestmark = pytest.mark.django_db
DAY = "from=2026-03-04&to=2026-03-04"
RANGE = "from=2026-03-04&to=2026-03-05"


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(person("frida", "finance"))
    return client


@pytest.fixture
def fleet() -> Fleet:
    """10 GB on the bill for 0.90; 6 GB were measured, 4 of them of tenant a's service."""
    made = small_fleet()
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    a_bill(
        made, line(1, "DataTransfer-Out-Bytes", "10", cost="0.90", start=HOUR, end=HOUR + timedelta(hours=1))
    )
    sent(made, ("internet", "ns/chat-n1", 4 * GB), ("internet", "ns/other", 2 * GB))
    attribute_range(HOUR, END)
    return made


def text(response: Any) -> str:
    """The words of a page."""
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def body(response: Any) -> bytes:
    """A streamed answer whole."""
    return b"".join(response.streaming_content)


def test_what_nothing_measured_is_shown_in_bytes_percent_and_money(finance: Client, fleet: Fleet) -> None:
    page = text(finance.get(f"/network/?{DAY}"))
    assert "To the internet 10.0 GB 6.0 GB 4.0 GB 0 B +40.00% – 0.90 USD 0.36" in page
    assert "a Egress To the internet 4.0 GB 0.60 USD" in page
    assert "Nobody: the platform bears it Egress To the internet 2.0 GB 0.30 USD" in page
    assert "Total 0.90 USD" in page


def test_page_api_and_csv_say_the_same(finance: Client, fleet: Fleet) -> None:
    for address, table in (("transfer-bytes", ""), ("transfers", "&table=shares")):
        csv = body(finance.get(f"/network/?{DAY}&format=csv{table}"))
        assert csv == body(finance.get(f"/api/v1/{address}?{RANGE}&format=csv"))
    said = json.loads(body(finance.get(f"/api/v1/transfer-bytes?{RANGE}")))
    (row,) = said["rows"]
    assert row == {
        "day": "2026-03-04", "cluster": "c1", "class": "internet", "billed_bytes": "10000000000",
        "billed_once_bytes": "10000000000", "measured_bytes": 6 * GB, "difference_bytes": "4000000000",
        "difference_percent": "40.00", "billed_not_measured_bytes": "4000000000",
        "measured_not_billed_bytes": "0", "unmeasured_billed_bytes": None,
        "unread_lines": 0, "currency": "USD", "amount": "0.900000000",
        "unexplained_amount": "0.360000000",
    }  # fmt: skip
    (total,) = said["totals"]
    assert total == {name: value for name, value in row.items() if name not in ("day", "cluster")}
    shares = json.loads(body(finance.get(f"/api/v1/transfers?{RANGE}")))["rows"]
    assert [(share["tenant"], share["bytes"], share["amount"]) for share in shares] == [
        ("a", 4 * GB, "0.600000000"), (None, 2 * GB, "0.300000000"),
    ]  # fmt: skip


def test_the_shares_sum_to_what_the_ledger_bears_for_transfer(finance: Client, tmp_path: Path) -> None:
    made = small_fleet()
    Connection.objects.create(source=made.bills, settings={"export": ""}, signals=[])
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(made, HOUR, [{"tenant": "a", "requests": 2, "duration_us": 2}])
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    shares = json.loads(body(finance.get(f"/api/v1/transfers?{RANGE}")))["rows"]
    costs = json.loads(body(finance.get(f"/api/v1/costs?{RANGE}&kind=network&kind=egress")))
    assert sum(round(float(share["amount"]) * 1e9) for share in shares) == round(
        float(costs["totals"][0]["amount"]) * 1e9
    )


def test_a_tenants_lead_sees_its_own_part_and_no_bill(client: Client, fleet: Fleet) -> None:
    client.force_login(person("lena", "tenant_lead", Tenant.objects.get(name="a")))
    page = text(client.get(f"/network/?{DAY}"))
    assert "Bytes on bills are for the roles finance" in page
    assert "a Egress To the internet 4.0 GB 0.60" in page
    assert "Nobody" not in page
    assert "0.36" not in page
    assert client.get(f"/network/?{DAY}&format=csv").status_code == 403
    assert client.get(f"/api/v1/transfer-bytes?{RANGE}").status_code == 403
    shares = json.loads(body(client.get(f"/api/v1/transfers?{RANGE}")))["rows"]
    assert [share["tenant"] for share in shares] == ["a"]


def test_without_bills_and_bytes_it_says_what_to_do(finance: Client) -> None:
    small_fleet()
    page = text(finance.get("/network/"))
    assert "No bill and no exporter counted bytes in these days" in page
    assert "No network cost in these days" in page


def test_what_is_paid_and_not_measured_is_said(finance: Client) -> None:
    made = small_fleet()
    a_bill(made, line(1, "DataTransfer-Out-Bytes", "10", cost="0.90"))
    page = text(finance.get(f"/network/?{DAY}"))
    assert "bytes are paid for that nothing measures" in page
    assert "To the internet 10.0 GB – – – – 10.0 GB 0.90 USD –" in page


def test_without_a_role_it_is_refused(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("nobody"))
    assert client.get("/network/").status_code == 403
