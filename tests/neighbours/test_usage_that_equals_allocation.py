"""opencost #3900: the "usage" of a GPU is its allocation, so that a pod that keeps one and does little looks
busy.

Here a serving minute costs a whole minute, and beside it stands the part that the engine was busy: 72.00 of
allocation and 18.00 of usage for a device that was busy a quarter of each minute; of an instance by its own
activity.
"""

from pathlib import Path

import pytest

from attribution.queries.costs import costs_by
from attribution.queries.dimensions import CostDimension
from tests.support.gpu_day import END, USD, always, gpu, gpu_fleet, record_day
from tests.support.telemetry import START

pytestmark = pytest.mark.django_db


def test_allocation_and_usage_are_two_figures(tmp_path: Path) -> None:
    busy = [
        (gpu("GPU-whole", "w1"), always(0.25)),
        (gpu("GPU-mig", "w2", GPU_I_PROFILE="7g.40gb", GPU_I_ID="0"), always(0.5)),
    ]
    record_day(gpu_fleet("w1", "w2"), tmp_path, {"DCGM_FI_PROF_GR_ENGINE_ACTIVE": busy})
    rows = costs_by(START, END, [CostDimension.SERVICE]).rows
    assert {row.group[0]: (row.amount_nano, row.usage_nano) for row in rows} == {
        "w1": (72 * USD, 18 * USD),
        "w2": (72 * USD, 36 * USD),
    }
