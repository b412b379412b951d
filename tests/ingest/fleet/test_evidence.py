"""Residencies and rates in fleet.toml."""

from pathlib import Path

import pytest

from attribution.models import ExchangeRate, Residency
from tests.support.fleet_file import FLEET, apply_text, mistakes

RESIDENCY = '[[residency]]\nmodel = "llama"\ncluster = "c1"\ngibibytes = "140.5"\ncopies = 2\n'
RATE = """[[rate]]
from_currency = "USD"
to_currency = "EUR"
rate = "0.92"
source = "European Central Bank"
date = 2026-03-02
from = 2026-03-01
to = 2026-04-01
"""


@pytest.mark.django_db
def test_residencies_and_rates_are_applied_once_and_leave_with_the_file(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET + RESIDENCY + RATE)
    (residency,), (rate,) = Residency.objects.all(), ExchangeRate.objects.all()
    assert (residency.model.name, str(residency.gibibytes), residency.copies) == ("llama", "140.500000", 2)
    assert (rate.base, rate.quote, f"{rate.rate:f}", f"{rate.dated}") == (
        "USD", "EUR", "0.920000000000", "2026-03-02"
    )  # fmt: skip
    assert "residency" not in apply_text(tmp_path, FLEET + RESIDENCY + RATE)
    apply_text(tmp_path, FLEET)
    assert not Residency.objects.exists()
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"USD"', '"EUR"', "to_currency: expected another currency than from_currency"),
        ('"0.92"', '"0"', "rate: expected what one unit"),
        ("2026-03-02", '"in March"', "date: expected a date such as"),
        ('source = "European Central Bank"\n', "", "source: expected"),
    ],
)
def test_a_rate_that_cannot_be_is_a_mistake(old: str, new: str, expected: str) -> None:
    (found,) = mistakes(FLEET + RATE.replace(old, new))
    assert expected in found


def test_a_residency_names_a_cluster_that_there_is() -> None:
    (found,) = mistakes(FLEET + RESIDENCY.replace('"c1"', '"c2"'))
    assert "cluster: expected a cluster" in found


def test_spans_of_one_rate_do_not_overlap() -> None:
    (found,) = mistakes(FLEET + RATE + RATE.replace("to = 2026-04-01\n", ""))
    assert "a span that does not overlap" in found
