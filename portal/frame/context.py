"""What every template of a signed-in page may use: menu, role and theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.config.navigation import menu_for
from portal.frame.appearance import theme_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context for the frame. The menu is worked out only when a page draws it."""
    return {
        "theme": theme_of(request),
        "identity_providers": settings.ENV.oidc,
        "mail": bool(settings.ENV.mail),
        "role": SimpleLazyObject(lambda: _role(request)),
        "menu": SimpleLazyObject(lambda: menu_for(request)),
    }


def _role(request: HttpRequest) -> str:
    """The words for a person's roles; for their groups where they have none."""
    user = request.user
    if not user.is_authenticated:
        return ""
    names = [str(membership.get_role_display()) for membership in user.memberships.all()]
    names = names or [group.name for group in user.groups.all()]
    return ", ".join(dict.fromkeys(names)).capitalize() or ("Administrator" if user.is_superuser else "")
