"""Changes of the demo, one in each state that is of interest, by the operations that people's clicks call.

Most plans are as forms make them, so that they can be edited. Times are of the last fortnight; evidence is
of the figures that are there. One declares a rule, and of one cluster: its impact takes some seconds, and
the demo is for whoever has no patience.
"""

from datetime import datetime, timedelta
from typing import Any

from attribution.operations.propose_fits import propose_fits
from attribution.queries.names import tenant_id_named
from portal.accounts.models import ServiceToken, User
from portal.accounts.tokens import create_token
from portal.approvals.domain.kinds import MONTHS, Kind
from portal.approvals.models import ChangeRequest
from portal.approvals.operations.ask import Asked, draft_change
from portal.approvals.operations.carry_out import acknowledge, go_on
from portal.approvals.operations.comments import comment_on
from portal.approvals.operations.decide import decide_change
from portal.approvals.operations.drift import refresh_drifted
from portal.approvals.operations.submit import submit_change
from portal.approvals.operations.sweep import expire
from portal.approvals.operations.verify import verify_change
from portal.approvals.operations.who import Who, who_is
from portal.demo.span import Span
from portal.demo.stories import incident
from portal.demo.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GITOPS = "GitOps"
FIT_DAYS = 28


def make_changes(world: World, span: Span, now: datetime) -> None:
    """Nothing where there is a change already, but those of months that loading closes."""
    if ChangeRequest.objects.exclude(kind__in=MONTHS).exists():
        return
    script = _script(now)
    _failed(world, script, now)
    _verified(world, script, now)
    _rejected(now)
    _expired(now)
    _scheduled(now)
    _by_exception(script, now)
    _waits_for_platform(world, now)
    _token_weights(span, now)
    _waits_for_finance(world, now)
    _rule(now)
    _drifted(world, span, now)


def _failed(world: World, script: Who, now: datetime) -> None:
    there = world.group("ams-hybrid", "cloud-h100").devices
    change = _asked(
        Kind.CAPACITY,
        "A third rented node in Amsterdam",
        "Failover for chat-large covers two thirds of its evening peak.",
        _more("ams-hybrid/cloud-h100", 8, there + 8, "Rent a third ND96isr in West Europe"),
        at=now - 14 * DAY,
    )
    _agreed(change, ("pavel", "frida"), now - 13 * DAY)
    _carried_out(change, script, "quota raised, node pool scaled", now - 12 * DAY)
    verify_change(change.pk, now=now - 5 * DAY + HOUR)


def _verified(world: World, script: Who, now: datetime) -> None:
    there = world.group("iad-kube", "l40s").devices
    change = _asked(
        Kind.CAPACITY,
        "Virginia's sixth node back after repair",
        "image-gen queues since it left.",
        _more("iad-kube/l40s", 4, there, "Bring the sixth g6e.12xlarge back into the node group"),
        at=now - 9 * DAY,
    )
    _agreed(change, ("frida", "pavel"), now - 8 * DAY)
    _carried_out(change, script, "node is in, burn-in passed", now - 7 * DAY)
    verify_change(change.pk, now=now - 7 * DAY + 3 * HOUR)


def _rejected(now: datetime) -> None:
    change = _asked(
        Kind.RESIDENCY_EXCEPTION,
        "chat-large in Virginia for a night",
        "Oslo's hall loses one of its two feeds on Thursday from 22:00 to 06:00.",
        {
            "publish": {"do": "Route chat-large to iad-kube from 22:00 to 06:00"},
            "pool": "iad-kube/l40s",
            "exception": {
                "service": "chat-large",
                "region": "aws/us-east-1",
                "from": _at(now - 3 * DAY, 22),
                "to": _at(now - 2 * DAY, 6),
            },
            "rollback": "Route it back to oslo-metal",
        },
        at=now - 6 * DAY,
    )
    _decide(change, "pavel", now - 6 * DAY + HOUR)
    words = "Customers' data stays in the EU. Ask again with Amsterdam, at the smaller context length."
    _decide(change, "frida", now - 6 * DAY + 2 * HOUR, agrees=False, words=words)


