from pathlib import Path

import pytest

from ingest.signals.definition import Signal
from ingest.signals.load import load_signals
from ingest.sources.prometheus.promql import compile_query, range_seconds
from ingest.telemetry.variants import choose, roles_of

PLAIN = {"UUID", "Hostname", "modelName", "namespace", "pod", "container", "gpu"}
EXPORTED = PLAIN | {"exported_namespace", "exported_pod", "exported_container"}


def _signal(name: str, metric: str) -> Signal:
    return next(signal for signal in load_signals([name]) if signal.metric == metric)


BUSY = _signal("dcgm", "DCGM_FI_DEV_GPU_UTIL")


def test_a_gauge_is_averaged_by_the_minute_and_reduced_to_its_roles() -> None:
    assert compile_query(BUSY, choose(BUSY, PLAIN), PLAIN, 60) == (
        "max by (Hostname,UUID,modelName,namespace,pod,container) (avg_over_time(DCGM_FI_DEV_GPU_UTIL[60s]))"
    )


def test_an_exported_label_rules_out_the_exporters_own() -> None:
    choice = choose(BUSY, EXPORTED)
    assert choice["pod"] == ("exported_pod", "pod")
    labels = {"Hostname": "n1", "pod": "dcgm-exporter-1", "exported_pod": ""}
    assert roles_of(labels, choice) == {"node": "n1"}


def test_two_spellings_at_once_are_both_asked_for_and_the_series_own_is_read() -> None:
    choice = choose(BUSY, {"Hostname", "hostname", "UUID"})
    assert choice["node"] == ("Hostname", "hostname")
    assert roles_of({"hostname": "n2", "UUID": "u"}, choice) == {"node": "n2", "uuid": "u"}


def test_conditions_use_the_sources_spelling_and_are_escaped() -> None:
    signal = Signal(
        runtime="x",
        fact="memory",
        metric="m",
        where=(("zone", ("a",)), ("kind", ('q"\\', "b.c"))),
        where_not=(("pod", ("",)),),
        labels=(("zone", ("same_zone", "sameZone")),),
    )
    query = compile_query(signal, {}, {"sameZone"}, 60)
    assert r'm{sameZone="a",kind=~"q\"\\\\|b\\.c",pod!=""}[60s]' in query


def test_a_counter_is_asked_for_as_it_is() -> None:
    signal = _signal("vllm", "vllm:prompt_tokens_total")
    assert compile_query(signal, {}, set(), 60) == "last_over_time(vllm:prompt_tokens_total[60s])"


def test_an_own_query_gets_the_range(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'title = "x"\n[[signal]]\nfact = "busy"\nquery = "max by (node, uuid) (avg_over_time(b[$range]))"\n'
    )
    (signal,) = load_signals([str(path)])
    assert compile_query(signal, {}, set(), 300) == "max by (node, uuid) (avg_over_time(b[300s]))"


@pytest.mark.parametrize(("interval", "seconds"), [(15, 60), (60, 60), (300, 300)])
def test_a_sample_stands_for_its_interval(interval: int, seconds: int) -> None:
    assert range_seconds(interval) == seconds
