"""A bill with a line of every kind, from its file to the ledger, divided by what was measured of each."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.errors import CheckViolation

from attribution.models import Cluster, Provider, Region, Residency, ServedModel, Service, Source, Tenant
from attribution.operations.attribute_windows import attribute_range
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_measures import MeasureRow, record_measures
from attribution.operations.record_transfers import TransferRow, record_transfers
from attribution.queries.reconciliation import reconciliation
from attribution.queries.unit_costs import unit_costs
from ingest.models import Connection
from ingest.operations.import_bill import import_bill
from tests.support.fleet import HOUR, Fleet, devices_hour, requests_hour, small_fleet
from tests.support.whole_bill import LINES, whole_bill

pytestmark = pytest.mark.django_db
END = HOUR + timedelta(hours=1)
USD = 10**9


@pytest.fixture
def fleet() -> Fleet:
    """One node; tenants a and b with three and one requests, of which one of a's has failed."""
    made = small_fleet()
    Connection.objects.create(source=made.bills, settings={"export": ""}, signals=[])
    devices_hour(made, HOUR, {"n1": {"busy": 0.9}})
    requests_hour(
        made,
        HOUR,
        [
            {"tenant": "a", "requests": 2, "duration_us": 2},
            {"tenant": "a", "outcome": "failed", "requests": 1, "duration_us": 1},
            {"tenant": "b", "requests": 1, "duration_us": 1},
        ],
    )
    return made


def sent(fleet: Fleet, *rows: tuple[str, str, int]) -> None:
    """Bytes by class and pod."""
    labels = intern_labels([("pod", pod) for _, pod, _ in rows])
    record_transfers(
        source_id=fleet.telemetry.pk, cluster_id=fleet.cluster.pk, start=HOUR, end=END,
        rows=[TransferRow(HOUR, row[0], label, row[2]) for row, label in zip(rows, labels, strict=True)],
    )  # fmt: skip


def counted(fleet: Fleet, *rows: tuple[str, str, int], cluster_id: int | None = None) -> None:
    """Quantities by measure and tenant."""
    labels = intern_labels([("tenant", tenant) for _, tenant, _ in rows])
    record_measures(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk if cluster_id is None else cluster_id,
        start=HOUR,
        end=END,
        rows=[MeasureRow(HOUR, row[0], 0, label, 0, row[2]) for row, label in zip(rows, labels, strict=True)],
    )


