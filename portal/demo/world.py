"""The estate of the demo: who runs what where. Meridian is invented; so is every figure."""

from dataclasses import dataclass

H100 = "NVIDIA H100 80GB HBM3"
A100 = "NVIDIA A100-SXM4-40GB"
L40S = "NVIDIA L40S"


@dataclass(frozen=True)
class Node:
    """A machine: its name in the cluster and the provider's own id for it ("" where there is none)."""

    name: str
    resource_id: str


@dataclass(frozen=True)
class Group:
    """Like nodes of one pool; `instance` is what the provider's bill calls the machine."""

    cluster: str
    pool: str
    accelerator: str
    devices_per_node: int
    nodes: tuple[Node, ...]
    instance: str = ""

    @property
    def devices(self) -> int:
        """Accelerators in the group."""
        return self.devices_per_node * len(self.nodes)


@dataclass(frozen=True)
class Deployment:
    """Replicas of a service in a pool: `gpus` devices each, from `least` to `most` of them.

    `vllm`: whether its pods expose vLLM's queue. `profile`: each pod has a MIG instance of it, on a device of
    its own. `beside`: its pods share the devices of that deployment's first pods by time.
    """

    service: str
    cluster: str
    pool: str
    namespace: str
    pod: str
    gpus: int
    least: int
    most: int
    vllm: bool = False
    profile: str = ""
    beside: str = ""


@dataclass(frozen=True)
class World:
    """Everything that the telemetry and the bills of the demo speak of."""

    groups: tuple[Group, ...]
    deployments: tuple[Deployment, ...]

    @property
    def clusters(self) -> tuple[str, ...]:
        """Clusters with devices, in the order of declaration."""
        return tuple(dict.fromkeys(group.cluster for group in self.groups))

    def group(self, cluster: str, pool: str) -> Group:
        """The group of a pool."""
        return next(group for group in self.groups if (group.cluster, group.pool) == (cluster, pool))


def world(*, small: bool = False) -> World:
    """The whole estate of 120 devices, or ten devices of the same shape."""
    return World(_groups(small), _SMALL if small else _FULL)


def _groups(small: bool) -> tuple[Group, ...]:
    def nodes(count: int, name: str, resource: str) -> tuple[Node, ...]:
        numbers = range(1, (1 if small else count) + 1)
        return tuple(Node(name.format(n), resource.format(n)) for n in numbers)

    def per_node(full: int, few: int) -> int:
        return few if small else full

    return (
        Group("oslo-metal", "h100", H100, per_node(8, 4), nodes(4, "oslo-h100-{:02d}", "")),
        Group(
            "fra-eks", "a100", A100, per_node(8, 2),
            nodes(4, "ip-10-12-3-{:d}.eu-central-1.compute.internal", "i-0fra0a100{:08d}"), "p4d.24xlarge",
        ),
        Group(
            "iad-kube", "l40s", L40S, per_node(4, 2),
            nodes(6, "ip-10-64-7-{:d}.ec2.internal", "i-0iad0l40s{:08d}"), "g6e.12xlarge",
        ),
        Group(
            "ams-hybrid", "cloud-h100", H100, per_node(8, 1),
            nodes(2, "aks-h100-31274-vmss{:06d}", "aks-h100-31274-vmss_{:d}"), "Standard_ND96isr_H100_v5",
        ),
        Group("ams-hybrid", "lab-l40s", L40S, per_node(4, 1), nodes(4, "lab-ams-{:02d}", "")),
    )  # fmt: skip


_FULL = (
    Deployment("chat-large", "oslo-metal", "h100", "chat", "chat-large", 4, 5, 7, vllm=True),
    Deployment("chat-small", "fra-eks", "a100", "chat", "chat-small", 1, 11, 16, vllm=True),
    Deployment("code-assist", "fra-eks", "a100", "code", "code-assist", 2, 3, 5, vllm=True),
    Deployment("", "fra-eks", "a100", "research", "notebook", 1, 2, 2, profile="3g.20gb"),
    Deployment("embeddings", "iad-kube", "l40s", "search", "embeddings", 1, 5, 6, vllm=True),
    Deployment("rerank", "iad-kube", "l40s", "search", "rerank", 1, 4, 6),
    Deployment("image-gen", "iad-kube", "l40s", "studio", "image-gen", 1, 5, 8),
    Deployment("", "iad-kube", "l40s", "research", "experiment", 1, 2, 2, beside="rerank"),
    Deployment("chat-large", "ams-hybrid", "cloud-h100", "chat", "chat-large-ams", 4, 3, 3, vllm=True),
    Deployment("claims-ocr", "ams-hybrid", "lab-l40s", "claims", "claims-ocr", 1, 7, 12),
)
_SMALL = (
    Deployment("chat-large", "oslo-metal", "h100", "chat", "chat-large", 1, 2, 3, vllm=True),
    Deployment("chat-small", "fra-eks", "a100", "chat", "chat-small", 1, 1, 2, vllm=True),
    Deployment("rerank", "iad-kube", "l40s", "search", "rerank", 1, 1, 1),
    Deployment("image-gen", "iad-kube", "l40s", "studio", "image-gen", 1, 1, 1),
    Deployment("chat-large", "ams-hybrid", "cloud-h100", "chat", "chat-large-ams", 1, 1, 1, vllm=True),
    Deployment("claims-ocr", "ams-hybrid", "lab-l40s", "claims", "claims-ocr", 1, 1, 1),
)
# An instance that Amazon bills and that no cluster ever showed: somebody started it by hand.
UNSEEN = Node("ip-10-64-7-99.ec2.internal", "i-0iad0l40s00000099")
