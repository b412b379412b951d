"""What an overview was asked for, as its address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from attribution.queries.overview import GroupBy
from portal.costs.period import LONGEST, Compare, Preset, Today, preset_days

# Dimensions to narrow by; the value "–" means "none".
NARROWED = ("tenant", "service", "pool", "cluster", "model", "kind", "use")
NONE = "–"
E = TypeVar("E", bound=StrEnum)
SORTS = ("cost", "change", "unit", "successes")


class Idle(StrEnum):
    """Where what idle devices cost the platform stands in a table of tenants."""

    APART = "apart"
    SHARED = "shared"


@dataclass(frozen=True)
class Asked:
    """Days are inclusive. `preset` "" are chosen dates. `mistakes` are by name of the field."""

    first: date
    last: date
    preset: str = Preset.MONTH_TO_DATE
    compare: Compare = Compare.MONTH
    by: GroupBy = GroupBy.TENANT
    sort: str = "cost"
    page: int = 1
    narrowed: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    idle: Idle = Idle.APART
    mistakes: Mapping[str, str] = field(default_factory=dict)

    def address(self, **changes: object) -> str:
        """The query of a page with these changes ("?…"); it is the first page unless `page` is among them."""
        narrowed = {**self.narrowed, **{k: v for k, v in changes.items() if k in NARROWED}}
        other = {k: v for k, v in changes.items() if k not in NARROWED}
        changed = replace(self, **{"page": 1, **other})  # type: ignore[arg-type]  # fields by name
        return "?" + urlencode([*changed._days(), *changed._rest(narrowed)])

    def _days(self) -> list[tuple[str, str]]:
        if self.preset:
            return [("period", self.preset)]
        return [("from", self.first.isoformat()), ("to", self.last.isoformat())]

    def _rest(self, narrowed: Mapping[str, object]) -> list[tuple[str, str]]:
        rest = [("compare", str(self.compare)), ("group", str(self.by))]
        rest += [(name, str(narrowed[name])) for name in NARROWED if narrowed.get(name)]
        if self.currency:
            rest.append(("currency", self.currency))
        if self.idle is not Idle.APART:
            rest.append(("idle", str(self.idle)))
        if self.sort != "cost":
            rest.append(("sort", self.sort))
        if self.page > 1:
            rest.append(("page", str(self.page)))
        return rest


def asked(given: Mapping[str, str], now: Today) -> Asked:
    """Read an address; what cannot be read is left at its default and said in `mistakes`."""
    mistakes: dict[str, str] = {}
    preset, first, last = _period(given, now, mistakes)
    by = _choice(given, "group", GroupBy, GroupBy.TENANT, mistakes)
    return Asked(
        first=first,
        last=last,
        preset=preset,
        compare=_choice(given, "compare", Compare, Compare.MONTH, mistakes),
        by=by,
        sort=given.get("sort", "cost") if given.get("sort", "cost") in SORTS else "cost",
        page=_page(given.get("page", "")),
        narrowed={name: value for name in NARROWED if (value := given.get(name, "").strip())},
        currency=given.get("currency", "").strip().upper()[:3],
        idle=_choice(given, "idle", Idle, Idle.APART, mistakes),
        mistakes=mistakes,
    )


def _choice(given: Mapping[str, str], name: str, kind: type[E], default: E, mistakes: dict[str, str]) -> E:
    text = given.get(name, "")
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        mistakes[name] = "not one of the choices"
        return default


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text[:9]) > 0 else 1


def _period(given: Mapping[str, str], now: Today, mistakes: dict[str, str]) -> tuple[str, date, date]:
    preset = given.get("period", "")
    dates = given.get("from", ""), given.get("to", "")
    if not preset and any(dates):
        first, last = (_day(text, name, mistakes) for text, name in zip(dates, ("from", "to"), strict=True))
        if first and last and first > last:
            mistakes["to"] = "is before the first day"
        elif first and last and (last - first).days >= LONGEST:
            mistakes["to"] = f"at most {LONGEST} days at once"
        elif first and last:
            return "", first, last
        preset = ""
    elif preset and preset not in list(Preset):
        mistakes["period"] = "not one of the choices"
    known = Preset(preset) if preset in list(Preset) else Preset.MONTH_TO_DATE
    return known, *preset_days(known, now)


def _day(text: str, name: str, mistakes: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        mistakes[name] = "a day such as 2026-11-01"
        return None
    if not 1990 <= day.year <= 2200:
        mistakes[name] = "a day such as 2026-11-01"
        return None
    return day
