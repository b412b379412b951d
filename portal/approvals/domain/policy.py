"""Who has to agree to what: the first rule that fits a change's kind, scope and size."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from portal.approvals.domain.kinds import Kind


@dataclass(frozen=True)
class Size:
    """How large a change is: nano-units a month that move, None where nobody knows, and devices."""

    nano: int | None
    devices: int


@dataclass(frozen=True)
class Policy:
    """One rule. `seats` are those who have to agree, each "role" or "role|role", a person in each.

    `most_nano` and `most_devices` are what it covers, None is any size; `tenants` and `pools` are globs on
    what it concerns. `drift` is how far, in parts of a thousand, figures may move before approvals are void.
    """

    name: str
    kind: Kind
    seats: tuple[str, ...]
    requesters: tuple[str, ...]
    most_nano: int | None = None
    most_devices: int | None = None
    tenants: tuple[str, ...] = ("*",)
    pools: tuple[str, ...] = ("*",)
    waiting: timedelta = timedelta(0)
    expires: timedelta = timedelta(days=14)
    promised: timedelta = timedelta(hours=24)
    remind: timedelta = timedelta(days=1)
    drift: int = 50
    tokens_decide: bool = False

    @property
    def bounded(self) -> bool:
        """Whether some change of its kind is not covered by it."""
        everywhere = "*" in self.tenants and "*" in self.pools
        return not everywhere or self.most_nano is not None or self.most_devices is not None

    def covers(self, size: Size, tenant: str, pools: Collection[str]) -> bool:
        """Whether a change of its kind falls under it. An unknown amount is above every threshold."""
        if self.most_nano is not None and (size.nano is None or size.nano > self.most_nano):
            return False
        if self.most_devices is not None and size.devices > self.most_devices:
            return False
        return _matches(tenant, self.tenants) and all(_matches(pool, self.pools) for pool in pools or {""})

    @property
    def said(self) -> tuple[str, ...]:
        """The rule in sentences, as it is shown beside a change."""
        seats = " and ".join(seat.replace("|", " or ").replace("_", " ") for seat in self.seats)
        sentences = [f"Needs {len(self.seats)} {'person' if len(self.seats) == 1 else 'people'}: {seats}."]
        sentences.append("Never whoever asked or edited the plan, by any account, token or deputy.")
        if self.waiting:
            sentences.append(f"Waits {words(self.waiting)} between approval and the change.")
        sentences.append(f"Expires {words(self.expires)} after it was submitted.")
        sentences.append(f"Approvals are void when figures move by more than {self.drift / 10:g} %.")
        return tuple(sentences)


def policy_for(
    policies: Sequence[Policy], kind: Kind, size: Size, tenant: str, pools: Collection[str]
) -> Policy:
    """The first that fits. A checked list always has one."""
    return next(one for one in policies if one.kind == kind and one.covers(size, tenant, pools))


def words(length: timedelta) -> str:
    """A policy's span for people: 14 days, 30 minutes."""
    seconds = int(length.total_seconds())
    for unit, many in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds % many == 0 and seconds >= many:
            count = seconds // many
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "no time"


def _matches(name: str, globs: Collection[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


def asked_by(kind: Kind, roles: Iterable[str]) -> str:
    """For whoever has none of these roles."""
    needed = " or ".join(role.replace("_", " ") for role in roles)
    return f"{kind.one} is asked for by somebody with the role {needed}"