def _expired(now: datetime) -> None:
    change = _asked(
        Kind.BREAK_GLASS,
        "Shell on oslo-h100-02 for the driver",
        "The node reports no device since 02:10.",
        {"publish": {"do": "Give otto a root shell for an hour"}, "rollback": "It ends by itself"},
        at=now - 4 * DAY,
    )
    expire(change.pk, now - 4 * DAY + 4 * HOUR)


def _scheduled(now: datetime) -> None:
    change = _asked(
        Kind.UPGRADE_PROMOTION,
        "vLLM 0.11.1 to the early ring",
        "The canary ring held its first-token time for a week.",
        {
            "publish": {"do": "Promote vllm from canary to early", "from": "0.10.2", "to": "0.11.1"},
            "pool": "fra-eks/a100",
            "versions": {"runtime": "vllm 0.11.1", "driver": "550.127.05"},
            "rollback": "Pin 0.10.2 again; the image stays in the registry for a month",
        },
        wanted_at=(now + 4 * DAY).replace(hour=6, minute=0, second=0, microsecond=0),
        at=now - 2 * DAY,
    )
    _agreed(change, ("pavel",), now - DAY)


def _by_exception(script: Who, now: datetime) -> None:
    """Conversations stay in the EU; a drill with invented ones lives by an exception."""
    change = _asked(
        Kind.RESIDENCY_EXCEPTION,
        "Invented conversations in Virginia for a drill",
        "Nobody has ever seen chat-large run there. The drill replays conversations that a model made up.",
        {
            "publish": {"do": "Let the router send replayed requests of chat-large to iad-kube"},
            "exception": {"service": "chat-large", "region": "aws/us-east-1", "to": _at(now + 9 * DAY, 6)},
            "rollback": "It ends by itself",
        },
        at=now - 5 * DAY,
    )
    _agreed(change, ("pavel", "frida"), now - 4 * DAY)
    _carried_out(change, script, "route is in, closed to others", now - 3 * DAY)
    change = _asked(
        Kind.DRILL,
        "chat-large in Virginia for two hours",
        "Does the smaller model keep up when both halls in the EU are gone?",
        {
            "publish": {
                "do": "Replay an evening of chat-large against iad-kube from 10:00 to 12:00",
                "pool": "iad-kube/l40s",
            },
            "pool": "iad-kube/l40s",
            "devices": 0,
            "service": "chat-large",
            "until": _at(now + 5 * DAY, 12),
            "rollback": "Stop the replay",
        },
        wanted_at=(now + 5 * DAY).replace(hour=10, minute=0, second=0, microsecond=0),
        at=now - 3 * DAY,
    )
    _agreed(change, ("pavel",), now - 2 * DAY)


def _waits_for_platform(world: World, now: datetime) -> None:
    there = world.group("fra-eks", "a100").devices
    change = _asked(
        Kind.WARM_POOL,
        "Four more warm devices for chat-small",
        "Cold starts at nine o'clock cost our first customers half a minute.",
        _more("fra-eks/a100", 4, there + 4, "Scale chat-small's warm pool by four"),
        tenant_id=tenant_id_named("Customer chat"),
        at=now - 30 * HOUR,
        by="lena",
    )
    _decide(change, "frida", now - 26 * HOUR)
    _says(change, "lena", "@pavel the campaign begins on Monday; is Friday possible?", now - 5 * HOUR)


def _token_weights(span: Span, now: datetime) -> None:
    """Aiko's fits of four weeks; what cannot be told is refused there, and only what can be is asked for."""
    running = max(span.end.replace(day=1), span.start)
    fits = propose_fits(
        start=max(span.start, span.end - FIT_DAYS * DAY),
        end=span.end,
        proposed_by=User.objects.get(username="aiko").person.name,
        now=now - 3 * HOUR,
        # Months that are over stay as they were told.
        valid_from=running if running < span.end else span.end,
    )
    for fit in fits:
        if fit.state == "proposed" and fit.evidence["services"] == ["chat-small"]:
            _asked(
                Kind.TOKEN_COEFFICIENTS,
                "Weigh chat-small by what its tokens cost",
                "Output is four to five times as dear as input; the declared weights say three times.",
                {"fit": fit.pk, "rollback": "Withdraw the fit: the declared weights hold again"},
                at=now - 2 * HOUR,
            )


