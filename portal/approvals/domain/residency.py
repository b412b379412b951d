"""May somebody's data go there? Rules, who is exposed, and exceptions that people agreed to; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

Above = Mapping[str, Sequence[str]]  # a tenant → itself and those above it


class Exposure(NamedTuple):
    """Data of a tenant (None: nobody knows whose) that a service (None: any) handles."""

    tenant: str | None
    service: str | None


class Stay(NamedTuple):
    """A rule: whose data may be where. None of tenant or service is any; never both."""

    tenant: str | None
    service: str | None
    regions: Sequence[str]
    zones: Sequence[str]

    def allows(self, region: str, zone: str) -> bool:
        """Whether it may be in `provider/region`."""
        return region in self.regions or zone in self.zones


class Exempt(NamedTuple):
    """An approved exception: this tenant's (and all below) or this service's data may be there for a span."""

    change: int
    tenant: str | None
    service: str | None
    region: str
    start: datetime | None
    end: datetime


def concerned(rule: Stay, exposures: Iterable[Exposure], above: Above) -> list[Exposure]:
    """What of the exposed data the rule is about. Of a tenant above the rule's it is the rule's part."""
    found = []
    for one in exposures:
        if rule.service is not None and rule.service != one.service:
            continue
        if rule.tenant is None or _within(one.tenant, rule.tenant, above):
            found.append(one)
        elif _within(rule.tenant, one.tenant, above):
            found.append(Exposure(rule.tenant, one.service))
    return list(dict.fromkeys(found))


def exempting(
    exposure: Exposure,
    region: str,
    exempts: Iterable[Exempt],
    above: Above,
    start: datetime,
    end: datetime | None,
) -> Exempt | None:
    """The first exception that covers all of it for all of [start, end); none does without end."""
    for one in exempts:
        whose = (one.tenant is None or _within(exposure.tenant, one.tenant, above)) and (
            one.service is None or one.service == exposure.service
        )
        when = (one.start is None or one.start <= start) and end is not None and start < end <= one.end
        if whose and when and one.region == region:
            return one
    return None


def _within(tenant: str | None, top: str | None, above: Above) -> bool:
    return tenant is not None and top is not None and top in above.get(tenant, (tenant,))
