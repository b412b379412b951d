"""Tables of people and rules: tenants, how they are found, what they are entitled to, who bears what."""

from collections.abc import Iterator
from decimal import Decimal

from attribution.models import LabelKind, Method, ReserveKind
from ingest.fleet.read_span import read_span
from ingest.fleet.spec import Distribution, Entitlement, Reserve, Row, Tenant, TenantRule
from ingest.fleet.table import Table
from ingest.fleet.values import LOOSE_TEXT, TEXT, TEXT_TABLE, choice, whole

# The first three kinds of label name services.
TENANT_KINDS = tuple(kind.value for kind in LabelKind if kind.value not in ("service", "pod", "model"))
# Serving is divided by work where no rule says otherwise.
USES = (
    "serving",
    "loading", "stalled", "warm_reserve", "failover_reserve", "idle", "unallocated", "unready", "no_data",
    "billed_not_seen", "commitment_unused", "transfer", "storage", "provider", "shared",
)  # fmt: skip
RESERVE_KIND = choice(ReserveKind.values)
KIND = choice(TENANT_KINDS)
USE = choice(USES)
METHOD = choice(Method.values)
PRIORITY = whole(-1_000_000, 1_000_000)
VALUE = "{value}"


def read_rules(root: Table) -> Iterator[Row]:
    """Rows in the order of the file, kind by kind."""
    for table in root.below("tenant"):
        yield Tenant(
            name=table.required("name", TEXT),
            parent=table.optional("parent", TEXT, None),
            cost_centre=table.optional("cost_centre", LOOSE_TEXT, ""),
            owner=table.optional("owner", LOOSE_TEXT, ""),
            place=table.place,
        )
    for table in root.below("tenant_rule"):
        yield _tenant_rule(table)
    yield from read_reserves(root)
    yield from read_entitlements(root)
    yield from read_distributions(root)


def read_reserves(root: Table) -> Iterator[Reserve]:
    """Devices kept free on purpose."""
    for table in root.below("reserve"):
        start, end = read_span(table)
        yield Reserve(
            pool=f"{table.required('cluster', TEXT)}/{table.required('pool', TEXT)}",
            service=table.optional("service", TEXT, None),
            kind=table.required("kind", RESERVE_KIND),
            devices=table.required("devices", whole(1, 1_000_000)),
            start=start,
            end=end,
            place=table.place,
        )


def read_entitlements(root: Table) -> Iterator[Entitlement]:
    """What tenants are entitled to."""
    for table in root.below("entitlement"):
        start, end = read_span(table)
        yield Entitlement(
            tenant=table.required("tenant", TEXT),
            pool=table.optional("pool", TEXT, None),
            service=table.optional("service", TEXT, None),
            quota=table.required("quota", whole(0, 10**12)),
            start=start,
            end=end,
            place=table.place,
        )


def read_distributions(root: Table) -> Iterator[Distribution]:
    """Who bears what."""
    for table in root.below("distribution"):
        yield _distribution(table)


def _tenant_rule(table: Table) -> TenantRule:
    start, end = read_span(table)
    rule = TenantRule(
        kind=table.required("kind", KIND),
        pattern=table.required("pattern", TEXT),
        tenant=table.optional("tenant", TEXT, None),
        create_under=table.optional("create_under", TEXT, None),
        name_template=table.optional("name_template", TEXT, VALUE),
        priority=table.optional("priority", PRIORITY, 100),
        start=start,
        end=end,
        place=table.place,
    )
    if table.has("tenant") == table.has("create_under"):
        found = "both" if table.has("tenant") else "neither"
        table.wrong("tenant", "either tenant or create_under", found)
    if table.has("name_template") and not table.has("create_under"):
        table.wrong("name_template", "create_under beside it: only such a rule makes names", "none")
    elif table.has("name_template") and VALUE not in rule.name_template:
        table.wrong("name_template", f"{VALUE} in it, for the label's value", f'"{rule.name_template}"')
    return rule


def _distribution(table: Table) -> Distribution:
    start, end = read_span(table)
    rule = Distribution(
        use=table.required("use", USE),
        pool=table.optional("pool", TEXT, None),
        service=table.optional("service", TEXT, None),
        method=table.required("method", METHOD),
        weights=_weights(table),
        owner=table.optional("owner", TEXT, None),
        start=start,
        end=end,
        place=table.place,
    )
    for key, method in (("weights", "fixed"), ("owner", "owner")):
        if rule.method == method and not table.has(key):
            table.wrong(key, f"{key}, as the method is {method}", "nothing")
        if rule.method != method and table.has(key):
            table.wrong(key, f"no {key}, as the method is {rule.method}", "some")
    return rule


def _weights(table: Table) -> dict[str, str]:
    """Shares of 1 by tenant; what they leave stays with the platform."""
    weights = table.optional("weights", TEXT_TABLE, {})
    shares: dict[str, str] = {}
    expected = "shares as decimals in quotes, each above 0, in sum at most 1"
    for tenant, text in weights.items():
        try:
            share = Decimal(text)
        except ArithmeticError:
            share = Decimal(0)
        if not share.is_finite() or share <= 0:
            table.wrong("weights", expected, f'"{text}" for "{tenant}"')
            return {}
        shares[tenant] = format(share, "f")
    if sum(map(Decimal, shares.values())) > 1:
        table.wrong("weights", expected, f"a sum of {sum(map(Decimal, shares.values()))}")
    return shares
