"""A change in the order in which one decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q

from attribution.queries.choices import tenant_names
from attribution.queries.scope import TenantScope
from portal.accounts.models import Person
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.domain.states import UNDECIDED, State
from portal.approvals.forms import FORMS, given_of
from portal.approvals.models import ChangeComment, ChangeDecision, ChangeEvent, ChangeRequest
from portal.approvals.month_detail import MonthShown, month_shown
from portal.approvals.operations.step import content_of
from portal.approvals.operations.watch import notice_of
from portal.approvals.queries.deputies import stands_in_for
from portal.approvals.queries.inbox import needs
from portal.approvals.queries.seats import has_part
from portal.approvals.seats_shown import seat_words, seats_shown
from portal.components.formats import money, plain
from portal.components.table import Cell, Column, Row, Table
from portal.components.times import in_words, moment
from portal.components.zone import reporting_zone
from portal.frame.guarded import Guard, Part, together

OLD = timedelta(days=2)


@dataclass(frozen=True)
class Deciding:
    """Who is looking: whether they may decide, why not, for whom they may, and who has agreed by seat."""

    may: bool
    why_not: str
    principals: Sequence[Person]
    seats: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class History:
    """All that happened; `outcome` is the step into a state in which nothing is left to decide.

    `noticed` and `void` say what stands of it while it waits; `stale`: its evidence is some days old.
    `related` are numbers of other changes, each with what it is to this one.
    """

    events: Sequence[ChangeEvent]
    outcome: ChangeEvent | None
    noticed: str
    void: str
    stale: bool
    related: Sequence[tuple[str, int]]


class Impact(NamedTuple):
    """A table, or why there is none that the reader could be shown."""

    table: Table | None
    why: str


@dataclass(frozen=True)
class Detail:
    """What the page shows, each part by itself: one that fails leaves the others standing.

    Nobody decides while a part is missing that they would decide on (`blind`).
    """

    change: ChangeRequest
    content: dict[str, Any]
    difference: Part[Table]
    month: Part[MonthShown]
    impact: Part[Impact]
    capacity: Part[Table]
    checks: Part[Sequence[dict[str, Any]]]
    until: datetime | None
    exception: Sequence[tuple[str, str]]
    deciding: Part[Deciding]
    history: Part[History]
    comments: Part[Sequence[ChangeComment]]
    mine: bool
    may_roll_back: bool
    may_edit: bool

    @property
    def published(self) -> Sequence[tuple[str, str]]:
        """What is published for whoever does it, but the pool: the page says that once."""
        said = self.content["plan"].get("publish", {})
        return [
            ("What to do" if key == "do" else key.capitalize(), text)
            for key, text in said.items()
            if key != "pool"
        ]

    @property
    def rollback(self) -> str:
        """The way back, in the requester's words where there are any."""
        plan = self.content["plan"]
        if said := plan.get("rollback"):
            return str(said)
        if plan.get("declare"):
            return "The rules that stood before are kept with this request and can be asked for again."
        return "Nothing is said about it."

    @property
    def devices(self) -> str:
        """How many devices come or go: 4 more, 2 fewer."""
        devices = self.content["plan"].get("devices", 0)
        return f"{devices} more" if devices > 0 else f"{-devices} fewer"

    @property
    def blind(self) -> bool:
        """Whether something is missing that an approval would be bound to."""
        return any(part.failed for part in (self.difference, self.month, self.impact, self.checks))

    @property
    def stale(self) -> bool:
        """Whether its evidence is some days old."""
        return self.history.value is not None and self.history.value.stale


def detail_of(change: ChangeRequest, person: Person, scope: TenantScope, now: datetime) -> Detail:
    """Everything for one reader: whoever is bound to tenants sees their own figures, not others'."""
    content = content_of(change)
    return together(lambda guard: _drawn(change, content, person, scope, now, guard))


