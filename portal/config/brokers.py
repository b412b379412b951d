"""Which queue carries the tasks: pgmq in PostgreSQL, Redis, Valkey or RabbitMQ."""

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from portal.config.database import Database, parse_database

Kind = Literal["pgmq", "redis", "rabbitmq"]
KINDS: dict[str, tuple[Kind, str]] = {
    # scheme: (what it is, the scheme that Kombu knows it by)
    "pgmq": ("pgmq", "pgmq"),
    "redis": ("redis", "redis"),
    "rediss": ("redis", "rediss"),
    "redis+socket": ("redis", "redis+socket"),
    "valkey": ("redis", "redis"),
    "valkeys": ("redis", "rediss"),
    "valkey+socket": ("redis", "redis+socket"),
    "amqp": ("rabbitmq", "amqp"),
    "amqps": ("rabbitmq", "amqps"),
}
EXPECTED = "an address that starts with " + ", ".join(f"{scheme}://" for scheme in KINDS)

# No task may run longer than this, and no broker hands a message out again before VISIBILITY:
# otherwise a slow task would run twice at once.
SOFT_TIME_LIMIT, TIME_LIMIT, VISIBILITY = 480, 540, 600  # seconds


@dataclass(frozen=True)
class Broker:
    """`url` as Kombu knows it; `database` is set for pgmq only."""

    kind: Kind
    url: str
    database: Database | None = None

    @property
    def prefetch(self) -> int:
        """pgmq reads in batches: one message at a time would wait a polling interval for each."""
        return 2 if self.kind == "pgmq" else 1

    def transport_options(self) -> dict[str, Any]:
        """Options of Kombu's transport; figures from trials, see docs/decisions.md."""
        if self.kind == "rabbitmq":
            return {"confirm_publish": True}
        options: dict[str, Any] = {"visibility_timeout": VISIBILITY}
        if self.kind == "redis":
            # The defaults look for lost messages ten times more seldom than they say.
            return options | {"unacked_restore_interval": 2, "unacked_restore_throttle": 1}
        assert self.database is not None  # noqa: S101 - parse_broker and default_broker see to it
        return options | {
            "conn_string": self.database.conninfo,
            "init_extension": False,  # we install the SQL ourselves, see portal/embedded/queue.py
            "polling_interval": 0.05,
            "wait_time_seconds": 0,
            "pool_size": 3,
        }


def default_broker(database: Database) -> Broker:
    """Without BROKER_URL the queue lives in the database."""
    # The address only says for people which server; the transport connects by `conn_string`.
    host = database.parameters.get("host", "")
    return Broker("pgmq", f"pgmq://{'localhost' if host.startswith('/') else host or 'localhost'}", database)


def parse_broker(url: str) -> Broker:
    """The broker at `url`. Raises ValueError saying what is expected."""
    scheme, _, rest = url.partition("://")
    if scheme not in KINDS or not rest:
        raise ValueError(EXPECTED)
    kind, known_as = KINDS[scheme]
    if kind == "pgmq":
        return default_broker(parse_database(f"postgresql://{rest}"))
    if not (urlsplit(url).hostname or scheme.endswith("+socket")):
        raise ValueError(f"{scheme}://host:port/… (the host is missing)")
    return Broker(kind, f"{known_as}://{rest}")
