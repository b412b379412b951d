"""What a page can be narrowed to, and the names of what it shows."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from attribution.models.tenant import Tenant
from attribution.queries.names import matching_ids, names_of
from attribution.queries.overview_days import OverviewDays
from attribution.queries.periods import PeriodState, all_months, months_between
from attribution.queries.scope import TenantScope, subtree_ids
from attribution.sql import array_of, statement

Choices = dict[str, dict[int, str]]


class StateAndChoices(NamedTuple):
    """The state of days and names, names by id to choose from, and where each month of the range stands."""

    state: str
    choices: Choices
    months: Mapping[date, PeriodState]


def state_and_choices(days: OverviewDays, scope: TenantScope) -> StateAndChoices:
    """The state of some days and of all names: another text as soon as any of them changes.

    And names by id of services, clusters and pools (`cluster/pool`), sorted by name (for whoever is bound to
    tenants the services alone that these tenants' figures name); and the range's months.
    """
    tenants = scope.tenant_ids()
    parameters = days._asdict() | {"everybody": tenants is None, "tenants": array_of(tenants or ())}
    found: Choices = {"state": {}, "service": {}, "cluster": {}, "pool": {}, "month": {}}
    with connection.cursor() as cursor:
        cursor.execute(statement("overview_state_and_choices"), parameters)
        for dimension, pk, name in cursor.fetchall():
            found[dimension][pk] = name
    known = {date(month // 100, month % 100, 1): state for month, state in found.pop("month").items()}
    last = days.after - timedelta(days=1)
    return StateAndChoices(found.pop("state")[0], found, all_months(months_between(days.first, last), known))


def tenant_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of some tenants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM tenant WHERE id = ANY(%s)", [sorted(set(ids))])
        return dict(cursor.fetchall())


def tenants_named(name: str, scope: TenantScope) -> frozenset[int]:
    """A tenant by its name, and all below it; empty where the reader knows no such tenant."""
    found = frozenset(Tenant.objects.filter(name=name).values_list("pk", flat=True))
    allowed = scope.tenant_ids() if found else None
    if allowed is not None:
        found &= allowed
    return subtree_ids(found) if found else found


def ids_named(dimension: str, name: str) -> frozenset[int]:
    """Ids behind a name that is in no list, such as that of a model; empty when nothing has it."""
    return matching_ids(dimension, name, names_of(dimension))
