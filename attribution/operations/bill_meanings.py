"""What lines of a bill say but for times and numbers: to which cost pool, of which node, counting what."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.bill_pools import Scope
from attribution.domain.billed_account import KINDS, account_of
from attribution.domain.billed_model import MODEL_COLUMN
from attribution.domain.billed_quantities import Counts, counts_of
from attribution.domain.placement import target_of
from attribution.domain.recognition import columns, recognise
from attribution.models.bill import Bill
from attribution.operations.bill_nodes import BillNodes, KnownNode
from attribution.queries.rules import ServiceRules

TEXTS = (
    "charge_category", "charge_class", "charge_description", "service_category", "service_name",
    "resource_id", "resource_name", "resource_type", "sub_account_id", "sku_id", "sku_meter",
    "commitment_discount_status", "capacity_reservation_status", "consumed_unit", "pricing_unit",
)  # fmt: skip
PROVIDERS = ("ServiceProviderName", "ProviderName", "PublisherName", "InvoiceIssuerName")
# Other columns' names, as rules of recognition have them.
_SNAKE = {"SkuPriceDetails": "sku_price_details", "PublisherName": "publisher_name"}
# A bill says the same in most of its lines but for time and amount: what that means is worked out once.
SAYINGS_KEPT = 20_000


class Meaning(NamedTuple):
    """The scope is that of a node that lived; `units` of consumed and of pricing quantity."""

    scope: Scope
    node: KnownNode | None
    counts: Counts | None
    units: tuple[str | None, str | None]
    provider: str


class BillMeanings:
    """Works out what a line says, once for all lines that say the same."""

    # What makes two lines the same, told as a text that PostgreSQL makes three times as fast as JSON. A large
    # `extra` is brought back from its compressed form once and not for every key: that is what `||` is for.
    source = "(SELECT c.*, c.extra || '{{}}' AS more FROM charge c WHERE {where} OFFSET 0) c"

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._own_cluster = bill.source.cluster_id or 0
        self._nodes = BillNodes(bill)
        self._services = ServiceRules().at(bill.period_start)
        self._known: dict[bytes, Meaning] = {}
        self._more = (
            "SkuPriceDetails", "PublisherName", MODEL_COLUMN,
            *(name for name in columns() if name not in (*TEXTS, *_SNAKE.values())),
        )  # fmt: skip
        self._names = ("tags", "provider", "currency", *TEXTS, *(_SNAKE.get(n, n) for n in self._more))

    @property
    def said(self) -> str:
        """SQL of what a line says, as a list of values; its parameters are `names`."""
        given = ", ".join(f"more->>%({_key(number)})s" for number in range(len(PROVIDERS)))
        more = ", ".join(f"more->>%({_key(len(PROVIDERS) + number)})s" for number in range(len(self._more)))
        return f"tags, coalesce({given}, ''), billing_currency, {', '.join(TEXTS)}, {more}"

    @property
    def names(self) -> dict[str, str]:
        """Parameters of `said`."""
        return {_key(number): name for number, name in enumerate((*PROVIDERS, *self._more))}

    def of(self, sayings: Sequence[bytes], numbers: Sequence[int]) -> list[Meaning]:
        """What each of them means; `numbers` are those of a row that says so."""
        if len(self._known) > SAYINGS_KEPT:
            self._known.clear()
        new = [place for place, saying in enumerate(sayings) if saying not in self._known]
        read = self._read([numbers[place] for place in new])
        for place in new:
            self._known[sayings[place]] = self._meaning(read[numbers[place]])
        return [self._known[saying] for saying in sayings]

    def _read(self, numbers: list[int]) -> dict[int, dict[str, Any]]:
        """What rows say, as JSON; only a few of them are read like this."""
        if not numbers:
            return {}
        where = "billing_period_start = %(period)s AND bill_id = %(bill)s AND row_number = ANY(%(numbers)s)"
        wanted: dict[str, Any] = {
            "period": self._bill.period_start,
            "bill": self._bill.pk,
            "numbers": numbers,
        }
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT row_number, json_build_array({self.said})::text "  # noqa: S608  # constants
                f"FROM {self.source.format(where=where)}",
                wanted | self.names,
            )
            return {number: dict(zip(self._names, json.loads(said), strict=True)) for number, said in cursor}

    def _meaning(self, charge: dict[str, Any]) -> Meaning:
        node = self._nodes.find(charge)
        found = recognise(charge, of_a_node=node is not None)
        scope = self._scope(charge, node, found.kind, found.part)._replace(currency=charge["currency"])
        units = (charge["consumed_unit"], charge["pricing_unit"])
        return Meaning(scope, node, counts_of(found, charge), units, charge["provider"])

    def _scope(self, charge: dict[str, Any], node: KnownNode | None, kind: str, part: str) -> Scope:
        cluster_id = node.cluster_id if node else self._own_cluster
        if kind == "accelerator" and part == "nodes":
            if node:
                return Scope(cluster_id, node.pool_id, 0, kind, part, node.divided, "")
            resource = charge["resource_name"] or charge["resource_id"] or charge["charge_description"] or ""
            place = self._nodes.place_of_unseen(resource)
            return Scope(place.cluster_id or cluster_id, place.pool_id, 0, kind, "not_seen", resource, "")
        named = ("resource_id", "resource_name", "sub_account_id", "service_name")
        service_id = target_of(self._services, cluster_id, "charge", *(charge[name] or "" for name in named))
        account = account_of(charge, kind).text if kind in KINDS else ""
        return Scope(cluster_id, 0, service_id, kind, part, account, "")


def _key(number: int) -> str:
    return f"name_{number}"
