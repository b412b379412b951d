"""The cost pools of a bill, from its charges and from where its nodes lived; and what it counts."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import connection, transaction

from attribution.domain.bill_pools import ChargeGroup, PoolKey, Scope, bill_pools
from attribution.domain.billed_account import KINDS, MODEL_COLUMN, account_in, account_of
from attribution.domain.billed_quantities import billed_of
from attribution.domain.placement import target_of
from attribution.domain.recognition import Recognised, columns, recognise
from attribution.models.bill import Bill, BillTotal
from attribution.operations.bill_nodes import BillNodes, KnownNode
from attribution.operations.derive_bill_quantities import BilledQuantities
from attribution.operations.usage_spread import UsageSpread
from attribution.operations.windows import mark_dirty
from attribution.queries.rules import ServiceRules
from attribution.wire.tables import copy_binary

TEXTS = (
    "charge_category", "charge_class", "charge_description", "service_category", "service_name",
    "resource_id", "resource_name", "resource_type", "sub_account_id", "sku_id", "sku_meter",
    "commitment_discount_status", "capacity_reservation_status", "consumed_unit", "pricing_unit",
)  # fmt: skip
PROVIDERS = ("ServiceProviderName", "ProviderName", "PublisherName", "InvoiceIssuerName")
ROWS_AT_ONCE = 10_000


def derive_stale_bills(start: datetime, end: datetime) -> int:
    """Derive the current bills of [start, end) whose nodes' lives have changed; returns how many."""
    stale = Bill.objects.filter(
        current=True, pools_stale=True, period_start__lt=end, period_end__gt=start
    ).values_list("pk", flat=True)
    for bill_id in sorted(stale):
        derive_bill_pools(bill_id=bill_id)
    return len(stale)


def derive_bill_pools(*, bill_id: int, superseded_id: int | None = None) -> None:
    """Replace the bill's cost pools, and those of the version it supersedes; marks changed windows dirty."""
    with transaction.atomic():
        bill = Bill.objects.select_for_update().select_related("source").get(pk=bill_id)
        totals = dict(BillTotal.objects.filter(bill=bill).values_list("currency", "effective_nano"))
        quantities = BilledQuantities()
        new = bill_pools(_groups(bill, quantities), totals)
        quantities.replace(bill_id, superseded_id)
        old = _delete(bill_id) | (_delete(superseded_id) if superseded_id else {})
        _write(bill_id, new)
        Bill.objects.filter(pk=bill_id).update(pools_stale=False)
        changed: dict[int, set[datetime]] = defaultdict(set)
        for key in old.keys() | new.keys():
            if superseded_id or old.get(key) != new.get(key):
                changed[key.scope.cluster_id].add(key.hour)
        for cluster_id in sorted(changed):
            mark_dirty(cluster_id=cluster_id, hours=changed[cluster_id])


def _groups(bill: Bill, quantities: BilledQuantities) -> Iterator[ChargeGroup]:
    """Charges summed by scope, period and node: most of a bill's rows are alike. Counts `quantities`."""
    sums: dict[tuple[Scope, datetime, datetime, KnownNode | None], Decimal] = defaultdict(Decimal)
    with localcontext(prec=60):
        for each in scoped_charges(bill):
            sums[(each.scope, each.start, each.end, each.node)] += each.amount
            charge = each.charge
            counted = billed_of(each.found, charge, charge["quantities"], charge["provider"])
            quantities.add(each.scope.cluster_id, each.scope.service_id, each.start, each.end, counted)
    spread = UsageSpread(bill)
    for (scope, start, end, node), amount in sums.items():
        placed, live = live_scope(scope, node, start, end, spread)
        yield ChargeGroup(placed, start, end, amount, live)


class ScopedCharge(NamedTuple):
    """A row of a bill, and where it belongs; `charge` is what it says of itself, by column."""

    scope: Scope
    start: datetime
    end: datetime
    amount: Decimal
    node: KnownNode | None
    found: Recognised
    charge: dict[str, Any]


def scoped_charges(bill: Bill) -> Iterator[ScopedCharge]:
    """Every charge of a bill with its scope, before it is known whether its node lived then."""
    nodes = BillNodes(bill)
    services = ServiceRules().at(bill.period_start)
    for start, end, currency, amount, charge in _charges(bill):
        node = nodes.find(charge)
        found = recognise(charge, of_a_node=node is not None)
        scope = _scope(bill, nodes, charge, node, services, found)._replace(currency=currency)
        yield ScopedCharge(scope, start, end, amount, node, found, charge)


