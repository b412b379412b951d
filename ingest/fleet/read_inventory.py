"""Tables of what exists: organization, providers, regions, clusters, pools, price books."""

from collections.abc import Iterator
from decimal import Decimal

from attribution.models import ControlModel, Sharing
from ingest.fleet.read_span import read_span
from ingest.fleet.spec import (
    Cluster,
    DeclaredNode,
    Organization,
    Pool,
    Price,
    PriceBook,
    Provider,
    Region,
    Row,
)
from ingest.fleet.table import Table
from ingest.fleet.values import (
    ANY_TEXTS,
    CURRENCY,
    LOOSE_TEXT,
    NAME,
    TEXT,
    TEXTS,
    TIME_ZONE,
    choice,
    decimal,
    whole,
)

CONTROL_MODEL = choice(ControlModel.values)
SHARING = choice(Sharing.values)
FLOOR = decimal("a share from 0 to 1", most=1, digits=4)
# A nano-unit is the smallest amount there is.
RATE = decimal("an amount per device and hour, as a decimal in quotes", digits=9)


def read_inventory(root: Table) -> Iterator[Row]:
    """Rows in the order of the file, kind by kind."""
    yield from _organization(root)
    for table in root.below("provider"):
        yield Provider(name=table.required("name", NAME), place=table.place)
    for table in root.below("region"):
        yield Region(
            provider=table.required("provider", TEXT),
            name=table.required("name", NAME),
            residency_zone=table.required("residency_zone", TEXT),
            place=table.place,
        )
    for table in root.below("cluster"):
        yield Cluster(
            name=table.required("name", NAME),
            provider=table.required("provider", TEXT),
            region=table.required("region", TEXT),
            control_model=table.required("control_model", CONTROL_MODEL),
            place=table.place,
        )
    for table in root.below("pool"):
        yield from _pool(table)
    yield from read_price_books(root)


def read_price_books(root: Table) -> Iterator[PriceBook | Price]:
    """Rates per device-hour."""
    for table in root.below("price_book"):
        yield from _price_book(table)


def _organization(root: Table) -> Iterator[Row]:
    if (table := root.single("organization")) is not None:
        yield Organization(
            name=table.required("name", TEXT),
            currency=table.required("currency", CURRENCY),
            reporting_time_zone=table.optional("reporting_time_zone", TIME_ZONE, "UTC"),
            unallocated_target=table.optional("unallocated_target", FLOOR, Decimal("0.05")),
            place=table.place,
        )
        table.close()


def _pool(table: Table) -> Iterator[Row]:
    cluster = table.required("cluster", TEXT)
    yield Pool(
        cluster=cluster,
        name=table.required("name", NAME),
        accelerator=table.required("accelerator", TEXT),
        purpose=table.optional("purpose", TEXT, "serving"),
        upgrade_ring=table.optional("upgrade_ring", LOOSE_TEXT, ""),
        nodes=table.required("nodes", TEXTS),
        device_models=table.optional("device_models", TEXTS, ("*",)),
        devices_per_node=table.optional("devices_per_node", whole(1, 1024), 1),
        busy_floor=table.optional("busy_floor", FLOOR, Decimal("0.05")),
        sharing=table.optional("sharing", SHARING, Sharing.EQUAL.value),
        replicas=table.optional("replicas", whole(1, 1024), 1),
        place=table.place,
    )
    for name in table.optional("declared_nodes", ANY_TEXTS, ()):
        yield DeclaredNode(cluster=cluster, name=name, place=table.place)


def _price_book(table: Table) -> Iterator[PriceBook | Price]:
    book = table.required("name", TEXT)
    yield PriceBook(
        name=book,
        currency=table.required("currency", CURRENCY),
        origin=table.optional("origin", LOOSE_TEXT, ""),
        place=table.place,
    )
    for price in table.below("price"):
        start, end = read_span(price)
        yield Price(
            pool=f"{price.required('cluster', TEXT)}/{price.required('pool', TEXT)}",
            book=book,
            per_device_hour=price.required("per_device_hour", RATE),
            start=start,
            end=end,
            place=price.place,
        )
