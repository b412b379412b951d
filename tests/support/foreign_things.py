"""One of each thing that an id in an address may name, all of another tenant's lead."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model

from portal.accounts.models import Membership, Role, ServiceToken
from portal.accounts.tokens import create_token
from portal.approvals.models import ChangeRequest, Delegation
from portal.saved_views.models import SavedView
from tests.support.books import Books
from tests.support.changes import deputy_for, submitted
from tests.support.people import somebody


@dataclass(frozen=True)
class ForeignThings:
    """What `foreign_things` made; all of it stays as it is."""

    view: SavedView
    member: Membership
    token: ServiceToken
    change: ChangeRequest
    away: Delegation

    def id_in(self, route: str) -> int:
        """The id that this address may name; 1 where it names what nobody here has."""
        begins = {
            "approvals/away": self.away, "approvals/<": self.change, "api/v1/change": self.change,
            "views": self.view, "tokens": self.token, "members/<": self.member,
            "members/a": self.member.user,
        }  # fmt: skip
        return next((one.pk for begin, one in begins.items() if route.startswith(begin)), 1)

    def touched(self) -> list[str]:
        """Those that somebody has changed, or taken away."""
        self.change.refresh_from_db()
        self.away.refresh_from_db()
        faults = {
            "view": not SavedView.objects.filter(pk=self.view.pk).exists(),
            "member": not Membership.objects.filter(pk=self.member.pk).exists(),
            "token": ServiceToken.objects.get(pk=self.token.pk).revoked_at is not None,
            "change": (self.change.state, self.change.comments.count()) != ("submitted", 0),
            "away": self.away.ended_at is not None,
        }
        return [name for name, changed in faults.items() if changed]


def foreign_things(books: Books) -> ForeignThings:
    """A view, a role, a token, a change and an absence of the lead of `bank`."""
    bank = books.tenants["bank"]
    user: Any = get_user_model().objects.create_user("elsewhere", password="long")
    member = Membership.objects.create(user=user, role=Role.TENANT_LEAD, tenant=bank)
    create_token(
        name="theirs", scopes=["read"], tenant="bank", owner=user.person, expires_in=None,
        now=datetime.now(UTC),
    )  # fmt: skip
    return ForeignThings(
        SavedView.objects.create(user=user, name="mine", address="/?tenant=bank"),
        member,
        ServiceToken.objects.get(name="theirs"),
        submitted(user, tenant_id=bank.pk),
        deputy_for(user, somebody("somebody-else")),
    )
