"""A receiver of webhooks on this machine, and its check of signatures as the specification has it."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.conf import settings

KEYS = ["whsec_" + base64.b64encode(secret).decode() for secret in (b"new" * 8, b"old" * 8)]
LOCAL = ["127.0.0.1@127.0.0.0/8"]


class Hook(BaseHTTPRequestHandler):
    """Keeps what it is sent and answers as told."""

    seen: list[tuple[Any, str]] = []
    status = 200
    drips = 0  # bytes that it answers with, one by one, as long as anybody listens
    dripped: list[int] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.seen.append((self.headers, body))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        if self.drips:
            self.dripped.append(sum(1 for _ in self.drip()))

    def drip(self) -> Iterator[None]:
        """Each byte that was sent."""
        with suppress(OSError):
            for _ in range(self.drips):
                self.wfile.write(b".")
                yield
                time.sleep(0.001)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def hook() -> Iterator[str]:
    """The address of a receiver."""
    Hook.seen, Hook.status, Hook.drips, Hook.dripped = [], 200, 0, []
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    server.server_close()


def allow(monkeypatch: pytest.MonkeyPatch, *told: str) -> None:
    """Messages may go to this machine, signed with two keys; `told` hear of every change."""
    environment = replace(
        settings.ENV, webhook_hosts=tuple(LOCAL), feed_keys=tuple(KEYS), webhooks=tuple(told)
    )
    monkeypatch.setattr(settings, "ENV", environment)


def verified(headers: Any, body: str, key: str) -> bool:
    """Whether the body is signed with a key."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    secret = base64.b64decode(key.removeprefix("whsec_"))
    mine = base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()
    return f"v1,{mine}" in headers["webhook-signature"].split(" ")
