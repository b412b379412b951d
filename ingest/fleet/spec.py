"""What a fleet.toml declares, as plain rows: the same rows are read from the file and from the database.

`KEY` tells rows of a kind apart, the other fields are their content. Names refer to other rows; a pool is
"cluster/pool". Rules are `Ruled`: they hold in [start, end), None is without end.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from ingest.fleet.place import Place


@dataclass(frozen=True, kw_only=True)
class Row:
    """Anything declared. `place` is where the file says so; it is no part of what is compared."""

    NOUN: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    place: Place = field(default_factory=Place, compare=False, repr=False)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells it apart from the others of its kind."""
        return tuple(getattr(self, name) for name in self.KEY)


@dataclass(frozen=True, kw_only=True)
class Ruled(Row):
    """Something that holds for a span of time. Spans of one scope (the key without `start`) are disjoint."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def scope(self) -> tuple[Any, ...]:
        """What the rule is about, whenever it holds."""
        return tuple(getattr(self, name) for name in self.KEY if name != "start")


@dataclass(frozen=True, kw_only=True)
class Organization(Row):
    NOUN = "organization"
    KEY = ()
    name: str
    currency: str
    reporting_time_zone: str
    unallocated_target: Decimal


@dataclass(frozen=True, kw_only=True)
class Provider(Row):
    NOUN = "provider"
    KEY = ("name",)
    name: str


@dataclass(frozen=True, kw_only=True)
class Region(Row):
    NOUN = "region"
    KEY = ("provider", "name")
    provider: str
    name: str
    residency_zone: str


@dataclass(frozen=True, kw_only=True)
class Cluster(Row):
    NOUN = "cluster"
    KEY = ("name",)
    name: str
    provider: str
    region: str
    control_model: str


@dataclass(frozen=True, kw_only=True)
class Pool(Row):
    NOUN = "pool"
    KEY = ("cluster", "name")
    cluster: str
    name: str
    accelerator: str
    purpose: str
    upgrade_ring: str
    nodes: tuple[str, ...]
    device_models: tuple[str, ...]
    devices_per_node: int
    busy_floor: Decimal
    sharing: str = "equal"
    replicas: int = 1


@dataclass(frozen=True, kw_only=True)
class DeclaredNode(Row):
    NOUN = "node"
    KEY = ("cluster", "name")
    cluster: str
    name: str


@dataclass(frozen=True, kw_only=True)
class PriceBook(Row):
    NOUN = "price_book"
    KEY = ("name",)
    name: str
    currency: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class Price(Ruled):
    NOUN = "price"
    KEY = ("pool", "start")
    pool: str
    book: str
    per_device_hour: Decimal


@dataclass(frozen=True, kw_only=True)
class Tenant(Row):
    NOUN = "tenant"
    KEY = ("name",)
    name: str
    parent: str | None
    cost_centre: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class Service(Row):
    NOUN = "service"
    KEY = ("name",)
    name: str
    runtime: str
    tenant: str | None
    weight_input: Decimal
    weight_cached: Decimal
    weight_output: Decimal


@dataclass(frozen=True, kw_only=True)
class ServiceRule(Ruled):
    NOUN = "service_rule"
    KEY = ("cluster", "kind", "pattern", "start")
    cluster: str | None
    kind: str
    pattern: str
    service: str
    priority: int


@dataclass(frozen=True, kw_only=True)
class Release(Row):
    NOUN = "service.model"
    KEY = ("model", "version")
    model: str
    version: str
    service: str | None
    artifact_digest: str


@dataclass(frozen=True, kw_only=True)
class Reserve(Ruled):
    NOUN = "reserve"
    KEY = ("pool", "service", "kind", "start")
    pool: str
    service: str | None
    kind: str
    devices: int


@dataclass(frozen=True, kw_only=True)
class TenantRule(Ruled):
    NOUN = "tenant_rule"
    KEY = ("kind", "pattern", "start")
    kind: str
    pattern: str
    tenant: str | None
    create_under: str | None
    name_template: str
    priority: int


@dataclass(frozen=True, kw_only=True)
class Entitlement(Ruled):
    NOUN = "entitlement"
    KEY = ("tenant", "pool", "service", "start")
    tenant: str
    pool: str | None
    service: str | None
    quota: int


@dataclass(frozen=True, kw_only=True)
class Distribution(Ruled):
    NOUN = "distribution"
    KEY = ("use", "pool", "service", "start")
    use: str
    pool: str | None
    service: str | None
    method: str
    weights: dict[str, str]
    owner: str | None


@dataclass(frozen=True, kw_only=True)
class Residency(Ruled):
    NOUN = "residency"
    KEY = ("model", "cluster", "start")
    model: str
    cluster: str | None
    service: str | None
    gibibytes: Decimal
    copies: int


@dataclass(frozen=True, kw_only=True)
class Rate(Ruled):
    NOUN = "rate"
    KEY = ("base", "quote", "start")
    base: str
    quote: str
    rate: Decimal
    origin: str
    dated: date


@dataclass(frozen=True, kw_only=True)
class ResidencyRule(Ruled):
    NOUN = "residency_rule"
    KEY = ("name", "start")
    name: str
    tenant: str | None
    service: str | None
    regions: tuple[str, ...]
    zones: tuple[str, ...]
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class CompatibilityRule(Ruled):
    NOUN = "compatibility_rule"
    KEY = ("name", "start")
    name: str
    when: dict[str, str]
    needs: dict[str, str]
    accelerators: tuple[str, ...]
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Source(Row):
    NOUN = "source"
    KEY = ("name",)
    name: str
    kind: str
    cluster: str | None
    provider: str | None
    settings: dict[str, Any]
    signals: tuple[str, ...]
    scrape_interval: int
    active: bool = True


class Stored(NamedTuple):
    """A row and the id it has in its table."""

    pk: int
    row: Row


# In the order in which they are written: what is referred to comes first.
KINDS: tuple[type[Row], ...] = (
    Organization, Provider, Region, Cluster, Pool, DeclaredNode, PriceBook, Price, Tenant, Service,
    ServiceRule, Release, Reserve, TenantRule, Entitlement, Distribution, Residency, Rate,
    ResidencyRule, CompatibilityRule, Source,
)  # fmt: skip
