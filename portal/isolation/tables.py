"""Every table, and what was decided about it. One that is not here is the platform's, and a check fails.

`make check` and tests/portal/isolation/test_catalogue.py name a table that nobody has decided about. Add a
line: does it have a tenant's figures or names (`tenants`), is it a person's (`persons`), the platform's
(`platforms`), does it go with another table (`goes_with`), or tell nothing of any tenant (`everyones`, with
the reason)? The next `migrate` brings the database in line.
"""

from collections.abc import Mapping

from portal.isolation.decisions import (
    ALL,
    EACH_TENANT,
    OWN_ACCOUNTS,
    TENANTS,
    Decision,
    Writers,
    everyones,
    goes_with,
    named_in_lines,
    persons,
    platforms,
    tenants,
)

_FACTS, _APP = Writers.INGEST, Writers.APP
# Workers expire, verify and remind: whom to tell of a change, and who has a part in it. No hashes.
_WHOM = "id, person_id, username, email, is_active, is_superuser"
_ROLES = "id, user_id, role, tenant_id, given_at, given_by_id, provider"
_SIGN_IN = "found before anybody is known: signing in begins here"
_HOURS = "hours and versions, of the whole product"
_OF_CHANGE = goes_with("request_id", "change_request")
# Weights name tenants: for whoever is among them. The others divided somebody's lines by a method.
_OF_RULES = (
    f"{ALL} OR (owner_id IS NULL AND weights = '{{}}') OR owner_id IN {EACH_TENANT}"
    " OR EXISTS (SELECT FROM tenant t WHERE weights ? t.name)"
)