def _drawn(
    change: ChangeRequest,
    content: dict[str, Any],
    person: Person,
    scope: TenantScope,
    now: datetime,
    guard: Guard,
) -> Detail:
    evidence, until = content["evidence"], content["plan"].get("until")
    return Detail(
        change=change,
        content=content,
        difference=guard("a difference", lambda: _difference(evidence.get("difference", []))),
        month=guard("the month of a change", lambda: month_shown(change, evidence)),
        impact=guard("an impact", lambda: _impact(evidence.get("impact", {}), scope)),
        capacity=guard("capacity", lambda: None if scope.bound else _capacity(evidence.get("capacity", []))),
        checks=guard("checks", lambda: _checks(evidence.get("checks", []), scope)),
        until=datetime.fromisoformat(until) if until else None,
        exception=_exception(content["plan"].get("exception")),
        deciding=guard("who decides", lambda: _deciding(change, person, now)),
        history=guard("a history", lambda: _history(change, evidence, now)),
        comments=guard("comments", lambda: _comments(change)),
        mine=change.requester_id == person.pk and change.state in UNDECIDED,
        may_roll_back=_may_roll_back(change),
        may_edit=_may_edit(change, content, person),
    )


def _deciding(change: ChangeRequest, person: Person, now: datetime) -> Deciding:
    may, why_not = _may_decide(change, person, now)
    return Deciding(may, why_not, stands_in_for(person, now), seats_shown(change))


def _comments(change: ChangeRequest) -> list[ChangeComment]:
    return list(change.comments.select_related("person").order_by("pk"))


def _history(change: ChangeRequest, evidence: dict[str, Any], now: datetime) -> History:
    events = list(ChangeEvent.objects.filter(request=change).select_related("person").order_by("number"))
    voided = [event for event in events if event.verb in ("approvals void", "edited") and event.words]
    waits = change.state == State.SUBMITTED
    over = change.state not in UNDECIDED | {State.CARRIED_OUT}
    steps = [one for one in events if one.to_state == change.state and one.from_state != one.to_state]
    return History(
        events=events,
        outcome=steps[-1] if over and steps else None,
        noticed=notice_of(events) if waits else "",
        void=voided[-1].words if voided and waits else "",
        stale=_stale(change, evidence, events, now),
        related=_related(change),
    )


def _related(change: ChangeRequest) -> list[tuple[str, int]]:
    own = [("Rolls back", change.rolls_back_id), ("Supersedes", change.supersedes_id)]
    found = [(label, pk) for label, pk in own if pk is not None]
    for other in ChangeRequest.objects.filter(Q(supersedes=change) | Q(rolls_back=change)).order_by("pk"):
        if other.supersedes_id == change.pk:
            found.append(("Superseded by", other.pk))
        elif other.carried_out_at is not None:
            found.append(("Rolled back by", other.pk))
        elif other.state in UNDECIDED:
            found.append(("Rollback asked for by", other.pk))
    return found


def _checks(every: Sequence[dict[str, Any]], scope: TenantScope) -> Sequence[dict[str, Any]]:
    """Whoever is bound to tenants sees neither devices of a pool nor rules of other tenants."""
    if not scope.bound:
        return every
    own = set(tenant_names(scope.tenant_ids() or ()).values()) | {"", None}
    return [one for one in every if one["name"] != "capacity" and one.get("tenant") in own]


def _exception(of: dict[str, str] | None) -> list[tuple[str, str]]:
    if not of:
        return []
    whose = " of ".join(filter(None, (of.get("service"), of.get("tenant"))))
    when = f"{_time(of['from'])} to {_time(of['to'])}" if of.get("from") else f"until {_time(of['to'])}"
    return [("Exception for", whose), ("Where", of["region"]), ("When", when)]


def _time(text: str) -> str:
    return moment(datetime.fromisoformat(text), reporting_zone())


def _may_decide(change: ChangeRequest, person: Person, now: datetime) -> tuple[bool, str]:
    if change.state != State.SUBMITTED:
        return False, ""
    if change.expires_at is not None and now >= change.expires_at:
        return False, "It has expired."
    if has_part(change, person):
        return False, "You asked for it or edited it, so somebody else has to decide."
    if ChangeDecision.objects.filter(request=change, hash=change.hash, person=person).exists():
        return False, "You have decided; it waits for the others."
    if needs(change, person, stands_in_for(person, now)):
        return True, ""
    seats = " and ".join(dict.fromkeys(seat_words(seat) for seat in change.seats))
    return False, f"It is decided by people with the role {seats}."


