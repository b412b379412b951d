"""A small fleet.toml to make mistakes in."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from ingest.fleet.check import check_fleet
from ingest.fleet.mistakes import BadFleet
from ingest.fleet.parse import parse_fleet

FLEET = """\
[organization]
name = "Example"
currency = "USD"

[[provider]]
name = "cloud"
[[region]]
provider = "cloud"
name = "eu-1"
residency_zone = "EU"
[[cluster]]
name = "c1"
provider = "cloud"
region = "eu-1"
control_model = "managed_kubernetes"
[[pool]]
cluster = "c1"
name = "a100"
accelerator = "A100"
nodes = ["n*"]

[[price_book]]
name = "list"
currency = "USD"
[[price_book.price]]
cluster = "c1"
pool = "a100"
per_device_hour = "1.35"

[[tenant]]
name = "Bank"
[[tenant]]
name = "Cards"
parent = "Bank"
[[tenant_rule]]
kind = "team"
pattern = "cards"
tenant = "Cards"

[[service]]
name = "chat"
pods = ["ns/chat-*"]

[[reserve]]
cluster = "c1"
pool = "a100"
service = "chat"
kind = "warm"
devices = 2

[[entitlement]]
tenant = "Cards"
pool = "c1/a100"
quota = 3

[[distribution]]
use = "idle"
method = "proportional"

[[source]]
name = "metrics"
kind = "openmetrics"
cluster = "c1"
signals = ["dcgm"]
"""


def with_(old: str, new: str) -> str:
    """The small fleet with one text replaced by another one."""
    assert FLEET.count(old) == 1, f"{old!r} stands {FLEET.count(old)} times in the small fleet"
    return FLEET.replace(old, new)


def line_of(text: str, part: str) -> int:
    """The line on which a part of a text stands."""
    return text[: text.index(part)].count("\n") + 1


def mistakes(text: str, **environ: str) -> list[str]:
    """What is wrong with a text, as `manage.py apply` prints it."""
    fleet, found = parse_fleet(text, "fleet.toml", Path("/nowhere"), environ)
    return [str(mistake) for mistake in BadFleet(check_fleet(fleet, found)).mistakes]


def apply_text(folder: Path, text: str, **options: bool) -> str:
    """Apply a text as an operator would; returns what was printed."""
    path, said = folder / "fleet.toml", StringIO()
    path.write_text(text, encoding="utf-8")
    call_command("apply", str(path), stdout=said, **options)
    return said.getvalue()
