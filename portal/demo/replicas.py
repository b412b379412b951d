"""What each replica of a deployment does in every scrape: is it there, ready, how busy, how many wait."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.demo.rhythm import Floats
from portal.demo.span import Seconds, Span
from portal.demo.stories import incident, incident_node, storage_stall
from portal.demo.work import replicas_wanted
from portal.demo.world import Deployment, Group, World

Bools = NDArray[np.bool_]
# A replica takes requests until its engine is this busy; the router then fills the next one.
FULL = 0.86
LOADING = 2  # scrapes from start to ready: image, weights, warm-up


@dataclass(frozen=True)
class Replica:
    """One pod on `slots` (device numbers in its group); arrays by scrape."""

    deployment: Deployment
    group: Group
    pod: str
    slots: range
    there: Bools
    ready: Bools
    busy: Floats
    running: NDArray[np.int64]
    waiting: NDArray[np.int64]


def replicas(world: World, cluster: str, span: Span, times: Seconds) -> Iterator[Replica]:
    """All pods of a cluster that ever hold devices, deployment by deployment."""
    free = {group.pool: 0 for group in world.groups if group.cluster == cluster}
    placed: dict[str, int] = {}
    for deployment in world.deployments:
        if deployment.cluster != cluster:
            continue
        group = world.group(cluster, deployment.pool)
        first = -(-free[group.pool] // deployment.gpus) * deployment.gpus  # no pod spans two nodes
        if deployment.beside:
            first = placed[deployment.beside]
        else:
            free[group.pool] = first + deployment.gpus * deployment.most
        placed[deployment.pod] = first
        if free[group.pool] > group.devices:
            raise ValueError(f"{deployment.pod}: {group.pool} has {group.devices} devices only")
        wanted = replicas_wanted(deployment, span, times)
        count = _scaled(deployment, wanted, times)
        for number in range(deployment.most):
            slots = range(first + number * deployment.gpus, first + (number + 1) * deployment.gpus)
            yield _replica(deployment, group, number, slots, count, wanted, span, times)


def _scaled(deployment: Deployment, wanted: Floats, times: Seconds) -> NDArray[np.int64]:
    """Replicas that the autoscaler keeps: what the last hour wanted at most, and a fifth more."""
    hours, place = np.unique(times // 3_600, return_inverse=True)
    peaks = np.zeros(len(hours))
    np.maximum.at(peaks, place, wanted)
    peaks = np.maximum(peaks, np.concatenate((peaks[:1], peaks[:-1])))  # slow to scale down
    count = np.clip(np.ceil(peaks * 1.2), deployment.least, deployment.most).astype(np.int64)
    scaled: NDArray[np.int64] = count[place]
    return scaled


def _replica(
    deployment: Deployment,
    group: Group,
    number: int,
    slots: range,
    count: NDArray[np.int64],
    wanted: Floats,
    span: Span,
    times: Seconds,
) -> Replica:
    pod = f"{deployment.pod}-{number}"
    random = span.random("replica", deployment.cluster, pod)
    lost = _lost(group, slots, span, times)
    there = (count > number) & ~lost
    ready = there & ~_starting(there)
    share = np.clip((wanted - number * FULL) / FULL, 0.0, 1.0)
    busy = share * FULL * np.exp(random.normal(0.0, 0.09, len(times)))
    busy = np.where(ready & (share > 0.02), np.clip(busy, 0.0, 0.99), random.uniform(0.0, 0.004, len(times)))
    running = np.where(ready, np.round(busy * 24), 0).astype(np.int64)
    waiting = np.where(ready & (busy > 0.8), random.poisson(2.0, len(times)), 0).astype(np.int64)
    if deployment.service == "code-assist" and number < 2:
        stalled = ready & storage_stall(span).holds(times)
        busy = np.where(stalled, 0.008, busy)
        running = np.where(stalled, 12, running)
        waiting = np.where(stalled, 25, waiting)
    return Replica(deployment, group, pod, slots, there, ready, busy, running, waiting)


def _lost(group: Group, slots: range, span: Span, times: Seconds) -> Bools:
    """When the replica's node is the one of the incident."""
    node = slots.start // group.devices_per_node
    if group.cluster != "oslo-metal" or node != incident_node(len(group.nodes)):
        return np.zeros(len(times), dtype=bool)
    return incident(span).holds(times)


def _starting(there: Bools) -> Bools:
    """The first scrapes after a replica appeared; those that run from the beginning are warm."""
    starting = np.zeros(len(there), dtype=bool)
    for start in np.flatnonzero(there[1:] & ~there[:-1]) + 1:
        starting[start : start + LOADING] = True
    return starting
