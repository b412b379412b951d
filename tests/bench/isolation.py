"""What row-level security costs a page: the product as it runs, against no second net at all.

`python -m tests.bench.isolation`: the days of tests.bench.overview in a database of its own. Each address is
asked twice a turn, in changing order: as in production (signed in as `apportion_app`, one transaction that
says what may be seen, policies on every table), and without (the tables' owner, whom no policy binds; no
transaction, no settings). Both meet the same machine, so a busy one moves both; the minimum is what it takes
undisturbed.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connections
from django.db.models import prefetch_related_objects

from tests.bench import overview
from tests.bench.scratch import scratch_database
from tests.bench.sizes import size

ROUNDS = size(60, 2)
FEW = size(15, 1)  # of what takes a second


@dataclass
class Took:
    """Seconds of the same address with and without isolation."""

    bound: list[float] = field(default_factory=list)
    free: list[float] = field(default_factory=list)

    def ratios(self) -> tuple[float, float]:
        """Minimum to minimum, median to median."""
        return min(self.bound) / min(self.free), statistics.median(self.bound) / statistics.median(self.free)

    def itself(self) -> float:
        """The machine's own differences: every other turn without, medians to the rest's."""
        return statistics.median(self.free[::2]) / statistics.median(self.free[1::2] or self.free)


def main() -> int:
    """Print each reader's addresses with both times and their ratio."""
    with scratch_database(), closed_at_the_end():
        first, last = overview.seed()
        with production():
            clients = readers()
        print(f"{overview.TENANTS} tenants, {overview.SERVICES} services, {first} to {last}; {ROUNDS} pairs")
        columns = f"{'without':>10} {'with':>10} {'ratio':>7} {'of medians':>11} {'itself':>8}"
        print(f"{'reader':<16} {'address':<36} {columns}")
        for reader, client in clients.items():
            for words, address, before in addresses(first, last):
                took = pairs(client, address, before)
                least, middle = took.ratios()
                free, bound = min(took.free) * 1000, min(took.bound) * 1000
                print(
                    f"{reader:<16} {words:<36} {free:8.1f}ms {bound:8.1f}ms {least:7.2f} {middle:11.2f}"
                    f" {took.itself():8.2f}",
                    flush=True,
                )
    return 0


def readers() -> dict[str, Any]:
    """Somebody who sees everything, the lead of one tenant, and the lead of all tenants below one root."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from attribution.models import Tenant
    from attribution.queries.scope import EVERYBODY
    from attribution.queries.seen import seeing
    from portal.accounts.models import Membership

    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT, settings.EXPORT_RATE = ["*"], False, "1000000/min"
    found = {}
    for words, role, tenant in (
        ("finance", "finance", None),
        ("lead of one", "tenant_lead", "tenant-0007"),
        (f"lead of {overview.TENANTS + 1}", "tenant_lead", "holding"),
    ):
        with seeing(EVERYBODY):
            user = get_user_model().objects.create_user(words.replace(" ", "-"))
            of = Tenant.objects.get(name=tenant) if tenant else None
            Membership.objects.create(user=user, role=role, tenant=of)
        found[words] = Client()
        found[words].force_login(user)
    return found


def addresses(first: date, last: date) -> list[tuple[str, str, Callable[[], None]]]:
    """What is asked: words, address, and what is done before each."""
    from portal.costs.keeping import _kept

    month = f"from={last - timedelta(days=30)}&to={last}"
    return [
        ("overview, kept", "/", lambda: None),
        ("overview, anew", "/", _kept.clear),
        ("overview by service, anew", "/?group=service", _kept.clear),
        ("costs API, a month by tenant", f"/api/v1/costs?{month}&group_by=tenant", lambda: None),
        ("costs API, by service and day", f"/api/v1/costs?{month}&group_by=service,day", lambda: None),
        ("unit costs API, by model", f"/api/v1/unit-costs?{month}&group_by=model", lambda: None),
        ("saved views", "/views/", lambda: None),
    ]


def pairs(client: Any, address: str, before: Callable[[], None]) -> Took:
    """Both ways in turns, A B B A, after a first look of each that warms up plans and pages."""
    ways = {"bound": production, "free": without}
    slow = max(seconds(way, client, address, before) for way in ways.values()) > 0.3
    took = Took()
    for turn in range(FEW if slow else ROUNDS):
        for name in list(ways) if turn % 2 else reversed(ways):
            getattr(took, name).append(seconds(ways[name], client, address, before))
    return took


def seconds(way: Callable[[], Any], client: Any, address: str, before: Callable[[], None]) -> float:
    """Seconds of one answer, to its last byte."""
    before()
    with way():
        began = time.perf_counter()
        response = client.get(address)
        list(response) if response.streaming else response.content
        took = time.perf_counter() - began
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return took


@contextmanager
def production() -> Iterator[None]:
    """Signed in as the role that serves pages."""
    with _signed_in("bound", "apportion_app"):
        yield


@contextmanager
def without() -> Iterator[None]:
    """Signed in as the owner, and nobody says what may be seen."""
    from portal.isolation import middleware

    def known(user: Any) -> None:
        prefetch_related_objects([user], "memberships")

    names = {
        "seeing": lambda *_, **__: nullcontext(),
        "own_eyes": lambda **_: nullcontext(),
        "see_account": known,
    }
    usual = {name: getattr(middleware, name) for name in names}
    for name, nothing in names.items():
        setattr(middleware, name, nothing)
    try:
        with _signed_in("free", ""):
            yield
    finally:
        for name, own in usual.items():
            setattr(middleware, name, own)


_open: dict[str, Any] = {}


@contextmanager
def closed_at_the_end() -> Iterator[None]:
    """Nobody else may use a database that is dropped."""
    try:
        yield
    finally:
        for connection in _open.values():
            connection.close()


@contextmanager
def _signed_in(name: str, user: str) -> Iterator[None]:
    """Django's connection is another one for a while; each is opened once and kept."""
    usual = connections["default"]
    if name not in _open:
        _open[name] = usual.copy()
        if user:
            _open[name].settings_dict["USER"] = user
    connections["default"] = _open[name]
    try:
        yield
    finally:
        connections["default"] = usual


if __name__ == "__main__":
    sys.exit(main())
