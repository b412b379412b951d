"""koku: a node with one dedicated GPU and one cut by MIG is over-charged: 205.71 for 144.00.

Here an instance has its slices of its own device, and the dedicated device stands beside it: 72.00, and 72.00
in sevenths, of which what no instance has is unallocated. In sum 144.00 to the nano-unit.
"""

from pathlib import Path

import pytest

from attribution.queries.utilization import utilization
from tests.support.gpu_day import END, USD, always, costs, gpu, gpu_fleet, record_day, total
from tests.support.telemetry import START

pytestmark = pytest.mark.django_db


def test_a_dedicated_and_a_cut_device_cost_two_devices(tmp_path: Path) -> None:
    busy = [
        (gpu("GPU-whole", "w1"), always(0.5)),
        (gpu("GPU-mig", "w2", GPU_I_PROFILE="3g.20gb", GPU_I_ID="2"), always(0.9)),
        (gpu("GPU-mig", "w3", GPU_I_PROFILE="2g.10gb", GPU_I_ID="5"), always(0.0)),
    ]
    record_day(gpu_fleet("w1", "w2", "w3"), tmp_path, {"DCGM_FI_PROF_GR_ENGINE_ACTIVE": busy})
    assert costs() == {
        ("w1", "serving"): 72,
        ("w2", "serving"): pytest.approx(72 * 3 / 7, abs=1e-6),
        ("w3", "idle"): pytest.approx(72 * 2 / 7, abs=1e-6),
        (None, "unallocated"): pytest.approx(72 * 2 / 7, abs=1e-6),
    }
    assert total() == 144 * USD
    minutes = utilization(START, END, ()).total
    assert minutes is not None
    assert minutes.device_minutes == 2 * 24 * 60
