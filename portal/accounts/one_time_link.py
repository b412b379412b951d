"""A link by which somebody chooses their password: it works once, for a day."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from portal.accounts.models import User


def one_time_link(user: User, base: str = "") -> str:
    """The address for `user`; void once a password was chosen or somebody signed in with it.

    `base` such as "https://costs.example.org" defaults to the first host of the settings.
    """
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return (base or _usual_base()) + path


def _usual_base() -> str:
    host = settings.ALLOWED_HOSTS[0]
    return f"https://{host}" if settings.SESSION_COOKIE_SECURE else f"http://{host}:8000"
