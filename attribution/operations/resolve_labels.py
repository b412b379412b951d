"""Labels become tenants, by the rules that hold at the hour; a rule may make a tenant as it appears."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from attribution.domain.placement import matches
from attribution.models.label import Label
from attribution.models.tenant import Tenant
from attribution.models.tenant_rule import TenantRule


class TenantResolver:
    """Answers tenant ids for label ids; 0 where no rule knows the label.

    Without `create` nothing is written: 0 too for a tenant that would have to be made.
    """

    def __init__(self, label_ids: Iterable[int], *, create: bool = True) -> None:
        self._tenants_of = create_tenants if create else known_tenants
        self.labels = {
            label.pk: label for label in Label.objects.filter(pk__in=set(label_ids) - {0}).order_by("pk")
        }
        self._rules = list(TenantRule.objects.order_by("priority", "pk"))
        self._resolved: dict[tuple[tuple[int, ...], int], int] = {}
        self._created: dict[tuple[str, int], int] = {}

    def rules_at(self, moment: datetime) -> tuple[TenantRule, ...]:
        """The rules valid at a moment, in the order they are tried."""
        return tuple(rule for rule in self._rules if rule.holds_at(moment))

    def tenant(self, rules: tuple[TenantRule, ...], label_id: int) -> int:
        """The tenant of a label by these rules."""
        if label_id == 0:
            return 0
        key = (tuple(rule.pk for rule in rules), label_id)
        if key not in self._resolved:
            label = self.labels[label_id]
            self._resolved[key] = self.tenant_named(rules, label.kind, label.value)
        return self._resolved[key]

    def tenant_named(self, rules: tuple[TenantRule, ...], kind: str, value: str) -> int:
        """The tenant of a label value of a kind by these rules."""
        for rule in rules:
            if rule.kind == kind and matches(rule.pattern, value):
                return rule.tenant_id or self._create(rule, value)
        return 0

    def _create(self, rule: TenantRule, value: str) -> int:
        name, parent = rule.name_template.replace("{value}", value), rule.create_under_id or 0
        if (name, parent) not in self._created:
            self._created |= self._tenants_of([(name, parent)])
        return self._created[(name, parent)]

    def create_ahead(self, rules: tuple[TenantRule, ...]) -> None:
        """Make all tenants that these rules make of the known labels, in one statement, sorted by name."""
        wanted = set()
        for label in self.labels.values():
            rule = next((r for r in rules if r.kind == label.kind and matches(r.pattern, label.value)), None)
            if rule is not None and rule.tenant_id is None:
                name = rule.name_template.replace("{value}", label.value)
                wanted.add((name, rule.create_under_id or 0))
        wanted -= self._created.keys()
        if wanted:
            self._created |= self._tenants_of(sorted(wanted))


def known_tenants(wanted: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Tenants by (name, parent id); 0 where there is none."""
    ids = dict(Tenant.objects.filter(name__in=[name for name, _ in wanted]).values_list("name", "pk"))
    return {(name, parent): ids.get(name, 0) for name, parent in wanted}


def create_tenants(wanted: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Tenants by (name, parent id), made where they are missing; another worker may make them meanwhile."""
    names, parents = [name for name, _ in wanted], [parent for _, parent in wanted]
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH made AS (
                   INSERT INTO tenant (name, parent_id, path, cost_centre, owner, found)
                   SELECT w.name, w.parent, '', p.cost_centre, p.owner, true
                     FROM unnest(%s::text[], %s::int[]) w(name, parent) JOIN tenant p ON p.id = w.parent
                    ORDER BY w.name
                   ON CONFLICT (name) DO NOTHING RETURNING id)
               SELECT count(*) FROM made""",
            [names, parents],
        )
        cursor.execute(
            """UPDATE tenant t SET path = p.path || t.id || '/'
                 FROM tenant p WHERE p.id = t.parent_id AND t.path = '' AND t.name = ANY(%s)""",
            [names],
        )
    ids = dict(Tenant.objects.filter(name__in=names).values_list("name", "pk"))
    return {(name, parent): ids[name] for name, parent in wanted}
