"""Slices and sharers as exporters and Kubernetes show them: who has what of which device, and when."""

from collections.abc import Mapping, Sequence

import numpy as np

from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.strips import NamedStrips, strips_of
from tests.ingest.telemetry.test_strips import NAN, START, of_pod, on, reading

NOON = [1.0] * 30 + [NAN] * 30
AFTER = [NAN] * 30 + [1.0] * 30


def mig(
    uuid: str, number: int, profile: str, pod: str | None = None, model: str = "NVIDIA A100"
) -> dict[str, str]:
    return on("n1", uuid, pod) | {"slice": str(number), "profile": profile, "device_model": model}


def strips(*readings: Reading, hours: int = 1) -> NamedStrips:
    return strips_of(readings, Span(START, hours))


def rows(found: NamedStrips) -> dict[tuple[str, str, str], Mapping[str, np.ndarray]]:
    """Signals by device, "slices/of" and pod ("" for nobody)."""
    told = {}
    for row in range(len(found.hour)):
        holder = found.holder[row]
        size = f"{found.slices[row]}/{found.of_slices[row]}" if found.slice[row] else "whole"
        pod = found.containers[holder - 1].pod if holder else ""
        key = found.devices[found.device[row]].uuid, size, pod
        assert key not in told
        told[key] = {name: values[row] for name, values in found.signals.items()}
    return told


def held(found: NamedStrips) -> dict[tuple[str, str, str], list[float]]:
    """What `held` says, as runs: [value, minutes, value, minutes, …]."""
    return {key: runs(signals["held"]) for key, signals in rows(found).items()}


def runs(values: Sequence[float] | np.ndarray) -> list[float]:
    told: list[float] = []
    for value in np.nan_to_num(np.asarray(values), nan=9.0).tolist():
        if told and told[-2] == value:
            told[-1] += 1
        else:
            told += [value, 1]
    return told


def test_instances_have_their_slices_and_their_own_activity() -> None:
    busy = reading(
        "busy",
        [(mig("a", 1, "3g.40gb", "p1"), 0.9), (mig("a", 5, "1g.10gb"), 0.0), (on("n1", "b", "p2"), 0.4)],
    )
    found = rows(strips(busy))
    assert {key: float(row["busy"][0]) for key, row in found.items()} == {
        ("a", "3/7", "p1"): np.float32(0.9),
        ("a", "1/7", ""): 0.0,
        ("b", "whole", "p2"): np.float32(0.4),
    }
    assert runs(found["a", "1/7", ""]["held"]) == [0, 60]


def test_a_devices_model_says_into_how_many_slices_it_is_cut() -> None:
    busy = reading(
        "busy", [(mig("a", 1, "1g.6gb", "p1", "NVIDIA A30"), 0.5), (mig("b", 1, "1g.5gb+me", "p2"), 0.5)]
    )
    assert set(rows(strips(busy))) == {("a", "1/4", "p1"), ("b", "1/7", "p2")}


def test_a_device_that_is_cut_anew_at_noon_loses_no_minute_and_has_none_twice() -> None:
    busy = reading(
        "busy",
        [
            (mig("a", 1, "4g.40gb", "p1"), [0.5] * 31 + [NAN] * 29),
            (mig("a", 2, "3g.40gb", "p2"), NOON),
            (mig("a", 1, "7g.80gb", "p3"), AFTER),
        ],
    )
    assert held(strips(busy)) == {
        ("a", "4/7", "p1"): [1, 30, -1, 30],
        ("a", "3/7", "p2"): [1, 30, -1, 30],
        ("a", "7/7", "p3"): [-1, 30, 1, 30],
    }


def test_a_whole_device_that_is_cut_at_noon_is_not_there_beside_its_slices() -> None:
    busy = reading(
        "busy", [(on("n1", "a", "p1"), NOON), (mig("a", 1, "3g.40gb", "p2"), AFTER), (on("n1", "a"), 0.1)]
    )
    assert held(strips(busy)) == {
        ("a", "whole", "p1"): [1, 30, -1, 30],
        ("a", "3/7", "p2"): [-1, 30, 1, 30],
    }


def test_a_scrape_that_misses_one_instance_leaves_it_where_it_was() -> None:
    gap = [0.5] * 20 + [NAN] * 5 + [0.5] * 35
    busy = reading("busy", [(mig("a", 1, "3g.40gb", "p1"), gap), (mig("a", 2, "1g.10gb", "p2"), 0.5)])
    found = rows(strips(busy))
    assert runs(found["a", "3/7", "p1"]["held"]) == [1, 20, 9, 5, 1, 35]  # 9: there, and silent


def test_a_silent_device_stays_cut_as_it_was() -> None:
    quiet = [0.5] * 20 + [NAN] * 40
    busy = reading("busy", [(mig("a", 1, "3g.40gb", "p1"), quiet)])
    down = reading("node_ready", [({"node": "n1"}, [1.0] * 20 + [0.0] * 40)])
    found = rows(strips(busy, down))
    assert runs(found["a", "3/7", "p1"]["held"]) == [1, 20, 9, 40]
    assert runs(found["a", "3/7", "p1"]["node_ready"]) == [1, 20, 0, 40]


def vgpu(uuid: str, pod: str, number: int) -> dict[str, str]:
    return on("n1", uuid, pod) | {"vgpu": str(number)}


def test_copies_for_virtual_gpus_are_one_device_and_count_its_replicas() -> None:
    copies = [
        (on("n1", "a"), 0.6),
        (vgpu("a", "p1", 0), 0.6),
        (vgpu("a", "p2", 1), 0.6),
        (vgpu("a", "p2", 2), 0.6),
    ]
    found = strips(reading("busy", copies))
    assert held(found) == {("a", "whole", "p1"): [1, 60], ("a", "whole", "p2"): [2, 60]}
    assert all((row["busy"] == np.float32(0.6)).all() for row in rows(found).values())


