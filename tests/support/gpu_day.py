"""24 hours of a small fleet's telemetry, from an exporter's samples to the ledger; a device costs 72.00."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

from attribution.models import Service, ServiceRule
from attribution.operations.attribute_windows import attribute_range
from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from ingest.models import Connection
from ingest.operations.import_openmetrics import import_openmetrics
from tests.support.fleet import Fleet, price, small_fleet
from tests.support.telemetry import START, Values, every, text_of

DAY, NOON = 86_400, 43_200
END = START + timedelta(days=1)
USD = 10**9
Series = Iterable[tuple[Mapping[str, str], Values]]


def gpu_fleet(*pods: str, **pool: object) -> Fleet:
    """A device is 3.00 an hour; each of the pods is a service of its own."""
    fleet = small_fleet(**pool)
    price(fleet, 3 * USD)
    for pod in pods:
        service = Service.objects.create(name=pod)
        ServiceRule.objects.create(service=service, kind="pod", pattern=f"*/{pod}")
    return fleet


def gpu(uuid: str, pod: str = "", *, model: str = "NVIDIA A100-SXM4-40GB", **more: str) -> dict[str, str]:
    """Labels of a device on node n1."""
    labels = {"gpu": "0", "UUID": uuid, "Hostname": "n1", "modelName": model}
    return labels | ({"namespace": "ns", "pod": pod, "container": "main"} if pod else {}) | more


def always(value: float, start: int = 0, end: int = DAY) -> Values:
    """The same value every minute."""
    return every(60, value, start, end)


def record_day(fleet: Fleet, folder: Path, families: Mapping[str, Series]) -> None:
    """Import the samples as a file of this fleet's telemetry, and attribute the day."""
    Connection.objects.update_or_create(
        source=fleet.telemetry,
        defaults={"settings": {}, "signals": ["dcgm", "kube_state_metrics", "nvidia_device_plugin"]},
    )
    path = folder / f"{fleet.cluster.name}.om"
    path.write_text(text_of({name: ("gauge", rows) for name, rows in families.items()}))
    import_openmetrics(source_id=fleet.telemetry.pk, files=[path], now=END + timedelta(hours=1))
    assert attribute_range(START, END).failed == 0


def costs(*by: CostDimension) -> dict[tuple[object, ...], float]:
    """The day's cost by service and use (or other dimensions), in whole dollars to six digits."""
    rows = costs_by(START, END, by or (CostDimension.SERVICE, CostDimension.USE)).rows
    return {row.group: round((row.amount_nano or 0) / USD, 6) for row in rows}


def total() -> int:
    """Nano-units of the whole day."""
    return sum(row.amount_nano or 0 for row in costs_by(START, END, [CostDimension.USE]).rows)
