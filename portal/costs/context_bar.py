"""The bar above an overview: every choice that its address holds."""

from collections.abc import Iterable

from attribution.queries.choices import Choices
from attribution.queries.overview import GroupBy
from attribution.queries.overview_days import OverviewDays
from portal.components.filters import ContextBar, Field, Option
from portal.components.formats import counted
from portal.components.times import day, span
from portal.costs.asked import NONE, Asked, Idle
from portal.costs.parts import KINDS, USES
from portal.costs.period import DAY, Compare, Preset, Today

PRESETS = {
    "": "Chosen dates",
    Preset.MONTH_TO_DATE: "Month to date",
    Preset.LAST_MONTH: "Last month",
    Preset.SEVEN_DAYS: "Last 7 days",
    Preset.THIRTY_DAYS: "Last 30 days",
    Preset.YEAR: "Last 13 months",
}
COMPARES = {
    Compare.MONTH: "Same days a month before",
    Compare.PREVIOUS: "Days just before",
    Compare.NOTHING: "Nothing",
}
IDLE = {Idle.APART: "Show separately", Idle.SHARED: "Share with tenants"}
BOUND_GROUPS = (GroupBy.TENANT, GroupBy.SERVICE, GroupBy.MODEL, GroupBy.KIND, GroupBy.USE)


def context_bar(
    asked: Asked,
    days: OverviewDays,
    now: Today,
    choices: Choices,
    currencies: list[str],
    *,
    bound: bool,
    zone: str,
) -> ContextBar:
    """Fields for what can be chosen; filters that came by a link stand there while they are set."""
    groups = BOUND_GROUPS if bound else tuple(GroupBy)
    fields = [
        _select("period", "Period", [(str(k), v) for k, v in PRESETS.items()], asked.preset, asked),
        Field("from", "From", asked.first.isoformat(), kind="date", error=asked.mistakes.get("from", "")),
        Field(
            "to", "To (inclusive)", asked.last.isoformat(), kind="date", error=asked.mistakes.get("to", "")
        ),
        _select("compare", "Compare with", [(str(k), v) for k, v in COMPARES.items()], asked.compare, asked),
        _select("group", "Group by", [(str(g), str(g).capitalize()) for g in groups], asked.by, asked),
        *_idle(asked, bound=bound),
        Field("tenant", "Tenant", asked.narrowed.get("tenant", ""), error=asked.mistakes.get("tenant", "")),
        *_lists(asked, choices),
    ]
    for name, words in (("model", None), ("kind", KINDS), ("use", USES)):
        if value := asked.narrowed.get(name):
            fields.append(_one(name, value, words.get(value, value) if words else value, asked))
    if len(currencies) > 1:
        fields.append(_select("currency", "Currency", [(c, c) for c in currencies], asked.currency, asked))
    hidden = [("sort", asked.sort)] if asked.sort != "cost" else []
    return ContextBar(fields, said(asked, days, now, zone), hidden)


def _idle(asked: Asked, *, bound: bool) -> Iterable[Field]:
    """What the platform bears is no tenant's to see; and only tenants can carry it."""
    if not bound and asked.by is GroupBy.TENANT:
        yield _select("idle", "Idle", [(str(k), v) for k, v in IDLE.items()], asked.idle, asked)


def _lists(asked: Asked, choices: Choices) -> Iterable[Field]:
    for name in ("service", "pool", "cluster"):
        chosen = asked.narrowed.get(name, "")
        names = list(choices[name].values())
        if names:
            extra = [chosen] if chosen not in (*names, "", NONE) else []
            offered = [("", "All"), *((each, each) for each in [*names, *extra]), (NONE, f"No {name}")]
            yield _select(name, name.capitalize(), offered, chosen, asked)


def _one(name: str, value: str, words: str, asked: Asked) -> Field:
    return _select(
        name,
        name.capitalize(),
        [("", "All"), (value, f"No {name}" if value == NONE else words)],
        value,
        asked,
    )


def _select(name: str, label: str, offered: list[tuple[str, str]], chosen: str, asked: Asked) -> Field:
    options = [Option(value, words, value == chosen) for value, words in offered]
    return Field(name, label, chosen, options, error=asked.mistakes.get(name, ""))


def said(asked: Asked, days: OverviewDays, now: Today, zone: str) -> str:
    """The range and its baseline in words, and why it is not this month where it is not."""
    count = (asked.last - asked.first).days + 1
    words = f"{span(asked.first, asked.last)}, {counted(count, 'day')} in {zone}"
    if days.base_first < days.base_after:
        words += f", complete days {_firm(asked, days)}against {baseline(days)}"
    words += "."
    if now.oldest is not None and _begun_later(asked, days):
        words += f" The ledger begins {day(now.oldest)}: what it does not know is not compared."
    if now.behind and asked.preset:
        words += f" The newest data is of {day(now.newest)}: periods end there."
    if days.firm == days.first and asked.compare is not Compare.NOTHING:
        words += " No day of it is complete yet, so nothing is compared."
    return words


def _begun_later(asked: Asked, days: OverviewDays) -> bool:
    """Whether the ledger is too young for the whole baseline that was asked for."""
    if asked.compare is Compare.NOTHING or days.firm == days.first:
        return False
    return days.firm_first > days.first or days.base_first == days.base_after


def _firm(asked: Asked, days: OverviewDays) -> str:
    last = days.firm - DAY
    if days.firm_first > days.first:
        return f"{compared_days(days)} "
    return "" if last >= asked.last else f"through {day(last)} "


def compared_days(days: OverviewDays) -> str:
    """The days of the range that stand against the baseline, in words."""
    return span(days.firm_first, days.firm - DAY)


def baseline(days: OverviewDays) -> str:
    """The baseline's days in words."""
    return span(days.base_first, days.base_after - DAY)
