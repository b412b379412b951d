"""A browser without a screen: cookies, forms with their token, redirects. For a server in another process."""

import re
from typing import Any

import requests

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """Somebody at a portal's address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def get(self, path: str, **headers: str) -> requests.Response:
        """A page, to its last byte."""
        return self.session.get(self.address + path, headers=headers, timeout=60)

    def post(self, form: str, fields: dict[str, Any], to: str = "") -> requests.Response:
        """Send a form that stands on the page `form`, as its button does."""
        page = self.get(form)
        found = _TOKEN.search(page.text)
        assert found, f"{page.url}: {page.status_code}, no form"
        sent = {"csrfmiddlewaretoken": found[1], **fields}
        return self.session.post(self.address + to if to else page.url, data=sent, timeout=60)

    def sign_in(self, name: str, password: str) -> "Visitor":
        """By the sign-in page."""
        self.post("/login/", {"login": name, "password": password})
        assert self.get("/account/").url == f"{self.address}/account/", "not signed in"
        return self
