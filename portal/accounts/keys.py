"""Keys as second factors (WebAuthn): allauth's views, at our addresses and with our page for a refusal."""

from typing import Any

from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.http import HttpResponse
from django.urls import reverse_lazy

from portal.accounts.came_from import LeadsBack

_ACCOUNT = reverse_lazy("mfa_index")


class ConfirmByKey(LeadsBack, ReauthenticateWebAuthnView):
    """A key that is refused can be tried again: allauth would leave the page, and what was to be sent."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with what was wrong."""
        answer: HttpResponse = self.render_to_response(self.get_context_data() | {"form": form})
        return answer


add = AddWebAuthnView.as_view()
rename = EditWebAuthnView.as_view(success_url=_ACCOUNT)
remove = RemoveWebAuthnView.as_view(success_url=_ACCOUNT)
confirm = ConfirmByKey.as_view()
