"""What was borne in a range beside a baseline: by part, by group, and with the requests that it was for.

The same figures as `costs_by` and `unit_costs`, from the narrowest table that can answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection

from attribution.queries.filters import CostFilters
from attribution.queries.overview_days import OverviewDays
from attribution.queries.scope import TenantScope
from attribution.queries.status import Status, status_of
from attribution.sql import array_of, statement

Key = int | str
# Filters that the table by tenant knows nothing of.
_NOT_OF_TENANTS = ("services", "models", "pools", "kinds", "uses")


class GroupBy(StrEnum):
    """What the table of an overview has a row for."""

    TENANT = "tenant"
    SERVICE = "service"
    MODEL = "model"
    CLUSTER = "cluster"
    POOL = "pool"
    KIND = "kind"
    USE = "use"


# A request has a tenant, a service and a model, and none of the rest.
WITH_REQUESTS = (GroupBy.TENANT, GroupBy.SERVICE, GroupBy.MODEL)


class Part(NamedTuple):
    """Cost of one kind and use on one day (None: on all days of the baseline); `borne` by a tenant."""

    day: date | None
    currency: str
    kind: str
    use: str
    borne: bool
    amount_nano: int | None
    unpriced_lines: int
    status: Status


class GroupCost(NamedTuple):
    """What a group (id, 0 for none; or a word) bore: in the range, in its compared days, in the baseline.

    Amounts are None where nothing is priced. `unpriced_lines` of the range are not in its amount.
    """

    key: Key
    currency: str
    now: int | None
    firm: int | None
    before: int | None
    unpriced_lines: int
    status: Status


class GroupRequests(NamedTuple):
    """Requests of a group in the range, in its compared days, and in the baseline; None is unknown."""

    requests: int | None
    successes: int | None
    firm_requests: int | None
    firm_successes: int | None
    before_requests: int | None
    before_successes: int | None


@dataclass(frozen=True)
class Question:
    """Days, and what is kept of them; `parameters` are those of the statements.

    `state` is another text as soon as any of the days, or a name, changes: answers may be kept under it.
    """

    days: OverviewDays
    parameters: Mapping[str, Any]
    state: str

    @property
    def everybody(self) -> bool:
        """Whether all tenants, and the platform, are meant."""
        return self.parameters["tenants"] is None

    def _of_tenants_alone(self) -> bool:
        return all(self.parameters[name] is None for name in _NOT_OF_TENANTS)


def question(days: OverviewDays, filters: CostFilters, scope: TenantScope, state: str) -> Question:
    """Ask about these days, narrowed to what the reader may see. Of the filters, basis is not used."""
    parameters = {**days._asdict(), **filters.parameters(scope), "by": "", "by_day": False}
    return Question(days, parameters, state)


def parts(asked: Question) -> list[Part]:
    """Cost by day, kind and use."""
    name = "totals" if asked.everybody else "costs"
    return [
        Part(row[0], row[1], row[2], row[3], row[4], _whole(row[5]), int(row[6]), status_of(row[7], row[8]))
        for row in _fetch(f"overview_parts_from_{name}", asked.parameters)
    ]


def groups(asked: Question, by: GroupBy) -> list[GroupCost]:
    """Cost by group and currency, in no order."""
    rows = _fetch(_groups_statement(asked, by), {**asked.parameters, "by": by})
    return [_group_cost(row) for row in rows]


def _group_cost(row: tuple[Any, ...]) -> GroupCost:
    now, firm, before = map(_whole, row[4:7])
    status = status_of(bool(row[8]), bool(row[9]))
    return GroupCost(_key(row), row[3], now, firm, before, int(row[7]), status)


def daily(asked: Question, by: GroupBy, keys: Iterable[Key]) -> dict[tuple[Key, str], dict[date, int | None]]:
    """Cost of some groups on each day of the range, by group and currency."""
    wanted = set(keys)
    days = asked.days._replace(base_first=asked.days.first, base_after=asked.days.first)
    parameters = {**asked.parameters, **days._asdict(), "by": by, "by_day": True}
    if by is GroupBy.TENANT:
        # They are among the tenants that were asked for.
        parameters["tenants"] = array_of(key for key in wanted if isinstance(key, int))
    lines: dict[tuple[Key, str], dict[date, int | None]] = {}
    for row in _fetch(_groups_statement(asked, by), parameters):
        if _key(row) in wanted:
            lines.setdefault((_key(row), row[3]), {})[row[2]] = _whole(row[4])
    return lines


def requests(asked: Question, by: GroupBy | None) -> dict[Key, GroupRequests]:
    """Requests by group (of WITH_REQUESTS); by None, all of them under the key 0.

    A request has no cluster, pool, kind or use: such filters are not applied.
    """
    if by is not None and by not in WITH_REQUESTS:
        raise ValueError(f"requests have no {by}")
    narrowed = asked.parameters["services"] is not None or asked.parameters["models"] is not None
    if by is GroupBy.TENANT and not narrowed:
        name = "tenants"
    else:
        name = "totals" if asked.everybody and by is not GroupBy.TENANT else "usage"
    rows = _fetch(f"overview_requests_from_{name}", {**asked.parameters, "by": by or ""})
    return {row[0]: GroupRequests(*map(_whole, row[1:])) for row in rows}


def _groups_statement(asked: Question, by: GroupBy) -> str:
    if by is GroupBy.TENANT:
        return f"overview_groups_from_{'tenants' if asked._of_tenants_alone() else 'costs'}"
    return f"overview_groups_from_{'totals' if asked.everybody else 'costs'}"


def _key(row: tuple[Any, ...]) -> Key:
    key: Key = row[1] if row[0] is None else row[0]
    return key


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _fetch(name: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), dict(parameters))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