def test_the_kept_device_series_is_the_devices_activity_where_the_others_are_split() -> None:
    split = [(on("n1", "a"), 0.9), (vgpu("a", "p1", 0), 0.5), (vgpu("a", "p2", 1), 0.4)]
    assert all(
        (row["busy"] == np.float32(0.9)).all() for row in rows(strips(reading("busy", split))).values()
    )


def test_without_the_flag_requests_say_who_shares_and_the_last_pod_keeps_its_device() -> None:
    busy = reading("busy", [(on("n1", "a", "p3"), 0.5), (on("n1", "b", "p1"), 0.5)])
    asked = reading(
        "held", [(of_pod(pod, "n1") | {"resource": "nvidia_com_gpu"}, 1) for pod in ("p1", "p2", "p3")]
    )
    offered = reading("devices", [({"node": "n1", "resource": "nvidia_com_gpu"}, 8)])
    assert held(strips(busy, asked, offered)) == {
        ("a", "whole", "p2"): [1, 60],
        ("a", "whole", "p3"): [1, 60],
        ("b", "whole", "p1"): [1, 60],
    }


def test_a_pod_with_two_replicas_and_one_that_comes_at_noon() -> None:
    busy = reading("busy", [(on("n1", "a"), 0.5)])
    asked = reading("held", [(of_pod("p1", "n1"), 2), (of_pod("p2", "n1"), AFTER)])
    offered = reading("devices", [({"node": "n1"}, 4)])
    found = held(strips(busy, asked, offered))
    assert found == {("a", "whole", "p1"): [2, 60], ("a", "whole", "p2"): [9, 30, 1, 30]}


def test_requests_for_slices_are_dealt_to_slices_of_their_profile() -> None:
    busy = reading(
        "busy",
        [
            (mig("a", 1, "3g.40gb"), 0.5),
            (mig("a", 2, "1g.10gb"), 0.5),
            (mig("a", 3, "1g.10gb"), 0.5),
            (on("n1", "b"), 0.5),
        ],
    )
    asked = reading(
        "held",
        [
            (of_pod("p1", "n1") | {"resource": "nvidia_com_mig_1g_10gb"}, 1),
            (of_pod("p2", "n1") | {"resource": "nvidia_com_mig_3g_40gb"}, 1),
            (of_pod("p3", "n1") | {"resource": "nvidia_com_gpu"}, 1),
        ],
    )
    ready = reading("node_ready", [({"node": "n1"}, 1)])
    found = strips(busy, asked, ready)
    assert sorted(found.containers[h - 1].pod if h else "" for h in found.holder) == ["", "p1", "p2", "p3"]
    assert {key for key in rows(found) if key[2]} == {
        ("a", "1/7", "p1"),
        ("a", "3/7", "p2"),
        ("b", "whole", "p3"),
    }


def test_slices_that_only_a_node_offers_are_packed_on_as_few_devices_as_hold_them() -> None:
    offered = reading(
        "devices",
        [
            ({"node": "n1", "resource": "nvidia_com_mig_3g_40gb"}, 2),
            ({"node": "n1", "resource": "nvidia_com_mig_1g_10gb"}, 2),
        ],
    )
    asked = reading("held", [(of_pod("p1", "n1") | {"resource": "nvidia_com_mig_3g_40gb"}, 1)])
    found = strips(offered, asked)
    assert [device.uuid for device in found.devices] == ["mig-0", "mig-1"]
    assert ("mig-0", "3/7", "p1") in rows(found)
    assert int(found.slices.sum()) == 8


def test_a_claim_that_two_pods_refer_to_is_held_by_both() -> None:
    claim = {"claim_namespace": "ns", "claim": "single-gpu", "slice": "gpu-0"}
    busy = reading("busy", [(on("n1", "a") | claim, 0.5), (on("n1", "b"), 0.0)])
    info = reading(
        "claim", [({"namespace": "ns", "pod": pod, "claim": "single-gpu"}, 1) for pod in ("p1", "p2")]
    )
    assert held(strips(busy, info)) == {
        ("a", "whole", "p1"): [1, 60],
        ("a", "whole", "p2"): [1, 60],
        ("b", "whole", ""): [0, 60],
    }


def test_a_mig_device_of_dra_has_its_profile_from_the_claim() -> None:
    series = on("n1", "a", "p1") | {
        "slice": "gpu-0-mig-9-4-4",
        "profile": "3g.40gb",
        "device_model": "NVIDIA H100",
    }
    assert set(rows(strips(reading("busy", [(series, 0.5)])))) == {("a", "3/7", "p1")}


def test_partitions_are_parts_by_their_type_and_without_one_by_their_number() -> None:
    cpx = [
        (
            on("n1", "a", f"p{n}")
            | {"slice": str(n), "profile": "cpx", "device_model": "AMD Instinct MI300X OAM"},
            0.5,
        )
        for n in range(2)
    ]
    spx = [(on("n1", "b", "p8") | {"slice": "0", "profile": "spx"}, 0.5)]
    untyped = [(on("n1", "c", f"q{n}") | {"slice": str(n)}, 0.5) for n in range(4)]
    single = [(on("n1", "d", "r") | {"slice": "0"}, 0.5)]
    found = rows(strips(reading("busy", [*cpx, *spx, *untyped, *single])))
    assert {key[:2] for key in found} == {("a", "1/8"), ("b", "whole"), ("c", "1/4"), ("d", "whole")}
