"""What a plan says, whatever its kind; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from attribution.domain.months import parse_month
from attribution.domain.requirement import PARTS, read_version
from portal.approvals.domain.kinds import DECLARES, MONTHS, PUBLISHED, Kind
from portal.approvals.domain.moment import read_moment

LONGEST = 20_000  # characters of what is published, and of a reason
MOST = 10**9  # devices
_TEXTS = ("rollback", "period", "explanation", "pool", "service")
_KEYS = (
    "declare",
    "publish",
    "expect",
    "rollback",
    "fit",
    "withdraw",
    "period",
    "explanation",
    "adjustment",
    "pool",
    "devices",
    "service",
    "until",
    "versions",
    "exception",
)


@dataclass(frozen=True)
class Expectation:
    """So many ready devices of a pool or more; where some are taken away, or fewer."""

    pool: str
    ready_devices: int


class Exempted(NamedTuple):
    """Whose data ("" any) may be in `provider/region` for a while; `start` None: as soon as agreed."""

    tenant: str
    service: str
    region: str
    start: datetime | None
    end: datetime


@dataclass(frozen=True)
class Plan:
    """`declare` is a piece of fleet.toml that the product itself makes stand; `publish` is for others' hands.

    `fit` is the number of fitted token weights, which weigh from then on or, `withdraw`, no more. `period` is
    a month, "2026-03", `explanation` says why more of it than the target stays unallocated, and `adjustment`
    moves an amount of it. `devices` is how many more (or fewer) `pool` gets; `rollback` says how to take it
    back.

    `service` is whose requests go to the pool, `until` when that ends, `versions` what runs on the pool
    afterwards, by part ("runtime": "vllm 0.8.2"). `exception` is what a residency exception is of.
    """

    declare: Mapping[str, Any] = field(default_factory=dict)
    publish: Mapping[str, Any] = field(default_factory=dict)
    expect: Expectation | None = None
    rollback: str = ""
    fit: int | None = None
    withdraw: bool = False
    period: str = ""
    explanation: str = ""
    adjustment: Mapping[str, Any] = field(default_factory=dict)
    pool: str = ""
    devices: int = 0
    service: str = ""
    until: datetime | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    exception: Exempted | None = None

    @property
    def services(self) -> frozenset[str]:
        """Services that it names: whose requests its pools take."""
        rows = self.declare.get("reserve", [])
        named = {self.service, *(str(row.get("service") or "") for row in rows)}
        return frozenset(named - {""})

    @property
    def adjusted(self) -> Decimal | None:
        """How much an adjustment moves; above zero, to the nano-unit."""
        return Decimal(self.adjustment["amount"]) if self.adjustment else None

    @property
    def pools(self) -> frozenset[str]:
        """Pools that it names, `cluster/pool`."""
        names = {self.pool, self.expect.pool if self.expect else ""}
        for rows in (self.declare, self.declare.get("withdraw", {})):
            for row in rows.get("reserve", []) + rows.get("price", []):
                names.add(f"{row.get('cluster', '')}/{row.get('pool', '')}")
            for row in rows.get("entitlement", []) + rows.get("distribution", []):
                names.add(str(row.get("pool") or ""))
            for book in rows.get("price_book", []):
                names |= {f"{row.get('cluster', '')}/{row.get('pool', '')}" for row in book.get("price", [])}
        return frozenset(names - {""})


def read_plan(kind: Kind, plan: Mapping[str, Any]) -> tuple[Plan, list[str]]:
    """The plan, and what is wrong with it in sentences; what `declare` says inside is ingest's to judge."""
    wrong = [f"{key} is no part of a plan; a plan has {', '.join(_KEYS)}" for key in plan if key not in _KEYS]
    wrong += [f"{key} is a text" for key in _TEXTS if not isinstance(plan.get(key) or "", str)]
    declare, publish = plan.get("declare") or {}, plan.get("publish") or {}
    if not isinstance(declare, dict) or not isinstance(publish, dict):
        return Plan(), [*wrong, "declare and publish are objects"]
    withdrawn = declare.get("withdraw") or {}
    if not isinstance(withdrawn, dict):
        return Plan(), [*wrong, "withdraw is an object of tables, as declare is"]
    allowed = DECLARES.get(kind, frozenset())
    named = {key for key in declare if key != "withdraw"} | set(withdrawn)
    wrong += [f"{kind.one} does not declare {key}" for key in sorted(named - allowed)]
    if publish and kind not in PUBLISHED:
        wrong.append(f"{kind.one} is carried out by the product: nothing is published")
    if len(str(publish)) > LONGEST:
        wrong.append(f"publish is longer than {LONGEST} characters")
    adjustment, wrong_adjustment = _adjustment(plan.get("adjustment"))
    wrong += wrong_adjustment
    if kind is Kind.ADJUSTMENT and plan.get("adjustment") is None:
        wrong.append(f"an adjustment needs {_ADJUSTMENT}")
    expect, wrong_expect = _expectation(plan.get("expect"))
    until, wrong_until = read_moment("until", plan.get("until"))
    versions, wrong_versions = _versions(plan.get("versions"))
    exception, wrong_exception = _exception(plan.get("exception"))
    wrong += wrong_until + wrong_versions + wrong_exception
    found = Plan(
        declare=declare,
        publish=publish,
        expect=expect,
        rollback=str(plan.get("rollback") or ""),
        fit=plan.get("fit"),
        withdraw=plan.get("withdraw") is True,
        period=str(plan.get("period") or ""),
        explanation=str(plan.get("explanation") or ""),
        adjustment=adjustment,
        pool=str(plan.get("pool") or ""),
        devices=plan.get("devices") or 0,
        service=str(plan.get("service") or ""),
        until=until,
        versions=versions,
        exception=exception,
    )
    wrong += wrong_expect + _missing(kind, found)
    return found, wrong


