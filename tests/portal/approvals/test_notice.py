"""What a webhook is told of a change: the documented shape, its impact and its page, and nothing to press."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.send import send_due
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is
from tests.support.changes import people
from tests.support.fortnight import fortnight
from tests.support.people import signed_in
from tests.support.webhook import KEYS, Hook, allow, verified

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[3] / "docs" / "approvals.md"
RESERVE = {"cluster": "c1", "pool": "a100", "service": "chat", "kind": "warm", "devices": 4}


def asked(user: Any, kind: Kind, plan: dict[str, Any], title: str = "Four warm devices") -> ChangeRequest:
    who, now = who_is(user), timezone.now()
    change = draft_change(Asked(kind, title, "Cold starts at nine", plan), who=who, now=now)
    return submit_change(change.pk, who=who, now=now)


def notices() -> list[dict[str, Any]]:
    """What has arrived, each signed by both keys."""
    send_due(now=timezone.now())
    assert all(verified(headers, body, key) for headers, body in Hook.seen for key in KEYS)
    return [json.loads(body) for _, body in Hook.seen]


def documented() -> dict[str, Any]:
    """The example of the documentation."""
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(), re.S)
    found: dict[str, Any] = json.loads(example)
    return found


def test_a_notice_has_the_documented_shape_and_impact(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = fortnight()
    allow(monkeypatch, hook)
    change = asked(cast["platform"], Kind.RESERVE, {"declare": {"reserve": [RESERVE]}})
    (notice,) = notices()
    example = documented()
    assert set(notice) == set(example)
    assert set(notice["data"]) == set(example["data"])
    assert {key: type(value) for key, value in notice["data"].items()} == {
        key: type(value) for key, value in example["data"].items()
    }
    assert notice["type"] == example["type"] == "change.notice"
    assert timezone.datetime.fromisoformat(notice["timestamp"]).tzinfo is not None
    assert notice["data"] == {
        "id": change.pk,
        "kind": "reserve",
        "state": "submitted",
        "title": "Four warm devices",
        "what": "asks for your decision",
        "impact": "$0 a month (from $0 to $0), $209 change hands",
        "link": f"{settings.ENV.address}/approvals/{change.pk}/",
    }


def test_what_becomes_of_it_is_told_too_and_an_unknown_impact_says_why(
    hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = people()
    allow(monkeypatch, hook)
    change = asked(cast["asker"], Kind.DRILL, {"publish": {"do": "a drill"}}, 'A "drill" <b>é</b>')
    decide_change(change.pk, agrees=True, seen=change.hash, who=who_is(cast["platform"]), now=timezone.now())
    (notice,) = notices()
    assert notice["data"]["title"] == 'A "drill" <b>é</b>'
    assert notice["data"]["impact"].startswith("unknown (")


def test_nothing_in_a_notice_decides(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its only address is the page: following it, even signed in, decides nothing; it has no secret."""
    cast = people()
    allow(monkeypatch, hook)
    change = asked(cast["asker"], Kind.DRILL, {"publish": {"do": "a drill"}})
    (notice,) = notices()
    text = json.dumps(notice)
    assert re.findall(r"https?://[^\"\s]+", text) == [notice["data"]["link"]]
    assert not {"hash", "seen", "token", "csrf", "decide", "approve"} & set(re.findall(r"\w+", text.lower()))
    path = notice["data"]["link"].removeprefix(settings.ENV.address)
    client = signed_in(cast["platform"])
    assert client.get(path).status_code == 200
    assert client.post(path, {"decision": "approve"}).status_code in (200, 405)
    assert client.get(f"{path}decide/?decision=approve&seen={change.hash}").status_code == 405
    change.refresh_from_db()
    assert (change.state, change.decisions.count()) == ("submitted", 0)
