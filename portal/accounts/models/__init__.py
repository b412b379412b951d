"""Accounts, the people behind them, their roles, and the tokens of programs."""

from portal.accounts.models.first_run_link import FirstRunLink
from portal.accounts.models.membership import GLOBAL_ROLES, TENANT_ROLES, Membership, Role
from portal.accounts.models.person import Person
from portal.accounts.models.service_token import ServiceToken
from portal.accounts.models.user import User

__all__ = [
    "GLOBAL_ROLES",
    "TENANT_ROLES",
    "FirstRunLink",
    "Membership",
    "Person",
    "Role",
    "ServiceToken",
    "User",
]
