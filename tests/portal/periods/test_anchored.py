"""After each step of a month the audit log is anchored, outside of the database."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from attribution.queries.periods import period
from portal.approvals.domain.kinds import Kind
from tests.support.facts import empty_facts
from tests.support.fleet import HOUR
from tests.support.ledger import USD, CostPool, Line, publish_window
from tests.support.periods import MARCH, agreed, asked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _a_month(transactional_db: None) -> Iterator[None]:
    publish_window(1, HOUR, [CostPool([Line("serving", USD, tenant=1)])])
    publish_window(1, HOUR + timedelta(hours=1), [CostPool([Line("serving", USD, tenant=1)])])
    yield
    empty_facts()


def test_each_step_is_anchored(tmp_path: Path, settings: Any) -> None:
    place = tmp_path / "anchors.jsonl"
    settings.AUDIT_ANCHORS = [place]

    def numbers() -> list[int]:
        return (
            [json.loads(line)["number"] for line in place.read_text().splitlines()] if place.exists() else []
        )

    change = asked(Kind.PERIOD_CLOSE)
    assert len(numbers()) == 1
    agreed(change)
    assert len(numbers()) == 2
    assert numbers() == sorted(numbers())


def test_a_folder_that_is_gone_keeps_no_month_open(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.AUDIT_ANCHORS = [tmp_path / "file" / "anchors.jsonl"]
    agreed(asked(Kind.PERIOD_CLOSE))
    assert period(MARCH).state == "closed"
