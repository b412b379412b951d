"""Declared rules of residency and compatibility, held against a plan: met, not met, or unknown because.

A check that `blocks` and is not met keeps its change from being submitted and agreed to; the database reads
the same from the evidence (migrations/sql/0005_rules_met.sql).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from attribution.domain.requirement import judge
from attribution.queries.plan_rules import accelerators_of, compatibility_rules
from portal.approvals.domain.kinds import PLACED, VERSIONED, Kind
from portal.approvals.domain.plan import Plan
from portal.approvals.operations.errors import CannotChange
from portal.approvals.operations.residency import as_said, residency_checks

Check = dict[str, Any]
COMPATIBLE = "What runs afterwards is known to work together."


def rule_checks(kind: Kind, plan: Plan, tenant: str, since: datetime) -> list[Check]:
    """A check for each rule that concerns the plan, or one that says why nobody can tell.

    Raises CannotChange for names of the plan that nothing has.
    """
    found: list[Check] = []
    if kind in PLACED:
        found += residency_checks(kind, plan, tenant, since)
    if kind in VERSIONED:
        found += _compatibility(kind, plan, since)
    return found


def unmet(checks: Iterable[Check]) -> list[Check]:
    """Those that keep a change from being agreed to."""
    return [one for one in checks if one.get("blocks") and one["ok"] is False]


def refuse_unmet(checks: Iterable[Check]) -> None:
    """Raises CannotChange with the text of each rule that is not met."""
    if broken := unmet(checks):
        raise CannotChange("\n".join(unmet_words(one) for one in broken))


def refuse_over(plan: Plan, since: datetime) -> None:
    """Raises CannotChange where a plan, or the exception that it asks for, ends before it begins."""
    ends = {"until": plan.until, "exception: to": plan.exception.end if plan.exception else None}
    for key, end in ends.items():
        if end is not None and end <= since:
            raise CannotChange(f"{key}: a time after {since:%Y-%m-%dT%H:%MZ}, not {end:%Y-%m-%dT%H:%MZ}")


def unmet_words(check: Check) -> str:
    """A rule that is not met, with its own words."""
    return (
        f"{check['name']} rule “{check['rule']}” is not met: “{check['text']}” ({check['source']}); "
        f"{check['found']}"
    )


def _compatibility(kind: Kind, plan: Plan, since: datetime) -> Iterator[Check]:
    rules = compatibility_rules(since, None)
    accelerators = accelerators_of(plan.pools)
    verdicts = [(row, judge(row.rule, accelerators, plan.versions)) for row in rules]
    mine = [(row, verdict) for row, verdict in verdicts if verdict.concerns]
    if not mine:
        why = f"no declared rule is about it, of {len(rules)}" if rules else "no rule is declared"
        said = as_said(plan, "compatibility")
        found = f"unknown, because {why}. {said}"
        yield {"name": "compatibility", "text": COMPATIBLE, "ok": None, "found": found}
    for row, verdict in mine:
        word = {True: "met", False: "not met", None: "unknown, because"}[verdict.ok]
        yield {
            "name": "compatibility",
            "rule": row.name,
            "text": row.text,
            "source": row.source,
            "ok": verdict.ok,
            "found": f"{word}{' ' if verdict.ok is None else ': '}{verdict.why}",
            "blocks": kind is Kind.UPGRADE_PROMOTION,
            "tenant": "",
        }
