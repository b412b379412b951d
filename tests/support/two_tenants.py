"""Two tenants with figures that are not to be mistaken, brought in by the operator's own commands."""

import json
from pathlib import Path

from tests.support.own_server import OwnServer
from tests.support.whole_bill import whole_bill

FLEET = """\
[organization]
name = "Example"
currency = "USD"
[[provider]]
name = "cloud"
[[tenant]]
name = "Bank"
[[tenant]]
name = "Cards"
parent = "Bank"
[[tenant]]
name = "Shop"
[[tenant_rule]]
kind = "tenant"
pattern = "cards"
tenant = "Cards"
[[tenant_rule]]
kind = "tenant"
pattern = "shop"
tenant = "Shop"
[[service]]
name = "chat"
[[service]]
name = "basket"
[[source]]
name = "requests"
kind = "request_log"
[[source]]
name = "bill"
kind = "focus"
provider = "cloud"
[[distribution]]
use = "billed_not_seen"
method = "fixed"
weights = { Cards = "0.2345678", Shop = "0.3456789" }
"""
DAY = ("--from", "2026-03-04T00:00Z", "--to", "2026-03-05T00:00Z")
# Of 6 USD for a node that telemetry never showed.
CARDS, SHOP = "1.4074068", "2.0740734"
# All that is Shop's: names, and what it bears, as it is shown.
FOREIGN = ("Shop", "basket", "2.07")


def two_tenants(server: OwnServer) -> None:
    """Declare them, bring in a day's requests and bill, and attribute the day."""
    fleet, bill = server.folder / "fleet.toml", server.folder / "bill.csv"
    fleet.write_text(FLEET)
    server.done("apply", str(fleet))
    server.done("import_requests", "--source", "requests", str(requests(server.folder / "requests.jsonl", 4)))
    server.done("import_bill", "--source", "bill", str(whole_bill(bill)))
    server.done("attribute", *DAY)


def requests(path: Path, day: int) -> Path:
    """A request of each tenant in one hour of a day of March."""
    with path.open("w") as file:
        for tenant, service in (("cards", "chat"), ("shop", "basket")):
            said = {
                "ts": f"2026-03-{day:02}T10:15:00Z", "request_id": f"{tenant}-{day}", "tenant": tenant,
                "service": service, "model": "m", "status": "200", "duration_s": 1.5,
                "input_tokens": 10, "output_tokens": 5,
            }  # fmt: skip
            file.write(json.dumps(said) + "\n")
    return path
