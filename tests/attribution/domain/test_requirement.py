"""Versions, what they have to be, and what a rule of both says of a plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.domain.requirement import (
    PARTS,
    Together,
    example,
    judge,
    read_requirement,
    read_version,
)

RULE = Together(
    when=(read_requirement("runtime", "vllm >=0.8"),),
    needs=(read_requirement("driver", ">=550"),),
    accelerators=("H100*",),
)
H100 = ["H100-SXM-80GB"]


@pytest.mark.parametrize(
    ("accelerators", "versions", "concerns", "ok", "why"),
    [
        (H100, {"runtime": "vllm 0.8.2", "driver": "550.90.07"}, True, True, "driver 550.90.07"),
        (H100, {"runtime": "vllm 0.8.2", "driver": "535.183"}, True, False, "driver is 535.183, not >=550"),
        (H100, {"runtime": "vllm 0.8.2"}, True, None, "nothing says which driver runs"),
        (H100, {"driver": "535.183"}, True, None, "nothing says which runtime runs"),
        (H100, {"runtime": "vllm 0.7.3", "driver": "535.183"}, False, None, "it is about runtime vllm >=0.8"),
        (H100, {"runtime": "sglang 0.9", "driver": "1"}, False, None, "it is about runtime vllm >=0.8"),
        (["L40S-48GB"], {"runtime": "vllm 0.9", "driver": "1"}, False, None, "it is about H100*"),
        ([], {"runtime": "vllm 0.9", "driver": "560"}, True, None, "no pool is named"),
        ([], {"runtime": "vllm 0.7", "driver": "560"}, False, None, "it is about runtime vllm >=0.8"),
    ],
)
def test_a_rule_is_met_or_not_or_says_what_is_missing(
    accelerators: list[str], versions: dict[str, str], concerns: bool, ok: bool | None, why: str
) -> None:
    found = judge(RULE, accelerators, versions)
    assert (found.concerns, found.ok) == (concerns, ok)
    assert found.why.startswith(why)


def test_what_is_broken_is_said_although_something_else_is_unknown() -> None:
    rule = Together((), (*RULE.needs, read_requirement("kubernetes", ">=1.30")), ())
    assert judge(rule, [], {"driver": "535"}).ok is False
    assert judge(rule, [], {"driver": "550"}).ok is None


def test_numbers_are_compared_as_numbers_and_release_candidates_count() -> None:
    versions = read_requirement("driver", ">=550.9").versions
    assert versions.contains(read_version("driver", "550.90.07")[1])
    assert not versions.contains(read_version("driver", "550.8")[1])
    assert read_requirement("runtime", "vllm >=0.8rc1").versions.contains("0.8rc2")
    assert read_version("kubernetes", "v1.31.2-eks-7f9249a")[1] == read_version("kubernetes", "1.31.2")[1]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("driver", "vllm >=1"),
        ("runtime", ">=1"),
        ("driver", "550"),
        ("driver", ">=x"),
        ("runtime", "vllm 0.8"),
    ],
)
def test_what_is_no_requirement_is_refused_with_an_example(part: str, text: str) -> None:
    with pytest.raises(ValueError, match=rf"{part} is '{text}', not '{example(part)}'"):
        read_requirement(part, text)


@pytest.mark.parametrize(
    ("part", "text"), [("driver", ""), ("driver", "new"), ("runtime", "0.8"), ("driver", "a 1")]
)
def test_what_is_no_version_is_refused(part: str, text: str) -> None:
    with pytest.raises(ValueError, match=part):
        read_version(part, text)


@given(st.sampled_from(PARTS), st.lists(st.integers(0, 9_999), min_size=1, max_size=4))
def test_a_requirement_is_read_again_from_what_it_says(part: str, numbers: list[int]) -> None:
    name = example(part).split(">=")[0]
    found = read_requirement(part, f"{name}>={'.'.join(map(str, numbers))},!=9.9.9.9")
    assert read_requirement(part, found.said) == found
