"""Readings become strips; a naive second way gives the same."""

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.signals.definition import Signal
from ingest.telemetry.names import Device
from ingest.telemetry.reading import Reading
from ingest.telemetry.span import Span
from ingest.telemetry.strips import NamedStrips, strips_of
from tests.oracles.naive_strips import Key, naive_strips

START = 1_772_618_400
NAN = float("nan")


def reading(
    fact: str, rows: Sequence[tuple[Mapping[str, str], object]], hours: int = 1, **more: object
) -> Reading:
    signal = Signal(runtime="test", fact=fact, metric=f"m_{fact}", **more)
    values = np.array([np.broadcast_to(v, hours * 60) for _, v in rows], dtype=np.float32)
    zero = np.zeros(hours, dtype=np.int64)
    return Reading(signal, [series for series, _ in rows], values.reshape(len(rows), hours * 60), zero)


def told(strips: NamedStrips) -> dict[Key, dict[str, np.ndarray]]:
    """Signals by hour, device and holder."""
    found: dict[Key, dict[str, np.ndarray]] = {}
    for row in range(len(strips.hour)):
        holder = strips.holder[row]
        who = tuple(strips.containers[holder - 1]) if holder else None
        key = int(strips.hour[row]), tuple(strips.devices[strips.device[row]]), who
        assert key not in found
        found[key] = {name: values[row] for name, values in strips.signals.items()}
    return found


def on(node: str, uuid: str, pod: str | None = None) -> dict[str, str]:
    labels = {"node": node, "uuid": uuid}
    return labels | ({"namespace": "ns", "pod": pod, "container": "main"} if pod else {})


def of_pod(pod: str, node: str | None = None) -> dict[str, str]:
    labels = {"namespace": "ns", "pod": pod, "container": "main"}
    return labels | ({"node": node} if node else {})


_figure = st.sampled_from([NAN, NAN, 0.0, 0.25, 1.0])
_device_series = st.builds(
    on, st.sampled_from(["n1", "n2"]), st.sampled_from(["a", "b"]), st.sampled_from([None, "p1", "p2"])
)


def _readings(fact: str, series: st.SearchStrategy[dict[str, str]], key: tuple[str, ...], **more: object):
    """A reading of up to four series over two hours, whose figures change every ten minutes."""
    values = st.lists(_figure, min_size=12, max_size=12).map(lambda v: np.repeat(v, 10))
    rows = st.lists(
        st.tuples(series, values), max_size=4, unique_by=lambda row: tuple(row[0].get(k) for k in key)
    )
    return rows.map(lambda rows: reading(fact, rows, 2, **more))


@settings(deadline=None, max_examples=100)
@given(
    st.tuples(
        _readings("busy", _device_series, ("node", "uuid", "pod")),
        _readings("busy", _device_series, ("node", "uuid", "pod"), preference=2),
        _readings("memory", _device_series, ("node", "uuid", "pod")),
        _readings("node_ready", st.sampled_from([{"node": "n1"}, {"node": "n2"}, {"node": "n3"}]), ("node",)),
        _readings("node_ready", st.sampled_from([{"node": "n1"}, {"node": "n2"}]), ("node",), veto=True),
        _readings("ready", st.sampled_from([of_pod("p1"), of_pod("p2")]), ("pod",)),
        _readings("pending", st.sampled_from([of_pod("p1"), of_pod("p2")]), ("pod",), aggregate="sum"),
        _readings("pending", st.sampled_from([of_pod("p1"), of_pod("p3")]), ("pod",), aggregate="sum"),
    )
)
def test_strips_are_what_a_naive_reader_makes(readings: tuple[Reading, ...]) -> None:
    strips = told(strips_of(readings, Span(START, 2)))
    naive = naive_strips(readings, START, 2)
    assert strips.keys() == naive.keys()
    for key, signals in naive.items():
        for name, values in signals.items():
            ours = strips[key].get(name, np.full(60, NAN))
            np.testing.assert_array_equal(ours, np.array(values, dtype=np.float32), err_msg=f"{key} {name}")


def test_a_device_with_samples_and_no_pod_is_held_by_nobody() -> None:
    strips = told(
        strips_of([reading("busy", [(on("n1", "a"), 0.0), (on("n1", "b", "p1"), 0.5)])], Span(START, 1))
    )
    assert (strips[START, ("n1", "a"), None]["held"] == 0).all()
    assert (strips[START, ("n1", "b"), ("ns", "p1", "main")]["held"] == 1).all()


