"""The demo's log has several authors and holds."""

from typing import Any

import pytest

from portal.audit_log.queries import Wanted, events
from portal.demo.past import make_past
from portal.demo.users import LOGINS, make_users
from tests.portal.audit.support import chain_now
from tests.support.books import small_books

pytestmark = pytest.mark.django_db


def test_people_have_signed_in_and_made_tokens(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.AUDIT_ANCHORS = [tmp_path / "anchors.jsonl"]
    small_books()
    everywhere = tuple(login for login in LOGINS if login.tenant is None)
    monkeypatch.setattr("portal.demo.users.LOGINS", everywhere)
    make_users()
    chain_now()
    make_past()
    chain_now()
    seen = {(each.kind, each.object) for each in events(Wanted(actor="frida"), 50)}
    assert seen >= {
        ("login", "accounts_user"),
        ("row_added", "service_token"),
        ("row_changed", "service_token"),
    }
    assert len(events(Wanted(kind="login_failed"), 9)) == 1
