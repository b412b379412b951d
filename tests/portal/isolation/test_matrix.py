"""Every address, asked by every role and token: who gets an answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import get_resolver

from portal.accounts.models import Membership, Role
from portal.accounts.permissions import BOUND, OF_ROLE, OF_TENANTS, SCOPES, Permission, of_scopes
from portal.accounts.tokens import create_token
from tests.support.books import Books, fill, small_books
from tests.support.people import somebody

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 4, tzinfo=UTC)
RANGE = "from=2026-03-04&to=2026-03-05"
P = Permission


@dataclass(frozen=True)
class Door:
    """What an address asks for. `needs` None: only to be signed in. `open`: not even that.

    `everything`: not for whoever is bound to tenants, whatever they may. `posts`: a GET is refused (405).
    `page`: below /api/, but for people: nobody is sent to sign in.
    `narrowed`: parameters that name something a tenant may not know of. `programs`: only for tokens.
    """

    needs: Permission | None = None
    query: str = ""
    open: bool = False
    everything: bool = False
    posts: bool = False
    page: bool = False
    programs: bool = False
    narrowed: tuple[str, ...] = ()
    answers: frozenset[int] = field(default=frozenset({200}))


NAMES = ("tenant", "service")
LEDGER = Door(P.COSTS, RANGE, narrowed=NAMES)
WHOLE = Door(
    P.COSTS, f"{RANGE}&hour=2026-03-04T00:00Z&cluster_id=1", everything=True, answers=frozenset({200, 400})
)
SIGNED_IN = Door(answers=frozenset({200, 302}))
ANYBODY = Door(open=True, answers=frozenset({200, 302, 404, 405}))
ACT = Door(posts=True)
# An identity provider's doors, where none is set up.
PROVIDER = Door(open=True, answers=frozenset({200, 302, 401, 403, 404, 405}))
DOORS: Mapping[str, Door] = {
    "oidc/<slug:provider_id>/login/": PROVIDER,
    "oidc/<slug:provider_id>/callback/": PROVIDER,
    "oidc/cancelled/": PROVIDER,
    "account/confirm/provider/": PROVIDER,
    "appearance/": Door(open=True, posts=True),
    "first-run/": Door(open=True, answers=frozenset({404})),
    "first-run/<str:token>/": Door(open=True, answers=frozenset({404})),
    "login/": ANYBODY,
    "login/code/": ANYBODY,
    "logout/": ANYBODY,
    "account/closed/": ANYBODY,
    "password/": ANYBODY,
    "password/sent/": ANYBODY,
    "password/done/": ANYBODY,
    "^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": ANYBODY,
    "account/": SIGNED_IN,
    "account/confirm/": SIGNED_IN,
    "account/confirm/code/": SIGNED_IN,
    "account/confirm/key/": SIGNED_IN,
    "account/password/": SIGNED_IN,
    "account/keys/add/": SIGNED_IN,
    "account/keys/<int:pk>/rename/": Door(answers=frozenset({302, 404})),
    "account/keys/<int:pk>/remove/": Door(answers=frozenset({302, 404})),
    "account/second-factor/": SIGNED_IN,
    "account/second-factor/remove/": Door(answers=frozenset({200, 302, 404})),
    "account/recovery-codes/": Door(answers=frozenset({200, 302, 404})),
    "account/recovery-codes/new/": Door(answers=frozenset({200, 302, 404})),
    "account/sessions/end/": ACT,
    "account/sessions/<int:pk>/end/": ACT,
    "members/": Door(P.MEMBERS),
    "members/give/": ACT,
    "members/<int:pk>/take/": ACT,
    "members/invite/": ACT,
    "members/accounts/<int:pk>/link/": ACT,
    "members/accounts/<int:pk>/close/": ACT,
    "tokens/": Door(P.TOKENS),
    "tokens/make/": ACT,
    "tokens/<int:pk>/revoke/": ACT,
    "api/v1/explain": LEDGER,
    "api/v1/explain/pools": LEDGER,
    "api/v1/explain/lines": LEDGER,
    "api/v1/explain/hour": WHOLE,
    "api/v1/explain/minutes": Door(
        P.UTILIZATION, WHOLE.query, everything=True, answers=frozenset({200, 400})
    ),
    "api/v1/explain/bill-rows": Door(
        P.RECONCILIATION, "bill=1", everything=True, answers=frozenset({200, 400})
    ),
    "api/v1/explain/changes": Door(P.COSTS, f"{RANGE}&from_version=2026-03-01", narrowed=NAMES),
    "api/v1/preview": Door(P.PREVIEW, posts=True),
    "api/v1/audit": Door(P.AUDIT, RANGE, answers=frozenset({200, 400})),
    "api/v1/costs": LEDGER,
    "api/v1/unit-costs": Door(P.UNIT_COSTS, RANGE, narrowed=NAMES),
    "api/v1/utilization": Door(P.UTILIZATION, RANGE, everything=True),
    "api/v1/reconciliation": Door(P.RECONCILIATION, RANGE, everything=True),
    "api/v1/engine-residuals": Door(P.RECONCILIATION, RANGE, everything=True),
    "api/v1/provider-residuals": Door(P.RECONCILIATION, RANGE, everything=True),
    "api/v1/unknown-meters": Door(P.RECONCILIATION, RANGE, everything=True),
    "api/v1/transfer-bytes": Door(P.RECONCILIATION, RANGE, everything=True),
    "api/v1/transfers": LEDGER,
    "api/v1/token-fits": Door(P.UTILIZATION, RANGE, everything=True),
    "api/v1/schema": SIGNED_IN,
    "api/v1/docs": Door(page=True),
    "api/v1/": Door(open=True, answers=frozenset({404})),
    "": Door(P.COSTS, "from=2026-03-04&to=2026-03-04", narrowed=NAMES),
    "views/": Door(),
    "views/save/": ACT,
    "views/<int:pk>/remove/": ACT,
    "explain/": Door(P.COSTS, "from=2026-03-04&to=2026-03-04", narrowed=NAMES),
    "explain/hour/": Door(
        # A cluster that is never there: whether there is a cluster 1 depends on what ran before.
        P.COSTS,
        "cluster=999999999&hour=2026-03-04T00:00Z",
        everything=True,
        answers=frozenset({404}),
    ),
    "reconciliation/": Door(P.RECONCILIATION, everything=True),
    "periods/": Door(P.PERIODS),
    "periods/<str:month>/": Door(P.PERIODS, answers=frozenset({200, 404})),
    "periods/<str:month>/export/": Door(P.CLOSE_PERIODS, posts=True),
    "api/v1/periods": Door(P.PERIODS),
    "approvals/": Door(P.APPROVALS),
    "approvals/<slug:tab>/": Door(P.APPROVALS),
    "approvals/new/<slug:kind>/": Door(P.REQUEST_CHANGES),
    "approvals/away/": Door(P.APPROVALS),
    "approvals/away/<int:pk>/end/": ACT,
    "approvals/<int:pk>/": Door(P.APPROVALS, answers=frozenset({404})),
    "approvals/<int:pk>/edit/": Door(P.REQUEST_CHANGES, answers=frozenset({404})),
    "approvals/<int:pk>/submit/": ACT,
    "approvals/<int:pk>/decide/": ACT,
    "approvals/<int:pk>/withdraw/": ACT,
    "approvals/<int:pk>/comment/": ACT,
    "approvals/<int:pk>/roll-back/": ACT,
    "api/v1/changes": Door(P.CARRY_OUT, programs=True),
    "api/v1/changes/<int:pk>/ack": ACT,
    "api/v1/change-requests": Door(P.APPROVALS),
    "api/v1/change-requests/<int:pk>": Door(P.APPROVALS, answers=frozenset({404})),
    "api/v1/change-requests/<int:pk>/decide": ACT,
    "preview/": Door(P.PREVIEW, everything=True),
    "network/": Door(P.COSTS),
    "token-weights/": Door(P.UTILIZATION, everything=True),
    "data-health/": Door(P.DATA_HEALTH, everything=True),
    "audit/": Door(P.AUDIT),
    "audit/<int:number>/": Door(P.AUDIT, answers=frozenset({404})),
    "gallery/": Door(answers=frozenset({403})),
}


def routes(patterns: Any = None, before: str = "") -> Iterator[str]:
    """All addresses of the resolver."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(each, "url_patterns"):
            yield from routes(each.url_patterns, before + str(each.pattern))
        else:
            yield before + str(each.pattern)


