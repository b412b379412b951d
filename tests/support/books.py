"""A small company with books: two business units with teams, two services, two clusters, some hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from attribution.models import Cluster, Organization, Pool, Provider, Region, ServedModel, Service, Tenant
from tests.support.ledger import USD, CostPool, Devices, Line, Used, publish_window

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Books:
    """What `small_books` made, by name."""

    tenants: dict[str, Tenant]
    services: dict[str, Service]
    models: dict[str, ServedModel]
    clusters: dict[str, Cluster]
    pools: dict[str, Pool]


def small_books(zone: str = "UTC") -> Books:
    """Tenants retail (chat-team, search-team) and bank (risk-team), a pool `a100` in each of two clusters."""
    Organization.objects.update_or_create(pk=1, defaults={"reporting_time_zone": zone, "currency": "USD"})
    region = Region.objects.create(provider=Provider.objects.create(name="Example Cloud"), name="ex-1")
    tenants: dict[str, Tenant] = {}
    parents = {"retail": "", "bank": "", "chat-team": "retail", "search-team": "retail", "risk-team": "bank"}
    for name, parent in parents.items():
        tenants[name] = tenant_below(name, tenants[parent] if parent else None)
    clusters = {
        name: Cluster.objects.create(name=name, region=region, control_model="managed_kubernetes")
        for name in ("east", "west")
    }
    return Books(
        tenants,
        {name: Service.objects.create(name=name) for name in ("chat", "embed")},
        {name: ServedModel.objects.create(name=name) for name in ("llama", "e5")},
        clusters,
        {
            name: Pool.objects.create(cluster=cluster, name="a100", accelerator="A100")
            for name, cluster in clusters.items()
        },
    )


def tenant_below(name: str, parent: Tenant | None) -> Tenant:
    """A tenant with its path."""
    tenant = Tenant.objects.create(name=name, parent=parent)
    tenant.path = f"{parent.path if parent else '/'}{tenant.pk}/"
    tenant.save()
    return tenant


def fill(books: Books, start: datetime, hours: int, seed: int = 1) -> None:
    """Publish windows of both clusters, and of none, with lines of every sort; the same for the same seed."""
    random = Random(seed)
    for place in range(hours):
        hour = start + place * HOUR
        for name, cluster in books.clusters.items():
            pool = books.pools[name].pk
            pools = [
                CostPool(_accelerator_lines(books, random), pool=pool, estimated=random.random() < 0.5),
                CostPool([Line("idle", None)], pool=pool),
            ]
            devices = [Devices(pool, 0, {"idle": 60, "no_data": 3}, 117, 1.25), Devices(
                pool, books.services["chat"].pk, {"serving": 60}, 57, 30.125, 28.5)]  # fmt: skip
            publish_window(cluster.pk, hour, pools, _used(books, random), devices)
        bought = Line(
            "provider", random.randrange(USD), books.tenants["bank"].pk, quantity=None, unit="requests"
        )
        euro = CostPool([bought], kind="provider_api", part="model_api", estimated=False, currency="EUR")
        publish_window(0, hour, [euro])


def _accelerator_lines(books: Books, random: Random) -> list[Line]:
    lines = [Line("unallocated", random.randrange(-USD, USD)), Line("serving", random.randrange(USD))]
    for tenant in books.tenants.values():
        service, model = (
            random.choice(list(books.services.values())),
            random.choice(list(books.models.values())),
        )
        keys = (tenant.pk, service.pk, model.pk)
        basis = random.choice(["measured", "policy"])
        lines += [
            Line("serving", random.randrange(USD), *keys, basis=basis, usage=random.randrange(1000)),
            Line("serving_failed", random.randrange(USD // 10), *keys, quantity=1 / 3),
        ]
    return lines


def _used(books: Books, random: Random) -> list[Used]:
    rows = [Used(3, 2, 1, service=books.services["chat"].pk)]
    for tenant in books.tenants.values():
        service = random.choice(list(books.services.values()))
        tokens = random.choice([None, random.randrange(5000)])
        count = random.randrange(5)
        rows.append(Used(count + 1, count, 1, tenant.pk, service.pk, None, tokens, tokens))
    return rows
