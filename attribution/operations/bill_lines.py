"""The lines of a bill, each with the cost pool that it belongs to."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from attribution.domain.bill_pools import Scope
from attribution.domain.billed_account import KINDS, account_in, account_of
from attribution.domain.billed_model import MODEL_COLUMN
from attribution.domain.billed_quantities import Billed, Counts, billed_of, counts_of
from attribution.domain.placement import target_of
from attribution.domain.recognition import columns, recognise
from attribution.models.bill import Bill
from attribution.operations.bill_nodes import BillNodes, KnownNode
from attribution.operations.usage_spread import UsageSpread
from attribution.queries.rules import ServiceRules

TEXTS = (
    "charge_category", "charge_class", "charge_description", "service_category", "service_name",
    "resource_id", "resource_name", "resource_type", "sub_account_id", "sku_id", "sku_meter",
    "commitment_discount_status", "capacity_reservation_status", "consumed_unit", "pricing_unit",
)  # fmt: skip
PROVIDERS = ("ServiceProviderName", "ProviderName", "PublisherName", "InvoiceIssuerName")
ROWS_AT_ONCE = 10_000
# A bill says the same in most of its lines but for time and amount: what that means is worked out once.
SAYINGS_KEPT = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Line(NamedTuple):
    """A line, its scope before it is known whether its node lived then, and what it counts beside money."""

    row_number: int
    scope: Scope
    start: datetime
    end: datetime
    amount: Decimal
    node: KnownNode | None
    counted: Billed | None


class _Meaning(NamedTuple):
    """What a line says but for its time and its numbers."""

    scope: Scope
    node: KnownNode | None
    counts: Counts | None
    units: tuple[str | None, str | None]
    provider: str


def bill_lines(bill: Bill) -> Iterator[Line]:
    """Every line of a bill, in no order."""
    more = (
        "SkuPriceDetails", "PublisherName", MODEL_COLUMN,
        *(name for name in columns() if name not in (*TEXTS, "sku_price_details", "publisher_name")),
    )  # fmt: skip
    meaning = _Meanings(bill, more).of
    # On the server's side: a million lines held here took 1.5 GiB. What a line says comes as one text:
    # psycopg would need longer to make fifty columns of it than all the rest takes.
    with connection.chunked_cursor() as cursor:
        cursor.cursor.itersize = ROWS_AT_ONCE
        cursor.execute(
            f"""SELECT row_number, (extract(epoch FROM charge_period_start) * 1000000)::bigint,
                       (extract(epoch FROM charge_period_end) * 1000000)::bigint, billing_currency,
                       effective_cost, consumed_quantity, pricing_quantity,
                       json_build_array(tags, coalesce({", ".join(["extra->>%s"] * 4)}, ''),
                                        {", ".join(TEXTS)}{", extra->>%s" * len(more)})::text
                  FROM charge WHERE billing_period_start = %s AND bill_id = %s""",  # noqa: S608  # constants
            [*PROVIDERS, *more, bill.period_start, bill.pk],
        )
        for number, start, end, currency, amount, consumed, pricing, said in cursor:
            scope, node, counts, units, provider = meaning(said, currency)
            counted = None
            if counts is not None:
                counted = billed_of(counts, ((consumed, units[0]), (pricing, units[1])), provider)
            yield Line(number, scope, _moment(start), _moment(end), amount, node, counted)


@lru_cache(maxsize=20_000)
def _moment(microseconds: int) -> datetime:
    """Of the epoch: a bill has few moments, and reading them as texts took a quarter of the time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def live_scope(line: Line, spread: UsageSpread) -> tuple[Scope, Mapping[datetime, int] | None]:
    """The scope, and by hour the live minutes of its node, or the tokens that its provider counted.

    None: the period alone spreads the charge.
    """
    scope, node = line.scope, line.node
    if scope.kind in KINDS and scope.resource:
        return scope, spread.hours(account_in(scope.resource), line.start, line.end)
    live = node.live_minutes(line.start, line.end) if node and scope.part == "nodes" else None
    if live is not None and not any(live.values()):
        # The node is known, but not from these hours: billed, and no sample.
        return scope._replace(part="silent"), None
    return scope, live


class _Meanings:
    def __init__(self, bill: Bill, more: tuple[str, ...]) -> None:
        self._own_cluster = bill.source.cluster_id or 0
        self._nodes = BillNodes(bill)
        self._services = ServiceRules().at(bill.period_start)
        snake = {"SkuPriceDetails": "sku_price_details", "PublisherName": "publisher_name"}
        self._names = ("tags", "provider", *TEXTS, *(snake.get(name, name) for name in more))
        self.of = lru_cache(maxsize=SAYINGS_KEPT)(self._meaning)

    def _meaning(self, said: str, currency: str) -> _Meaning:
        charge: dict[str, Any] = dict(zip(self._names, json.loads(said), strict=True))
        node = self._nodes.find(charge)
        found = recognise(charge, of_a_node=node is not None)
        scope = self._scope(charge, node, found.kind, found.part)._replace(currency=currency)
        units = (charge["consumed_unit"], charge["pricing_unit"])
        return _Meaning(scope, node, counts_of(found, charge), units, charge["provider"])

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