def live_scope(
    scope: Scope, node: KnownNode | None, start: datetime, end: datetime, spread: UsageSpread
) -> tuple[Scope, Mapping[datetime, int] | None]:
    """The scope, and by hour the live minutes of its node, or the tokens that its provider counted.

    None: the period alone spreads the charge.
    """
    if scope.kind in KINDS and scope.resource:
        return scope, spread.hours(account_in(scope.resource), start, end)
    live = node.live_minutes(start, end) if node and scope.part == "nodes" else None
    if live is not None and not any(live.values()):
        # The node is known, but not from these hours: billed, and no sample.
        return scope._replace(part="silent"), None
    return scope, live


def _charges(bill: Bill) -> Iterator[tuple[datetime, datetime, str, Decimal, dict[str, Any]]]:
    """Period, currency, effective cost, and what the line says of itself; `x_` columns by their own names."""
    more = [MODEL_COLUMN] + [
        name for name in columns() if name not in (*TEXTS, "sku_price_details", "publisher_name")
    ]
    # On the server's side: a million lines held here took 1.5 GiB.
    with connection.chunked_cursor() as cursor:
        cursor.cursor.itersize = ROWS_AT_ONCE
        cursor.execute(
            f"""SELECT charge_period_start, charge_period_end, billing_currency, effective_cost,
                       consumed_quantity, pricing_quantity, coalesce({", ".join(["extra->>%s"] * 4)}, ''),
                       {", ".join(TEXTS)}, row_number, tags,
                       extra->>'SkuPriceDetails', extra->>'PublisherName'
                       {", extra->>%s" * len(more)}
                  FROM charge WHERE billing_period_start = %s AND bill_id = %s""",  # noqa: S608  # constants
            [*PROVIDERS, *more, bill.period_start, bill.pk],
        )
        names = (*TEXTS, "row_number", "tags", "sku_price_details", "publisher_name", *more)
        for start, end, currency, amount, consumed, pricing, provider, *texts in cursor:
            charge = dict(zip(names, texts, strict=True))
            # Django's own cursors leave jsonb as text.
            charge["tags"] = json.loads(charge["tags"]) if charge["tags"] else None
            charge["provider"] = provider
            charge["quantities"] = ((consumed, charge["consumed_unit"]), (pricing, charge["pricing_unit"]))
            yield start, end, currency, amount, charge


def _scope(
    bill: Bill,
    nodes: BillNodes,
    charge: dict[str, Any],
    node: KnownNode | None,
    services: Any,
    found: Recognised,
) -> Scope:
    kind, part = found.kind, found.part
    cluster_id = node.cluster_id if node else bill.source.cluster_id or 0
    if kind == "accelerator" and part == "nodes":
        if node:
            return Scope(cluster_id, node.pool_id, 0, kind, part, "", "")
        resource = charge["resource_name"] or charge["resource_id"] or charge["charge_description"] or ""
        place = nodes.place_of_unseen(resource)
        return Scope(place.cluster_id or cluster_id, place.pool_id, 0, kind, "not_seen", resource, "")
    names = (
        charge[name] or "" for name in ("resource_id", "resource_name", "sub_account_id", "service_name")
    )
    service_id = target_of(services, cluster_id, "charge", *names)
    account = account_of(charge).text if kind in KINDS else ""
    return Scope(cluster_id, 0, service_id, kind, part, account, "")


def _delete(bill_id: int) -> dict[PoolKey, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM bill_pool WHERE bill_id = %s
               RETURNING hour, cluster_id, pool_id, service_id, kind, part, resource, currency,
                         amount_nano""",
            [bill_id],
        )
        return {PoolKey(hour, Scope(*scope)): amount for hour, *scope, amount in cursor.fetchall()}


def _write(bill_id: int, pools: dict[PoolKey, int]) -> None:
    keys = list(pools)
    columns: dict[str, Any] = {
        name: pa.array([getattr(key.scope, name) for key in keys], kind)
        for name, kind in zip(Scope._fields, [pa.int64()] * 3 + [pa.string()] * 4, strict=True)
    }
    table = pa.table(
        {
            "bill_id": pa.repeat(bill_id, len(keys)),
            "hour": pa.array([key.hour for key in keys], pa.timestamp("us", "UTC")),
            **columns,
            "amount_nano": pa.array(list(pools.values()), pa.int64()),
        }
    )
    copy_binary("bill_pool", table)
