"""`/api/v1/explain/bill-rows`: what a bill said, row by row."""

from fractions import Fraction
from typing import Any

from attribution.domain.money import NANO
from attribution.operations.bill_rows import BillRow, Wanted, bill_rows
from attribution.queries.dimensions import KINDS
from attribution.queries.explain.charges import ChargeRow, bill_exists, charge_rows
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from portal.accounts.permissions import Permission
from portal.accounts.viewer import Viewer
from portal.explain.names import Names
from portal.explain.parameters import PAGING, number_of, once, refuse_unknown, rows_at_once
from portal.exports.errors import BadParameter, NotAllowed
from portal.exports.parameters import TIMES, Texts, moment_of
from portal.exports.plain import bill_text, time_text

PARAMETERS = (
    "bill", "from", "to", "cluster", "pool", "service", "kind", "part", "resource", "currency", *PAGING,
)  # fmt: skip
# Digits behind the point of a row's part: nano-units and as many again.
_DIGITS = 18


def bill_rows_body(texts: Texts, viewer: Viewer) -> dict[str, Any]:
    """A page of rows, each with the cost pool it went to and its part in the range."""
    if not viewer.may(Permission.RECONCILIATION) or viewer.scope(Permission.RECONCILIATION).bound:
        raise NotAllowed("bills")
    refuse_unknown(texts, PARAMETERS)
    bill_id = number_of(texts, "bill")
    if bill_id is None or not bill_exists(bill_id):
        raise BadParameter("is no bill", "bill", once(texts, "bill"), ("`bill` of a cost pool",))
    zone = organization().zone
    start, end = moment_of(texts, "from", zone), moment_of(texts, "to", zone)
    if end <= start:
        raise BadParameter("has to be after from: the end is exclusive", "to", once(texts, "to"), TIMES)
    rows, last = bill_rows(
        bill_id=bill_id,
        start=start,
        end=end,
        wanted=_wanted(texts),
        after=-1 if (after := number_of(texts, "after")) is None else after,
        limit=rows_at_once(texts),
    )
    said, names = charge_rows(bill_id, [row.row_number for row in rows]), Names()
    return {
        "bill": bill_id,
        "rows": [_row(row, said[row.row_number], names) for row in rows],
        "next": None if last is None else str(last),
    }


def _wanted(texts: Texts) -> Wanted:
    kind = once(texts, "kind")
    if kind is not None and kind not in KINDS:
        raise BadParameter("is no kind", "kind", kind, KINDS)
    return Wanted(
        cluster_id=_id(texts, "cluster"),
        pool_id=_id(texts, "pool"),
        service_id=_id(texts, "service"),
        kind=kind,
        part=once(texts, "part"),
        resource=once(texts, "resource"),
        currency=once(texts, "currency"),
    )


def _id(texts: Texts, dimension: str) -> int | None:
    """The id behind a name; the empty name is none of them."""
    name = once(texts, dimension)
    if name is None:
        return None
    found = {full: pk for pk, full in names_of(dimension).items()} | {"": 0}
    if name not in found:
        raise BadParameter(f"is no {dimension}", dimension, name, sorted(found))
    return found[name]


def _row(row: BillRow, said: ChargeRow, names: Names) -> dict[str, Any]:
    scope = row.scope
    return {
        "row": said.row_number,
        "file": said.file,
        "line": said.line,
        "charge_period_start": time_text(said.charge_period_start),
        "charge_period_end": time_text(said.charge_period_end),
        "currency": said.currency,
        "billed": bill_text(said.billed_cost),
        "effective": bill_text(said.effective_cost),
        "in_range": fraction_text(row.in_range),
        "category": said.category,
        "class": said.charge_class or None,
        "description": said.description or None,
        "provider_service": said.service or None,
        "resource": said.resource_id or said.resource_name or None,
        "sub_account": said.sub_account or None,
        "sku": said.sku or None,
        "consumed": None if said.quantity is None else bill_text(said.quantity),
        "consumed_unit": said.unit or None,
        "cluster": names.cluster.get(scope.cluster_id),
        "pool": names.pool.get(scope.pool_id),
        "service": names.service.get(scope.service_id),
        "kind": scope.kind,
        "part": scope.part or None,
        "node": row.of_node.node if row.of_node else None,
        "node_share": fraction_text(row.of_node.share) if row.of_node else None,
        "divided_by": row.of_node.by if row.of_node else None,
    }


def fraction_text(exact: Fraction) -> str:
    """A fraction to eighteen digits, half to even: a third has no last one."""
    scaled = round(exact * NANO * NANO)
    whole, part = divmod(abs(scaled), NANO * NANO)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:0{_DIGITS}d}"
