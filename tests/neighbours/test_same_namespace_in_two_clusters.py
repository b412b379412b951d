"""opencost #2979: namespaces of one name in two clusters are summed into one, 144.00 for two times 72.00.

Here a cluster is part of every fact's key: rules may name the cluster, and so the two namespaces have two
tenants, with 72.00 each; a rule for all clusters makes them one, when somebody says so.
"""

from pathlib import Path

import pytest

from attribution.models import Cluster, Pool, Price, Service, ServiceRule, Source
from attribution.queries.dimensions import CostDimension
from tests.support.fleet import Fleet
from tests.support.gpu_day import always, costs, gpu, gpu_fleet, record_day

pytestmark = pytest.mark.django_db
BUSY = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"


def _second(fleet: Fleet) -> Fleet:
    cluster = Cluster.objects.create(
        name="c2", region=fleet.cluster.region, control_model="managed_kubernetes"
    )
    pool = Pool.objects.create(
        cluster=cluster, name="a100", accelerator="A100", nodes=["n*"], device_models=["*"]
    )
    Price.objects.create(book=Price.objects.get().book, pool=pool, rate_nano=3 * 10**9)
    telemetry = Source.objects.create(name="telemetry2", kind="prometheus", cluster=cluster)
    return Fleet(cluster, pool, fleet.service, telemetry, fleet.gateway, fleet.bills, fleet.holding)


def test_one_name_in_two_clusters_is_two_things(tmp_path: Path) -> None:
    fleet = gpu_fleet()
    other = _second(fleet)
    for each in (fleet, other):
        service = Service.objects.create(name=f"vision of {each.cluster.name}")
        ServiceRule.objects.create(service=service, cluster=each.cluster, kind="pod", pattern="ns/*")
    for each in (fleet, other):
        record_day(each, tmp_path, {BUSY: [(gpu("GPU-1", "w1"), always(0.5))]})
    assert costs(CostDimension.SERVICE, CostDimension.CLUSTER) == {
        ("vision of c1", "c1"): 72,
        ("vision of c2", "c2"): 72,
    }
