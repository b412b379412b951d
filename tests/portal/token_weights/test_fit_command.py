"""The command that proposes a fit."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from attribution.models import TokenCoefficients
from portal.accounts.models import Person, User
from tests.support.fleet import HOUR, small_fleet
from tests.support.people import somebody
from tests.support.simulated_engine import Engine, run, steady_load
from tests.support.token_hours import MODEL, record_engine

pytestmark = pytest.mark.django_db
START = HOUR - timedelta(hours=80)
RANGE = ("--from", f"{START:%Y-%m-%dT%H:%MZ}", "--to", f"{HOUR:%Y-%m-%dT%H:%MZ}")


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def hours() -> None:
    somebody("ana")
    record_engine(small_fleet(), run(Engine(noise=0.05, headroom=4), steady_load(80)), START)


def test_a_proposal_is_printed_with_its_evidence() -> None:
    table = said("fit_tokens", *RANGE, "--by", "ana")
    assert f"{MODEL} on A100" in table
    for word in ("computed", "cached", "output", "explained", "drift", "80"):
        assert word in table


def test_json_has_the_same_fit_and_nothing_is_doubled() -> None:
    for _ in range(2):
        (row,) = json.loads(said("fit_tokens", *RANGE, "--by", "ana", "--format", "json"))
    assert (row["state"], row["model"]) == ("proposed", MODEL)
    assert row["evidence"]["explained"] > 0.9
    assert TokenCoefficients.objects.count() == 1


def test_a_refusal_is_printed_with_its_reasons() -> None:
    late = f"{HOUR - timedelta(hours=20):%Y-%m-%dT%H:%MZ}"
    table = said("fit_tokens", "--from", late, *RANGE[2:], "--by", "ana")
    assert "refused: 20 usable hours; 72 are needed" in table


def test_a_range_without_hours_says_so_and_a_wrong_one_is_refused() -> None:
    before = f"{START - timedelta(hours=9):%Y-%m-%dT%H:%MZ}"
    assert "no hour of this range" in said("fit_tokens", "--from", before, "--to", RANGE[1], "--by", "ana")
    with pytest.raises(CommandError, match="is not after"):
        said("fit_tokens", "--from", RANGE[3], "--to", RANGE[1], "--by", "ana")
    with pytest.raises(CommandError, match="no service is called"):
        said("fit_tokens", *RANGE, "--by", "ana", "--service", "x")


def test_a_proposal_is_kept_under_the_name_of_the_accounts_person() -> None:
    Person.objects.filter(users__username="ana").update(name="Ana Silva")
    said("fit_tokens", *RANGE, "--by", "ana")
    assert TokenCoefficients.objects.get().proposed_by == "Ana Silva"


@pytest.mark.parametrize("name", ["anna", "Ana Silva", "gone", ""])
def test_whoever_has_no_account_proposes_nothing(name: str) -> None:
    User.objects.create_user("gone", is_active=False)
    with pytest.raises(CommandError, match=f"--by: there is no account '{name}' in use"):
        said("fit_tokens", *RANGE, "--by", name)
    assert not TokenCoefficients.objects.exists()
