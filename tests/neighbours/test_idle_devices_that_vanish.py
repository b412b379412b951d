"""koku: an idle GPU has no pod to join its price with, and the NULL join loses it: 0.00 of its 72.00.

Here a day starts from the devices that were seen, and cost is split over their minutes: the whole 72.00 is
there, unallocated, borne by the platform.
"""

from pathlib import Path

import pytest

from tests.support.gpu_day import USD, always, costs, gpu, gpu_fleet, record_day, total

pytestmark = pytest.mark.django_db


def test_a_device_that_nobody_held_costs_its_day_unallocated(tmp_path: Path) -> None:
    busy = [(gpu("GPU-idle"), always(0.0)), (gpu("GPU-used", "w1"), always(0.5))]
    record_day(gpu_fleet("w1"), tmp_path, {"DCGM_FI_PROF_GR_ENGINE_ACTIVE": busy})
    assert costs() == {(None, "unallocated"): 72, ("w1", "serving"): 72}
    assert total() == 144 * USD
