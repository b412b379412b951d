"""What PostgreSQL cannot keep is refused with a page, whatever form it was sent by."""

from typing import Any

import pytest

from portal.approvals.models import ChangeComment, ChangeRequest
from tests.support.changes import people, submitted
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db
DRILL = {"title": "Lose a zone", "why": "w", "do": "lose it", "rollback": "give it back"}


@pytest.mark.parametrize("field", DRILL)
def test_a_form_with_the_character_0_is_refused_and_changes_nothing(field: str) -> None:
    answer = signed_in(people()["platform"]).post("/approvals/new/drill/", DRILL | {field: "a\0"})
    assert answer.status_code == 400
    assert "A field holds a character that no text keeps. Nothing was changed." in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_every_form_is_looked_at_and_others_pass() -> None:
    cast: dict[str, Any] = people()
    change, client = submitted(cast["asker"]), signed_in(cast["platform"])
    assert client.post(f"/approvals/{change.pk}/comment/", {"text": "a\0"}).status_code == 400
    assert client.post("/approvals/away/", {"deputy": "a\0"}).status_code == 400
    assert client.post(f"/approvals/{change.pk}/comment/", {"text": "a"}).status_code == 302
    assert ChangeComment.objects.get().text == "a"
