"""Amazon: machines on demand and reserved, one nobody saw, transfer, storage, support, tax, credit."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from portal.demo.bills.machines import HOURS, committed, machine
from portal.demo.bills.row import Payee, Row, days, months
from portal.demo.span import Span
from portal.demo.world import UNSEEN, Group, World

PAYEE = Payee("AWS", "Amazon Web Services, Inc.", "410055512345", "meridian-inference")
P4D_ON_DEMAND, P4D_RESERVED = Decimal("24.0136104"), Decimal("15.7412775")
G6E_ON_DEMAND, G5_RESERVED = Decimal("10.49264"), Decimal("9.772955")
P4D_COMMITMENT, G5_COMMITMENT = "ri-0fra0p4d1year", "ri-0fra0g5legacy"
_EC2, _FRA, _IAD = "Amazon Elastic Compute Cloud", "eu-central-1", "us-east-1"
# description, usage type, dollars a GB, GB that a node sends on a mean day
_TRANSFERS = (
    ("data transfer out to the internet", "DataTransfer-Out-Bytes", Decimal("0.09"), 410),
    ("data transfer between regions", "AWS-Out-Bytes", Decimal("0.02"), 88),
    ("data transfer between availability zones", "DataTransfer-Regional-Bytes", Decimal("0.01"), 190),
)
# bucket, GB kept, dollars a GB and month
_BUCKETS = (
    ("models-chat-small", 1_180, Decimal("0.0245")),
    ("models-code-assist", 2_410, Decimal("0.0245")),
    ("models-image-gen", 960, Decimal("0.023")),
    ("prompt-archive", 38_700, Decimal("0.0125")),
)


def aws_rows(world: World, span: Span) -> Iterator[Row]:
    """All charges of the span, month by month in the order of the sections below."""
    fra, iad = world.group("fra-eks", "a100"), world.group("iad-kube", "l40s")
    for day in days(span):
        yield from _frankfurt(fra, day)
        yield from _virginia(iad, day)
        yield from _unused(day)
        yield from _transfer(fra, iad, span, day)
        yield from _storage(day)
        yield _monitoring(span, day)
    for part in months(span):
        yield from _monthly(world, part)


def _frankfurt(group: Group, day: tuple[datetime, datetime]) -> Iterator[Row]:
    """All machines but the last are reserved."""
    more = {"ServiceName": _EC2, "RegionId": _FRA, "x_UsageType": f"EUC1-BoxUsage:{group.instance}"}
    reserved = max(len(group.nodes) - 1, 1)
    yield from committed(
        (machine(PAYEE, group, node, day, P4D_RESERVED, more) for node in group.nodes[:reserved]),
        P4D_COMMITMENT,
    )
    for node in group.nodes[reserved:]:
        yield machine(PAYEE, group, node, day, P4D_ON_DEMAND, more)
    yield _purchase(day, P4D_RESERVED * HOURS * reserved, P4D_COMMITMENT)


def _virginia(group: Group, day: tuple[datetime, datetime]) -> Iterator[Row]:
    more = {"ServiceName": _EC2, "RegionId": _IAD, "x_UsageType": f"BoxUsage:{group.instance}"}
    for node in (*group.nodes, UNSEEN):
        yield machine(PAYEE, group, node, day, G6E_ON_DEMAND, more)


def _purchase(day: tuple[datetime, datetime], paid: Decimal, commitment: str) -> Row:
    """The day's part of the commitment's fee: billed, and no cost of its own."""
    more = {
        "ServiceName": _EC2, "RegionId": _FRA, "ResourceId": commitment, "SkuMeter": "Commitment",
        "CommitmentDiscountId": commitment, "CommitmentDiscountType": "Reserved Instance",
    }  # fmt: skip
    return Row(
        PAYEE, *day, "Purchase", _EC2, "Compute", "Reservation fee, no upfront", paid, Decimal(0),
        HOURS, "Hours", "Recurring", more=more,
    )  # fmt: skip


def _unused(day: tuple[datetime, datetime]) -> Iterator[Row]:
    """A reservation for machines that were given back in spring: paid for to the end of its year."""
    more = {
        "RegionId": _FRA, "ResourceId": G5_COMMITMENT, "SkuId": "SKU-g5.48xlarge",
        "SkuMeter": "UnusedBox:g5.48xlarge", "x_UsageType": "EUC1-UnusedBox:g5.48xlarge",
        "CommitmentDiscountId": G5_COMMITMENT, "CommitmentDiscountType": "Reserved Instance",
        "CommitmentDiscountStatus": "Unused",
    }  # fmt: skip
    yield Row(
        PAYEE, *day, "Usage", _EC2, "Compute", "g5.48xlarge reservation that nothing used",
        Decimal(0), G5_RESERVED * HOURS, HOURS, "Hours", more=more,
    )  # fmt: skip
    yield _purchase(day, G5_RESERVED * HOURS, G5_COMMITMENT)


def _transfer(fra: Group, iad: Group, span: Span, day: tuple[datetime, datetime]) -> Iterator[Row]:
    """By node, as the usage report lists them."""
    for group, region, code in ((fra, _FRA, "EUC1-USE1-"), (iad, _IAD, "USE1-EUC1-")):
        for node in group.nodes:
            random = span.random("transfer", node.name, f"{day[0]:%Y%m%d}")
            for text, usage, price, mean in _TRANSFERS:
                sent = Decimal(f"{mean * random.lognormal(0.0, 0.3):.6f}")
                kind = f"{code if usage == 'AWS-Out-Bytes' else code[:5]}{usage}"
                yield Row(
                    PAYEE, *day, "Usage", _EC2, "Compute", f"{price} per GB - {text}", sent * price,
                    quantity=sent, unit="GB", tags={"Name": node.name},
                    more={
                        "ResourceId": node.resource_id, "RegionId": region, "x_UsageType": kind,
                        "SkuMeter": usage,
                    },
                )  # fmt: skip


def _storage(day: tuple[datetime, datetime]) -> Iterator[Row]:
    for bucket, kept, price in _BUCKETS:
        quantity = Decimal(kept) * 24 / 730
        yield Row(
            PAYEE, *day, "Usage", "Amazon Simple Storage Service", "Storage", "storage, standard tier",
            round(quantity * price, 10), quantity=round(quantity, 6), unit="GB-Months",
            more={
                "ResourceId": f"arn:aws:s3:::meridian-{bucket}", "ResourceName": f"meridian-{bucket}",
                "RegionId": _FRA, "x_UsageType": "EUC1-TimedStorage-ByteHrs", "SkuMeter": "TimedStorage",
            },
        )  # fmt: skip


def _monitoring(span: Span, day: tuple[datetime, datetime]) -> Row:
    series = Decimal(f"{9_400 * span.random('monitoring', f'{day[0]:%Y%m%d}').lognormal(0.0, 0.05):.0f}")
    return Row(
        PAYEE, *day, "Usage", "AmazonCloudWatch", "Management and Governance", "custom metrics",
        round(series * Decimal("0.3") / 30, 8), quantity=series, unit="Metrics",
        more={"RegionId": _FRA, "SkuMeter": "CW:MetricMonitorUsage"},
    )  # fmt: skip


def _monthly(world: World, part: tuple[datetime, datetime]) -> Iterator[Row]:
    """Support and tax follow the machines' cost, to the day; the credit came once a month."""
    nodes = len(world.group("fra-eks", "a100").nodes) + len(world.group("iad-kube", "l40s").nodes)
    lasted = Decimal((part[1] - part[0]).days * nodes)
    yield Row(
        PAYEE, *part, "Purchase", "AWS Support (Business)", "Other", "Business support of the month",
        lasted * Decimal("9.1375"), frequency="Recurring",
    )  # fmt: skip
    yield Row(
        PAYEE, *part, "Tax", "Tax", "Other", "VAT that cannot be reclaimed", lasted * Decimal("6.0241667")
    )
    yield Row(
        PAYEE, *part, "Credit", "AWS Credit", "Other", "EDP migration credit", lasted * Decimal("-4.25"),
        frequency="One-Time",
    )  # fmt: skip
