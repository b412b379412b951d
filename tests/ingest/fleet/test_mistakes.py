"""Each kind of mistake is named with its line, what was expected and what was found."""

from pathlib import Path

import pytest

from tests.support.fleet_file import FLEET, line_of, mistakes, with_

MODELS = "bare_metal, self_managed_kubernetes, managed_kubernetes, managed_endpoint, hybrid"
SECOND_PRICE = """per_device_hour = "1.35"
to = 2026-03-01
[[price_book.price]]
cluster = "c1"
pool = "a100"
per_device_hour = "1.40"
"""

# What is replaced in the small fleet, by what, the line's text, and what is said there.
CASES = {
    "enum": (
        '"managed_kubernetes"',
        '"managed_kubernets"',
        'control_model = "managed_kubernets"',
        f'cluster "c1": control_model: expected one of {", ".join(sorted(MODELS.split(", ")))} '
        '(did you mean managed_kubernetes?), found "managed_kubernets"',
    ),
    "missing key": (
        'control_model = "managed_kubernetes"\n',
        "",
        '[[cluster]]\nname = "c1"',
        f'cluster "c1": control_model: expected one of {MODELS}, found nothing',
    ),
    "unknown key": (
        'accelerator = "A100"',
        'accelerator = "A100"\nacelerator = "A100"',
        'acelerator = "A100"\nn',
        'pool "c1/a100": acelerator: expected one of accelerator, busy_floor, cluster, declared_nodes, '
        "device_models, devices_per_node, name, nodes, purpose, replicas, sharing, upgrade_ring "
        "(did you mean accelerator?), "
        "found an unknown key",
    ),
    "unknown table": (
        "[[entitlement]]",
        "[[entitlements]]",
        "[[entitlements]]",
        "entitlements: expected one of cluster, compatibility_rule, distribution, entitlement, "
        "organization, pool, price_book, provider, rate, region, reserve, residency, residency_rule, "
        "service, source, tenant, tenant_rule "
        "(did you mean entitlement?), found an unknown key",
    ),
    "unknown pool": (
        'tenant = "Cards"\npool = "c1/a100"',
        'tenant = "Cards"\npool = "c1/a10"',
        'pool = "c1/a10"\n',
        'entitlement "Cards/c1/a10": pool: expected a pool, one of c1/a100 (did you mean c1/a100?), '
        'found "c1/a10"',
    ),
    "unknown region": (
        'region = "eu-1"',
        'region = "us-9"',
        'region = "us-9"',
        'cluster "c1": region: expected a region of cloud, one of eu-1, found "us-9"',
    ),
    "wrong type": (
        "devices = 2",
        'devices = "2"',
        'devices = "2"',
        'reserve "c1/a100": devices: expected a whole number from 1 to 1,000,000, found "2"',
    ),
    "no decimal": (
        '"1.35"',
        '"1,35"',
        'per_device_hour = "1,35"',
        'price_book.price "c1/a100": per_device_hour: expected an amount per device and hour, '
        'as a decimal in quotes, found "1,35"',
    ),
    "more than nano-units": (
        '"1.35"',
        '"1.3500000001"',
        'per_device_hour = "1.3500000001"',
        'price_book.price "c1/a100": per_device_hour: expected an amount per device and hour, '
        'as a decimal in quotes with at most 9 digits after the point, found "1.3500000001"',
    ),
    "currency": (
        'name = "Example"\ncurrency = "USD"',
        'name = "Example"\ncurrency = "usd"',
        'currency = "usd"',
        'organization "Example": currency: expected the three capital letters of a currency, such as USD, '
        'found "usd"',
    ),
    "time zone": (
        'name = "Example"\n',
        'name = "Example"\nreporting_time_zone = "Europe/Olso"\n',
        "reporting_time_zone",
        'organization "Example": reporting_time_zone: expected a name of the IANA time zone database '
        '(did you mean Europe/Oslo?), found "Europe/Olso"',
    ),
    "twice": (
        "[[tenant_rule]]",
        '[[tenant]]\nname = "Bank"\n[[tenant_rule]]',
        'name = "Bank"\n[[tenant_rule]]',
        'tenant "Bank": name: expected one tenant "Bank"; line 30 has it already, found another one',
    ),
    "overlapping spans": (
        'per_device_hour = "1.35"\n',
        SECOND_PRICE + "from = 2026-02-01\n",
        "from = 2026-02-01",
        'price_book.price "c1/a100": from: expected a span that does not overlap with that of line 25, '
        "from the beginning to 2026-03-01T00:00Z, found from 2026-02-01T00:00Z",
    ),
    "span without time": (
        "devices = 2\n",
        "devices = 2\nfrom = 2026-03-01\nto = 2026-03-01\n",
        "to = 2026-03-01",
        'reserve "c1/a100": to: expected a time after from, 2026-03-01T00:00Z, found 2026-03-01T00:00Z',
    ),
    "time without offset": (
        "devices = 2\n",
        "devices = 2\nfrom = 2026-03-01T00:00:00\n",
        "from = ",
        'reserve "c1/a100": from: expected a time with its offset, such as 2026-03-01T00:00:00Z, or a date '
        "(from its midnight in UTC), found 2026-03-01 00:00:00",
    ),
    "half an hour": (
        "devices = 2\n",
        "devices = 2\nfrom = 2026-03-01T10:30:00Z\n",
        "from = ",
        'reserve "c1/a100": from: expected a full hour, since hours are the unit of attribution: '
        "a time with its offset, such as 2026-03-01T00:00:00Z, or a date (from its midnight in UTC), "
        "found 2026-03-01 10:30:00+00:00",
    ),
    "glob of two services": (
        'pods = ["ns/chat-*"]\n',
        'pods = ["ns/chat-*"]\n[[service]]\nname = "other"\npods = ["ns/chat-*"]\n',
        'pods = ["ns/chat-*"]\n\n',
        'service "other": pods: expected "ns/chat-*" once; it belongs to service "chat" on line 42, '
        "found it again",
    ),
    "empty glob": (
        'nodes = ["n*"]',
        'nodes = [""]',
        'nodes = [""]',
        'pool "c1/a100": nodes: expected a list of texts, found [""]',
    ),
    "a tenant above itself": (
        '[[tenant]]\nname = "Bank"\n',
        '[[tenant]]\nname = "Bank"\nparent = "Bank"\n',
        'parent = "Bank"',
        'tenant "Bank": parent: expected a tenant that is not below this one, found "Bank"',
    ),
    "tenant and create_under": (
        'pattern = "cards"\n',
        'pattern = "cards"\ncreate_under = "Bank"\n',
        'tenant = "Cards"',
        'tenant_rule "team/cards": tenant: expected either tenant or create_under, found both',
    ),
    "weights above 1": (
        'method = "proportional"',
        'method = "fixed"\nweights = { Bank = "0.7", Cards = "0.4" }',
        "weights = ",
        'distribution "idle": weights: expected shares as decimals in quotes, each above 0, '
        "in sum at most 1, found a sum of 1.1",
    ),
    "owner without the method": (
        'method = "proportional"',
        'method = "keep"\nowner = "Bank"',
        'owner = "Bank"',
        'distribution "idle": owner: expected no owner, as the method is keep, found some',
    ),
    "unknown signals": (
        '["dcgm"]',
        '["dcmg"]',
        'signals = ["dcmg"]',
        'source "metrics": signals: expected one of amd, cadvisor, dcgm, dynamo, envoy_ai_gateway, '
        "gaudi, kserve, kube_state_metrics, litellm, llm_d, locality_egress, loki, mimir, nim, "
        "nvidia_device_plugin, ray_serve, "
        "ray_vllm, sglang, tensorrt_llm, tgi, triton, vllm (did you mean dcgm?), or the path of a "
        '.toml file, found "dcmg"',
    ),
    "devices without a cluster": (
        'kind = "openmetrics"\ncluster = "c1"\n',
        'kind = "openmetrics"\n',
        '[[source]]\nname = "metrics"',
        'source "metrics": cluster: expected the cluster that these devices are in, found none, with signals '
        "of its devices (busy, memory)",
    ),
    "control character": (
        'accelerator = "A100"',
        'accelerator = "A\\u0000"',
        "accelerator = ",
        'pool "c1/a100": accelerator: expected a text, found "A\\x00"',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_has_its_line_and_says_what_was_expected(case: str) -> None:
    old, new, line, said = CASES[case]
    text = with_(old, new)
    assert mistakes(text) == [f"fleet.toml:{line_of(text, line)}: {said}"]


def test_the_small_fleet_has_no_mistake() -> None:
    assert mistakes(FLEET) == []


def test_two_mistakes_are_both_told() -> None:
    text = with_('"1.35"', '"cheap"').replace("devices = 2", "devices = 0")
    assert [said.split(": expected")[0] for said in mistakes(text)] == [
        'fleet.toml:28: price_book.price "c1/a100": per_device_hour',
        'fleet.toml:49: reserve "c1/a100": devices',
    ]


def test_no_toml_at_all_is_told_with_its_line() -> None:
    (said,) = mistakes('[[pool]]\nname = "x\n')
    assert said.startswith("fleet.toml:2: expected a valid TOML file, found ")


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    (said,) = mistakes(with_("devices = 2", "devices = 2\ndevices = 3"))
    assert said.startswith(f"fleet.toml:{line_of(FLEET, 'devices = 2') + 1}: expected a valid TOML file")


PROMETHEUS = 'kind = "prometheus"\nurl = "${PROMETHEUS_URL}"\ncluster = "c1"'


def prometheus(**replace: str) -> str:
    text = with_('kind = "openmetrics"\ncluster = "c1"', PROMETHEUS)
    for old, new in replace.values():
        text = text.replace(old, new)
    return text


def test_a_variable_that_is_not_set_is_named() -> None:
    text = prometheus()
    assert mistakes(text) == [
        f'fleet.toml:{line_of(text, "url =")}: source "metrics": url: expected the environment variable '
        "PROMETHEUS_URL to be set, found nothing"
    ]
    assert mistakes(text, PROMETHEUS_URL="http://localhost:9090") == []


def test_an_address_without_a_scheme_is_refused() -> None:
    (said,) = mistakes(prometheus(), PROMETHEUS_URL="localhost:9090")
    assert "url: expected an address such as http://prometheus:9090" in said


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    (said,) = mistakes(prometheus(), PROMETHEUS_URL="http://me:hush@localhost:9090")
    assert "bearer_token_env" in said
    assert "hush" not in said


def test_a_token_in_the_file_is_refused_and_not_repeated() -> None:
    text = with_(
        'kind = "openmetrics"', 'kind = "prometheus"\nurl = "http://p:9090"\nbearer_token_env = "hu/sh="'
    )
    (said,) = mistakes(text)
    assert "the name of an environment variable" in said
    assert "hu/sh" not in said


def test_an_operators_own_signal_file_is_judged_too(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('title = "own"\n[[signal]]\nfact = "bussy"\nmetric = "m"\n')
    (said,) = mistakes(with_('["dcgm"]', f'["{own}"]'))
    assert 'source "metrics": signals' in said
    assert "own.toml: signal[1].fact" in said


def test_columns_of_a_request_log_are_those_that_can_be_read() -> None:
    log = 'kind = "request_log"\ncolumns = { time = "ts", status = "s", tennant = "t" }'
    (said,) = mistakes(with_('kind = "openmetrics"\ncluster = "c1"\nsignals = ["dcgm"]', log))
    assert said.endswith("found tennant")


def test_an_unknown_kind_of_source_does_not_pass_for_another_one() -> None:
    (said,) = mistakes(with_('kind = "openmetrics"', 'kind = "open_metrics"'))
    assert "(did you mean openmetrics?)" in said


def test_an_unknown_name_is_told_beside_a_wrong_value() -> None:
    text = with_('"1.35"', '"cheap"').replace('pool = "c1/a100"', 'pool = "c1/a10"')
    assert [said.split(": expected")[0].split(": ")[-1] for said in mistakes(text)] == [
        "per_device_hour",
        "pool",
    ]


def test_no_value_however_odd_breaks_the_reader() -> None:
    for odd in ("1", "-1", "1.5", "nan", "true", '""', "[]", "[[1]]", "{}", "2026-03-01", "07:30:00"):
        for key in ("currency", "nodes", "per_device_hour", "devices", "pods", "signals", "method", "quota"):
            lines = [f"{key} = {odd}" if line.startswith(f"{key} =") else line for line in FLEET.splitlines()]
            mistakes("\n".join(lines))
        for table in ("organization", "provider", "pool", "price_book", "service", "source"):
            mistakes(f"{table} = {odd}")