def test_a_metric_that_is_copied_for_each_sharing_pod_is_one_device_that_all_of_them_hold() -> None:
    shared = reading("busy", [(on("n1", "a", "p2"), 0.4), (on("n1", "a", "p1"), 0.4)])
    strips = strips_of([shared], Span(START, 1))
    assert len(strips.devices) == 1
    assert {holder and holder[1] for _, _, holder in told(strips)} == {"p1", "p2"}


def test_two_pods_that_meet_in_one_minute_are_a_handover_and_no_sharing() -> None:
    first, then = [0.4] * 31 + [NAN] * 29, [NAN] * 30 + [0.4] * 30
    meeting = reading("busy", [(on("n1", "a", "p2"), first), (on("n1", "a", "p1"), then)])
    rows = told(strips_of([meeting], Span(START, 1)))
    held = {who[1]: np.flatnonzero(row["held"] == 1) for (_, _, who), row in rows.items() if who}
    assert held["p2"].tolist() == list(range(30))
    assert held["p1"].tolist() == list(range(30, 60))


def test_without_pods_on_devices_what_pods_asked_for_decides() -> None:
    busy = reading("busy", [(on("n1", uuid), 0.5) for uuid in "abcd"] + [(on("n2", "e"), 0.0)])
    asked = reading("held", [(of_pod("p2", "n1"), 1), (of_pod("p1", "n1"), 2)])
    ready = reading("node_ready", [({"node": "n1"}, 1), ({"node": "n2"}, 1)])
    holders = {
        device[1]: holder and holder[1]
        for _, device, holder in told(strips_of([busy, asked, ready], Span(START, 1)))
    }
    assert holders == {"a": "p1", "b": "p1", "c": "p2", "d": None, "e": None}


def test_what_a_finished_pod_asked_for_is_free_again() -> None:
    half = [1.0] * 30 + [0.0] * 30
    busy = reading("busy", [(on("n1", "a"), 0.0)])
    asked, active = reading("held", [(of_pod("p1", "n1"), 1)]), reading("pod_active", [(of_pod("p1"), half)])
    strips = told(strips_of([busy, asked, active], Span(START, 1)))
    assert np.flatnonzero(strips[START, ("n1", "a"), ("ns", "p1", "main")]["held"] == 1).tolist() == list(
        range(30)
    )
    assert np.flatnonzero(strips[START, ("n1", "a"), None]["held"] == 0).tolist() == list(range(30, 60))


def test_devices_that_only_a_node_offers_are_numbered() -> None:
    offered = reading("devices", [({"node": "n1"}, 2)])
    asked = reading("held", [(of_pod("p1", "n1"), 1)])
    strips = told(strips_of([offered, asked], Span(START, 1)))
    assert {(device, holder and holder[1]) for _, device, holder in strips} == {
        (("n1", "device-0"), "p1"),
        (("n1", "device-1"), None),
    }


def test_what_a_node_offers_adds_nothing_to_devices_that_are_seen() -> None:
    readings = [reading("devices", [({"node": "n1"}, 8)]), reading("busy", [(on("n1", "a", "p1"), 1.0)])]
    assert {device for _, device, _ in told(strips_of(readings, Span(START, 1)))} == {("n1", "a")}


def test_a_device_seen_lately_is_unready_while_its_node_is_down() -> None:
    down = reading("node_ready", [({"node": "n1"}, [1.0] * 20 + [0.0] * 40)])
    strips = told(strips_of([down], Span(START, 1), {Device("n1", "a"): "A100"}))
    row = strips[START, ("n1", "a"), None]
    assert np.flatnonzero(row["node_ready"] == 0).tolist() == list(range(20, 60))
    assert np.isnan(row["held"]).all()
    assert told(strips_of([], Span(START, 1), {Device("n1", "a"): "A100"})) == {}


def test_a_preferred_metric_wins_where_it_has_a_sample() -> None:
    best = reading("busy", [(on("n1", "a", "p"), [0.5] * 30 + [NAN] * 30)], preference=1)
    rough = reading("busy", [(on("n1", "a", "p"), 1.0)], preference=2)
    (row,) = told(strips_of([rough, best], Span(START, 1))).values()
    assert row["busy"].tolist() == [0.5] * 30 + [1.0] * 30
