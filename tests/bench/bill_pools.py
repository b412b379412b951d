"""Deriving the cost pools of a large bill, beside reading its charges once.

`python -m tests.bench.bill_pools [LINES] [MACHINES] [MIXED] [COLUMNS]`: a month of hourly lines of many
resources, each with COLUMNS columns that have no name here, as AWS's have, and amounts of eleven digits.
MACHINES of ten are machines with accelerators that nobody ever saw: each of their lines is a cost pool of
its own. With 10 of 10 nothing can be summed, which is the worst case. MIXED of ten are nodes with devices of
two models, which lived for a part of the month: a cost pool each, divided when it is attributed.
"""

import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from tests.bench.scratch import scratch_database

if TYPE_CHECKING:
    from attribution.models import Cluster

START, END, HOURS = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), 744
MODELS, HOUR = ("A100", "H100"), timedelta(hours=1)
LINES, MACHINES, MIXED, COLUMNS = 100_000, 3, 2, 40

CHARGES = """INSERT INTO charge (
       bill_id, billing_period_start, row_number, file, line, charge_period_start, charge_period_end,
       billing_currency, billed_cost, effective_cost, charge_category, charge_description, service_name,
       resource_id, sub_account_id, sku_id, sku_meter, consumed_quantity, consumed_unit, tags, extra)
   SELECT %(bill)s, %(start)s, n, 'cur.csv', n, hour, hour + interval '1 hour', 'USD', cost, cost, 'Usage',
          'line of ' || meter, service, service || '/' || thing, 'account-' || thing %% 40,
          'sku-' || thing %% 300, meter, 1.5, 'GB', jsonb_build_object('team', 'team-' || thing %% 50),
          jsonb_build_object('x_UsageType', meter, 'identity/LineItemId', md5(n::text)) || more
     FROM (SELECT n, n / %(hours)s AS thing, %(start)s + (n %% %(hours)s) * interval '1 hour' AS hour,
                  ((n::bigint * 7919) %% 1000003) / 1e7 + 1.23e-11 AS cost
             FROM generate_series(0, %(lines)s - 1) n) line,
          (SELECT coalesce(jsonb_object_agg('line_item_' || c, 'value of column ' || c), '{}') AS more
             FROM generate_series(1, %(columns)s) c) other,
          LATERAL (SELECT CASE WHEN thing %% 10 < %(machines)s + %(mixed)s THEN 'Amazon Elastic Compute Cloud'
                               WHEN thing %% 10 < 4 THEN 'Amazon Simple Storage Service'
                               ELSE 'Any' END AS service,
                          CASE WHEN thing %% 10 < %(machines)s + %(mixed)s THEN 'BoxUsage:p4d.24xlarge'
                               WHEN thing %% 10 < 4 THEN 'TimedStorage-ByteHrs-' || thing %% 30
                               WHEN thing %% 10 < 7 THEN 'DataTransfer-Out-Bytes'
                               ELSE 'Requests-' || thing %% 100 END AS meter) named"""


def main() -> int:
    """Print time and memory beside one read of the same rows, and what was derived."""
    usual = (LINES, MACHINES, MIXED, COLUMNS)
    lines, machines, mixed, columns = [*map(int, sys.argv[1:]), *usual[len(sys.argv) - 1 :]]
    with scratch_database():
        bill_id = seed(lines, machines, mixed, columns)
        from attribution.operations.derive_bill_pools import derive_bill_pools

        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), sum(length(c::text)) FROM charge c WHERE bill_id = %s", [bill_id]
            )
            cursor.fetchall()
        read, memory = time.perf_counter() - began, peak()
        began = time.perf_counter()
        derive_bill_pools(bill_id=bill_id)
        took = time.perf_counter() - began
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT count(*), md5(string_agg(p::text, '|' ORDER BY p::text))
                     FROM bill_pool p WHERE bill_id = %s""",
                [bill_id],
            )
            pools, digest = cursor.fetchone()
    print(f"{lines:,} lines become {pools:,} cost pools of hours ({digest})")
    print(f"{'one read of the lines':<32} {read:8.2f} s")
    each = 1e6 * took / lines
    print(f"{'deriving the pools':<32} {took:8.2f} s   ratio {took / read:6.1f}   {each:6.0f} µs a line")
    print(f"{'memory':<32} {peak():8.0f} MiB, of which {memory:.0f} before")
    return 0


def peak() -> float:
    """MiB that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seed(lines: int, machines: int, mixed: int, columns: int) -> int:
    """A bill, its charges and its nodes; returns its id."""
    from attribution.models import Bill, Organization, Source
    from attribution.models.bill import BillTotal
    from attribution.operations.partitions import make_partitions

    Organization.objects.get_or_create(pk=1)
    source = Source.objects.create(name="cur", kind="focus", cluster=mixed_nodes(lines, machines, mixed))
    make_partitions(START, END)
    bill = Bill.objects.create(
        source=source, period_start=START, period_end=END, version=1, content_hash=b"1", imported_at=END
    )
    wanted: dict[str, Any] = {
        "bill": bill.pk,
        "start": START,
        "hours": HOURS,
        "lines": lines,
        "machines": machines,
        "mixed": mixed,
        "columns": columns,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHARGES, wanted)
        cursor.execute("ANALYZE charge")
        cursor.execute("SELECT sum(effective_cost) FROM charge WHERE bill_id = %s", [bill.pk])
        (total,) = cursor.fetchone()
    from attribution.domain.money import round_total

    nano = round_total(total)
    BillTotal.objects.create(bill=bill, currency="USD", billed=total, effective=total, effective_nano=nano)
    return bill.pk


def mixed_nodes(lines: int, machines: int, mixed: int) -> "Cluster":
    """Nodes for machines `machines` … `machines + mixed` of ten, by the bill's resource id."""
    from attribution.models import Cluster, Device, Node, Pool, Provider, Region

    region = Region.objects.create(provider=Provider.objects.create(name="cloud"), name="r")
    cluster = Cluster.objects.create(name="c", region=region, control_model="managed_kubernetes")
    for model in MODELS:
        Pool.objects.create(
            cluster=cluster, name=model, nodes=["*"], device_models=[model], accelerator=model
        )
    things = [thing for thing in range(lines // HOURS + 1) if machines <= thing % 10 < machines + mixed]
    first, last = START + HOUR * 100, START + HOUR * 650
    nodes = Node.objects.bulk_create(
        Node(cluster=cluster, name=f"node-{n}", provider_resource_id=str(n), first_seen=first, last_seen=last)
        for n in things
    )
    Device.objects.bulk_create(
        Device(node=node, uuid=f"{node.name}-{model}", model_name=model) for node in nodes for model in MODELS
    )
    return cluster


if __name__ == "__main__":
    sys.exit(main())
