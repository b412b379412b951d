"""koku: two pods that time-slice one GPU are charged a whole GPU each: 144.00 for 72.00.

Here a device-minute is divided among those who hold it, by the pool's policy: 36.00 each, in sum 72.00, and
the basis of the lines says "policy", because the hardware cannot tell who was busy. dcgm-exporter's copies
for virtual GPUs are one device; without its flag only the last pod is named, and what pods asked for says who
shares.
"""

from pathlib import Path

import pytest

from attribution.models import Pool
from attribution.queries.dimensions import CostDimension
from tests.support.gpu_day import USD, always, costs, gpu, gpu_fleet, record_day, total

pytestmark = pytest.mark.django_db
BY = (CostDimension.SERVICE, CostDimension.USE, CostDimension.BASIS)
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
HALVES = {("w1", "serving", "policy"): 36, ("w2", "serving", "policy"): 36}


def test_copies_for_virtual_gpus_are_one_device(tmp_path: Path) -> None:
    copies = [
        (gpu("GPU-1"), always(0.5)),
        (gpu("GPU-1", "w1", vgpu="0"), always(0.5)),
        (gpu("GPU-1", "w2", vgpu="1"), always(0.5)),
    ]
    record_day(gpu_fleet("w1", "w2"), tmp_path, {BUSY: copies})
    assert costs(*BY) == HALVES
    assert total() == 72 * USD


def _requests(**replicas: int) -> dict[str, list[tuple[dict[str, str], dict[int, float | str]]]]:
    """What kube-state-metrics says of pods, and of a node that offers one device as four."""
    whose = {"namespace": "ns", "container": "main", "node": "n1", "resource": "nvidia_com_gpu"}
    return {
        "kube_pod_container_resource_requests": [
            (whose | {"pod": pod}, dict(always(count))) for pod, count in replicas.items()
        ],
        "kube_node_status_allocatable": [({"node": "n1", "resource": "nvidia_com_gpu"}, dict(always(4)))],
    }


def test_without_the_flag_requests_say_who_shares(tmp_path: Path) -> None:
    last = {BUSY: [(gpu("GPU-1", "w2"), always(0.5))]}
    record_day(gpu_fleet("w1", "w2"), tmp_path, last | _requests(w1=1, w2=1))
    assert costs(*BY) == HALVES


def test_by_request_replicas_are_borne_and_free_ones_are_unallocated(tmp_path: Path) -> None:
    fleet = gpu_fleet("w1", "w2")
    Pool.objects.update(sharing="request", replicas=4)
    last = {BUSY: [(gpu("GPU-1", "w2"), always(0.5))]}
    record_day(fleet, tmp_path, last | _requests(w1=2, w2=1))
    assert costs(*BY) == {
        ("w1", "serving", "policy"): 36,
        ("w2", "serving", "policy"): 18,
        (None, "unallocated", "policy"): 18,
    }
    assert total() == 72 * USD
