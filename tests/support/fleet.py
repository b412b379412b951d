"""A small fleet in the database: one cluster, one pool, one service, and strips for it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from attribution.models import (
    Cluster,
    Organization,
    Pool,
    Price,
    PriceBook,
    Provider,
    Region,
    Reserve,
    Service,
    ServiceRule,
    Source,
    Tenant,
    TenantRule,
)
from attribution.operations.interning import (
    DeviceName,
    HolderName,
    intern_devices,
    intern_holders,
    intern_labels,
    intern_models,
)
from attribution.operations.record_strips import Strips, record_strips
from attribution.operations.record_usage import UsageRow, record_usage

HOUR = datetime(2026, 3, 4, 10, tzinfo=UTC)
NAN = float("nan")


@dataclass
class Fleet:
    """What `small_fleet` made."""

    cluster: Cluster
    pool: Pool
    service: Service
    telemetry: Source
    gateway: Source
    bills: Source
    holding: Tenant


def small_fleet(**pool: Any) -> Fleet:
    """Cluster `c1` of `Example Cloud`, pool `a100` of nodes `n*`, service `chat` of pods `ns/chat-*`.

    Tenants are found by the label kind `tenant` and made under `holding` as they appear.
    """
    Organization.objects.get_or_create(pk=1)
    provider = Provider.objects.create(name="Example Cloud")
    region = Region.objects.create(provider=provider, name="ex-1", residency_zone="eu")
    cluster = Cluster.objects.create(name="c1", region=region, control_model="managed_kubernetes")
    pools = {"nodes": ["n*"], "device_models": ["*"], "accelerator": "A100"} | pool
    holding = Tenant.objects.create(name="holding")
    holding.path = f"/{holding.pk}/"
    holding.save()
    service = Service.objects.create(name="chat")
    ServiceRule.objects.create(service=service, kind="pod", pattern="ns/chat-*")
    TenantRule.objects.create(kind="tenant", pattern="*", create_under=holding)
    return Fleet(
        cluster,
        Pool.objects.create(cluster=cluster, name="a100", **pools),
        service,
        Source.objects.create(name="telemetry", kind="prometheus", cluster=cluster),
        Source.objects.create(name="gateway", kind="request_log"),
        Source.objects.create(name="bills", kind="focus", cluster=cluster),
        holding,
    )


def price(fleet: Fleet, rate_nano: int) -> Price:
    """A price-book rate per device-hour, valid always."""
    book = PriceBook.objects.create(name="list", currency="USD")
    return Price.objects.create(book=book, pool=fleet.pool, rate_nano=rate_nano)


def reserve(fleet: Fleet, kind: str, devices: int) -> Reserve:
    """A reserve of the pool's service, valid always."""
    return Reserve.objects.create(pool=fleet.pool, service=fleet.service, kind=kind, devices=devices)


def devices_hour(fleet: Fleet, hour: datetime, devices: dict[str, dict[str, Any]]) -> None:
    """Record one hour: node name → signals, each a figure for all minutes or a list of 60; `pod` holds it.

    Signals not given are those of a ready, held device; every node has one device.
    """
    names = sorted(devices)
    device_ids = intern_devices(fleet.cluster.pk, [DeviceName(name, f"GPU-{name}", "A100") for name in names])
    pods = [devices[name].get("pod", f"chat-{name}") for name in names]
    holders = intern_holders(fleet.cluster.pk, [HolderName("ns", pod or "-", "main") for pod in pods])
    defaults = {"node_ready": 1.0, "held": 1.0, "ready": 1.0, "busy": 0.0, "pending": NAN}
    signals = {}
    for signal, default in defaults.items():
        rows = [np.broadcast_to(devices[name].get(signal, default), 60) for name in names]
        signals[signal] = np.array(rows, dtype=np.float32)
    for place, pod in enumerate(pods):
        if pod is None:
            signals["held"][place], holders[place] = 0, 0
    record_strips(
        source_id=fleet.telemetry.pk,
        cluster_id=fleet.cluster.pk,
        start=hour,
        end=hour.replace(minute=59),
        strips=Strips(
            hour=np.full(len(names), int(hour.timestamp()), dtype=np.int64),
            device_id=np.array(device_ids, dtype=np.int32),
            holder_id=np.array(holders, dtype=np.int32),
            signals=signals,
        ),
    )


def requests_hour(fleet: Fleet, hour: datetime, rows: list[dict[str, Any]], **record: Any) -> None:
    """Record an hour of the gateway: rows with tenant (None: unknown), outcome, requests and measures."""
    (service_label,) = intern_labels([("service", "chat")])
    (model,) = intern_models(["llama"])
    usage = []
    for row in rows:
        tenant = row.pop("tenant")
        label = intern_labels([("tenant", tenant)])[0] if tenant else 0
        usage.append(UsageRow(hour, service_label, label, model, row.pop("outcome", "success"), **row))
    record_usage(
        source_id=fleet.gateway.pk,
        cluster_id=0,
        level="gateway",
        rows=usage,
        replace_hours=(hour, hour.replace(minute=59)),
        **record,
    )
