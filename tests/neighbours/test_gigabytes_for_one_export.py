"""opencost #2637: 30 GB of memory for one daily export of 100,000 objects.

Here the same export of a day takes what its rows take as plain values, once, and is sent piece by piece.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from attribution.models import Tenant
from tests.support.fleet import small_fleet
from tests.support.readers import signed_in

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
OBJECTS = 100_000
MIB = 1 << 20


@pytest.fixture
def objects() -> None:
    """A day of one tenant that asked for 100,000 models, a nano-unit more for each."""
    fleet = small_fleet()
    tenant = Tenant.objects.create(name="one", path="/1/")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO served_model (name) SELECT 'model-' || n FROM generate_series(1, %s) n", [OBJECTS]
        )
        cursor.execute(
            """INSERT INTO daily_cost (day, cluster_id, pool_id, kind, use, basis, service_id, tenant_id,
                                       model_id, currency, estimated, amount_nano, quantity, unpriced_lines)
               SELECT %s, %s, %s, 'accelerator', 'serving', 'measured', 0, %s, id, 'USD', false,
                      row_number() OVER (ORDER BY id), 60, 0
                 FROM served_model WHERE name LIKE 'model-%%'""",
            [DAY.date(), fleet.cluster.pk, fleet.pool.pk, tenant.pk],
        )


def memory(name: str) -> int:
    """VmRSS (held now) or VmHWM (held at most since it was set back) of this process, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def set_back() -> None:
    """Begin VmHWM anew. Elsewhere than on Linux nothing can be said; with CI=true that is a failure."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError as problem:
        if os.environ.get("CI") == "true":
            pytest.fail(f"the most memory that was held cannot be set back: {problem}")
        pytest.skip(f"needs Linux's /proc: {problem}")


def test_a_days_export_of_100_000_objects_fits_a_worker(objects: None) -> None:
    asked = {"from": "2026-03-04", "to": "2026-03-05", "group_by": "tenant,model", "format": "csv"}
    client = signed_in("finance")
    before = memory("VmRSS")
    set_back()
    answer: Any = client.get("/api/v1/costs", asked)
    sizes = [len(piece) for piece in answer.streaming_content]
    grown = memory("VmHWM") - before
    assert answer.status_code == 200
    assert len(sizes) > OBJECTS / 1000, "sent in pieces"
    assert max(sizes) < MIB, "none of which is large"
    assert grown < 256 * MIB, f"{grown / MIB:.0f} MiB, and theirs were 30,000"
