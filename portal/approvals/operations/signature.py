"""Signatures as Standard Webhooks has them, so that any of its libraries can check ours.

https://www.standardwebhooks.com: HMAC-SHA256 over "id.timestamp.body", one signature a key, the newest first:
while a key is being changed, receivers may know the one or the other.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "whsec_"


def keys() -> list[str]:
    """The operator's keys, newest first; one made from the secret key where there are none."""
    if settings.ENV.feed_keys:
        return list(settings.ENV.feed_keys)
    made = salted_hmac("apportion change feed", "1", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return [PREFIX + base64.b64encode(made).decode()]


def signed(message_id: str, body: str, now: datetime, of: Sequence[str] | None = None) -> dict[str, str]:
    """The three headers of a message."""
    stamp = str(int(now.timestamp()))
    content = f"{message_id}.{stamp}.{body}".encode()
    signatures = [
        "v1," + base64.b64encode(hmac.new(_bytes(key), content, hashlib.sha256).digest()).decode()
        for key in (keys() if of is None else of)
    ]
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


def _bytes(key: str) -> bytes:
    """The bytes of a key. Raises ValueError for what is none, without repeating it."""
    try:
        return base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a key of APPORTION_FEED_KEYS is not whsec_ and base64") from None
