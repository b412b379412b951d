"""Roles answer `user.has_perm("accounts.see_…")`, for the menu and for pages."""

from typing import Any

from django.contrib.auth.backends import BaseBackend, ModelBackend

from portal.accounts.permissions import Permission
from portal.accounts.viewer import viewer_of


class PasswordBackend(ModelBackend):
    """Signs people in by password. It knows of no permissions, so it does not look for any: roles decide."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """None."""
        return set()


class RolesBackend(BaseBackend):
    """Signs nobody in; it only knows what roles allow."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Codenames of what the person's memberships allow."""
        if obj is not None:
            return set()
        viewer = viewer_of(user_obj)
        return {permission.codename for permission in Permission if viewer.may(permission)}
