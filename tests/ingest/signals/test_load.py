from pathlib import Path

import pytest

from ingest.signals.load import known_runtimes, load_runtime, load_signals
from ingest.signals.mistakes import BadSignals

GOOD = """
title = "My exporter"
[labels]
node = ["host", "hostname"]
uuid = "serial"
[[signal]]
fact = "busy"
metric = "my_busy_percent"
scale = 0.01
where = { kind = ["a", "b"] }
where_not = { state = "off" }
"""


def own(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


def test_all_files_of_ours_are_good() -> None:
    assert known_runtimes() == [
        "amd", "cadvisor", "dcgm", "dynamo", "envoy_ai_gateway", "gaudi", "kserve", "kube_state_metrics",
        "litellm", "llm_d", "locality_egress", "loki", "mimir", "nim", "nvidia_device_plugin", "ray_serve",
        "ray_vllm", "sglang", "tensorrt_llm", "tgi", "triton", "vllm",
    ]  # fmt: skip
    for name in known_runtimes():
        runtime = load_runtime(name)
        assert runtime.title
        assert runtime.signals


def test_a_file_of_the_operators_own_works_the_same_way(tmp_path: Path) -> None:
    (signal,) = load_signals([own(tmp_path, GOOD)])
    assert (signal.runtime, signal.fact, signal.metric) == ("mine", "busy", "my_busy_percent")
    assert signal.scale == 0.01
    assert signal.variants("node") == ("host", "hostname")
    assert signal.variants("uuid") == ("serial",)
    assert signal.variants("pod") == ("pod",)
    assert signal.where == (("kind", ("a", "b")),)
    assert signal.where_not == (("state", ("off",)),)


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        (('fact = "busy"', 'fact = "bussy"'), "signal[1].fact", "one of busy, memory"),
        (('fact = "busy"', ""), "signal[1].fact", "one of busy"),
        (("metric =", "metrics ="), "signal[1].metrics", "one of the keys fact, metric"),
        (('"my_busy_percent"', '"my busy"'), "signal[1].metric", "the name of a metric"),
        (("scale = 0.01", 'scale = "0.01"'), "signal[1].scale", "a number"),
        (("scale = 0.01", 'over_time = "sum"'), "signal[1].over_time", "one of avg, max, min, last, counter"),
        (("scale = 0.01", 'over_time = "counter"'), "signal[1].over_time", "avg, max, min or last for busy"),
        (("scale = 0.01", 'query = "x[$range]"'), "signal[1].metric", "either a metric or a query"),
        (('metric = "my_busy_percent"', 'query = "x[1m]"'), "signal[1].query", "PromQL with $range"),
        (("scale = 0.01", "outcomes = { won = ['x'] }"), "signal[1].outcomes", "a table of success, failed"),
        (('fact = "busy"', 'fact = "usage.requests"'), "signal[1].over_time", "counter for usage.requests"),
        (('title = "My exporter"', ""), "title", "text"),
        (("[labels]", "[label]"), "label", "one of the keys title, labels"),
        (('node = ["host", "hostname"]', "node = 3"), "labels", "a table of label names"),
        (("[labels]", '[usage]\nlevel = "cloud"\n[labels]'), "usage.level", "one of gateway, engine"),
        (("[labels]", '[usage]\ntenant = "boss"\n[labels]'), "usage.tenant", "one of tenant, team"),
    ],
)
def test_a_mistake_is_named_by_file_and_key(
    tmp_path: Path, change: tuple[str, str], key: str, expected: str
) -> None:
    path = own(tmp_path, GOOD.replace(*change))
    with pytest.raises(BadSignals) as refused:
        load_signals([path])
    found = {mistake.key: mistake for mistake in refused.value.mistakes}
    assert expected in found[key].expected
    assert found[key].file == path
    assert str(found[key]).startswith(f"{path}: {key}: expected ")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('fact = "busy"', 'fact = "bussy"').replace("scale = 0.01", "scale = true")
    with pytest.raises(BadSignals) as refused:
        load_signals([own(tmp_path, text)])
    assert [mistake.key for mistake in refused.value.mistakes] == ["signal[1].fact", "signal[1].scale"]


@pytest.mark.parametrize(
    ("text", "said"), [("title = ", "readable TOML"), ('title = "x"', r"\[\[signal\]\]")]
)
def test_what_is_no_signal_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadSignals, match=said):
        load_signals([own(tmp_path, text)])


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(BadSignals, match=r"one of amd, cadvisor, dcgm, .* or the path"):
        load_signals(["dgcm"])
