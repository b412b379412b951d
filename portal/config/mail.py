"""Which server sends mail; without one no mail is sent, and nothing waits for it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

EXPECTED = "smtp://user:password@host:587?from=apportion@example.org (smtps:// for TLS from the start)"


@dataclass(frozen=True)
class Mail:
    """A mail server; false when there is none."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = "apportion@localhost"

    def __bool__(self) -> bool:
        return bool(self.host)


NO_MAIL = Mail()


def parse_mail(url: str) -> Mail:
    """The server at `url`. STARTTLS is used on port 587. Raises ValueError saying what is expected."""
    parts = urlsplit(url)
    sender = parse_qs(parts.query).get("from", [""])[0]
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"{EXPECTED} (the port must be a number)") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender:
        raise ValueError(EXPECTED)
    tls = parts.scheme == "smtps"
    port = port or (465 if tls else 587)
    return Mail(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=not tls and port == 587,
        tls=tls,
        sender=sender,
    )
