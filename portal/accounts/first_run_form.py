"""Who the first administrator is."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.accounts.models import User


class FirstRunForm(forms.Form):
    """Name, e-mail and password; `account` is what they make, not saved."""

    username = forms.CharField(max_length=150, error_messages={"required": "Give a sign-in name."})
    full_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(max_length=254, error_messages={"required": "Give an e-mail address."})
    password1 = forms.CharField(strip=False, error_messages={"required": "Choose a password."})
    password2 = forms.CharField(strip=False, error_messages={"required": "Give the password twice."})
    account: User

    def clean(self) -> dict[str, Any]:
        """Everything that is wrong at once, each thing beside its field."""
        given = super().clean() or {}
        first, _, last = str(given.get("full_name", "")).partition(" ")
        self.account = User(
            username=given.get("username", ""), email=given.get("email", ""), first_name=first, last_name=last
        )
        self._judged("username", lambda: self.account.full_clean(exclude=["person", "password", "email"]))
        if "password1" in given and given["password1"] != given.get("password2"):
            self.add_error("password2", "The two passwords are not the same.")
        self._judged("password1", lambda: validate_password(given["password1"], self.account))
        if not self.errors:
            self.account.set_password(given["password1"])
        return given

    def _judged(self, name: str, judge: Any) -> None:
        """What is missing has been said already."""
        if name not in self.cleaned_data:
            return
        try:
            judge()
        except forms.ValidationError as refusal:
            self.add_error(name, refusal.messages)