TABLES: Mapping[str, Decision] = {
    # People and programs
    "person": everyones(_SIGN_IN, _APP, workers="id, name"),
    "accounts_user": everyones(_SIGN_IN, _APP, workers=_WHOM),
    "accounts_user_groups": everyones(_SIGN_IN, _APP),
    "accounts_user_user_permissions": everyones(_SIGN_IN, _APP),
    "account_emailaddress": everyones(_SIGN_IN, _APP),
    "account_emailconfirmation": everyones(_SIGN_IN, _APP),
    # Not `persons`: asked whether a second factor is needed while nobody is signed in yet.
    "mfa_authenticator": everyones(_SIGN_IN, _APP),
    "socialaccount_socialaccount": everyones(_SIGN_IN, _APP),
    "socialaccount_socialapp": everyones("not used: identity providers are declared in a file", _APP),
    "socialaccount_socialtoken": everyones("not used: tokens of identity providers are not kept", _APP),
    "usersessions_usersession": everyones(_SIGN_IN, _APP),
    "shared_cache": everyones("counts of tries within the last minutes"),
    "auth_group": everyones("Django's own, not used", _APP),
    "auth_group_permissions": everyones("Django's own, not used", _APP),
    "auth_permission": everyones("names of Django's permissions", _APP),
    "django_content_type": everyones("names of models", _APP),
    "django_migrations": everyones("names of migrations", _FACTS),
    "django_session": everyones(_SIGN_IN, _APP),
    "membership": Decision(
        f"{ALL} OR user_id {OWN_ACCOUNTS} OR tenant_id IN {EACH_TENANT}", writers=_APP, workers=_ROLES
    ),
    "service_token": Decision(
        f"{ALL} OR owner_id = (SELECT seen_person()) OR tenant_id IN {EACH_TENANT}",
        writers=_APP,
        workers="id, owner_id",
    ),
    "first_run_link": everyones("hashes of addresses, looked for by whoever comes first", _APP),
    "saved_view": persons(),
    "report_login": platforms(_APP),
    # Changes that people approve
    "change_request": Decision(
        f"{ALL} OR tenant_id IN {EACH_TENANT} OR requester_id = (SELECT seen_person())"
    ),
    "change_revision": _OF_CHANGE,
    "change_party": _OF_CHANGE,
    "change_decision": _OF_CHANGE,
    "change_event": _OF_CHANGE,
    "change_comment": _OF_CHANGE,
    "change_message": _OF_CHANGE,
    "change_publication": _OF_CHANGE,
    "change_transition": everyones("which state may follow which", Writers.OWNER),
    "delegation": everyones("which person stands in for which"),
    "kept_answer": Decision("person_id = (SELECT seen_person())"),
    "held_rule": platforms(),
    # The audit trail
    "audit_event": platforms(Writers.OWNER),
    "audit_head": everyones("a number and a hash", Writers.OWNER),
    "audit_pending": platforms(Writers.OWNER),
    "audit_turn": platforms(Writers.OWNER),
    "audit_check": everyones("looks at the chain: numbers and hashes", _FACTS),
    # Periods
    "period": everyones("months of the whole product, and whether they are closed"),
    "period_step": platforms(),
    "adjustment": tenants(),
    "period_digest": platforms(),
    "kept_piece": platforms(),
    "period_export": platforms(),
    "asked_export": platforms(),
    "dropped_month": everyones("months that retention dropped, of the whole product", Writers.OWNER),
    "dropped_bill_cost": platforms(Writers.OWNER),
    "late_hour": platforms(_FACTS),
    # The product's own
    "demo_mark": everyones("the days of the demo"),
    # The organization and its estate
    "organization": everyones("one row: name, zone, currency", report="*"),
    "exchange_rate": everyones("public rates", report="*"),
    "provider": everyones("names of providers", report="*"),
    "region": everyones("names of regions", report="*"),
    "tenant": tenants("id", report="*"),
    "entitlement": tenants(report="*"),
    "cluster": named_in_lines("cluster"),
    "pool": named_in_lines("pool"),
    "service": named_in_lines("service", own=f"tenant_id IN {EACH_TENANT}"),
    "served_model": named_in_lines("model"),
    "model_release": goes_with("service_id", "service"),
    "price_book": everyones("names and currencies; rates are in `price`"),
    "price": goes_with("pool_id", "pool"),
    "distribution_rule": Decision(_OF_RULES),
    "distribution_rule_version": Decision(_OF_RULES, writers=Writers.OWNER),
    "token_coefficients": goes_with("model_id", "served_model"),
    "residency": platforms(),
    "residency_rule": platforms(),
    "compatibility_rule": platforms(),
    "reserve": platforms(),
    "service_rule": platforms(),
    "tenant_rule": platforms(),
    "node": platforms(_FACTS),
    "device": platforms(_FACTS),
    "holder": platforms(_FACTS),
    "label": platforms(_FACTS),
    # Sources and what they said
    "source": everyones("names of sources: freshness is everybody's"),
    "feed_hour": everyones("how well an hour was read: freshness is everybody's", _FACTS),
    "connection": platforms(),
    "batch": platforms(_FACTS),
    "rejection": platforms(_FACTS),
    "request_seen": platforms(_FACTS),
    "counter_tail": platforms(_FACTS),
    "bill_run": platforms(_FACTS),
    "device_strip": platforms(_FACTS),
    "usage_hour": platforms(_FACTS),
    "transfer_hour": platforms(_FACTS),
    "engine_phase_hour": platforms(_FACTS),
    "measure_hour": platforms(_FACTS),
    "bill": platforms(_FACTS),
    "bill_total": platforms(_FACTS),
    "bill_pool": platforms(_FACTS),
    "bill_quantity": platforms(_FACTS),
    "charge": platforms(_FACTS),
    # The ledger
    "attribution_window": everyones(_HOURS, report="cluster_id, hour, version, dirty_at"),
    "ledger_version": everyones(_HOURS, _FACTS),
    "day_stamp": everyones(_HOURS),
    "window_states": platforms(_FACTS),
    "cost_pool": Decision(
        f"{ALL} OR tenant_ids && {TENANTS}",
        writers=_FACTS,
        # Not the amount, nor who else bears it.
        report="cluster_id, hour, version, number, kind, part, pool_id, service_id, estimated, currency",
    ),
    "ledger_line": tenants(writers=_FACTS, report="*"),
    "ledger_usage": tenants(writers=_FACTS, report="*"),
    "ledger_work": Decision(goes_with("service_id", "service").using, writers=_FACTS),
    "hourly_utilization": tenants(writers=_FACTS, report="*"),
    # Days
    "daily_cost": tenants(writers=_FACTS, report="*"),
    "daily_cost_tenant": tenants(writers=_FACTS, report="*"),
    "daily_cost_total": platforms(_FACTS),
    "daily_usage": tenants(writers=_FACTS, report="*"),
    "daily_usage_tenant": tenants(writers=_FACTS, report="*"),
    "daily_usage_total": platforms(_FACTS),
    "named_for_tenant": tenants(writers=_FACTS),
}
# A table that nobody has decided about: closed to whoever does not see everything.
UNDECIDED = platforms()


def decision_of(table: str) -> Decision:
    """What was decided about a table."""
    return TABLES.get(table, UNDECIDED)
