"""One person may have several accounts and tokens; rules about two people compare persons."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.accounts.models import Membership, Role, ServiceToken, User
from portal.accounts.person_of import person_of
from portal.accounts.recent import authenticated_lately, recently_authenticated
from portal.accounts.tokens import create_token, token_for
from portal.accounts.viewer import viewer_of
from tests.support.people import administrator, signed_in, somebody

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def asked_by(who: Any) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = who
    return request


def test_every_account_gets_a_person_of_its_own() -> None:
    one = User.objects.create_user("ann", first_name="Ann", last_name="Lee")
    other = User.objects.create_user("ben")
    assert (one.person.name, other.person.name) == ("Ann Lee", "ben")
    assert one.person != other.person
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=one.pk).update(person=None)


def test_two_accounts_and_a_token_of_one_person_are_the_same_person() -> None:
    first = administrator("ann")
    second = User.objects.create_user("ann-at-idp", person=first.person)
    text = create_token(owner=first.person, name="x", scopes=["read"], tenant=None, expires_in=None, now=NOW)
    token = token_for(text, NOW)
    assert person_of(asked_by(first)) == person_of(asked_by(second)) == person_of(asked_by(token))


def test_nobody_is_no_person() -> None:
    with pytest.raises(PermissionDenied):
        person_of(asked_by(AnonymousUser()))


def test_a_token_reads_no_more_than_its_owner_may_now() -> None:
    owner = somebody("fred", Role.FINANCE)
    text = create_token(
        owner=owner.person, name="x", scopes=["reconciliation"], tenant=None, expires_in=None, now=NOW
    )
    token = ServiceToken.objects.get(prefix=text.split("_")[1])
    assert [one.value for one in viewer_of(token).scopes] == ["reconciliation"]
    owner.memberships.all().delete()
    assert not viewer_of(token).scopes


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def test_who_signed_in_lately_need_not_confirm_it(rf: RequestFactory) -> None:
    user = somebody("ann")
    for ago, lately in ((0, True), (299, True), (301, False)):
        request = rf.post("/")
        request.user, request.session = user, signed_in(user, ago=ago).session
        assert authenticated_lately(request) is lately
        if lately:
            assert recently_authenticated(view)(request).content == b"done"
    client = Client()
    client.force_login(user)
    request.session = client.session
    assert not authenticated_lately(request)
    request = rf.get("/")
    request.user, request.session = user, client.session
    assert recently_authenticated(view)(request).content == b"done"


def test_what_somebody_else_showed_in_this_window_does_not_count(rf: RequestFactory) -> None:
    request = rf.post("/")
    request.session = signed_in(somebody("ann")).session
    request.user = somebody("ben")
    assert not authenticated_lately(request)


def joined() -> tuple[User, User]:
    """Two accounts of ann's, joined by the command."""
    first, second = somebody("ann", Role.FINANCE), User.objects.create_user("ann-at-idp")
    out = StringIO()
    call_command("same_person", "ann", "ann-at-idp", stdout=out)
    assert out.getvalue() == "ann and ann-at-idp are ann\n"
    return User.objects.get(pk=first.pk), User.objects.get(pk=second.pk)


def test_the_command_joins_accounts_and_tokens_and_is_the_same_twice() -> None:
    maker = somebody("ann-at-idp", Role.FINANCE)
    text = create_token(owner=maker.person, name="x", scopes=["read"], tenant=None, expires_in=None, now=NOW)
    User.objects.filter(pk=maker.pk).update(username="ann-elsewhere")
    call_command("same_person", somebody("ann").username, "ann-elsewhere", stdout=StringIO())
    ann = User.objects.get(username="ann")
    token = ServiceToken.objects.get(prefix=text.split("_")[1])
    assert User.objects.get(username="ann-elsewhere").person == token.owner == ann.person
    call_command("same_person", "ann", "ann-elsewhere", stdout=StringIO())
    assert User.objects.filter(person=ann.person).count() == 2


def test_a_name_that_nobody_has_joins_nothing() -> None:
    somebody("ann")
    with pytest.raises(CommandError, match="there is no account 'anm'"):
        call_command("same_person", "ann", "anm", stdout=StringIO())


def test_pages_say_that_two_accounts_are_one_person() -> None:
    first, second = joined()
    for user, other in ((first, "ann-at-idp"), (second, "ann")):
        page = signed_in(user).get("/account/").content.decode()
        assert f"{other} is you too: whatever takes two people takes somebody else." in page
    page = signed_in(administrator()).get("/members/").content.decode()
    assert "ann-at-idp, the same person as ann" in page
    assert "ann, the same person as ann-at-idp" in page
    assert "You by another name" not in signed_in(administrator()).get("/account/").content.decode()


def test_who_was_one_person_yesterday_cannot_be_two_today() -> None:
    """What the first of them gave, the second may not take: it is their own."""
    first, second = joined()
    Membership.objects.create(user=second, role=Role.ADMINISTRATOR)
    page = signed_in(second).post("/members/give/", {"account": "ann", "role": "auditor"}, follow=True)
    assert "Nobody changes their own roles" in page.content.decode()
    assert [one.role for one in first.memberships.all()] == ["finance"]
