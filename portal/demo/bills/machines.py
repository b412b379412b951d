"""Charges for accelerator machines: a row a day for each."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from portal.demo.bills.row import Payee, Row
from portal.demo.world import Group, Node

HOURS = Decimal(24)


def machine(
    payee: Payee,
    group: Group,
    node: Node,
    day: tuple[datetime, datetime],
    hourly: Decimal,
    more: Mapping[str, str],
) -> Row:
    """A machine's day on demand."""
    details = {"InstanceType": group.instance, "GpuCount": group.devices_per_node}
    return Row(
        payee,
        *day,
        "Usage",
        more["ServiceName"],
        "Compute",
        f"{group.instance} machine hours",
        hourly * HOURS,
        quantity=HOURS,
        unit="Hours",
        tags={"Name": node.name, "cluster": group.cluster},
        more={
            "ResourceId": node.resource_id,
            "ResourceName": node.name,
            "ResourceType": "Instance",
            "SkuId": f"SKU-{group.instance}",
            "SkuMeter": f"BoxUsage:{group.instance}",
            "SkuPriceDetails": json.dumps(details),
            **more,
        },
    )


def committed(rows: Iterator[Row], commitment: str) -> Iterator[Row]:
    """The same rows, paid for by a commitment: nothing is billed for them again, the cost stays."""
    for row in rows:
        covered = {"CommitmentDiscountId": commitment, "CommitmentDiscountType": "Reserved Instance"}
        yield Row(
            **{
                **row.__dict__,
                "billed": Decimal(0),
                "effective": row.billed,
                "more": {**row.more, **covered, "CommitmentDiscountStatus": "Used"},
            }
        )