def _expectation(given: Any) -> tuple[Expectation | None, list[str]]:
    if given is None:
        return None, []
    fits = isinstance(given, dict) and set(given) == {"pool", "ready_devices"}
    if not fits or not isinstance(given["pool"], str) or not _is_count(given["ready_devices"], 0):
        return None, ['expect is {"pool": "cluster/pool", "ready_devices": a whole number}']
    return Expectation(given["pool"], given["ready_devices"]), []


def _missing(kind: Kind, plan: Plan) -> list[str]:
    wrong = []
    if kind in DECLARES and kind not in PUBLISHED and not plan.declare:
        wrong.append(f"{kind.one} declares {' or '.join(sorted(DECLARES[kind]))}")
    if kind in PUBLISHED and not plan.publish:
        wrong.append(f"{kind.one} publishes what others have to carry out")
    if kind is Kind.TOKEN_COEFFICIENTS and not _is_id(plan.fit):
        wrong.append("fit is the number of a proposed fit")
    if kind is not Kind.TOKEN_COEFFICIENTS and plan.fit is not None:
        wrong.append(f"{kind.one} names no fit of token weights")
    if kind in MONTHS | {Kind.ADJUSTMENT} and not _is_month(plan.period):
        wrong.append('period is a month such as "2026-03"')
    if kind is Kind.RESIDENCY_EXCEPTION and plan.exception is None:
        wrong.append(f"{kind.one} says for whose data, where and until when: {_EXCEPTION}")
    if kind is not Kind.RESIDENCY_EXCEPTION and plan.exception is not None:
        wrong.append(f"{kind.one} makes no exception: ask for one by itself")
    if not _is_count(plan.devices, -MOST):
        wrong.append("devices is a whole number")
    return wrong


_EXCEPTION = (
    '{"tenant": a name, "service": a name, "region": "provider/region", "from": a time, "to": a time}, '
    "with tenant or service or both, and from only where it begins later"
)


def _exception(given: Any) -> tuple[Exempted | None, list[str]]:
    if given is None:
        return None, []
    wrong = [f"exception is {_EXCEPTION}"]
    keys = {"tenant", "service", "region", "from", "to"}
    if not isinstance(given, dict) or set(given) - keys or not {"region", "to"} <= set(given):
        return None, wrong
    if not all(isinstance(value, str) for value in given.values()):
        return None, wrong
    tenant, service = given.get("tenant", ""), given.get("service", "")
    start, wrong_start = read_moment("exception: from", given.get("from"))
    end, wrong_end = read_moment("exception: to", given["to"])
    if wrong_start or wrong_end:
        return None, wrong_start + wrong_end
    if end is None or not given["region"] or not (tenant or service):
        return None, wrong
    if start is not None and end <= start:
        return None, ["exception: it ends after it begins"]
    return Exempted(tenant, service, given["region"], start, end), []


def _versions(given: Any) -> tuple[dict[str, str], list[str]]:
    if given in (None, {}):
        return {}, []
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        return {}, ['versions is {"runtime": "vllm 0.8.2", "driver": "550.90", …}']
    wrong = [f"versions: {part!r} is none of {', '.join(PARTS)}" for part in given if part not in PARTS]
    for part, text in given.items():
        try:
            if part in PARTS:
                read_version(part, text)
        except ValueError as unfit:
            wrong.append(f"versions: {unfit}")
    return ({}, wrong) if wrong else (dict(given), [])


_SIDE = '{"tenant": a name or "" for the platform, "use": "serving", …}'
_ADJUSTMENT = (
    '{"cluster": …, "currency": "USD", "amount": "12.50", "service": a name or "", '
    f'"from": {_SIDE}, "to": {_SIDE}}}'
)
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,9})?")
_NEEDED = {"cluster", "currency", "amount", "from", "to"}


def _adjustment(given: Any) -> tuple[Mapping[str, Any], list[str]]:
    if given is None:
        return {}, []
    wrong = [f"adjustment is {_ADJUSTMENT}"]
    if not isinstance(given, dict) or set(given) - {"service"} != _NEEDED:
        return {}, wrong
    texts = [value for key, value in given.items() if key not in ("from", "to")]
    for side in (given["from"], given["to"]):
        if not isinstance(side, dict) or set(side) != {"tenant", "use"}:
            return {}, wrong
        texts += side.values()
    if not all(isinstance(text, str) for text in texts):
        return {}, wrong
    if not _AMOUNT.fullmatch(given["amount"]) or not Decimal(given["amount"]):
        return {}, [f"amount: above zero, at most nine digits after the point, not {given['amount']!r}"]
    if given["from"] == given["to"]:
        return {}, ["an adjustment moves money from one bearer or use to another"]
    return given, []


def _is_month(text: str) -> bool:
    try:
        month = parse_month(text)
        return f"{month:%Y-%m}" == text and month.year < MAXYEAR  # a month ends where the next one begins
    except ValueError:
        return False


def _is_id(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 < given < 2**31


def _is_count(given: Any, least: int) -> bool:
    """A whole number of devices or the like; nobody has more than MOST."""
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= MOST
