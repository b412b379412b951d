"""What the exporters of a cluster say: devices, nodes, pods, vLLM's queue, and who sent how many bytes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from portal.demo.demand import load
from portal.demo.openmetrics import Family, Series, cumulative, write
from portal.demo.replicas import Bools, Replica, replicas
from portal.demo.span import Seconds, Span, scrapes
from portal.demo.stories import exporter_silent, incident, incident_node
from portal.demo.world import Group, World

# Real scrapers come every 15 to 60 seconds. The demo's come seldom so that it is there quickly, and
# fleet.toml says so: a sample stands for its interval.
SCRAPE_SECONDS = 600
# Bytes that a pod sends at full load, per scrape, by route.
_ROUTES = {"internet": 5.2e9, "inter_region": 1.1e9, "inter_zone": 2.4e9}


def write_cluster(path: Path, world: World, cluster: str, span: Span, start: datetime, end: datetime) -> None:
    """Write the cluster's samples of [start, end), one file as a scraper's export would have it.

    Replicas are worked out for the whole span and then cut, so that files join without a seam.
    """
    every = scrapes(span.start, span.end, SCRAPE_SECONDS)
    cut = slice(*np.searchsorted(every, [start.timestamp(), end.timestamp()]).tolist())
    pods = list(replicas(world, cluster, span, every))
    groups = [group for group in world.groups if group.cluster == cluster]
    write(path, every[cut], _families(groups, pods, span, every, cut))


def _families(
    groups: Sequence[Group], pods: Sequence[Replica], span: Span, times: Seconds, cut: slice
) -> Iterator[Family]:
    yield Family("DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", _devices(groups, pods, span, times, cut))
    yield Family("kube_node_status_condition", "gauge", _nodes(groups, span, times[cut]))
    yield Family("kube_pod_status_ready", "gauge", _readiness(pods, cut))
    engines = [pod for pod in pods if pod.deployment.vllm]
    yield Family("vllm:num_requests_running", "gauge", _queue(engines, "running", cut))
    yield Family("vllm:num_requests_waiting", "gauge", _queue(engines, "waiting", cut))
    if groups[0].instance and groups[0].cluster != "ams-hybrid":
        yield Family("kubecost_pod_network_egress_bytes", "counter", _egress(pods, span, times, cut))


def _devices(
    groups: Sequence[Group], pods: Sequence[Replica], span: Span, times: Seconds, cut: slice
) -> Iterator[Series]:
    """Every device, held or not: a device that nobody uses still has its series, without a pod.

    Pods that share one have copies of its series: the hardware cannot tell them apart.
    """
    for group in groups:
        of_group = [pod for pod in pods if pod.group is group]
        for slot in range(group.devices):
            there = [pod for pod in of_group if slot in pod.slots and pod.there.any()]
            labels, shown = _device_labels(group, slot), _exporter_up(group, slot, span, times)
            labels |= _instance_labels(there)
            free = shown.copy()
            busy = np.round(np.max([pod.busy for pod in there], axis=0), 3) if there else np.zeros(len(times))
            for pod in there:
                free &= ~pod.there
                held = labels | _pod_labels(pod, exported=True)
                yield Series(held, busy[cut], (pod.there & shown)[cut])
            yield Series(labels, np.zeros(len(times[cut]), dtype=np.int64), free[cut])


def _device_labels(group: Group, slot: int) -> dict[str, str]:
    node, number = divmod(slot, group.devices_per_node)
    place = f"{group.cluster}/{group.pool}/{slot}".encode().hex()[:32].ljust(32, "0")
    uuid = f"GPU-{place[:8]}-{node:04x}-{number:04x}-{slot:04x}-{place[-12:]}"
    return {
        "gpu": str(number),
        "UUID": uuid,
        "modelName": group.accelerator,
        "Hostname": group.nodes[node].name,
    }


def _instance_labels(pods: Sequence[Replica]) -> dict[str, str]:
    """Labels of the one instance that a device is cut into, if it is."""
    profile = next((pod.deployment.profile for pod in pods if pod.deployment.profile), "")
    return {"GPU_I_PROFILE": profile, "GPU_I_ID": "2"} if profile else {}


def _pod_labels(pod: Replica, *, exported: bool = False) -> dict[str, str]:
    prefix = "exported_" if exported else ""
    labels = {f"{prefix}namespace": pod.deployment.namespace, f"{prefix}pod": pod.pod}
    return labels | ({f"{prefix}container": "server"} if exported else {})


def _exporter_up(group: Group, slot: int, span: Span, times: Seconds) -> Bools:
    if group.cluster == "fra-eks" and slot < group.devices_per_node:
        return ~exporter_silent(span).holds(times)
    return np.ones(len(times), dtype=bool)


def _nodes(groups: Sequence[Group], span: Span, times: Seconds) -> Iterator[Series]:
    for group in groups:
        for number, node in enumerate(group.nodes):
            ready = np.ones(len(times), dtype=np.int64)
            if group.cluster == "oslo-metal" and number == incident_node(len(group.nodes)):
                ready[incident(span).holds(times)] = 0
            yield Series({"node": node.name, "condition": "Ready", "status": "true"}, ready)


def _readiness(pods: Sequence[Replica], cut: slice) -> Iterator[Series]:
    for pod in pods:
        labels = _pod_labels(pod) | {"condition": "true"}
        yield Series(labels, pod.ready[cut].astype(np.int64), pod.there[cut])


def _queue(pods: Sequence[Replica], which: str, cut: slice) -> Iterator[Series]:
    for pod in pods:
        labels = {"model_name": pod.deployment.service, "engine": "0", **_pod_labels(pod)}
        yield Series(labels, getattr(pod, which)[cut], pod.ready[cut])


def _egress(pods: Sequence[Replica], span: Span, times: Seconds, cut: slice) -> Iterator[Series]:
    """Counters of the first pod of each deployment: its sidecar proxy sends for all of them."""
    for pod in pods:
        if not pod.pod.endswith("-0"):
            continue
        share = load(pod.deployment.service, span, times)
        for route, full in _ROUTES.items():
            noise = span.random("egress", pod.pod, route).lognormal(0.0, 0.25, len(times))
            sent = cumulative(np.round(share * full * noise).astype(np.int64))
            labels = {
                "pod_name": pod.pod,
                "namespace": pod.deployment.namespace,
                "internet": str(route == "internet").lower(),
                "same_region": str(route == "inter_zone").lower(),
                "same_zone": "false",
            }
            yield Series(labels, sent[cut], suffix="_total")
