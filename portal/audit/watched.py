"""Which tables write their own history, and why the others do not.

A new table that people or rules change: one line in WATCHED. Others: one line in UNWATCHED with its reason.
`migrate` puts the triggers in place afterwards, and a test walks the catalogue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """`secrets` are columns of which is only said that they changed; `quiet` ones are noise on their own."""

    secrets: Sequence[str] = ()
    quiet: Sequence[str] = ()


WATCHED: Mapping[str, Watch] = {
    # What fleet.toml declares.
    "organization": Watch(),
    "provider": Watch(),
    "region": Watch(),
    "cluster": Watch(),
    "pool": Watch(),
    "source": Watch(),
    "connection": Watch(),
    "tenant": Watch(),
    "service": Watch(),
    "model_release": Watch(),
    # Rules by which money is divided.
    "tenant_rule": Watch(),
    "service_rule": Watch(),
    "distribution_rule": Watch(),
    "price_book": Watch(),
    "price": Watch(),
    "reserve": Watch(),
    "entitlement": Watch(),
    "residency": Watch(),
    # Rules that plans are held against.
    "residency_rule": Watch(),
    "compatibility_rule": Watch(),
    "exchange_rate": Watch(),
    "token_coefficients": Watch(),
    # Months that two people close.
    "period": Watch(),
    "period_step": Watch(),
    "period_export": Watch(),
    "asked_export": Watch(quiet=["tries"]),
    "held_rule": Watch(),
    # Changes that people ask for and decide.
    "change_request": Watch(),
    "change_revision": Watch(secrets=["content"]),
    "change_party": Watch(),
    "change_decision": Watch(),
    "change_event": Watch(),
    "change_comment": Watch(),
    "delegation": Watch(),
    # Who may what.
    "person": Watch(),
    "accounts_user": Watch(secrets=["password"], quiet=["last_login"]),
    "accounts_user_groups": Watch(),
    "accounts_user_user_permissions": Watch(),
    "auth_group": Watch(),
    "auth_group_permissions": Watch(),
    "account_emailaddress": Watch(),
    "socialaccount_socialaccount": Watch(secrets=["extra_data"], quiet=["last_login"]),
    "socialaccount_socialapp": Watch(secrets=["secret"]),
    "mfa_authenticator": Watch(secrets=["data"], quiet=["last_used_at"]),
    "membership": Watch(),
    "report_login": Watch(),
    "first_run_link": Watch(secrets=["sha256"]),
    "service_token": Watch(secrets=["sha256"], quiet=["last_used_at"]),
}

_FACTS = "facts from telemetry, logs and bills: versions and batches keep their history"
_LEDGER = "the ledger is append-only itself, and each version keeps its hash"
_DERIVED = "made from other tables, and made again at any time"
_MACHINERY = "says how far work has come, and decides nothing"
_DJANGO = "Django's own, filled by migrate"

UNWATCHED: Mapping[str, str] = {
    "distribution_rule_version": "written by a trigger of distribution_rule, which is watched",
    "audit_event": "the log itself",
    "audit_head": "the log itself",
    "audit_pending": "the log itself",
    "audit_turn": "the log itself",
    "audit_check": "the log itself",
    "device_strip": _FACTS,
    "usage_hour": _FACTS,
    "transfer_hour": _FACTS,
    "measure_hour": _FACTS,
    "engine_phase_hour": _FACTS,
    "charge": _FACTS,
    "bill": _FACTS,
    "bill_total": _FACTS,
    "rejection": _FACTS,
    "batch": _FACTS,
    "bill_run": _FACTS,
    "node": "most are found by telemetry",
    "device": "found by telemetry",
    "holder": "found by telemetry",
    "label": "found by telemetry",
    "served_model": "found by telemetry",
    "cost_pool": _LEDGER,
    "adjustment": "append-only itself, and made by attribution from facts",
    "period_digest": "written once by a closing, which keeps the hash of all of it",
    "dropped_month": "kept itself; that retention dropped a month is in `period`, which is watched",
    "dropped_bill_cost": "kept itself, and made from the lines that were dropped",
    "late_hour": _MACHINERY,
    "ledger_line": _LEDGER,
    "ledger_usage": _LEDGER,
    "ledger_version": _LEDGER,
    "ledger_work": _LEDGER,
    "bill_pool": _DERIVED,
    "bill_quantity": _DERIVED,
    "hourly_utilization": _DERIVED,
    "daily_cost": _DERIVED,
    "daily_cost_tenant": _DERIVED,
    "daily_cost_total": _DERIVED,
    "daily_usage": _DERIVED,
    "daily_usage_tenant": _DERIVED,
    "daily_usage_total": _DERIVED,
    "named_for_tenant": _DERIVED,
    "day_stamp": _DERIVED,
    "window_states": _DERIVED,
    "kept_piece": _DERIVED,
    "attribution_window": _MACHINERY,
    "counter_tail": _MACHINERY,
    "feed_hour": _MACHINERY,
    "request_seen": _MACHINERY,
    "demo_mark": _MACHINERY,
    "auth_permission": _DJANGO,
    "django_content_type": _DJANGO,
    "django_migrations": _DJANGO,
    "django_session": "sign-ins and sign-outs are events of their own; a row changes with every page",
    "socialaccount_socialtoken": "not used: tokens of identity providers are not kept",
    "usersessions_usersession": "sign-ins and sign-outs are events of their own",
    "shared_cache": "counts of tries within the last minutes",
    "account_emailconfirmation": "not used: addresses are confirmed by links that carry a signature",
    "change_transition": "the table of steps, filled by migrate",
    "change_message": "an outbox: what it says is in the change",
    "change_publication": "a feed: what it says is in the change",
    "kept_answer": _MACHINERY,
    "saved_view": "a reader's own bookmarks",
}
