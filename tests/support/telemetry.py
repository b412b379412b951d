"""A few hours of a small, eventful fleet as OpenMetrics text. Every oddity is named where it is made.

Hours 10, 11 and 12 of 4 March 2026. Nodes n1 (two devices), n2 and n3 (one each).
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2026, 3, 4, 10, tzinfo=UTC)
T0 = int(START.timestamp())
MINUTES = 180
Values = Mapping[int, float | str]  # second since T0 → value


def series(name: str, labels: Mapping[str, str], values: Values) -> str:
    """Lines of one series."""
    text = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return "".join(f"{name}{{{text}}} {value} {T0 + second}\n" for second, value in values.items())


def every(
    seconds: int, value: float | str, start: int = 0, end: int = MINUTES * 60
) -> dict[int, float | str]:
    """The same value at regular times."""
    return dict.fromkeys(range(start, end, seconds), value)


def text_of(families: Mapping[str, tuple[str, Iterable[tuple[Mapping[str, str], Values]]]]) -> str:
    """OpenMetrics text: name → (type, series)."""
    parts = []
    for name, (kind, members) in families.items():
        parts.append(f"# TYPE {name.removesuffix('_total') if kind == 'counter' else name} {kind}\n")
        parts += [series(name, labels, values) for labels, values in members]
    return "".join(parts) + "# EOF\n"


def device(node: str, number: int, pod: str | None = None, host: str = "Hostname") -> dict[str, str]:
    """Labels of a device as dcgm-exporter has them behind `honor_labels: false`; its own pod is `pod`."""
    labels = {
        "gpu": str(number),
        "UUID": f"GPU-{node}-{number}",
        host: node,
        "modelName": "A100",
        "namespace": "monitoring",
        "pod": f"dcgm-exporter-{node}",
        "container": "exporter",
    }
    if pod:
        labels |= {"exported_namespace": "ns", "exported_pod": pod, "exported_container": "main"}
    return labels


def busy_family() -> tuple[str, list[tuple[Mapping[str, str], Values]]]:
    """n1/0 held by chat-a, n1/1 by nobody, n2/0 handed from chat-b to chat-c at 11:20, n3/0 now and then."""
    return "gauge", [
        (device("n1", 0, "chat-a"), {s: round(0.001 * (s % 997), 3) for s in range(5, MINUTES * 60, 15)}),
        (device("n1", 1), every(30, 0.0)),
        (device("n2", 0, "chat-b"), every(57, 0.5, end=80 * 60)),
        (device("n2", 0, "chat-c"), every(57, 0.25, start=80 * 60 + 7)),
        # Its exporter was upgraded: `Hostname` became `hostname`, and an hour is missing.
        (device("n3", 0, "chat-d"), every(60, 1.0, end=60 * 60)),
        (device("n3", 0, "chat-d", "hostname"), every(60, 0.75, start=120 * 60)),
    ]


def small_fleet_text() -> str:
    """Everything, as one file."""
    nodes = [({"node": n, "condition": "Ready", "status": "true"}, every(60, 1)) for n in ("n1", "n2")]
    down = every(60, 1, end=3600) | every(60, 0, start=3600, end=7200) | every(60, 1, start=7200)
    cordon = (
        every(60, 0, end=30 * 60) | every(60, 1, start=30 * 60, end=40 * 60) | every(60, 0, start=40 * 60)
    )
    pods = [({"namespace": "ns", "pod": f"chat-{p}", "condition": "true"}, every(60, 1)) for p in "abd"]
    loading = every(60, 0, start=80 * 60, end=86 * 60) | every(60, 1, start=86 * 60)
    engine = {"namespace": "ns", "pod": "chat-a", "model_name": "llama"}
    return text_of(
        {
            "DCGM_FI_PROF_GR_ENGINE_ACTIVE": busy_family(),
            "DCGM_FI_DEV_FB_USED": ("gauge", [(device("n1", 0, "chat-a"), every(60, 20_000.5))]),
            "kube_node_status_condition": (
                "gauge",
                [*nodes, ({"node": "n3", "condition": "Ready", "status": "true"}, down)],
            ),
            "kube_node_spec_unschedulable": ("gauge", [({"node": "n2"}, cordon)]),
            "kube_pod_status_ready": (
                "gauge",
                [*pods, ({"namespace": "ns", "pod": "chat-c", "condition": "true"}, loading)],
            ),
            "vllm:num_requests_running": (
                "gauge",
                [(engine | {"engine": str(e)}, every(15, e + 1)) for e in range(2)],
            ),
            "vllm:num_requests_waiting": ("gauge", [(engine | {"engine": "0"}, every(15, 4))]),
            **counters(),
        }
    )


def counters() -> dict[str, tuple[str, list[tuple[Mapping[str, str], Values]]]]:
    """A runtime that restarts at 11:30, two teams at the gateway, one of them new at 11:15, and bytes."""
    engine = {"namespace": "ns", "pod": "chat-a", "model_name": "llama", "engine": "0"}
    team = {"team_alias": "search", "team": "t-1", "requested_model": "llama", "status_code": "200"}
    late = {"team_alias": "None", "team": "t-2", "requested_model": "llama"}
    nobody = {"team_alias": "None", "team": "None", "requested_model": "llama", "status_code": "200"}
    egress = {"namespace": "ns", "pod_name": "chat-a", "sameZone": "false", "sameRegion": "true"}
    return {
        "vllm:request_success_total": (
            "counter",
            [
                (engine | {"finished_reason": "stop"}, _counting(2, restart=90)),
                (engine | {"finished_reason": "abort"}, _counting(1, restart=90)),
            ],
        ),
        "vllm:generation_tokens_total": ("counter", [(engine, _counting(100, restart=90))]),
        "litellm_proxy_total_requests_metric_total": (
            "counter",
            [
                (team, _counting(3)),
                (late | {"status_code": "200"}, {75 * 60 + s: 1 + s // 60 for s in range(0, 6300, 60)}),
                (late | {"status_code": "429"}, every(60, 7, start=75 * 60)),
                (nobody, _counting(1)),
            ],
        ),
        "kubecost_pod_network_egress_bytes_total": (
            "counter",
            [
                (egress | {"internet": "true"}, _counting(1_000_000)),
                (egress | {"internet": "false"}, _counting(500)),
            ],
        ),
    }


def _counting(step: int, restart: int | None = None) -> dict[int, float | str]:
    values: dict[int, float | str] = {}
    for minute in range(MINUTES):
        since = minute if restart is None or minute < restart else minute - restart
        values[minute * 60] = since * step
    return values


def write_small_fleet(folder: Path) -> Path:
    """The file, for promtool and for the parser."""
    path = folder / "fleet.om"
    path.write_text(small_fleet_text())
    return path
