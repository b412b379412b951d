"""What the forms for new changes send becomes a title, a reason and a plan."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from attribution.domain.months import parse_month
from attribution.domain.requirement import PARTS, example
from portal.approvals.domain.kinds import MONTHS, PLACED, PUBLISHED, VERSIONED, Kind
from portal.approvals.operations.ask import Asked
from portal.approvals.operations.errors import CannotChange

FORMS: Mapping[Kind, str] = {
    Kind.RESERVE: "Devices that a service keeps free on purpose, warm or for failover.",
    Kind.WARM_POOL: "More (or fewer) devices in a warm pool: your platform carries it out.",
    Kind.ALLOCATION_RULE: "Who bears what is not serving.",
    Kind.PRICE_BOOK: "What a device-hour costs where no bill says so.",
    Kind.TENANT_QUOTA: "What a tenant is entitled to.",
    Kind.CAPACITY: "Devices that come or go; your platform carries it out.",
    Kind.FAILOVER_PLAN: "Where a service goes when a region is lost.",
    Kind.DRILL: "A failover tried on purpose.",
    Kind.RESIDENCY_EXCEPTION: "Data outside of its residency zone, for a while and for a reason.",
    Kind.UPGRADE_PROMOTION: "The next ring gets a version.",
    Kind.UPGRADE_ROLLBACK: "A ring goes back to the version before.",
    Kind.TOKEN_COEFFICIENTS: "Fitted token weights that should count.",
    Kind.PERIOD_CLOSE: "A month takes no write any more; what comes later is an adjustment in an open one.",
    Kind.PERIOD_REOPEN: "A closed month takes writes again; both versions are kept.",
    Kind.ADJUSTMENT: "Money of a closed month goes from one bearer to another, in an open month.",
    Kind.BREAK_GLASS: "An emergency. One other person has to agree.",
}


def asked_from(kind: Kind, post: Mapping[str, str], tenant_id: int | None) -> Asked:
    """A form's fields as a change. Raises CannotChange for what is no number."""
    if kind is Kind.ADJUSTMENT:
        return _of_adjustment(post)
    if kind in MONTHS:
        return _of_month(kind, post)
    plan: dict[str, Any] = {"rollback": post.get("rollback", "").strip()}
    plan |= _declared(kind, post)
    if kind in PUBLISHED:
        plan |= _published(kind, post)
    if kind is Kind.TOKEN_COEFFICIENTS:
        plan["fit"] = _number(post, "fit")
    title, why = post.get("title", "").strip(), post.get("why", "").strip()
    wanted = _midnight(post, "not_before") if kind in PUBLISHED else None
    return Asked(kind, title, why, plan, tenant_id, wanted)


def _of_month(kind: Kind, post: Mapping[str, str]) -> Asked:
    """The plan says which month; the rest of the words are the same each month."""
    given, why = post.get("period", "").strip(), post.get("why", "").strip()
    try:
        month = f"{parse_month(given):%B %Y}"
    except ValueError as wrong:
        raise CannotChange(f"month: {wrong}") from None
    if kind is Kind.PERIOD_CLOSE:
        plan = {"period": given, "rollback": "Another change opens it again; both versions are kept."}
        plan |= _given(post, "explanation")
        return Asked(kind, f"Close {month}", why or "The month is over and its conditions hold.", plan)
    plan = {"period": given, "rollback": "Another change closes it again; both versions are kept."}
    return Asked(kind, f"Reopen {month}", why, plan)


def _of_adjustment(post: Mapping[str, str]) -> Asked:
    given = {key: post.get(key, "").strip() for key in ("cluster", "currency", "amount", "service")}
    sides = {
        side: {"tenant": post.get(f"{side}_tenant", "").strip(), "use": post.get(f"{side}_use", "").strip()}
        for side in ("from", "to")
    }
    period = post.get("period", "").strip()
    who = " to ".join(side["tenant"] or "the platform" for side in sides.values())
    title = f"Move {given['amount']} {given['currency']} of {period} from {who}"[:200]
    plan = {"period": period, "adjustment": given | sides, "rollback": "Another adjustment moves it back."}
    return Asked(Kind.ADJUSTMENT, title, post.get("why", "").strip(), plan)


def given_of(kind: Kind, content: Mapping[str, Any], tenant: str = "") -> dict[str, str] | None:
    """The fields that say what a change says; None where its plan says more than a form can."""
    plan = content["plan"]
    given = {"title": content["title"], "why": content["why"], "tenant": tenant}
    given |= _fields_declared(plan.get("declare", {}))
    publish = plan.get("publish", {})
    given |= {key: publish.get(key, "") for key in ("do", "residency", "compatibility")}
    given |= {"rollback": plan.get("rollback", ""), "fit": plan.get("fit", "")}
    if plan.get("pool"):
        given |= {"pool": plan["pool"], "more_devices": plan.get("devices", 0)}
    if plan.get("expect"):
        given["ready_devices"] = plan["expect"].get("ready_devices", "")
    given |= {f"version_{part}": text for part, text in plan.get("versions", {}).items()}
    given |= {"until": _day(plan.get("until", ""))}
    given |= {"service": plan["service"]} if plan.get("service") else {}
    if of := plan.get("exception"):
        given |= {"for_tenant": of.get("tenant", ""), "for_service": of.get("service", "")}
        given |= {"region": of.get("region", "")} | {key: _day(of.get(key, "")) for key in ("from", "to")}
    given = {key: str(value) for key, value in given.items()}
    try:
        same = asked_from(kind, given, None).plan == plan
    except CannotChange:
        return None
    return given if same else None


