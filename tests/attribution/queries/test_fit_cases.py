"""Which hours a fit may be made from, and which it may not."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from attribution.models import Pool, Service, ServiceRule
from attribution.operations.interning import intern_labels, intern_models
from attribution.operations.record_usage import UsageRow, record_usage
from attribution.queries.fit_cases import FitCase, fit_cases
from tests.support.fleet import HOUR, Fleet, small_fleet
from tests.support.token_hours import MODEL, record_devices

pytestmark = pytest.mark.django_db
NEXT = HOUR + timedelta(hours=1)


@pytest.fixture
def fleet() -> Fleet:
    made = small_fleet()
    Service.objects.update(runtime="vllm")
    return made


def devices(fleet: Fleet, hour: datetime = HOUR, **more: Any) -> None:
    record_devices(fleet, [hour], [120.0], [120.0], [60.0], **more)


def tokens(
    fleet: Fleet, level: str, model: str = MODEL, hour: datetime = HOUR, label: str = "", **measures: Any
) -> None:
    kind = "pod" if level == "engine" else "service"
    value = label or ("ns/chat-n1" if level == "engine" else "chat")
    (label_id,), (model_id,) = intern_labels([(kind, value)]), intern_models([model]) if model else (0,)
    given = {"requests": 100, "input_tokens": 1000, "cached_tokens": 400, "output_tokens": 50} | measures
    outcome = given.pop("outcome", "success")
    source = fleet.telemetry if level == "engine" else fleet.gateway
    record_usage(
        source_id=source.pk,
        cluster_id=fleet.cluster.pk if level == "engine" else 0,
        level=level,
        batch_id=given.pop("batch", 1),
        rows=[UsageRow(hour, label_id, 0, model_id, outcome, **given)],
    )


def cases(**more: Any) -> list[FitCase]:
    return fit_cases(HOUR, HOUR + timedelta(hours=4), **more)


def test_an_hour_of_one_model_on_one_accelerator_is_a_row(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "engine")
    (case,) = cases()
    assert (case.model, case.key.accelerator, case.key.runtime, case.services) == (
        MODEL,
        "A100",
        "vllm",
        ("chat",),
    )
    sample = case.regression
    figures = (sample.held, sample.sampled, sample.busy, sample.computed, sample.cached, sample.output)
    assert [float(column[0]) for column in figures] == [7200, 7200, 3600, 600, 400, 50]
    assert sample.hour.tolist() == [int(HOUR.timestamp())]
    assert (case.level, case.left_out, len(case.timed)) == ("engine", {}, 0)


def test_the_engines_totals_come_before_the_gateways(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "engine", output_tokens=77)
    tokens(fleet, "gateway", "alias")
    (case,) = cases()
    assert (case.model, case.level, case.regression.output.tolist()) == (MODEL, "engine", [77.0])


def test_a_gateway_is_taken_where_no_engine_counts(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "gateway", "alias")
    tokens(fleet, "gateway", "alias", outcome="failed", requests=5, input_tokens=None, output_tokens=None,
           cached_tokens=None, batch=2)  # fmt: skip
    (case,) = cases()
    assert (case.model, case.level) == ("alias", "gateway")
    assert case.regression.computed.tolist() == [600.0]


def test_hours_that_tell_of_neither_are_counted_by_reason(fleet: Fleet) -> None:
    hours = [HOUR + place * timedelta(hours=1) for place in range(4)]
    for hour in hours:
        devices(fleet, hour)
        tokens(fleet, "engine", hour=hour, batch=hour.hour)
    other = Pool.objects.create(cluster=fleet.cluster, name="h100", accelerator="H100")
    devices(fleet, hours[1], pool_id=other.pk)
    tokens(fleet, "engine", "mistral", hours[2], batch=77)
    (case,) = cases()
    assert case.regression.hour.tolist() == [int(hours[place].timestamp()) for place in (0, 3)]
    assert case.left_out == {"two accelerators": 1, "two models": 1}


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({"level": "engine", "model": ""}, "tokens of no named model"),
        ({"level": "gateway", "input_tokens": None}, "requests without their tokens"),
        ({"level": "engine", "cached_tokens": 1001}, "more cached than input tokens"),
    ],
)
def test_what_is_unknown_or_impossible_tells_nothing(
    fleet: Fleet, usage: dict[str, Any], reason: str
) -> None:
    devices(fleet)
    devices(fleet, NEXT)
    tokens(fleet, "engine", hour=NEXT, batch=5)
    tokens(fleet, **usage)
    (case,) = cases()
    assert case.left_out == {reason: 1}
    assert len(case.regression) == 1


def test_a_gateway_of_no_cluster_is_left_out_where_a_service_ran_in_two(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "gateway")
    other = type(fleet.cluster).objects.create(
        name="c2", region=fleet.cluster.region, control_model="bare_metal"
    )
    pool = Pool.objects.create(cluster=other, name="west", accelerator="A100")
    here, fleet.cluster = fleet.cluster, other
    devices(fleet, pool_id=pool.pk)
    fleet.cluster = here
    assert cases() == []


def test_one_services_weights_are_those_of_its_model_accelerator_and_runtime(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "engine")
    sister = Service.objects.create(name="batch", runtime="vllm")
    ServiceRule.objects.create(service=sister, kind="pod", pattern="jobs/*")
    own, fleet.service = fleet.service, sister
    devices(fleet, NEXT)
    fleet.service = own
    tokens(fleet, "engine", hour=NEXT, label="jobs/b1", batch=4)
    assert [case.services for case in cases(service="batch")] == [("batch", "chat")]
    with pytest.raises(ValueError, match="no service is called 'chta'"):
        cases(service="chta")


def test_the_digest_is_of_the_rows(fleet: Fleet) -> None:
    devices(fleet)
    tokens(fleet, "engine")
    (case,), (again,) = cases(), cases()
    assert case.digest() == again.digest()
    tokens(fleet, "engine", output_tokens=51)
    (other,) = cases()
    assert other.digest() != case.digest()
    assert np.array_equal(other.regression.computed, case.regression.computed)