def test_every_address_is_in_the_matrix() -> None:
    missing, gone = set(routes()) - set(DOORS), set(DOORS) - set(routes())
    assert not missing, f"say who may ask {sorted(missing)}: a line in DOORS of {__file__}"
    assert not gone, f"there is no {sorted(gone)} any more"


def address(route: str, pk: int = 999_999) -> str:
    if route.startswith("^"):
        return "/password/1-set-password/"
    words = route.replace("<str:month>", "2026-03").replace("<str:deed>", "close")
    words = words.replace("<slug:provider_id>", "none").replace("<str:token>", "guessed")
    words = words.replace("<slug:tab>", "all").replace("<slug:kind>", "reserve")
    return "/" + re.sub(r"<int:\w+>", str(pk), words)


@dataclass(frozen=True)
class Asker:
    """Somebody with what they may; `bound` to tenants; programs have a header."""

    client: Client
    may: frozenset[Permission]
    bound: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    anonymous: bool = False

    def get(self, route: str, query: str) -> Any:
        return self.client.get(f"{address(route)}?{query}", headers=dict(self.headers))


@pytest.fixture
def books() -> Books:
    made = small_books()
    fill(made, DAY, 3)
    return made


def reader(role: str, tenant: Any) -> Asker:
    user = get_user_model().objects.create_user(f"{role}-{'bound' if tenant else 'all'}", password="long")
    Membership.objects.create(user=user, role=role, tenant=tenant)
    client = Client()
    client.force_login(user)
    may = OF_ROLE[role]
    return Asker(client, may & BOUND if tenant else may, tenant is not None)


