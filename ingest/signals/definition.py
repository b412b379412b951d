"""What a signal is: which metric of a runtime says which fact, as data."""

from dataclasses import dataclass, field
from typing import Literal

OverTime = Literal["avg", "max", "min", "last", "counter"]
Aggregate = Literal["max", "min", "sum"]

DEVICE_ROLES = (
    "node", "uuid", "device_model", "slice", "profile", "namespace", "pod", "container", "vgpu",
    "claim_namespace", "claim",
)  # fmt: skip
USAGE_ROLES = ("namespace", "pod", "model", "tenant", "service", "status")
ENGINE_ROLES = ("namespace", "pod", "model", "service")

# Fact: the roles that its series are told apart by.
GAUGES: dict[str, tuple[str, ...]] = {
    "busy": DEVICE_ROLES,  # 0 to 1
    "memory": DEVICE_ROLES,  # MiB
    "held": ("node", "namespace", "pod", "container", "resource"),  # devices a container asked for
    "claim": ("namespace", "pod", "claim"),  # 1: the pod refers to a resource claim
    "pod_active": ("namespace", "pod"),  # 1: runs or is about to; requests of finished pods persist
    "devices": ("node", "resource"),  # allocatable devices
    "node_ready": ("node",),  # 0 or 1
    "ready": ("namespace", "pod"),  # 0 or 1
    "pending": ("namespace", "pod"),  # requests that run or wait
    "measure.active_series": USAGE_ROLES,  # series of metrics that a tenant keeps alive
    "measure.artifact_bytes": USAGE_ROLES,  # bytes of a model's artifact that lie in storage
}
MEASURES = ("requests", "duration_us", "engine_us", "input_tokens", "cached_tokens", "output_tokens")
CLASSES = ("internet", "inter_region", "inter_zone", "same_zone", "all")
COUNTERS: dict[str, tuple[str, ...]] = {f"usage.{measure}": USAGE_ROLES for measure in MEASURES} | {
    f"transfer.{name}": ("namespace", "pod") for name in CLASSES
}
COUNTERS |= {f"measure.{what}": USAGE_ROLES for what in ("tool_calls", "log_bytes", "spans")}
# What an engine times of its own work: seconds of its phases as microseconds, and the tokens in them.
PHASES = ("prefill_us", "decode_us", "computed_tokens", "cached_tokens", "decoded_tokens")
COUNTERS |= {f"phase.{measure}": ENGINE_ROLES for measure in PHASES}
FACTS = GAUGES | COUNTERS
OUTCOMES = ("success", "failed", "unfinished")
SERVICE_KINDS = ("pod", "model", "service")
# What is possible at all, after scaling. A sample outside is rejected and counted.
RANGES: dict[str, tuple[float, float]] = {
    "busy": (0.0, 1.0),
    "memory": (0.0, 2.0**30),
    "held": (0.0, 1024.0),
    "claim": (0.0, 1.0),
    "pod_active": (0.0, 1.0),
    "devices": (0.0, 1024.0),
    "node_ready": (0.0, 1.0),
    "ready": (0.0, 1.0),
    "pending": (0.0, 2.0**31),
}
COUNTER_RANGE = (0.0, 2.0**62)


@dataclass(frozen=True)
class UsageTerms:
    """How a runtime's counters name services and tenants.

    `service` lists what to try in order (pod, model, service); `tenant` is the label kind of the role
    `tenant`; values in `unknown` mean nobody.
    """

    level: Literal["gateway", "engine"] = "engine"
    service: tuple[str, ...] = ("pod", "model")
    tenant: str = "tenant"
    unknown: tuple[str, ...] = ("", "None", "null")


@dataclass(frozen=True)
class Signal:
    """One [[signal]] of a runtime's file. See docs/signals.md for every key.

    Series that differ in no label but `copies` say the same thing: the highest of them is taken.
    """

    runtime: str
    fact: str
    metric: str
    query: str = ""
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    where_not: tuple[tuple[str, tuple[str, ...]], ...] = ()
    copies: tuple[str, ...] = ()
    over_time: OverTime = "avg"
    aggregate: Aggregate = "max"
    scale: float = 1.0
    offset: float = 0.0
    preference: int = 1
    veto: bool = False
    outcomes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    usage: UsageTerms = field(default_factory=UsageTerms)

    @property
    def is_counter(self) -> bool:
        """Counters are read raw and differenced by us; gauges are averaged by the minute."""
        return self.fact in COUNTERS

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that tell series of this fact apart."""
        return FACTS[self.fact]

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest possible value, after scaling."""
        return RANGES.get(self.fact, COUNTER_RANGE)

    def variants(self, role: str) -> tuple[str, ...]:
        """Label names that may carry a role, the preferred first; a role nobody declared is a label."""
        return dict(self.labels).get(role, (role,))
