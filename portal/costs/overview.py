"""Everything that an overview shows, put together from its questions. Each part may fail on its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo

from attribution.domain.hours import day_bounds
from attribution.queries import overview as questions
from attribution.queries.choices import Choices, state_and_choices, tenant_names
from attribution.queries.freshness import complete_through
from attribution.queries.names import names_of
from attribution.queries.organization import OrganizationFacts
from attribution.queries.overview import (
    WITH_REQUESTS,
    GroupBy,
    GroupCost,
    GroupRequests,
    Key,
    Question,
)
from attribution.queries.overview import Part as CostPart
from attribution.queries.overview_days import KnownDays, OverviewDays, known_days
from attribution.queries.overview_devices import UseOfDevices, use_of_devices
from attribution.queries.overview_idle import with_idle_shared
from attribution.queries.periods import PeriodState
from attribution.queries.scope import TenantScope
from attribution.queries.status import Status
from ingest.queries.complete import feeds_complete_through
from portal.costs.asked import NONE, Asked, Idle
from portal.costs.explained import explained
from portal.costs.narrowing import narrowed
from portal.costs.parts import KINDS, USES
from portal.costs.period import Today, overview_days, shifted, today
from portal.costs.rows import GroupRow, all_requests, in_order, rows_of, without
from portal.costs.table import Sheet

# Where a row leads: narrowed to it, and grouped by what tells most about it.
NEXT = {
    GroupBy.TENANT: GroupBy.SERVICE,
    GroupBy.SERVICE: GroupBy.TENANT,
    GroupBy.MODEL: GroupBy.TENANT,
    GroupBy.CLUSTER: GroupBy.POOL,
    GroupBy.POOL: GroupBy.USE,
    GroupBy.KIND: GroupBy.USE,
    GroupBy.USE: GroupBy.TENANT,
}


@dataclass(frozen=True)
class Setting:
    """What is asked, of which days, by whom."""

    asked: Asked
    days: OverviewDays
    question: Question
    choices: Choices
    scope: TenantScope
    organization: OrganizationFacts
    months: Mapping[date, PeriodState]

    @property
    def counts_requests(self) -> bool:
        """Whether requests can be told for this selection: they have no cluster and no pool."""
        return not (self.asked.narrowed.get("pool") or self.asked.narrowed.get("cluster"))

    @property
    def rows_count_requests(self) -> bool:
        """Whether every row of the table can have requests."""
        return self.counts_requests and self.asked.by in WITH_REQUESTS

    @property
    def shares_idle(self) -> bool:
        """Whether tenants are shown with the platform's idle cost; who is bound to some never sees it."""
        return self.asked.idle is Idle.SHARED and self.asked.by is GroupBy.TENANT and not self.scope.bound

    @property
    def tells_devices(self) -> bool:
        """Whether use of devices can be told: they are nobody's, and have no model, kind or use."""
        names = ("tenant", "model", "kind", "use")
        return not self.scope.bound and not any(self.asked.narrowed.get(name) for name in names)


def time_of_data(now: datetime, zone: ZoneInfo, days: KnownDays | None = None) -> tuple[Today, KnownDays]:
    """Up to when the ledger is complete. A gap of more than a month ago keeps nobody waiting."""
    days = days or known_days()
    if days.newest is None:
        return today(now, None, zone), days
    newest = min(days.newest, now.astimezone(zone).date())
    since = day_bounds(shifted(newest.replace(day=1), 1), zone)[0]
    through = complete_through(since, feeds_complete_through=feeds_complete_through(since))
    if through is not None:
        through = min(through, now)
    return replace(today(now, through, zone, days.newest), oldest=days.first), days


def setting(asked: Asked, now: Today, scope: TenantScope, organization: OrganizationFacts) -> Setting:
    """Resolve names and days."""
    days = overview_days(asked.first, asked.last, asked.compare, now)
    state, choices, months = state_and_choices(days, scope)
    filters, asked = narrowed(asked, scope, choices)
    if scope.bound and asked.by in (GroupBy.CLUSTER, GroupBy.POOL):
        asked = replace(asked, by=GroupBy.TENANT, mistakes={**asked.mistakes, "group": "not for your role"})
    question = questions.question(days, filters, scope, state)
    return Setting(asked, days, question, choices, scope, organization, months)