def program(scope: str, tenant: str | None) -> Asker:
    owner = somebody(f"owner-{scope}-{tenant}", Role.ADMINISTRATOR, Role.PLATFORM_OWNER)
    token = create_token(
        name=scope, scopes=[scope], tenant=tenant, owner=owner.person,
        expires_in=None, now=datetime.now(UTC),
    )  # fmt: skip
    may = of_scopes([scope])
    bound = tenant is not None
    header = {"Authorization": f"Bearer {token}"}
    return Asker(Client(), may & OF_TENANTS if bound else may, bound, header)


def everybody(books: Books) -> dict[str, Asker]:
    retail = books.tenants["retail"]
    bound = (Role.TENANT_MEMBER, Role.TENANT_LEAD, Role.FINANCE, Role.ANALYST, Role.AUDITOR)
    found = {f"{role} of retail": reader(role, retail) for role in bound}
    found |= {
        str(role): reader(role, None) for role in Role if role not in (Role.TENANT_MEMBER, Role.TENANT_LEAD)
    }
    found |= {f"token {scope}": program(scope, None) for scope in SCOPES}
    found |= {f"token {scope} of retail": program(scope, "retail") for scope in ("read", *sorted(OF_TENANTS))}
    return found | {"nobody": Asker(Client(), frozenset(), True, anonymous=True)}


def expected(route: str, door: Door, who: Asker) -> frozenset[int]:
    """The statuses that are right."""
    api = route.startswith("api/") and not door.page
    signed_in = not who.anonymous and (api or not who.headers)
    if not signed_in and not door.open:
        return frozenset({401}) if api else frozenset({302})
    if door.posts:
        return frozenset({403, 405})
    if door.programs and not who.headers:
        return frozenset({403})
    allowed = door.needs is None or (door.needs in who.may and not (door.everything and who.bound))
    return door.answers if allowed else frozenset({403})


def test_every_role_and_token_gets_what_the_matrix_says(books: Books) -> None:
    wrong = []
    for name, who in everybody(books).items():
        for route, door in DOORS.items():
            status = who.get(route, door.query).status_code
            if status not in expected(route, door, who):
                wrong.append(f"{name} at /{route}: {status}, not {sorted(expected(route, door, who))}")
    assert not wrong, "\n".join(wrong)
