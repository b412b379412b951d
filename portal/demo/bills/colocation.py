"""The colocation in Oslo: storage and monitoring. Its machines are our own, by the price book."""

from collections.abc import Iterator
from decimal import Decimal

from portal.demo.bills.row import Payee, Row, days, months
from portal.demo.span import Span
from portal.demo.world import World

PAYEE = Payee("Fjord Colocation", "Fjord Colocation AS", "FC-20881", "hall-3")


def colocation_rows(world: World, span: Span) -> Iterator[Row]:
    """Storage a day, remote hands and monitoring a month."""
    for day in days(span):
        yield Row(
            PAYEE, *day, "Usage", "Object storage", "Storage", "NVMe object storage", Decimal("22.1918"),
            quantity=Decimal(270), unit="TB-Days",
            more={"ResourceId": "fjord-os-1", "ResourceName": "models-chat-large", "RegionId": "oslo-1"},
        )  # fmt: skip
    for part in months(span):
        lasted = Decimal((part[1] - part[0]).days)
        yield Row(
            PAYEE, *part, "Purchase", "Managed Grafana", "Management and Governance", "monitoring, flat",
            lasted * Decimal("14.6667"), frequency="Recurring",
        )  # fmt: skip
        yield Row(
            PAYEE, *part, "Purchase", "Remote hands", "Other", "Remote hands support contract",
            lasted * Decimal("26.5"), frequency="Recurring",
        )  # fmt: skip
