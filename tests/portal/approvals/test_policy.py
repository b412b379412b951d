"""Policies: what ships covers every kind, and a mistake is told with its line."""

import pytest

from ingest.fleet.mistakes import BadFleet
from portal.approvals.domain.kinds import Kind
from portal.approvals.domain.policy import Size, policy_for
from portal.approvals.policy_file import DEFAULT, parse_policies, policies_of

TEXT = DEFAULT.read_text()


def test_what_ships_covers_every_kind_and_never_less_than_one_other_person() -> None:
    policies = policies_of(DEFAULT)
    for kind in Kind:
        assert policy_for(policies, kind, Size(None, 10**6), "", ()).seats


def test_size_and_an_unknown_amount_choose_the_stricter_policy() -> None:
    policies = policies_of(DEFAULT)
    assert policy_for(policies, Kind.RESERVE, Size(10**12, 8), "", ()).name == "small reserves"
    assert policy_for(policies, Kind.RESERVE, Size(10**12, 9), "", ()).name == "large reserves"
    assert policy_for(policies, Kind.RESERVE, Size(10**13 + 1, 1), "", ()).name == "large reserves"
    assert policy_for(policies, Kind.RESERVE, Size(None, 1), "", ()).name == "large reserves"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "drill"', 'kind = "dril"', "drill"),
        ('approvers = ["platform_owner", "finance"]', "approvers = []", "no path skips approval"),
        ('"platform_owner", "finance"]', '"boss"]', "platform_owner"),
        ("most_devices = 8", "most_devices = -1", "a whole number"),
        ('most_money = "10000"', "most_money = nan", "an amount a month"),
        ('promised = "4h"', 'promised = "soon"', "a span of time"),
        ('name = "drills"', 'name = "capacity"', "a name that no other policy has"),
        ('name = "drills"', 'nam = "drills"', "an unknown key"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, said: str) -> None:
    text = TEXT.replace(old, new, 1)
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    with pytest.raises(BadFleet) as refusal:
        parse_policies(text, "policies.toml")
    assert said in str(refusal.value)
    assert any(mistake.line == line for mistake in refusal.value.mistakes) or "unknown" in said


def test_a_kind_without_a_last_policy_is_a_gap() -> None:
    start = TEXT.index('[[policy]]\nname = "drills"')
    end = TEXT.index("[[policy]]", start + 5)
    with pytest.raises(BadFleet, match=r'"drill" without thresholds'):
        parse_policies(TEXT[:start] + TEXT[end:], "policies.toml")
