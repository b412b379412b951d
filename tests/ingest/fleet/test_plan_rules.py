"""Rules of residency and compatibility in fleet.toml."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from attribution.models import CompatibilityRule, ResidencyRule, Window
from tests.support.fleet_file import FLEET, apply_text, line_of, mistakes

RESIDENCY = """
[[residency_rule]]
name = "bank-eu"
tenant = "Bank"
service = "chat"
regions = ["cloud/eu-1"]
zones = ["EU"]
text = "Data of the bank's customers stays in the EU."
source = "Outsourcing policy, section 7"
to = 2027-01-01
"""
COMPATIBILITY = """
[[compatibility_rule]]
name = "vllm-driver"
when = { runtime = "vllm >= 0.8" }
needs = { driver = ">= 550", kubernetes = ">=1.29, <1.33" }
accelerators = ["A1*"]
text = "vLLM 0.8 needs a driver of branch 550."
source = "vLLM release notes"
"""
TEXT = FLEET.replace('name = "chat"\n', 'name = "chat"\nruntime = "vllm"\n') + RESIDENCY + COMPATIBILITY


@pytest.mark.django_db
def test_rules_are_applied_once_and_leave_with_the_file(tmp_path: Path) -> None:
    said = apply_text(tmp_path, TEXT)
    assert "+ residency_rule bank-eu to 2027-01-01T00:00Z" in said.replace("from the beginning ", "")
    assert "+ compatibility_rule vllm-driver" in said
    (stay,), (together,) = ResidencyRule.objects.all(), CompatibilityRule.objects.all()
    assert (stay.tenant and stay.tenant.name, stay.regions, stay.zones) == ("Bank", ["cloud/eu-1"], ["EU"])
    assert together.when == {"runtime": "vllm >=0.8"}
    assert together.needs == {"driver": ">=550", "kubernetes": "<1.33,>=1.29"}
    assert "rule" not in apply_text(tmp_path, TEXT)
    changed = apply_text(tmp_path, TEXT.replace("section 7", "section 8"))
    assert "~ residency_rule bank-eu" in changed
    assert "section 7" in changed
    apply_text(tmp_path, FLEET)
    assert not ResidencyRule.objects.exists()
    assert not CompatibilityRule.objects.exists()


@pytest.mark.django_db
def test_rules_that_plans_are_held_against_make_no_window_dirty(tmp_path: Path) -> None:
    apply_text(tmp_path, TEXT.replace(RESIDENCY, "").replace(COMPATIBILITY, ""))
    Window.objects.bulk_create([Window(cluster_id=0, hour="2026-03-01T00:00Z", version=1)])
    apply_text(tmp_path, TEXT)
    assert not Window.objects.filter(dirty_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        (
            'tenant = "Bank"\nservice',
            'tenant = "Bnak"\nservice',
            'tenant = "Bnak"',
            "tenant: expected a tenant, one",
        ),
        (
            'service = "chat"\nregions',
            'service = "chta"\nregions',
            'service = "chta"',
            "service: expected a service",
        ),
        (
            "cloud/eu-1",
            "cloud/eu-2",
            "regions = ",
            "regions: expected provider/region, one of cloud/eu-1 (did you",
        ),
        ('"cloud/eu-1"', '"eu-1"', "regions = ", "regions: expected provider/region, one of cloud/eu-1"),
        (
            'zones = ["EU"]',
            'zones = ["Moon"]',
            "zones = ",
            "zones: expected a residency zone of a region, one of EU",
        ),
        (
            '"vllm >= 0.8"',
            '"vlm >= 0.8"',
            "when = ",
            "when: expected a runtime of a service, one of vllm (did you",
        ),
        (
            '"vllm >= 0.8"',
            '"0.8"',
            "when = ",
            'when: expected a version of runtime such as "vllm >=0.8", found "0.8"',
        ),
        ("{ driver", "{ drivr", "needs = ", "needs: expected one of driver"),
        ('">= 550"', '"550"', "needs = ", 'needs: expected a version of driver such as ">=550", found "550"'),
        (
            '["A1*"]',
            '["H1*"]',
            "accelerators = ",
            "accelerators: expected globs on accelerators of pools, one of A100",
        ),
        (
            'when = { runtime = "vllm',
            'when = { model = "llama',
            "when = ",
            "when: expected a model that a service",
        ),
    ],
)
def test_a_name_that_nothing_has_is_told_with_its_line(old: str, new: str, line: str, expected: str) -> None:
    text = TEXT.replace(old, new)
    assert text != TEXT
    (said,) = mistakes(text)
    assert said.startswith(f"fleet.toml:{line_of(text, line)}: ")
    assert expected in said


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ('tenant = "Bank"\nservice = "chat"\nregions', "tenant: expected tenant or service, or both"),
        ('regions = ["cloud/eu-1"]\nzones = ["EU"]\n', "regions: expected regions or zones, or both"),
        ('source = "Outsourcing policy, section 7"\n', "source: expected a text, found nothing"),
        (
            'needs = { driver = ">= 550", kubernetes = ">=1.29, <1.33" }\n',
            "needs: expected a table with at least one of runtime, model",
        ),
    ],
)
def test_a_rule_says_whose_where_and_by_what_right(gone: str, expected: str) -> None:
    text = TEXT.replace(gone, "regions" if gone.endswith("regions") else "")
    (said,) = mistakes(text)
    assert expected in said


def test_spans_of_one_rule_do_not_overlap_and_a_successor_follows() -> None:
    later = RESIDENCY.replace("to = 2027-01-01", "from = 2026-06-01")
    (said,) = mistakes(TEXT + later)
    assert "a span that does not overlap" in said
    assert not mistakes(TEXT + later.replace("2026-06-01", "2027-01-01"))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [ResidencyRule, CompatibilityRule])
def test_the_database_refuses_two_rules_of_a_name_at_a_time(tmp_path: Path, kind: type) -> None:
    apply_text(tmp_path, TEXT)
    rule = kind.objects.get()  # type: ignore[attr-defined]
    rule.pk = None
    with pytest.raises(IntegrityError, match="spans_do_not_overlap"), transaction.atomic():
        rule.save(force_insert=True)


@pytest.mark.django_db
def test_the_database_refuses_a_rule_that_says_nothing(tmp_path: Path) -> None:
    apply_text(tmp_path, TEXT)
    for kind, values in (
        (ResidencyRule, {"tenant": None, "service": None}),
        (ResidencyRule, {"regions": [], "zones": []}),
        (ResidencyRule, {"text": ""}),
        (CompatibilityRule, {"needs": {}}),
        (CompatibilityRule, {"source": ""}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            kind.objects.update(**values)  # type: ignore[attr-defined]