def _fields_declared(declare: Mapping[str, Any]) -> dict[str, Any]:
    """The first row of what a plan declares, by the names of the form's fields."""
    rows = [row for many in declare.values() if isinstance(many, list) for row in many]
    if not rows:
        return {}
    row = dict(rows[0])
    price = (row.pop("price", None) or [{}])[0]
    row |= {"book": row.get("name", "")} | price
    if "pool" in row and "cluster" in row:
        row["pool"] = f"{row['cluster']}/{row['pool']}" if row["pool"] else ""
    if "quota" in row:
        row["for_tenant"] = row.pop("tenant")
    if "kind" in row:
        row["reserve_kind"] = row.pop("kind")
    return row


def _declared(kind: Kind, post: Mapping[str, str]) -> dict[str, Any]:
    if _keeps_free(kind, post):
        cluster, _, name = _chosen(post, "pool").partition("/")
        row: dict[str, Any] = {"cluster": cluster, "pool": name, "kind": post.get("reserve_kind", "warm")}
        row |= {"devices": _number(post, "devices")} | _given(post, "service", "from", "to")
        return {"declare": {"reserve": [row]}}
    if kind is Kind.TENANT_QUOTA:
        row = {"tenant": post.get("for_tenant", ""), "quota": _number(post, "quota")}
        return {"declare": {"entitlement": [row | _given(post, "pool", "service", "from", "to")]}}
    if kind is Kind.ALLOCATION_RULE:
        row = {"use": _chosen(post, "use"), "method": post.get("method", "")}
        return {"declare": {"distribution": [row | _given(post, "pool", "service", "owner", "from", "to")]}}
    if kind is Kind.PRICE_BOOK:
        cluster, _, name = _chosen(post, "pool").partition("/")
        price = {"cluster": cluster, "pool": name, "per_device_hour": _amount(post, "per_device_hour")}
        book = {"name": post.get("book", "").strip(), "currency": post.get("currency", "").strip()}
        return {"declare": {"price_book": [book | {"price": [price | _given(post, "from", "to")]}]}}
    return {}


def _keeps_free(kind: Kind, post: Mapping[str, str]) -> bool:
    """A warm pool may be asked for with a reserve of it, or as devices that come and go."""
    return kind is Kind.RESERVE or (kind is Kind.WARM_POOL and bool(post.get("devices", "").strip()))


def _published(kind: Kind, post: Mapping[str, str]) -> dict[str, Any]:
    pool, words = post.get("pool", "").strip(), post.get("do", "").strip()
    plan: dict[str, Any] = {"publish": {"do": words} | _given(post, "pool", "residency", "compatibility")}
    if kind in PLACED and kind is not Kind.RESIDENCY_EXCEPTION:
        # Of a reserve its own row says whose it is.
        plan |= {} if _keeps_free(kind, post) else _given(post, "service")
        if until := _midnight(post, "until"):
            plan["until"] = until.isoformat()
    if kind is Kind.RESIDENCY_EXCEPTION:
        plan["exception"] = _exception(post)
    if kind in VERSIONED and (versions := _versions(post)):
        plan["versions"] = versions
    if pool:
        more = _number(post, "more_devices") if post.get("more_devices", "").strip() else 0
        plan |= {"pool": pool, "devices": more}
        if post.get("ready_devices", "").strip():
            plan["expect"] = {"pool": pool, "ready_devices": _number(post, "ready_devices")}
    return plan


def parts_of(kind: Kind, given: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Fields of versions: part, an example, what was given; none for a kind that changes no version."""
    if kind not in VERSIONED:
        return []
    return [(part, example(part, runs=True), given.get(f"version_{part}", "")) for part in PARTS]


def _exception(post: Mapping[str, str]) -> dict[str, str]:
    made = {key: post.get(f"for_{key}", "").strip() for key in ("tenant", "service")}
    made = {key: name for key, name in made.items() if name} | _given(post, "region")
    for key in ("from", "to"):
        if moment := _midnight(post, key):
            made[key] = moment.isoformat()
    return made


def _versions(post: Mapping[str, str]) -> dict[str, str]:
    given = {part: post.get(f"version_{part}", "").strip() for part in PARTS}
    return {part: text for part, text in given.items() if text}


def _midnight(post: Mapping[str, str], key: str) -> datetime | None:
    """The day of a field, from its midnight in UTC; as it is where it says a time already."""
    text = post.get(key, "").strip()
    if not text:
        return None
    try:
        if len(text) > 10:
            return datetime.fromisoformat(text).astimezone(UTC)
        day = date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise CannotChange(f"{key.replace('_', ' ')}: a day such as 2026-03-01, not “{text}”") from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(text: str) -> str:
    """What a field shows of a time: the day, where it is a midnight."""
    return text[:10] if text.endswith("T00:00:00+00:00") else text


def _given(post: Mapping[str, str], *keys: str) -> dict[str, str]:
    return {key: post[key].strip() for key in keys if post.get(key, "").strip()}


def _chosen(post: Mapping[str, str], key: str) -> str:
    text = post.get(key, "").strip()
    if not text:
        raise CannotChange(f"{key.replace('_', ' ')}: choose one of the list")
    return text


def _amount(post: Mapping[str, str], key: str) -> str:
    """An amount as it was typed; how many digits it may have is judged with the plan."""
    text = post.get(key, "").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise CannotChange(f"{key.replace('_', ' ')}: an amount such as 2.50, not “{text}”")
    return text


def _number(post: Mapping[str, str], key: str) -> int:
    text = post.get(key, "").strip().replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"[+-]?[0-9]{1,8}", text):
        raise CannotChange(f"{key.replace('_', ' ')}: a whole number, not “{text}”")
    return int(text)
