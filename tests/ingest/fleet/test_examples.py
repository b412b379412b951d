"""The examples of the documentation can be applied as they are."""

import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

from attribution.models import Cluster, ControlModel, Provider, Region, Reserve, Source, TenantRule
from ingest.fleet.apply import apply_fleet, read_fleet

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_URL", "http://localhost:19090")
    monkeypatch.setenv("OSLO_PROMETHEUS_URL", "http://oslo.example.com:9090")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_an_example_applies_and_a_second_time_changes_nothing(path: Path) -> None:
    assert apply_fleet(fleet=read_fleet(path)).changes
    assert not apply_fleet(fleet=read_fleet(path)).changes


def test_the_annotated_example_has_everything_that_there_is() -> None:
    call_command("apply", str(EXAMPLES / "fleet.toml"), verbosity=0)
    assert set(Cluster.objects.values_list("control_model", flat=True)) == set(ControlModel.values)
    assert Provider.objects.count() == 3
    assert set(Region.objects.values_list("residency_zone", flat=True)) == {"EU", "US"}
    assert set(Source.objects.values_list("kind", flat=True)) == {
        "prometheus",
        "openmetrics",
        "request_log",
        "focus",
        "aws_export",
        "azure_export",
        "gcp_export",
        "openai",
        "anthropic",
    }


def test_the_real_days_example_is_what_the_day_needs() -> None:
    call_command("apply", str(EXAMPLES / "gentd26.toml"), verbosity=0)
    assert set(Source.objects.values_list("name", flat=True)) == {"prometheus", "requests", "bill"}
    reserves = Reserve.objects.values_list("kind", "devices", "service__name")
    assert set(reserves) == {("failover", 10, "diffusion"), ("warm", 20, "diffusion")}
    rule = TenantRule.objects.select_related("create_under").get()
    assert rule.create_under is not None
    assert rule.create_under.name == "genai"


def test_every_key_of_the_examples_is_in_the_reference() -> None:
    reference = (EXAMPLES.parent / "fleet.md").read_text()
    for path in EXAMPLES.glob("*.toml"):
        for table, entries in tomllib.loads(path.read_text()).items():
            for entry in entries if isinstance(entries, list) else [entries]:
                missing = [key for key in (table, *entry) if f"`{key}`" not in reference]
                assert not missing, f"{path.name}: {table}"
