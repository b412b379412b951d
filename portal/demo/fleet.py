"""The demo's configuration, as the file that an operator would write."""

from pathlib import Path

from portal.demo import gateway, telemetry
from portal.demo.world import World

TEMPLATE = Path(__file__).with_name("fleet.toml.txt")
# Short names at the gateway and in the logs, and the tenants they mean.
TEAMS = {
    "customer-chat": "Customer chat",
    "cards": "Cards",
    "lending": "Lending",
    "brand-studio": "Brand studio",
    "claims": "Claims",
    "pricing": "Pricing",
    "fraud": "Fraud",
    "search": "Search",
    "developers": "Developers",
}
_COLUMNS = (
    '{ time = "ts", request_id = "request_id", tenant = "tenant", service = "service", model = "model", '
    'status = "status", duration_s = "duration_s" }'
)
_COUNTS = (
    ', input_tokens = "input_tokens", cached_tokens = "cached_tokens", output_tokens = "output_tokens" }'
)


def fleet(world: World) -> str:
    """The text of fleet.toml for an estate."""
    small = world.group("oslo-metal", "h100").devices < 8
    pools = {
        "oslo": ("oslo-metal", "h100"),
        "fra": ("fra-eks", "a100"),
        "iad": ("iad-kube", "l40s"),
        "ams": ("ams-hybrid", "cloud-h100"),
        "lab": ("ams-hybrid", "lab-l40s"),
    }
    per_node = {f"{key}_per_node": world.group(*place).devices_per_node for key, place in pools.items()}
    return TEMPLATE.read_text(encoding="utf-8").format(
        **per_node,
        oslo_failover=1 if small else 4,
        oslo_warm=1 if small else 4,
        fra_warm=1 if small else 2,
        ams_failover=1 if small else 4,
        tenant_rules="".join(_tenant_rules()),
        cluster_sources="".join(_cluster_source(cluster) for cluster in world.clusters),
        columns=_COLUMNS,
        token_columns=_COLUMNS[:-2] + _COUNTS,
        gateway_interval=gateway.SCRAPE_SECONDS,
    )


def _tenant_rules() -> list[str]:
    return [
        f'[[tenant_rule]]\nkind = "{kind}"\npattern = "{short}"\ntenant = "{tenant}"\n'
        for short, tenant in TEAMS.items()
        for kind in ("team", "tenant")
    ]


def _cluster_source(cluster: str) -> str:
    signals = '["dcgm", "kube_state_metrics", "vllm", "locality_egress"]'
    return (
        f'[[source]]\nname = "{source_of(cluster)}"\nkind = "openmetrics"\ncluster = "{cluster}"\n'
        f'signals = {signals}\nscrape_interval = "{telemetry.SCRAPE_SECONDS}s"\n'
    )


def source_of(cluster: str) -> str:
    """The name of the source that tells of a cluster's devices."""
    return f"{cluster}-metrics"
