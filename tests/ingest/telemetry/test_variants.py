"""Which labels name a pod, before and after `honor_labels` is turned on."""

from ingest.signals.load import load_signals
from ingest.telemetry.variants import choose, own_labels, roles_of

BUSY = next(signal for signal in load_signals(["dcgm"]) if signal.metric == "DCGM_FI_DEV_GPU_UTIL")
OWN = {"namespace": "monitoring", "pod": "dcgm-exporter-x", "container": "exporter"}
HELD = OWN | {"exported_namespace": "ns", "exported_pod": "w1", "exported_container": "main"}
HONORED = {"namespace": "ns", "pod": "w1", "container": "main"}
EXISTING = frozenset({"UUID", *HELD})


def read(labels: dict[str, str], *seen: dict[str, str]) -> dict[str, str]:
    """Roles of a series, where these were seen as well."""
    choice = choose(BUSY, EXISTING)
    return roles_of(labels, choice, own=own_labels(choice, [labels, *seen]))


def test_the_exporters_own_pod_is_nobody() -> None:
    assert read(OWN, HELD) == {}


def test_an_exported_pod_is_the_pod() -> None:
    assert read(HELD) == {"namespace": "ns", "pod": "w1", "container": "main"}


def test_a_plain_pod_that_is_not_the_exporters_is_the_pod() -> None:
    assert read(HONORED, HELD) == {"namespace": "ns", "pod": "w1", "container": "main"}


def test_a_restarted_exporter_is_known_by_its_container() -> None:
    assert read(OWN | {"pod": "dcgm-exporter-y"}, HELD) == {}


def test_where_no_series_shows_the_exporters_own_a_plain_pod_tells_nothing() -> None:
    assert read(HONORED) == {}
