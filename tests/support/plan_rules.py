"""Plans held against rules: a region far away, a rule that keeps data here, plans, and what was checked."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from attribution.models import Cluster, Pool, Region, ResidencyRule, Service, Tenant
from portal.approvals.domain.kinds import Kind
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.conclude import conclude
from portal.approvals.operations.step import content_of
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.who import who_is

DAY = timedelta(days=1)
FAR = "Example Cloud/us-1"


def far_region(fleet: Any) -> None:
    """The cluster `far` with the pool `a100`, in the residency zone us."""
    region = Region.objects.create(provider=fleet.cluster.region.provider, name="us-1", residency_zone="us")
    cluster = Cluster.objects.create(name="far", region=region, control_model="managed_kubernetes")
    Pool.objects.create(cluster=cluster, name="a100", nodes=["f*"], device_models=["*"], accelerator="A100")


def stay(tenant: str | None = "holding", service: str | None = None, **more: Any) -> ResidencyRule:
    """Data stays in the EU: of this tenant and those below it, of this service; None is anybody's."""
    return ResidencyRule.objects.create(
        name="eu only",
        tenant=Tenant.objects.get(name=tenant) if tenant else None,
        service=Service.objects.get(name=service) if service else None,
        **{"zones": ["eu"], "text": "Customers' data stays in the EU.", "source": "DPA, section 7"} | more,
    )


def failover(pool: str = "far/a100", **more: Any) -> dict[str, Any]:
    """A plan that sends chat's requests to a pool."""
    plan = {"publish": {"do": "Route chat there"}, "pool": pool, "service": "chat", "rollback": "Back"}
    return plan | more


def until(days: float = 3) -> str:
    """So many days from now, as a plan has it."""
    return (timezone.now() + days * DAY).isoformat()


def exception(days: float = 5, **more: Any) -> dict[str, Any]:
    """A plan that lets chat run in the US for so many days."""
    of = {"service": "chat", "region": FAR, "to": until(days)} | more
    return {"publish": {"do": "Let chat run there"}, "exception": of, "rollback": "It ends by itself"}


def ask(
    user: Any, plan: dict[str, Any], kind: Kind = Kind.FAILOVER_PLAN, tenant: str = "bank"
) -> ChangeRequest:
    """Submitted, or CannotChange."""
    who, now = who_is(user), timezone.now()
    pk = Tenant.objects.get(name=tenant).pk if tenant else None
    change = draft_change(Asked(kind, "There", "An outage", plan, pk), who=who, now=now)
    submit_change(change.pk, who=who, now=now)
    return ChangeRequest.objects.get(pk=change.pk)


def agree(cast: dict[str, Any], change: ChangeRequest, *names: str) -> ChangeRequest:
    """Approved by everybody whose seat it has, or by those named."""
    for name in names or ("platform", "finance"):
        change.refresh_from_db()
        done = conclude(change.pk, agrees=True, seen=change.hash, who=who_is(cast[name]), now=timezone.now())
        assert not done.moved, done.moved
    change.refresh_from_db()
    return change


def checks(change: ChangeRequest, name: str = "residency") -> list[dict[str, Any]]:
    """What was found of each rule when its evidence was frozen."""
    change.refresh_from_db()
    return [one for one in content_of(change)["evidence"]["checks"] if one["name"] == name]