def borne(kind: str, part: str | None = None, by: str = "use") -> dict[Any, int]:
    """Current amounts of a kind by tenant (None: nobody), or by another column."""
    column = {"use": "t.name", "reason": "l.reason", "line": "l.use"}[by]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {column}, sum(l.amount_nano)::bigint
                  FROM ledger_line l JOIN attribution_window w USING (cluster_id, hour, version)
                  JOIN cost_pool p ON (p.cluster_id, p.hour, p.version, p.number)
                                    = (l.cluster_id, l.hour, l.version, l.pool_number)
                  LEFT JOIN tenant t ON t.id = l.tenant_id
                 WHERE p.kind = %s AND (%s::text IS NULL OR p.part = %s) GROUP BY 1""",
            [kind, part, part],
        )
        return dict(cursor.fetchall())


def test_a_line_of_every_kind_reaches_the_ledger_and_the_bill_reconciles_to_zero(
    fleet: Fleet, tmp_path: Path
) -> None:
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    (bill,) = reconciliation(HOUR, END).bills
    assert (bill.accepted, bill.rejected) == (len(LINES), 0)
    assert bill.difference_nano == 0
    assert bill.outside_nano == 0
    for kind in {line[0] for line in LINES}:
        expected = sum(round(float(cost) * USD) for own, _, cost, _ in LINES if own == kind)
        assert sum(borne(kind).values()) == expected, kind
    assert borne("accelerator", "capacity_unused", by="line") == {"commitment_unused": 2 * USD}


def test_each_pool_is_divided_by_its_own_measure(fleet: Fleet, tmp_path: Path) -> None:
    sent(
        fleet,
        ("internet", "ns/chat-n1", 60),
        ("internet", "ns/elsewhere", 30),
        ("inter_zone", "ns/chat-n1", 1),
    )
    counted(fleet, ("tool_calls", "a", 1), ("tool_calls", "b", 2), ("log_bytes", "b", 9))
    counted(fleet, ("active_series", "a", 5), cluster_id=0)
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    # 0.90 for 90 bytes: 60 are the service's, whose work is a's by 3 of 4; 30 of a pod that no rule knows.
    assert borne("egress") == {"a": 45 * USD // 100, "b": 15 * USD // 100, None: 30 * USD // 100}
    assert borne("network", "inter_zone") == {"a": 30 * USD // 100, "b": 10 * USD // 100}
    assert borne("network", "inter_region") == {None: 20 * USD // 100}
    assert borne("tool_calls") == {"a": 10 * USD // 100, "b": 20 * USD // 100}
    assert borne("observability", "logs") == {"b": 80 * USD // 100}
    assert reconciliation(HOUR, END).bills[0].difference_nano == 0


def test_what_no_cluster_counted_is_asked_of_what_belongs_to_none(fleet: Fleet, tmp_path: Path) -> None:
    counted(fleet, ("active_series", "a", 5), cluster_id=0)
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    assert borne("observability", "metrics") == {"a": 60 * USD // 100}


def test_storage_goes_to_the_tenants_of_the_services_that_use_the_model(fleet: Fleet, tmp_path: Path) -> None:
    llama, unused = intern_models(["llama", "unused"])
    for model, gibibytes in ((llama, 100), (unused, 50)):
        Residency.objects.create(model_id=model, cluster=fleet.cluster, gibibytes=gibibytes, copies=2)
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    # Two thirds of 1.20 are llama's, by the work of its one service; nobody was asked for the other.
    assert borne("storage") == {"a": 60 * USD // 100, "b": 20 * USD // 100, None: 40 * USD // 100}
    assert (
        borne("storage", by="reason")["no service was asked for the model that lies there"] == 4 * USD // 10
    )


def test_a_bill_of_no_cluster_is_divided_by_what_its_providers_clusters_sent(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.bills.cluster, fleet.bills.provider = None, fleet.cluster.region.provider
    fleet.bills.save()
    other = Region.objects.create(provider=Provider.objects.create(name="Other Cloud"), name="o-1")
    foreign = Cluster.objects.create(name="c2", region=other, control_model="managed_kubernetes")
    sent(fleet, ("internet", "ns/chat-n1", 10))
    (label,) = intern_labels([("pod", "ns/chat-n9")])
    record_transfers(
        source_id=fleet.telemetry.pk, cluster_id=foreign.pk, start=HOUR, end=END,
        rows=[TransferRow(HOUR, "internet", label, 90)],
    )  # fmt: skip
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    assert borne("egress") == {"a": 675 * USD // 1000, "b": 225 * USD // 1000}


def test_what_a_provider_was_paid_for_failed_requests_is_a_use_of_its_own(
    fleet: Fleet, tmp_path: Path
) -> None:
    fleet.service.rules.create(kind="charge", pattern="Amazon Bedrock")
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    assert borne("provider_api", by="line") == {"provider": 3 * USD, "serving_failed": USD}
    (total,) = unit_costs(HOUR, END, []).totals
    # A quarter of the node's 6.00 and of the provider's 4.00.
    assert total.failed_nano == 25 * USD // 10


def test_the_same_measures_again_change_nothing(fleet: Fleet, tmp_path: Path) -> None:
    counted(fleet, ("tool_calls", "a", 1))
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    attribute_range(HOUR, END)
    counted(fleet, ("tool_calls", "a", 1))
    assert attribute_range(HOUR, END).published == 0


def test_a_tool_call_that_gateway_and_provider_counted_is_one(fleet: Fleet, tmp_path: Path) -> None:
    """The provider's report names one key, which is c's by rule; the gateway knows who called: a and b."""
    provider = Source.objects.create(name="report", kind="openai")
    (key,) = intern_labels([("tenant", "c")])
    import_bill(source_name="bills", paths=[whole_bill(tmp_path / "bill.csv")], now=END)
    rows = [MeasureRow(HOUR, "tool_calls", 0, key, 0, 3)]
    record_measures(source_id=provider.pk, cluster_id=0, start=HOUR, end=END, rows=rows)
    attribute_range(HOUR, END)
    assert borne("tool_calls") == {"c": 30 * USD // 100}, "where no gateway counted, the report does"
    counted(fleet, ("tool_calls", "a", 1), ("tool_calls", "b", 2))
    attribute_range(HOUR, END)
    assert borne("tool_calls") == {"a": 10 * USD // 100, "b": 20 * USD // 100}


@pytest.mark.parametrize(("what", "quantity"), [("tool_calls", -1), ("coffee", 1)])
def test_the_database_refuses_a_count_that_cannot_be(fleet: Fleet, what: str, quantity: int) -> None:
    with pytest.raises(CheckViolation), transaction.atomic():
        counted(fleet, (what, "a", quantity))


def test_the_database_refuses_two_residencies_at_once(fleet: Fleet) -> None:
    (model,) = intern_models(["llama"])
    Residency.objects.create(model_id=model, cluster=fleet.cluster, gibibytes=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Residency.objects.create(model_id=model, cluster=fleet.cluster, gibibytes=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Residency.objects.create(model_id=model, gibibytes=0)
    assert (ServedModel.objects.count(), Service.objects.count(), Tenant.objects.count()) == (1, 1, 1)