def currencies(parts: Sequence[CostPart]) -> list[str]:
    """Currencies of a range and its baseline; they are never added."""
    return sorted({part.currency for part in parts})


def chosen_currency(asked: Asked, known: Sequence[str], usual: str) -> str:
    """The one that is asked for, else the organization's, else the first."""
    for wanted in (asked.currency, usual):
        if wanted in known:
            return wanted
    return known[0] if known else usual


def devices(setting: Setting) -> UseOfDevices | None:
    """How busy devices were; None where this cannot be told for the selection."""
    if not setting.tells_devices:
        return None
    return use_of_devices(setting.question, setting.organization.zone)


@dataclass(frozen=True)
class Grouped:
    """All rows in one currency, in order, and the requests of the whole selection."""

    rows: Sequence[GroupRow]
    total: GroupRequests | None
    names: dict[Key, str]


def grouped(setting: Setting, currency: str, parts: Sequence[CostPart]) -> Grouped:
    """The table's rows: every group that bears something or asked for something.

    `parts` are those of the same question, for the platform's idle cost where tenants are to carry it.
    """
    by = setting.asked.by
    costs = questions.groups(setting.question, by)
    counted: dict[Key, GroupRequests] | None = None
    if setting.rows_count_requests:
        counted = questions.requests(setting.question, by)
        total = all_requests(counted)
    elif setting.counts_requests:
        total = questions.requests(setting.question, None).get(0)
    else:
        total = None
    costs = _of_currency(costs, counted, currency)
    if setting.shares_idle:
        of_currency = [part for part in parts if part.currency == currency]
        costs = with_idle_shared(costs, of_currency, setting.days)
    found: dict[Key, str] = {}
    return Grouped(in_order(rows_of(costs, counted, found), setting.asked.sort), total, found)


def _of_currency(
    costs: Sequence[GroupCost], counted: dict[Key, GroupRequests] | None, currency: str
) -> list[GroupCost]:
    """Costs in a currency, and groups that asked for something and bear nothing in any.

    Where all known cost is in one currency, bearing none of it is known: nothing, and not a dash (as in
    unit_costs).
    """
    bearing = {cost.key for cost in costs}
    known_in = {cost.currency for cost in costs if cost.now is not None}
    nothing = 0 if known_in == {currency} else None
    idle = [key for key in counted or {} if key not in bearing]
    kept = [cost for cost in costs if cost.currency == currency]
    return [*kept, *(GroupCost(key, currency, nothing, None, None, 0, Status.INVOICED) for key in idle)]


def find_names(setting: Setting, group: Grouped, rows: Sequence[GroupRow]) -> None:
    """Look up what these rows are called; nobody needs the names of thousands."""
    group.names.update(_names(setting, [row.key for row in rows]))


def _names(setting: Setting, keys: Sequence[Key]) -> dict[Key, str]:
    by = setting.asked.by
    found: dict[Key, str] = {0: without(by)}
    if by is GroupBy.TENANT:
        return found | dict(tenant_names(key for key in keys if isinstance(key, int)).items())
    if by in (GroupBy.KIND, GroupBy.USE):
        return found | dict(KINDS if by is GroupBy.KIND else USES)
    known = setting.choices.get(by) if not setting.scope.bound else None
    return found | dict((known or names_of(by)).items())


def drill(asked: Asked) -> Callable[[GroupRow], str]:
    """The same page, narrowed to a row: all addresses of a table are alike but for the name."""
    mark = "\N{REPLACEMENT CHARACTER}"
    before, after = asked.address(**{str(asked.by): mark}, by=NEXT[asked.by], sort="cost").split(quote(mark))

    def address(row: GroupRow) -> str:
        value = NONE if row.key == 0 else row.key if isinstance(row.key, str) else row.name
        return f"{before}{quote_plus(value)}{after}"

    return address


def sheet(setting: Setting, group: Grouped, currency: str, title: str, caption: str) -> Sheet:
    """The table's data: the page and the CSV are both made of it."""
    asked = setting.asked
    return Sheet(
        asked=asked,
        currency=currency,
        title=title,
        caption=caption,
        rows=group.rows,
        total=group.total,
        href=drill(asked),
        # What is shared among tenants for the eye is no line of the ledger's.
        explained=(lambda row: "") if setting.shares_idle else explained(asked, currency),
        counts_requests=setting.rows_count_requests,
        compared=setting.days.base_first < setting.days.base_after,
    )