def _waits_for_finance(world: World, now: datetime) -> None:
    there = world.group("oslo-metal", "h100").devices
    change = _asked(
        Kind.CAPACITY,
        "A fifth machine in Oslo",
        "chat-large stood at its maximum of replicas on nine of the last ten working days.",
        _more("oslo-metal/h100", 8, there + 8, "Order one HGX H100 for hall 3, rack 12"),
        at=now - 20 * HOUR,
    )
    _decide(change, "pavel", now - 3 * HOUR)


def _drifted(world: World, span: Span, now: datetime) -> None:
    """Asked for and half agreed to while a node was down; it is back, and so the approval is void."""
    there, down = world.group("oslo-metal", "h100").devices, incident(span)
    change = _asked(
        Kind.CAPACITY,
        "A spare node for Oslo",
        "oslo-h100-02 is down and evening traffic begins in some hours.",
        _more("oslo-metal/h100", 8, there, "Rack the spare HGX from the lab"),
        at=down.start + 3 * HOUR,
    )
    _decide(change, "frida", down.start + 4 * HOUR)
    refresh_drifted(change.pk, now=now)


def _rule(now: datetime) -> None:
    """Who bears idle devices in Virginia, with its impact over four weeks; the platform's owner asks."""
    _asked(
        Kind.ALLOCATION_RULE,
        "Idle L40S go to those who use them",
        "The platform keeps what is idle in Virginia, so nobody there minds how many nodes are kept.",
        {
            "declare": {"distribution": [{"use": "idle", "pool": "iad-kube/l40s", "method": "proportional"}]},
            "rollback": "",
        },
        at=now - 2 * HOUR,
        by="pavel",
    )


def _at(day: datetime, hour: int) -> str:
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).isoformat()


def _more(pool: str, devices: int, ready: int, do: str) -> dict[str, Any]:
    return {
        "publish": {"do": do, "pool": pool},
        "pool": pool,
        "devices": devices,
        "expect": {"pool": pool, "ready_devices": ready},
        "rollback": "Give them back at the end of the month",
    }


def _asked(
    kind: Kind, title: str, why: str, plan: dict[str, Any], *, at: datetime, by: str = "otto", **more: Any
) -> ChangeRequest:
    """Drafted and submitted by somebody at a time; `more` is of `Asked`."""
    change = draft_change(Asked(kind, title, why, plan, **more), who=_who(by), now=at)
    return submit_change(change.pk, who=_who(by), now=at)


def _agreed(change: ChangeRequest, names: tuple[str, ...], at: datetime) -> None:
    """All who have to; an hour later it goes on by itself."""
    for name in names:
        _decide(change, name, at)
    go_on(change.pk, now=at + HOUR)


def _carried_out(change: ChangeRequest, script: Who, words: str, at: datetime) -> None:
    acknowledge(change.pk, done=True, words=words, who=script, now=at)


def _decide(change: ChangeRequest, name: str, at: datetime, *, agrees: bool = True, words: str = "") -> None:
    decide_change(change.pk, agrees=agrees, seen=change.hash, who=_who(name), now=at, words=words)


def _says(change: ChangeRequest, name: str, text: str, at: datetime) -> None:
    person = _who(name).person
    if person is not None:
        comment_on(change, person, text, at)


def _who(name: str) -> Who:
    return who_is(User.objects.get(username=name))


def _script(now: datetime) -> Who:
    """The platform's own program, which carries out what was published; Otto answers for it."""
    owner = User.objects.get(username="otto").person
    create_token(name=GITOPS, scopes=["changes"], tenant=None, expires_in=None, now=now, owner=owner)
    return who_is(ServiceToken.objects.get(name=GITOPS))
