"""Who may sign in, in which roles, and which programs may read."""

from portal.accounts.models.membership import Membership, Role
from portal.accounts.models.service_token import ServiceToken
from portal.accounts.models.user import User

__all__ = ["Membership", "Role", "ServiceToken", "User"]