def _may_roll_back(change: ChangeRequest) -> bool:
    """Of what has failed before anything was done there is nothing to take back."""
    done = change.state in (State.VERIFIED, State.FAILED) and change.carried_out_at is not None
    return done and change.kind not in MONTHS


def _may_edit(change: ChangeRequest, content: dict[str, Any], person: Person) -> bool:
    """Whoever asked, where a form says all of the plan.

    Others who may ask for such a change edit it by its address, and then do not decide.
    """
    if change.state not in UNDECIDED or change.requester_id != person.pk:
        return False
    kind = Kind(change.kind)
    return kind in FORMS and kind not in MONTHS and given_of(kind, content) is not None


def _stale(
    change: ChangeRequest, evidence: dict[str, Any], timeline: Sequence[ChangeEvent], now: datetime
) -> bool:
    """Evidence that is some days old while somebody still has to decide on it."""
    frozen = [event.at for event in timeline if event.verb in ("submitted", "edited", "approvals void")]
    if change.state != State.SUBMITTED or not frozen:
        return False
    through = evidence.get("complete_through")
    return now - max(frozen) > OLD or (
        through is not None and datetime.fromisoformat(through).astimezone(UTC) < now - 2 * OLD
    )


def _difference(rows: Sequence[dict[str, str]]) -> Table | None:
    if not rows:
        return None
    columns = [Column("Rule"), Column("What happens"), Column("What it says")]
    words, zone = {"add": "added", "change": "changed", "remove": "removed"}, reporting_zone()
    lines = [
        Row(
            [
                Cell(in_words(row["title"], zone)),
                Cell(words.get(row["verb"], row["verb"])),
                Cell(in_words(row["details"], zone) or "–"),
            ]
        )
        for row in rows
    ]
    return Table("Difference", "What stands afterwards and does not now", columns, lines)


def _impact(impact: dict[str, Any], scope: TenantScope) -> Impact:
    if not impact.get("known"):
        return Impact(None, impact.get("why") or "not computed before it is submitted")
    names = None if scope.bound is False else set(tenant_names(scope.tenant_ids() or ()).values())
    rows = [one for one in impact["by_tenant"] if names is None or one["tenant"] in names]
    if scope.bound and not rows:
        divided = "your tenants bear neither more nor less of it"
        return Impact(None, divided if impact["by_tenant"] else "what it costs is not divided among tenants")
    figures = {"middle": "Amount"} if impact.get("once") else _WEEKS
    columns = [Column("Who"), *(Column(words, True) for words in figures.values())]
    lines = [
        _line(one["tenant"] or "No tenant: the platform bears it", one, impact["currency"], figures)
        for one in rows
    ]
    foot = [] if scope.bound else [_line("All", impact, impact["currency"], figures)]
    often = "" if impact.get("once") else " a month"
    method = in_words(impact["method"], reporting_zone())
    caption = f"{impact['currency']}{often} more (+) or less, {method}"
    return Impact(Table("Impact", caption, columns, lines, foot), "")


_WEEKS = {"low": "Lowest week", "middle": "Median", "high": "Highest week"}


def _line(name: str, figures: dict[str, Any], currency: str, shown: Iterable[str]) -> Row:
    cells = [Cell(money(figures[key], currency, signed=True)) for key in shown]
    return Row([Cell(name), *cells])


def _capacity(rows: Sequence[dict[str, Any]]) -> Table | None:
    if not rows:
        return None
    columns = [
        Column("Pool"),
        Column("Ready", True),
        Column("Free of work", True),
        Column("Ready after", True),
        Column("As of"),
    ]
    lines = [
        Row(
            [
                Cell(one["pool"]),
                *(Cell(_devices(one[key])) for key in ("ready", "free", "after")),
                Cell(_time(one["hour"]) if one["hour"] else "–"),
            ]
        )
        for one in rows
    ]
    return Table("Capacity", "Devices, means of the newest attributed hour", columns, lines)


def _devices(thousandths: int | None) -> str:
    return plain(None if thousandths is None else thousandths / 1000, 1)
