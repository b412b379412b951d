"""The scale of a bill's unit is read, never assumed."""

from fractions import Fraction

import pytest

from attribution.domain.billed_quantities import Counts, counts_of, scale_of
from attribution.domain.recognition import Recognised
from attribution.domain.units import Unit, read_unit

GIB = 2**30


@pytest.mark.parametrize(
    ("text", "base", "scale"),
    [
        ("1K tokens", "tokens", 1_000),
        ("1K Tokens", "tokens", 1_000),
        ("1,000 Tokens", "tokens", 1_000),
        ("1M tokens", "tokens", 1_000_000),
        ("1 million tokens", "tokens", 1_000_000),
        ("Tokens", "tokens", 1),
        ("10,000 Requests", "requests", 10_000),
        ("Queries", "requests", 1),
        ("GB", "bytes", 10**9),
        ("100 GB", "bytes", 10**11),
        ("GiB", "bytes", GIB),
        ("gibibyte", "bytes", GIB),
        ("TB", "bytes", 10**12),
        ("Bytes", "bytes", 1),
        ("Hours", "hours", 1),
    ],
)
def test_a_unit_has_its_scale(text: str, base: str, scale: int) -> None:
    assert read_unit(text) == Unit(base, Fraction(scale))


@pytest.mark.parametrize("text", ["", "GB-Months", "1/Month", "Units", "LCU-Hours", "0 GB", "10K", "KB/s"])
def test_a_unit_that_the_table_does_not_have_is_unknown(text: str) -> None:
    assert read_unit(text) is None


def test_aws_counts_a_gigabyte_of_1073741824_bytes() -> None:
    assert read_unit("GB", "Amazon Web Services") == read_unit("GB", "AWS") == Unit("bytes", Fraction(GIB))
    assert read_unit("GB", "Microsoft") == Unit("bytes", Fraction(10**9))


INTERNET = Recognised("egress", "internet")
MODEL = Recognised("provider_api", "model_api")


def test_a_unit_of_something_else_counts_nothing() -> None:
    counts = counts_of(INTERNET, {})
    assert counts == Counts("bytes", "internet", 1)
    assert [scale_of(counts, unit, "") for unit in ("GB", "TB", "Hours", "Units", None)] == [
        Fraction(10**9), Fraction(10**12), None, None, None,
    ]  # fmt: skip


def test_tokens_of_a_models_line_are_counted_by_their_unit() -> None:
    charge = {"x_UsageType": "USE1-Claude4.6Opus-output-tokens"}
    counts = counts_of(MODEL, charge)
    assert counts == Counts("tokens", "output", 1)
    assert scale_of(counts, "1K tokens", "AWS") == Fraction(1000)
    assert counts_of(Recognised("storage", "object"), charge) is None
